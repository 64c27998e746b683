//! The whole system, real servers, real SIP peers; and the rules of the house.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on fails where it stands")]

mod api;
mod api_walk;
mod architecture;
mod interrupt;
mod kill_control;
mod kill_edge;
mod kill_house;
mod peers_loop;
mod server;
