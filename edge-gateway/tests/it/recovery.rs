//! Broken links and dead processes: no result is lost, nothing is dialled twice.

use super::carrier::Callee;
use super::world::{Edge, NOW, World, attempt, flow, limits, result, script, verdict, version};
use edge_gateway::journal::{Journal, Record};
use shared_proto::ids::{AttemptId, TenantId};
use shared_proto::outcome::Cause;
use shared_proto::wire::{Down, JobVerdict, Known, RecordingInfo, Up, Upload};

#[tokio::test(flavor = "multi_thread")]
async fn a_link_cut_in_mid_call_delivers_the_result_after_it_is_back() {
    let (mut world, mut link) = World::ready(Callee::Converses).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    world.carrier.until(|seen| seen.confirmed == 1).await;
    link.cut();
    let (mut link, live) = world.control.welcome().await;
    assert!(live.is_empty() || live == [(attempt(1), 3)], "{live:?}");
    let (seq, first) = result(&mut link).await;
    assert_eq!((first.attempt, first.outcome.cause), (attempt(1), Cause::Finished));

    // Not acknowledged: it comes again on the next connection, the same in every word, and the job stays refused.
    link.cut();
    let (mut link, _) = world.control.welcome().await;
    assert_eq!(result(&mut link).await, (seq, first));
    link.send(Down::ResultAck { seq }).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    assert_eq!(verdict(&mut link, 1).await, JobVerdict::Duplicate);
    link.cut();
    let (mut link, _) = world.control.welcome().await;
    link.send(Down::Reconcile { attempts: vec![attempt(1)] }).await;
    let known = link
        .find(|up| match up {
            Up::Result { .. } => panic!("an acknowledged result came again"),
            Up::Known { attempts } => Some(attempts),
            _ => None,
        })
        .await;
    assert_eq!(known, [(attempt(1), Known::Ended)]);
    assert_eq!(world.carrier.seen().invites.values().map(|branches| branches.len()).sum::<usize>(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intent_left_by_a_dead_process_is_reported_lost_and_never_dialled() {
    let mut world = World::with(Callee::Rings, limits(), script()).await;
    let (link, _) = world.control.welcome().await;
    drop(link);
    world.edge.shutdown.cancel();
    world.edge.running.await.unwrap().unwrap();
    let (journal, ..) = Journal::open(&world.folder.path().join("journal")).unwrap();
    journal.append(Record::Intent { attempt: attempt(1), fence: 3, at_unix_ms: 5 }).await.unwrap();
    journal.close();
    // Its recording was whole when the process died.
    let info = RecordingInfo { sha256: "ab".repeat(32), bytes: 5, duration_ms: 0 };
    let head = Upload { call: attempt(1).into(), tenant: TenantId::new(1, 1), info: info.clone() };
    let spool = world.folder.path().join("spool");
    std::fs::write(spool.join(format!("{}.wav", head.call)), b"sound").unwrap();
    std::fs::write(spool.join(format!("{}.json", head.call)), serde_json::to_vec(&head).unwrap()).unwrap();

    // The stored certificate is enough: no token this time.
    world.edge = Edge::start_with(&world.control, world.folder.path(), None).await;
    let (mut link, live) = world.control.welcome().await;
    assert!(live.is_empty());
    let (seq, lost) = result(&mut link).await;
    assert_eq!((lost.attempt, lost.fence, lost.outcome.cause), (attempt(1), 3, Cause::Lost));
    assert_eq!(lost.recording, Some(info));
    link.send(Down::ResultAck { seq }).await;
    assert_eq!(link.upload().await, (head, b"sound".to_vec()));
    link.send(Down::Flow { version: version(), flow: flow() }).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    assert_eq!(verdict(&mut link, 1).await, JobVerdict::Duplicate);
    assert!(world.carrier.seen().invites.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_older_than_the_edge_remembers_is_not_dialled_for_it_may_have_been() {
    let (mut world, mut link) = World::ready(Callee::Refuses(404)).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    let (seq, _) = result(&mut link).await;
    link.send(Down::ResultAck { seq }).await;
    world.edge.stop().await;

    world.edge = Edge::start_with(&world.control, world.folder.path(), None).await;
    let (mut link, _) = world.control.welcome().await;
    link.send(Down::Flow { version: version(), flow: flow() }).await;
    let mut job = world.job(2);
    job.attempt = AttemptId::new(NOW - 25 * 3_600 * 1_000, 2);
    let old = job.attempt;
    link.send(Down::Job(Box::new(job))).await;
    let refused = link
        .find(|up| match up {
            Up::Verdict { attempt, verdict, .. } => Some((attempt, verdict)),
            _ => None,
        })
        .await;
    assert_eq!(refused, (old, JobVerdict::Duplicate));
    link.send(Down::Reconcile { attempts: vec![old, attempt(1), attempt(2)] }).await;
    let known = link
        .find(|up| match up {
            Up::Known { attempts } => Some(attempts),
            _ => None,
        })
        .await;
    assert_eq!(known, [(old, Known::Lost), (attempt(1), Known::Ended), (attempt(2), Known::Unsent)]);
    assert_eq!(world.carrier.seen().invites.len(), 1);
}
