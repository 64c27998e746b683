//! Calls that are placed.

use super::carrier::Callee;
use super::world::{World, attempt, limits, result, script, verdict};
use sha2::{Digest, Sha256};
use shared_proto::outcome::{Cause, Disposition, Side};
use shared_proto::wire::{Down, JobVerdict, Progress, Trouble, Up, Who};
use std::collections::BTreeMap;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_becomes_a_conversation_with_a_label_and_a_recording() {
    let (mut world, mut link) = World::ready(Callee::Converses).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    let mut news = Vec::new();
    let (seq, result) = link
        .find(|up| match up {
            Up::Verdict { verdict, .. } => {
                news.push(format!("{verdict:?}"));
                None
            }
            Up::Progress { progress, .. } => {
                news.push(match progress {
                    Progress::Turn(turn) => format!("{:?} {}", turn.who, turn.text),
                    other => format!("{other:?}"),
                });
                None
            }
            Up::Result { seq, result } => Some((seq, result)),
            _ => None,
        })
        .await;
    assert_eq!(
        news.join(" | "),
        "Accepted | Dialing | Ringing | Answered | Saying { text: \"王先生您好，方便吗？\" } | Bot 王先生您好，方便吗？ | \
         Hearing { text: \"可以的\" } | Customer 可以的 | Saying { text: \"好，再见。\" } | Bot 好，再见。"
    );
    let outcome = &result.outcome;
    assert_eq!((outcome.disposition, outcome.cause, outcome.side), (Disposition::Answered, Cause::Finished, Side::Bot));
    assert_eq!(result.turns.iter().map(|turn| turn.who).collect::<Vec<_>>(), [Who::Bot, Who::Customer, Who::Bot]);
    let label = result.label.unwrap();
    assert_eq!((label.key.as_str(), label.quote.as_deref()), ("high", Some("可以的")));

    // The recording follows the acknowledged result and is forgotten once it is acknowledged itself.
    let info = result.recording.expect("a recording");
    link.send(Down::ResultAck { seq }).await;
    let (head, audio) = link.upload().await;
    assert_eq!((head.call, &head.info), (attempt(1).into(), &info));
    assert_eq!((audio.len() as u64, hex::encode(Sha256::digest(&audio))), (info.bytes, info.sha256));
    let samples = |side: usize| {
        let both = audio[44..].chunks_exact(4);
        both.map(move |pair| i16::from_le_bytes([pair[side * 2], pair[side * 2 + 1]]).unsigned_abs()).max().unwrap()
    };
    assert!(samples(0) > 3_000 && samples(1) > 1_000, "both sides are heard");
    link.send(Down::RecordingAck { call: head.call }).await;

    let seen = world.carrier.until(|seen| seen.ended == 1).await;
    assert_eq!(seen.invites.values().map(|branches| branches.len()).collect::<Vec<_>>(), [1]);
    // Once a later question is answered, the acknowledgement has been taken; the edge leaves after acting on it.
    link.send(Down::Reconcile { attempts: Vec::new() }).await;
    link.find(|up| matches!(up, Up::Known { .. }).then_some(())).await;
    let stats = world.edge.stats.clone();
    world.edge.stop().await;
    assert_eq!(std::fs::read_dir(world.folder.path().join("spool")).unwrap().count(), 0, "the spool is emptied");
    assert_eq!((stats.snapshot().live, stats.snapshot().recordings_uploaded), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_does_not_exist_is_labelled_invalid_and_has_no_recording() {
    let (world, mut link) = World::ready(Callee::Refuses(404)).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    let (_, result) = result(&mut link).await;
    assert_eq!((result.outcome.disposition, result.outcome.sip_code), (Disposition::Invalid, Some(404)));
    assert_eq!(result.label.unwrap().key, "invalid");
    assert_eq!((result.answered_unix_ms, result.recording), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_attempt_stops_ringing() {
    let (mut world, mut link) = World::ready(Callee::Rings).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    link.find(|up| matches!(up, Up::Progress { progress: Progress::Ringing, .. }).then_some(())).await;
    link.send(Down::Cancel { attempt: attempt(1), fence: 3, hang_up: false }).await;
    let (_, result) = result(&mut link).await;
    assert_eq!((result.outcome.cause, result.outcome.side), (Cause::Cancelled, Side::System));
    assert_eq!(world.carrier.until(|seen| seen.ended == 1).await.cancelled, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_came_after_the_answer_ends_the_call_only_where_it_says_hang_up() {
    for (hang_up, cause) in [(false, Cause::Finished), (true, Cause::Cancelled)] {
        let (world, mut link) = World::ready(Callee::Converses).await;
        link.send(Down::Job(Box::new(world.job(1)))).await;
        link.find(|up| matches!(up, Up::Progress { progress: Progress::Answered, .. }).then_some(())).await;
        link.send(Down::Cancel { attempt: attempt(1), fence: 3, hang_up }).await;
        let (_, result) = result(&mut link).await;
        assert_eq!((result.outcome.disposition, result.outcome.cause), (Disposition::Answered, cause));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_inside_one_call_ends_that_call_only() {
    let script = script().breaking(attempt(1).bits() as u64);
    let (world, mut link) = World::ready_with(Callee::Converses, limits(), script).await;
    for n in [1, 2] {
        link.send(Down::Job(Box::new(world.job(n)))).await;
    }
    let mut ends = BTreeMap::new();
    while ends.len() < 2 {
        let (_, result) = result(&mut link).await;
        ends.insert(result.attempt, (result.outcome.disposition, result.outcome.cause));
    }
    let (broken, whole) = ((Disposition::Answered, Cause::Internal), (Disposition::Answered, Cause::Finished));
    assert_eq!(ends, BTreeMap::from([(attempt(1), broken), (attempt(2), whole)]));
    assert_eq!(world.edge.stats.snapshot().panics, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recogniser_without_room_is_told_and_nobody_is_labelled_by_what_was_not_heard() {
    let (world, mut link) = World::ready_with(Callee::Converses, limits(), script().overloaded()).await;
    for n in [1, 2, 3] {
        link.send(Down::Job(Box::new(world.job(n)))).await;
    }
    let (mut told, mut ends) = (false, BTreeMap::new());
    while ends.len() < 3 || !told {
        match link.next().await {
            Up::Capacity { trouble, .. } => told |= trouble == Some(Trouble::Recogniser),
            Up::Result { result, .. } => {
                ends.insert(result.attempt, (result.outcome.cause, result.outcome.side, result.label));
            }
            Up::Hello { .. } | Up::Verdict { .. } | Up::Progress { .. } | Up::Known { .. } => {}
        }
    }
    let unheard = (Cause::Unheard, Side::System, None);
    assert_eq!(ends, [1, 2, 3].map(|n| (attempt(n), unheard.clone())).into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_refuses_new_jobs_and_lets_the_call_finish() {
    let (mut world, mut link) = World::ready(Callee::Converses).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    world.carrier.until(|seen| seen.confirmed == 1).await;
    world.edge.shutdown.cancel();
    link.find(|up| matches!(up, Up::Capacity { free: 0, live: 1, .. }).then_some(())).await;
    link.send(Down::Job(Box::new(world.job(2)))).await;
    assert_eq!(verdict(&mut link, 2).await, JobVerdict::Draining);
    let (seq, result) = result(&mut link).await;
    assert_eq!(result.outcome.cause, Cause::Finished);
    link.send(Down::ResultAck { seq }).await;
    world.edge.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_that_leaves_repeats_a_hang_up_that_was_lost() {
    let (mut world, mut link) = World::ready(Callee::MissesBye).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    world.carrier.until(|seen| seen.confirmed == 1).await;
    world.edge.shutdown.cancel();
    let (seq, _) = result(&mut link).await;
    link.send(Down::ResultAck { seq }).await;
    world.edge.stop().await;
    world.carrier.until(|seen| seen.ended == 1).await;
}
