//! A media thread's place before other threads, as far as the process may claim it.

use thread_priority::{
    RealtimeThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

/// Above every ordinary thread, below the kernel's own: SCHED_RR has 1 to 99 (sched(7)).
const REAL_TIME: u8 = 10;
/// The nice value where real time is refused.
const NICE: i32 = -11;

/// Puts the calling thread first: woken at once for its beat, whatever else computes. That takes root or CAP_SYS_NICE;
/// without it the thread asks for a smaller nice value, and without that right too it stays in line. Linux leaves 5 %
/// of each second to the others (`sched_rt_runtime_us`), and what such a thread starts by itself inherits nothing that
/// matters: shards start no threads.
pub fn go_first() {
    let policy = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::RoundRobin);
    let claimed = ThreadPriorityValue::try_from(REAL_TIME).map_err(|error| error.to_string()).and_then(|value| {
        set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Crossplatform(value), policy)
            .map_err(|error| format!("{error:?}"))
    });
    let Err(refused) = claimed else { return };
    // On Linux the nice value belongs to the thread.
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(refused, %error, "a media thread keeps the usual priority");
    }
}
