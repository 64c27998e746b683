//! The whole system, real servers, real SIP peers; and the rules of the house.

mod api_walk;
mod architecture;
