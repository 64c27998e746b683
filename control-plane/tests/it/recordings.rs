//! Recordings on their way in: nothing is left lying that no call speaks of, and no edge offers one for ever.

use serde_json::json;
use shared_proto::ids::CallId;
use shared_proto::outcome::{Cause, Disposition};
use shared_proto::wire::{AttemptResult, Down, JobVerdict, Progress, RecordingInfo, Upload};

use crate::campaigns::Stage;
use crate::fake_edge::{FakeEdge, ended};

const FILE: &[u8] = b"RIFF and the rest of it";

fn info() -> RecordingInfo {
    let sha256 = hex::encode(ring::digest::digest(&ring::digest::SHA256, FILE));
    RecordingInfo { sha256, bytes: FILE.len() as u64, duration_ms: 1 }
}

#[tokio::test]
async fn a_recording_of_a_call_that_will_never_be_known_is_taken_off_the_edges_hands() {
    let stage = Stage::new("rehearsal").await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 1).await;
    let call = CallId::new(0, 1);
    edge.upload(&Upload { call, tenant: stage.app.tenant, info: info() }, FILE).await;
    assert_eq!(edge.other().await, Down::RecordingAck { call });
    assert_eq!(stage.app.app.objects.keys(&stage.app.tenant.to_string()).await.unwrap(), [""; 0]);

    // The attempt is known and over, and its result left no call.
    stage.contacts(1, 1, "1990000").await;
    let campaign = stage.campaign(json!({})).await;
    stage.ask(&campaign, "start").await;
    let job = edge.job().await;
    edge.verdict(&job, JobVerdict::Accepted).await;
    let undialled = ended(&job, Disposition::Failed, Cause::Cancelled);
    edge.result(AttemptResult { dialed_unix_ms: None, ..undialled }).await;
    edge.upload(&Upload { call: job.attempt.into(), tenant: job.tenant, info: info() }, FILE).await;
    assert_eq!(edge.other().await, Down::RecordingAck { call: job.attempt.into() });
    assert_eq!(stage.app.app.objects.keys(&stage.app.tenant.to_string()).await.unwrap(), [""; 0]);
    stage.app.end().await;
}

#[tokio::test]
async fn a_recording_that_comes_before_its_result_leaves_no_file_and_is_taken_afterwards() {
    let stage = Stage::new("rehearsal").await;
    stage.contacts(1, 1, "1990000").await;
    let mut edge = FakeEdge::online(&stage.app, &stage.uplink, 1).await;
    let campaign = stage.campaign(json!({})).await;
    stage.ask(&campaign, "start").await;
    let job = edge.job().await;
    edge.progress(&job, Progress::Dialing).await;
    let head = Upload { call: job.attempt.into(), tenant: job.tenant, info: info() };
    edge.upload(&head, FILE).await;
    let result = ended(&job, Disposition::Answered, Cause::Finished);
    edge.result(AttemptResult { recording: Some(info()), ..result }).await;
    edge.upload(&head, FILE).await;
    assert_eq!(edge.other().await, Down::RecordingAck { call: job.attempt.into() });
    // The connection is over once both uploads are.
    edge.connection.close(0u32.into(), b"bye");
    let stored = async || stage.app.app.objects.keys(&stage.app.tenant.to_string()).await.unwrap().len();
    stage.app.until(async || stored().await == 1).await;
    stage.app.end().await;
}
