//! A campaign against an edge that refuses, falls silent, repeats itself, reorders its news and speaks
//! under stale fences, by seed. Whatever it does, the counters add up at every step, nothing is
//! dialled twice under one attempt, and the campaign ends.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::json;
use shared_proto::ids::AttemptId;
use shared_proto::outcome::{Cause, Disposition};
use shared_proto::wire::{AttemptResult, DialJob, Down, JobVerdict, Known, Progress, Up};

use crate::campaigns::{Stage, summary};
use crate::fake_edge::{FakeEdge, ended};

const CONTACTS: u32 = 8;

/// xorshift64*: the same seed gives the same trouble.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % sides
    }
}

/// The edge's side of the story.
#[derive(Default)]
struct Journal {
    seen: BTreeSet<AttemptId>,
    dialed: BTreeSet<AttemptId>,
    silent: BTreeSet<AttemptId>,
    seq: u64,
}

async fn trouble(dice: &mut Dice, edge: &mut FakeEdge, journal: &mut Journal, job: DialJob) {
    assert!(journal.seen.insert(job.attempt), "an attempt is sent once");
    match dice.roll(6) {
        0 => edge.verdict(&job, [JobVerdict::Busy, JobVerdict::TooLate][dice.roll(2) as usize].clone()).await,
        1 => {
            journal.silent.insert(job.attempt);
        }
        2 => {
            let stale = DialJob { fence: job.fence + 1 + dice.roll(9), ..job.clone() };
            edge.progress(&stale, Progress::Answered).await;
            send(edge, journal, ended(&stale, Disposition::Answered, Cause::Finished)).await;
            finish(dice, edge, journal, &job).await;
        }
        3 => finish(dice, edge, journal, &job).await,
        _ => {
            for _ in 0..1 + dice.roll(5) {
                let news = [Progress::Dialing, Progress::Ringing, Progress::Answered][dice.roll(3) as usize].clone();
                edge.progress(&job, news).await;
            }
            if dice.roll(2) == 0 {
                edge.verdict(&job, JobVerdict::Accepted).await;
            }
            finish(dice, edge, journal, &job).await;
        }
    }
}

/// The result, once or several times, and sometimes news after it.
async fn finish(dice: &mut Dice, edge: &mut FakeEdge, journal: &mut Journal, job: &DialJob) {
    journal.dialed.insert(job.attempt);
    let dispositions = [Disposition::Answered, Disposition::Busy, Disposition::NoAnswer, Disposition::Rejected];
    let result = ended(job, dispositions[dice.roll(4) as usize], Cause::Finished);
    send(edge, journal, result.clone()).await;
    for _ in 0..dice.roll(3) {
        edge.say(&Up::Result { seq: journal.seq, result: Box::new(result.clone()) }).await;
    }
    if dice.roll(2) == 0 {
        edge.progress(job, Progress::Ringing).await;
    }
}

async fn send(edge: &mut FakeEdge, journal: &mut Journal, result: AttemptResult) {
    journal.seq += 1;
    edge.say(&Up::Result { seq: journal.seq, result: Box::new(result) }).await;
}

async fn run(seed: u64) -> String {
    let mut dice = Dice(seed);
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, CONTACTS, "1990000").await;
    let campaign = stage.campaign(json!({"max_calls": 3, "retry": {"attempts": 2, "interval_s": 5}})).await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 3).await;
    stage.ask(&campaign, "start").await;
    let mut journal = Journal::default();
    for _ in 0..600 {
        while let Some(frame) = edge.overhear().await {
            match frame {
                Down::Job(job) => trouble(&mut dice, &mut edge, &mut journal, *job).await,
                Down::Reconcile { attempts } => {
                    let known = |attempt| if journal.dialed.contains(&attempt) { Known::Ended } else { Known::Unsent };
                    let answer = attempts.into_iter().map(|attempt| (attempt, known(attempt))).collect();
                    edge.say(&Up::Known { attempts: answer }).await;
                }
                _ => {}
            }
        }
        let shown = stage.show(&campaign).await;
        let n = |name: &str| shown["counters"][name].as_u64().unwrap();
        let parts = ["called", "waiting", "in_call", "blocked", "cancelled", "unknown"].map(n);
        assert_eq!(parts.iter().sum::<u64>(), u64::from(CONTACTS), "seed {seed}: {shown}");
        assert_eq!(n("called"), n("connected") + n("not_connected"), "seed {seed}: {shown}");
        if shown["state"] == "completed" {
            assert_eq!(n("attempts"), journal.dialed.len() as u64, "seed {seed}: every INVITE counts once");
            stage.app.end().await;
            return summary(&shown);
        }
        stage.app.hand.advance(Duration::from_secs(1 + dice.roll(8)));
        edge.capacity(3 + dice.roll(2) as u32).await;
    }
    panic!("seed {seed}: the campaign does not end: {}", summary(&stage.show(&campaign).await));
}

#[tokio::test]
async fn whatever_an_edge_does_the_counters_add_up_and_the_campaign_ends() {
    for seed in [11, 12, 13] {
        let end = run(seed).await;
        assert!(end.starts_with("completed total=8"), "seed {seed}: {end}");
    }
}
