//! One property per frame: what is written reads back, from any split of the bytes, and garbage is an error.

use super::*;
use crate::outcome::{Cause, Disposition, Side};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = String> {
    "[a-z0-9\u{4e00}-\u{4eff}\"\\\\ ]{0,12}"
}

fn attempt() -> impl Strategy<Value = AttemptId> {
    any::<u128>().prop_map(AttemptId::from_bits)
}

fn turn() -> impl Strategy<Value = Turn> {
    (any::<bool>(), text(), any::<u32>(), any::<u32>(), proptest::option::of(any::<u32>()), any::<bool>()).prop_map(
        |(bot, text, start, end, response, interrupted)| Turn {
            who: if bot { Who::Bot } else { Who::Customer },
            text,
            start_ms: start.into(),
            end_ms: end.into(),
            response_ms: response.map(u64::from),
            waterfall: response.map(|ms| Waterfall { endpoint_ms: ms.into(), asr_ms: 1, dialogue_ms: 0, tts_ms: 2 }),
            intent: None,
            node: Some("opening".into()),
            interrupted,
        },
    )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    (0..Disposition::ALL.len(), proptest::option::of(100u16..700)).prop_map(|(index, sip_code)| Outcome {
        disposition: Disposition::ALL[index],
        cause: Cause::Refused,
        side: Side::Carrier,
        sip_code,
        q850: None,
    })
}

fn result() -> impl Strategy<Value = AttemptResult> {
    (attempt(), any::<u64>(), outcome(), proptest::collection::vec(turn(), 0..5), text()).prop_map(
        |(attempt, fence, outcome, turns, words)| AttemptResult {
            attempt,
            fence,
            outcome,
            dialed_unix_ms: Some(1),
            ringing_unix_ms: None,
            answered_unix_ms: Some(2),
            ended_unix_ms: 3,
            turns,
            label: Some(LabelDecision { key: "high".into(), rule: words.clone(), quote: Some(words.clone()) }),
            opt_out: Some(words.clone()),
            slots: [(words.clone(), words)].into(),
            recording: Some(RecordingInfo { sha256: "00".into(), bytes: 9, duration_ms: 8 }),
        },
    )
}

fn job() -> impl Strategy<Value = DialJob> {
    (attempt(), any::<u64>(), text(), any::<u128>()).prop_map(|(attempt, fence, words, bits)| DialJob {
        attempt,
        fence,
        tenant: TenantId::from_bits(bits),
        campaign: CampaignId::from_bits(bits),
        lease_ms: 30_000,
        dial_before_unix_ms: Some(fence),
        number: Phone::from_e164("+8613800000000").unwrap(),
        caller_id: "10086".into(),
        trunk: TrunkSpec {
            id: TrunkId::from_bits(bits),
            address: "127.0.0.1:5060".into(),
            username: Some(words.clone()),
            password: None,
            max_calls: 2,
            calls_per_second: 1,
        },
        version: VersionId::from_bits(bits),
        variables: [(words.clone(), words)].into(),
        ring_limit_ms: 30_000,
        max_duration_ms: 300_000,
    })
}

fn down() -> impl Strategy<Value = Down> {
    let id = any::<u128>();
    prop_oneof![
        (id, any::<u64>()).prop_map(|(id, ms)| Down::Welcome {
            edge: EdgeId::from_bits(id),
            server_unix_ms: ms,
            capacity_every_ms: 500
        }),
        (id, text()).prop_map(|(id, key)| Down::Flow {
            version: VersionId::from_bits(id),
            flow: serde_json::json!({ "key": key })
        }),
        job().prop_map(|job| Down::Job(Box::new(job))),
        (attempt(), any::<u64>()).prop_map(|(attempt, fence)| Down::Cancel { attempt, fence }),
        Just(Down::Drain),
        any::<u64>().prop_map(|seq| Down::ResultAck { seq }),
        id.prop_map(|id| Down::RecordingAck { call: CallId::from_bits(id) }),
        proptest::collection::vec(attempt(), 0..4).prop_map(|attempts| Down::Reconcile { attempts }),
    ]
}

fn verdict() -> impl Strategy<Value = JobVerdict> {
    prop_oneof![
        Just(JobVerdict::Accepted),
        Just(JobVerdict::Busy),
        Just(JobVerdict::TooLate),
        Just(JobVerdict::Draining),
        Just(JobVerdict::Duplicate),
        text().prop_map(|reason| JobVerdict::Unfit { reason }),
        text().prop_map(|reason| JobVerdict::NoRoute { reason }),
    ]
}

fn progress() -> impl Strategy<Value = Progress> {
    prop_oneof![
        Just(Progress::Dialing),
        Just(Progress::Ringing),
        Just(Progress::Answered),
        turn().prop_map(Progress::Turn),
        text().prop_map(|text| Progress::Hearing { text }),
    ]
}

fn up() -> impl Strategy<Value = Up> {
    prop_oneof![
        (text(), attempt(), any::<u64>()).prop_map(|(name, attempt, fence)| Up::Hello {
            name,
            software: "1".into(),
            live: vec![(attempt, fence)]
        }),
        (any::<u32>(), any::<u32>(), any::<u128>()).prop_map(|(free, live, id)| Up::Capacity {
            free,
            live,
            trunks: vec![TrunkUse { trunk: TrunkId::from_bits(id), live, failing: free }]
        }),
        (attempt(), any::<u64>(), verdict()).prop_map(|(attempt, fence, verdict)| Up::Verdict {
            attempt,
            fence,
            verdict
        }),
        (attempt(), any::<u64>(), progress()).prop_map(|(attempt, fence, progress)| Up::Progress {
            attempt,
            fence,
            at_unix_ms: 7,
            progress
        }),
        (any::<u64>(), result()).prop_map(|(seq, result)| Up::Result { seq, result: Box::new(result) }),
        attempt().prop_map(|attempt| Up::Known { attempts: vec![(attempt, Known::Live), (attempt, Known::Unsent)] }),
    ]
}

fn reads_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(message: &T, cut: usize) {
    let bytes = encode(message).unwrap();
    let cut = cut % bytes.len();
    assert!(decode::<T>(&bytes[..cut]).unwrap().is_none(), "a part of a frame is not a frame");
    let mut two = bytes.clone();
    two.extend_from_slice(&bytes);
    let (read, used) = decode::<T>(&two).unwrap().unwrap();
    assert_eq!((&read, used), (message, bytes.len()));
}

proptest! {
    #[test]
    fn every_down_frame_reads_back(message in down(), cut in any::<usize>()) {
        reads_back(&message, cut);
    }

    #[test]
    fn every_up_frame_reads_back(message in up(), cut in any::<usize>()) {
        reads_back(&message, cut);
    }

    #[test]
    fn an_upload_head_reads_back(bits in any::<u128>(), bytes in any::<u64>(), cut in any::<usize>()) {
        let info = RecordingInfo { sha256: "ab".into(), bytes, duration_ms: 1 };
        let upload = Upload { call: CallId::from_bits(bits), tenant: TenantId::from_bits(bits), info };
        reads_back(&upload, cut);
    }

    #[test]
    fn enrolment_frames_read_back(words in text(), bits in any::<u128>(), cut in any::<usize>()) {
        reads_back(&EnrolAsk { token: words.clone(), csr_pem: words.clone() }, cut);
        let edge = EdgeId::from_bits(bits);
        let granted = EnrolReply::Granted { edge, certificate_pem: words.clone(), ca_pem: words.clone(), expires_unix_ms: 1 };
        reads_back(&granted, cut);
        reads_back(&EnrolReply::Refused { code: words }, cut);
    }

    #[test]
    fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = decode::<Down>(&bytes);
        let _ = decode::<Up>(&bytes);
    }
}

#[test]
fn a_trunks_credentials_do_not_print() {
    let spec = TrunkSpec {
        id: TrunkId::from_bits(1),
        address: "127.0.0.1:5060".into(),
        username: Some("line7".into()),
        password: Some("hunter2".into()),
        max_calls: 1,
        calls_per_second: 1,
    };
    let printed = format!("{spec:?}");
    assert!(!printed.contains("hunter2") && !printed.contains("line7"), "{printed}");
}
