//! Jobs that are not placed: nothing reaches the carrier.

use super::carrier::Callee;
use super::control::Control;
use super::world::{Edge, World, attempt, verdict};
use shared_proto::ids::VersionId;
use shared_proto::wire::{Down, JobVerdict, Known, Up};

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
async fn a_job_outside_its_hours_or_past_its_lease_is_too_late() {
    let (world, mut link) = World::ready(Callee::Rings).await;
    let mut closed = world.job(1);
    closed.dial_before_unix_ms = Some(1_000);
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
async fn a_job_whose_flow_never_came_is_unfit() {
    let (world, mut link) = World::ready(Callee::Rings).await;
    let mut job = world.job(1);
    job.version = VersionId::new(9, 9);
    link.send(Down::Job(Box::new(job))).await;
    assert!(matches!(verdict(&mut link, 1).await, JobVerdict::Unfit { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_over_a_line_whose_address_leads_nowhere_says_so() {
    let (world, mut link) = World::ready(Callee::Rings).await;
    let mut job = world.job(1);
    job.trunk.address = "nowhere.invalid:5060".to_owned();
    link.send(Down::Job(Box::new(job))).await;
    assert!(matches!(verdict(&mut link, 1).await, JobVerdict::NoRoute { .. }));
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
