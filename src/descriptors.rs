//! How many files and sockets this process may hold open: as many as the system allows, and no more calls than fit.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Two media sockets, a recording that grows and one that is made durable or uploaded; two more where the simulated
/// carrier answers in the same process.
const PER_CALL: u64 = 6;
/// For everything that is not a call: the database, browsers, edges, models, logs.
const FOR_THE_REST: u64 = 256;

/// Raises the soft limit to the hard one. Where that fails, calls are capped by what there is.
pub fn raise() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files could not be raised");
    }
}

/// So many of the wanted calls as the limit of open files has room for.
pub fn calls(wanted: u32) -> u32 {
    raise();
    let limit = getrlimit(Resource::Nofile).current;
    let calls = fitting(limit, wanted);
    if calls < wanted {
        tracing::warn!(
            calls,
            wanted,
            open_files = limit,
            "fewer calls are taken than this edge is set to: raise the hard limit of open files (ulimit -Hn, LimitNOFILE)"
        );
    }
    calls
}

/// `None` is no limit.
fn fitting(limit: Option<u64>, wanted: u32) -> u32 {
    let room = limit.map_or(u64::MAX, |limit| limit.saturating_sub(FOR_THE_REST) / PER_CALL);
    wanted.min(u32::try_from(room).unwrap_or(u32::MAX)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_capped_by_the_limit_of_open_files() {
        assert_eq!([Some(100_000), None, Some(1_024), Some(64)].map(|limit| fitting(limit, 500)), [500, 500, 128, 1]);
    }

    #[test]
    fn the_soft_limit_is_raised_to_the_hard_one() {
        raise();
        let limit = getrlimit(Resource::Nofile);
        assert_eq!(limit.current, limit.maximum);
    }
}
