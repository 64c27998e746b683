//! The schema of a script's flow.
