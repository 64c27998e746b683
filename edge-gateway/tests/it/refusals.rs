//! Jobs that are not placed: nothing reaches the carrier.

use super::carrier::Callee;
use super::control::Control;
use super::world::{Edge, NOW, World, attempt, limits, result, script, verdict};
use edge_gateway::Limits;
use shared_proto::ids::VersionId;
use shared_proto::wire::{Down, JobVerdict, Known, Trouble, Up};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_trunk_is_busy_and_a_repeated_job_a_duplicate() {
    let (mut world, mut link) = World::ready(Callee::Rings).await;
    let mut job = world.job(1);
    job.trunk.max_calls = 1;
    link.send(Down::Job(Box::new(job.clone()))).await;
    assert_eq!(verdict(&mut link, 1).await, JobVerdict::Accepted);
    link.send(Down::Job(Box::new(job.clone()))).await;
    assert_eq!(verdict(&mut link, 1).await, JobVerdict::Duplicate);
    job.attempt = attempt(2);
    link.send(Down::Job(Box::new(job))).await;
    assert_eq!(verdict(&mut link, 2).await, JobVerdict::Busy);
    let seen = world.carrier.until(|seen| !seen.invites.is_empty()).await;
    assert_eq!(seen.invites.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_carrier_that_asks_for_a_pause_gets_one() {
    let (world, mut link) = World::ready(Callee::Refuses(503)).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    result(&mut link).await;
    link.send(Down::Job(Box::new(world.job(2)))).await;
    assert_eq!(verdict(&mut link, 2).await, JobVerdict::Busy);
    assert_eq!(world.carrier.seen().invites.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_outside_its_hours_or_past_its_lease_is_too_late() {
    let (world, mut link) = World::ready(Callee::Rings).await;
    let mut closed = world.job(1);
    closed.dial_before_unix_ms = Some(NOW);
    let mut expired = world.job(2);
    expired.lease_ms = 0;
    for job in [closed, expired] {
        link.send(Down::Job(Box::new(job))).await;
    }
    assert_eq!(verdict(&mut link, 1).await, JobVerdict::TooLate);
    assert_eq!(verdict(&mut link, 2).await, JobVerdict::TooLate);
    assert!(world.carrier.seen().invites.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nearly_full_disk_refuses_jobs_and_says_so() {
    let limits = Limits { room_for_jobs: u64::MAX, ..limits() };
    let (world, mut link) = World::ready_with(Callee::Rings, limits, script()).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    let JobVerdict::Unfit { reason } = verdict(&mut link, 1).await else { panic!("a job was taken") };
    assert!(reason.contains("full"), "{reason}");
    let told = link
        .find(|up| match up {
            Up::Capacity { free, trouble, .. } => Some((free, trouble)),
            _ => None,
        })
        .await;
    assert_eq!(told, (0, Some(Trouble::DiskFull)));
    assert!(world.carrier.seen().invites.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_without_room_for_recordings_costs_the_recording_and_not_the_call() {
    let limits = Limits { room_for_recordings: u64::MAX, ..limits() };
    let (world, mut link) = World::ready_with(Callee::Converses, limits, script()).await;
    link.find(|up| matches!(up, Up::Capacity { free: 8, trouble: None, .. }).then_some(())).await;
    link.send(Down::Job(Box::new(world.job(1)))).await;
    let (_, result) = result(&mut link).await;
    assert_eq!((result.turns.len(), result.recording), (3, None));
    link.find(|up| matches!(up, Up::Capacity { free: 8, trouble: Some(Trouble::Recordings), .. }).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_flow_never_came_is_unfit() {
    let (world, mut link) = World::ready(Callee::Rings).await;
    let mut job = world.job(1);
    job.version = VersionId::new(9, 9);
    link.send(Down::Job(Box::new(job))).await;
    assert!(matches!(verdict(&mut link, 1).await, JobVerdict::Unfit { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_declared_unsent_is_refused_should_its_job_still_come() {
    let (world, mut link) = World::ready(Callee::Rings).await;
    link.send(Down::Reconcile { attempts: vec![attempt(1)] }).await;
    let known = link
        .find(|up| match up {
            Up::Known { attempts } => Some(attempts),
            _ => None,
        })
        .await;
    assert_eq!(known, [(attempt(1), Known::Unsent)]);
    link.send(Down::Job(Box::new(world.job(1)))).await;
    assert_eq!(verdict(&mut link, 1).await, JobVerdict::Duplicate);
    assert!(world.carrier.seen().invites.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_only_being_prepared_is_not_live_and_is_never_dialled_once_it_was_asked_about() {
    let (world, mut link) = World::ready(Callee::Refuses(404)).await;
    // Whether its preparation has failed by then or not: it never was and never will be on the line.
    let mut job = world.job(1);
    job.trunk.address = "127.0.0.1:sip".to_owned();
    // The other may have been dialled by then; where it was not, it must not be.
    for job in [job, world.job(2)] {
        link.send(Down::Job(Box::new(job))).await;
    }
    link.send(Down::Reconcile { attempts: vec![attempt(1), attempt(2)] }).await;
    let known = link
        .find(|up| match up {
            Up::Known { attempts } => Some(attempts),
            _ => None,
        })
        .await;
    assert_eq!(known[0], (attempt(1), Known::Unsent));
    let carrier = world.carrier;
    world.edge.stop().await;
    assert_eq!(carrier.seen().invites.len(), usize::from(known[1].1 == Known::Live), "{known:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_whose_address_leads_nowhere_counts_as_failing() {
    let (world, mut link) = World::ready(Callee::Rings).await;
    for n in [1, 2] {
        let mut job = world.job(n);
        job.trunk.address = "127.0.0.1:sip".to_owned();
        link.send(Down::Job(Box::new(job))).await;
        let JobVerdict::NoRoute { reason } = verdict(&mut link, n).await else { panic!("a route was found") };
        assert!(reason.contains("leads nowhere"), "{reason}");
    }
    let failing = link
        .find(|up| match up {
            Up::Capacity { trunks, .. } => {
                trunks.first().and_then(|trunk| trunk.failing).filter(|&failing| failing > 1)
            }
            _ => None,
        })
        .await;
    assert_eq!(failing, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_ends_the_edge_with_advice() {
    let control = Control::start();
    let folder = tempfile::tempdir().unwrap();
    let token = format!("bbe_other.{}", control.fingerprint);
    let edge = Edge::start_with(&control, folder.path(), Some(token)).await;
    let error = edge.running.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("token_unknown") && error.contains("create a new one"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_certificate_and_token_the_edge_says_what_to_do() {
    let control = Control::start();
    let folder = tempfile::tempdir().unwrap();
    let edge = Edge::start_with(&control, folder.path(), None).await;
    let error = edge.running.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("no enrolment token"), "{error}");
}
