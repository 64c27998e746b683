//! A bounded queue with priorities before a few worker threads. It knows deadlines, not models:
//! a job is whatever the worker's `run` takes.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::Instant;

use crate::error::Refused;
use crate::job::Priority;

/// What a worker can do with a job.
pub(crate) trait Work: Send + 'static {
    type Job: Send + 'static;
    /// Does the job, or one part of it: a returned job is queued again at that priority without a deadline.
    fn run(&mut self, job: Self::Job) -> Option<(Priority, Self::Job)>;
    /// Says that the job came too late.
    fn late(job: Self::Job);
    /// How to say that the job's worker panicked; taken before the job runs.
    fn obituary(job: &Self::Job) -> Box<dyn FnOnce()>;
}

pub(crate) struct Pool<J> {
    shared: Arc<Shared<J>>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared<J> {
    state: Mutex<State<J>>,
    ready: Condvar,
    bound: usize,
    limits: [usize; Priority::COUNT],
}

struct State<J> {
    waiting: [VecDeque<(Option<Instant>, J)>; Priority::COUNT],
    /// Workers at a job of each priority now.
    at_work: [usize; Priority::COUNT],
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    Closed,
}

impl<J: Send + 'static> Pool<J> {
    /// One thread per worker; each priority may hold `bound` waiting jobs.
    pub fn start<W: Work<Job = J>>(workers: Vec<W>, bound: usize, niceness: i32) -> std::io::Result<Pool<J>> {
        let state = State { waiting: Default::default(), at_work: Default::default(), phase: Phase::Open };
        let (ready, limits) = (Condvar::new(), limits(workers.len()));
        let shared = Arc::new(Shared { state: Mutex::new(state), ready, bound, limits });
        let mut pool = Pool { shared, threads: Vec::new() };
        for (number, worker) in workers.into_iter().enumerate() {
            let shared = pool.shared.clone();
            let thread = std::thread::Builder::new().name(format!("speech-{number}"));
            pool.threads.push(thread.spawn(move || {
                yield_to_others(niceness);
                serve(&shared, worker);
            })?);
        }
        Ok(pool)
    }

    pub fn submit(&self, priority: Priority, deadline: Instant, job: J) -> Result<(), Refused> {
        let mut state = self.shared.lock();
        if state.phase == Phase::Closed {
            return Err(Refused::Closed);
        }
        let queue = &mut state.waiting[priority as usize];
        if queue.len() >= self.shared.bound {
            return Err(Refused::Full);
        }
        queue.push_back((Some(deadline), job));
        drop(state);
        self.shared.ready.notify_one();
        Ok(())
    }

    pub fn waiting(&self, priority: Priority) -> usize {
        self.shared.lock().waiting[priority as usize].len()
    }
}

impl<J> Drop for Pool<J> {
    /// Waiting jobs are dropped without a reply; running ones are finished.
    fn drop(&mut self) {
        self.shared.lock().phase = Phase::Closed;
        self.shared.ready.notify_all();
        let me = std::thread::current().id();
        for thread in self.threads.drain(..).filter(|thread| thread.thread().id() != me) {
            // A worker that panicked outside a job has nothing more to say.
            drop(thread.join());
        }
    }
}

impl<J> Shared<J> {
    /// No code that can panic runs under the lock, so a poisoned state is still whole.
    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn next(&self) -> Option<Taken<J>> {
        let mut state = self.lock();
        loop {
            if state.phase == Phase::Closed {
                return None;
            }
            let State { waiting, at_work, .. } = &mut *state;
            let mut open = waiting.iter_mut().enumerate().filter(|(at, _)| at_work[*at] < self.limits[*at]);
            if let Some((at, (deadline, job))) = open.find_map(|(at, queue)| Some((at, queue.pop_front()?))) {
                at_work[at] += 1;
                return Some(Taken { deadline, job, at });
            }
            state = self.ready.wait(state).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
    }

    fn done(&self, at: usize) {
        self.lock().at_work[at] -= 1;
        self.ready.notify_one();
    }
}

/// A job that a worker took, and from which queue.
struct Taken<J> {
    deadline: Option<Instant>,
    job: J,
    at: usize,
}

/// How many of `workers` may do jobs of one priority together. Two recognitions one after the other, each on two cores,
/// are heard sooner than side by side on one core each; and background jobs leave one worker for what a customer waits for.
fn limits(workers: usize) -> [usize; Priority::COUNT] {
    let mut limits = [workers; Priority::COUNT];
    limits[Priority::Final as usize] = (workers / 2).max(1);
    limits[Priority::Background as usize] = workers.saturating_sub(1).max(1);
    limits
}

/// Lowers this thread's priority: on Linux the nice value belongs to the thread.
fn yield_to_others(niceness: i32) {
    if niceness > 0
        && let Err(error) = rustix::process::setpriority_process(None, niceness)
    {
        tracing::debug!(%error, "a speech thread keeps its priority");
    }
}

fn serve<W: Work>(shared: &Shared<W::Job>, mut worker: W) {
    while let Some(Taken { deadline, job, at }) = shared.next() {
        if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            W::late(job);
            shared.done(at);
            continue;
        }
        let obituary = W::obituary(&job);
        match catch_unwind(AssertUnwindSafe(|| worker.run(job))) {
            Ok(None) => {}
            Ok(Some((priority, rest))) => {
                // A begun job always gets its next part in, whatever waits.
                shared.lock().waiting[priority as usize].push_back((None, rest));
                shared.ready.notify_one();
            }
            Err(_) => {
                tracing::error!("a speech worker panicked; the job failed and the worker goes on");
                obituary();
            }
        }
        shared.done(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crossbeam_channel::{Receiver, Sender, unbounded};
    use std::time::Duration;

    #[test]
    fn the_most_urgent_job_goes_first() {
        let (pool, gate, said) = pool_with_busy_worker(8);
        for (priority, name) in [
            (Priority::Background, "background"),
            (Priority::Partial, "partial"),
            (Priority::FirstChunk, "chunk"),
            (Priority::Final, "final 1"),
            (Priority::Final, "final 2"),
        ] {
            pool.submit(priority, later(), Task::Say(name)).unwrap();
        }
        gate.send(()).unwrap();
        assert_eq!(hear(&said, 5), "final 1, final 2, chunk, partial, background");
    }

    #[test]
    fn a_job_past_its_deadline_is_dropped_and_reported_late() {
        let (pool, gate, said) = pool_with_busy_worker(8);
        pool.submit(Priority::Final, Instant::now(), Task::Late("too late", said.0.clone())).unwrap();
        pool.submit(Priority::Final, later(), Task::Say("in time")).unwrap();
        gate.send(()).unwrap();
        assert_eq!(hear(&said, 2), "late: too late, in time");
    }

    #[test]
    fn background_jobs_leave_a_worker_for_what_is_urgent() {
        let said = unbounded();
        let (open, gate) = unbounded();
        let pool = Pool::start(vec![Speaker(said.0.clone()), Speaker(said.0.clone())], 8, 0).unwrap();
        pool.submit(Priority::Background, later(), Task::Wait(gate)).unwrap();
        pool.submit(Priority::Background, later(), Task::Say("background")).unwrap();
        pool.submit(Priority::Final, later(), Task::Say("final")).unwrap();
        assert_eq!(hear(&said, 1), "final");
        open.send(()).unwrap();
        assert_eq!(hear(&said, 1), "background");
    }

    #[test]
    fn recognitions_take_turns_and_a_sentence_passes_them() {
        let said = unbounded();
        let (open, gate) = unbounded();
        let pool = Pool::start(vec![Speaker(said.0.clone()), Speaker(said.0.clone())], 8, 0).unwrap();
        pool.submit(Priority::Final, later(), Task::Wait(gate)).unwrap();
        pool.submit(Priority::Final, later(), Task::Say("second")).unwrap();
        pool.submit(Priority::FirstChunk, later(), Task::Say("chunk")).unwrap();
        assert_eq!(hear(&said, 1), "chunk");
        open.send(()).unwrap();
        assert_eq!(hear(&said, 1), "second");
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_only_its_own_priority() {
        let (pool, gate, said) = pool_with_busy_worker(1);
        pool.submit(Priority::Background, later(), Task::Say("a")).unwrap();
        assert_eq!(pool.submit(Priority::Background, later(), Task::Say("b")), Err(Refused::Full));
        pool.submit(Priority::Final, later(), Task::Say("c")).unwrap();
        gate.send(()).unwrap();
        assert_eq!(hear(&said, 2), "c, a");
    }

    #[test]
    fn a_panic_fails_its_job_and_the_worker_goes_on() {
        let (pool, gate, said) = pool_with_busy_worker(8);
        pool.submit(Priority::Final, later(), Task::Panic(said.0.clone())).unwrap();
        pool.submit(Priority::Final, later(), Task::Say("alive")).unwrap();
        gate.send(()).unwrap();
        assert_eq!(hear(&said, 2), "failed, alive");
    }

    #[test]
    fn later_parts_let_more_urgent_jobs_pass() {
        let (pool, gate, said) = pool_with_busy_worker(8);
        pool.submit(Priority::FirstChunk, later(), Task::Parts(2)).unwrap();
        pool.submit(Priority::FirstChunk, later(), Task::Say("other")).unwrap();
        gate.send(()).unwrap();
        assert_eq!(hear(&said, 4), "part 2, other, part 1, part 0");
    }

    enum Task {
        Say(&'static str),
        Wait(Receiver<()>),
        Late(&'static str, Sender<String>),
        Panic(Sender<String>),
        Parts(u32),
    }

    struct Speaker(Sender<String>);

    impl Work for Speaker {
        type Job = Task;
        fn run(&mut self, job: Task) -> Option<(Priority, Task)> {
            match job {
                Task::Say(name) => drop(self.0.send(name.to_owned())),
                Task::Wait(gate) => drop(gate.recv()),
                Task::Late(..) => unreachable!("dropped before it runs"),
                Task::Panic(_) => panic!("on purpose"),
                Task::Parts(left) => {
                    drop(self.0.send(format!("part {left}")));
                    return left.checked_sub(1).map(|left| (Priority::NextChunk, Task::Parts(left)));
                }
            }
            None
        }
        fn late(job: Task) {
            if let Task::Late(name, said) = job {
                drop(said.send(format!("late: {name}")));
            }
        }
        fn obituary(job: &Task) -> Box<dyn FnOnce()> {
            match job {
                Task::Panic(said) => {
                    let said = said.clone();
                    Box::new(move || drop(said.send("failed".to_owned())))
                }
                _ => Box::new(|| {}),
            }
        }
    }

    type Said = (Sender<String>, Receiver<String>);

    /// A pool of one worker that is busy until the gate opens.
    fn pool_with_busy_worker(bound: usize) -> (Pool<Task>, Sender<()>, Said) {
        let said = unbounded();
        let (open, gate) = unbounded();
        let pool = Pool::start(vec![Speaker(said.0.clone())], bound, 0).unwrap();
        pool.submit(Priority::Final, later(), Task::Wait(gate)).unwrap();
        while pool.waiting(Priority::Final) > 0 {
            std::thread::yield_now();
        }
        (pool, open, said)
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(600)
    }

    fn hear(said: &Said, count: usize) -> String {
        let heard: Vec<String> = said.1.iter().take(count).collect();
        heard.join(", ")
    }
}
