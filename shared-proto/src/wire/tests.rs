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

fn maybe<T: std::fmt::Debug>(some: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    proptest::option::of(some)
}

fn waterfall() -> impl Strategy<Value = Waterfall> {
    any::<[u32; 4]>().prop_map(|[endpoint, asr, dialogue, tts]| Waterfall {
        endpoint_ms: endpoint.into(),
        asr_ms: asr.into(),
        dialogue_ms: dialogue.into(),
        tts_ms: tts.into(),
    })
}

fn turn() -> impl Strategy<Value = Turn> {
    let who = prop_oneof![Just(Who::Bot), Just(Who::Customer)];
    let times = (any::<u32>(), any::<u32>(), maybe(any::<u64>()), maybe(waterfall()));
    (who, text(), times, maybe(text()), maybe(text()), any::<bool>()).prop_map(
        |(who, text, (start, end, response_ms, waterfall), intent, node, interrupted)| Turn {
            who,
            text,
            start_ms: start.into(),
            end_ms: end.into(),
            response_ms,
            waterfall,
            intent,
            node,
            interrupted,
        },
    )
}

fn outcome() -> impl Strategy<Value = Outcome> {
    use Cause::*;
    let causes = [
        Finished,
        CustomerHangUp,
        Refused,
        RingLimit,
        NoResponse,
        AuthFailed,
        Media,
        MaxDuration,
        Cancelled,
        NoCapacity,
        Gate,
        Unheard,
        Internal,
        Lost,
    ];
    let sides = [Side::Customer, Side::Bot, Side::Agent, Side::System, Side::Carrier];
    (
        proptest::sample::select(Disposition::ALL.to_vec()),
        proptest::sample::select(causes.to_vec()),
        proptest::sample::select(sides.to_vec()),
        maybe(100u16..700),
        maybe(any::<u8>()),
    )
        .prop_map(|(disposition, cause, side, sip_code, q850)| Outcome {
            disposition,
            cause,
            side,
            sip_code,
            q850,
        })
}

fn recording() -> impl Strategy<Value = RecordingInfo> {
    ("[0-9a-f]{64}", any::<u64>(), any::<u64>()).prop_map(|(sha256, bytes, duration_ms)| RecordingInfo {
        sha256,
        bytes,
        duration_ms,
    })
}

fn label() -> impl Strategy<Value = LabelDecision> {
    (text(), text(), maybe(text())).prop_map(|(key, rule, quote)| LabelDecision { key, rule, quote })
}

fn words() -> impl Strategy<Value = BTreeMap<String, String>> {
    proptest::collection::btree_map(text(), text(), 0..3)
}

fn result() -> impl Strategy<Value = AttemptResult> {
    let times = (maybe(any::<u64>()), maybe(any::<u64>()), maybe(any::<u64>()), any::<u64>());
    let said = (proptest::collection::vec(turn(), 0..5), maybe(label()), maybe(text()), words());
    (attempt(), any::<u64>(), outcome(), times, said, maybe(recording())).prop_map(
        |(attempt, fence, outcome, (dialed, ringing, answered, ended), (turns, label, opt_out, slots), recording)| {
            AttemptResult {
                attempt,
                fence,
                outcome,
                dialed_unix_ms: dialed,
                ringing_unix_ms: ringing,
                answered_unix_ms: answered,
                ended_unix_ms: ended,
                turns,
                label,
                opt_out,
                slots,
                recording,
            }
        },
    )
}

fn trunk() -> impl Strategy<Value = TrunkSpec> {
    (any::<u128>(), text(), maybe(text()), maybe(text()), any::<u32>(), any::<u32>()).prop_map(
        |(id, address, username, password, max_calls, calls_per_second)| TrunkSpec {
            id: TrunkId::from_bits(id),
            address,
            username,
            password,
            max_calls,
            calls_per_second,
        },
    )
}

fn job() -> impl Strategy<Value = DialJob> {
    let limits = (any::<u64>(), maybe(any::<u64>()), any::<u64>(), any::<u64>());
    (attempt(), any::<u64>(), any::<[u128; 3]>(), trunk(), words(), text(), limits).prop_map(
        |(attempt, fence, [tenant, campaign, version], trunk, variables, caller_id, limits)| DialJob {
            attempt,
            fence,
            tenant: TenantId::from_bits(tenant),
            campaign: CampaignId::from_bits(campaign),
            lease_ms: limits.0,
            dial_before_unix_ms: limits.1,
            number: Phone::from_e164("+8613800000000").unwrap(),
            caller_id,
            trunk,
            version: VersionId::from_bits(version),
            variables,
            ring_limit_ms: limits.2,
            max_duration_ms: limits.3,
        },
    )
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
        (attempt(), any::<u64>(), any::<bool>()).prop_map(|(attempt, fence, hang_up)| Down::Cancel {
            attempt,
            fence,
            hang_up
        }),
        Just(Down::Drain),
        Just(Down::Resume),
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
        text().prop_map(|text| Progress::Saying { text }),
    ]
}

fn trouble() -> impl Strategy<Value = Option<Trouble>> {
    maybe(prop_oneof![
        Just(Trouble::DiskFull),
        Just(Trouble::Journal),
        Just(Trouble::Recordings),
        Just(Trouble::Recogniser)
    ])
}

fn known() -> impl Strategy<Value = Known> {
    prop_oneof![Just(Known::Unsent), Just(Known::Live), Just(Known::Lost), Just(Known::Ended)]
}

fn upload() -> impl Strategy<Value = Upload> {
    (any::<u128>(), any::<u128>(), recording()).prop_map(|(call, tenant, info)| Upload {
        call: CallId::from_bits(call),
        tenant: TenantId::from_bits(tenant),
        info,
    })
}

fn enrol_ask() -> impl Strategy<Value = EnrolAsk> {
    (text(), text()).prop_map(|(token, csr_pem)| EnrolAsk { token, csr_pem })
}

fn enrol_reply() -> impl Strategy<Value = EnrolReply> {
    let granted = (any::<u128>(), text(), text(), any::<u64>()).prop_map(|(edge, certificate_pem, ca_pem, expires)| {
        EnrolReply::Granted { edge: EdgeId::from_bits(edge), certificate_pem, ca_pem, expires_unix_ms: expires }
    });
    prop_oneof![granted, text().prop_map(|code| EnrolReply::Refused { code })]
}

/// The bytes of any frame of the protocol.
fn frame() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        down().prop_map(|frame| encode(&frame).unwrap()),
        up().prop_map(|frame| encode(&frame).unwrap()),
        upload().prop_map(|frame| encode(&frame).unwrap()),
        enrol_ask().prop_map(|frame| encode(&frame).unwrap()),
        enrol_reply().prop_map(|frame| encode(&frame).unwrap()),
    ]
}

/// Whatever the bytes are, each reader takes no more than there is.
fn reads_or_refuses(bytes: &[u8]) {
    fn one<T: DeserializeOwned>(bytes: &[u8]) {
        if let Ok(Some((_, used))) = decode::<T>(bytes) {
            assert!(used <= bytes.len());
        }
    }
    one::<Down>(bytes);
    one::<Up>(bytes);
    one::<Upload>(bytes);
    one::<EnrolAsk>(bytes);
    one::<EnrolReply>(bytes);
}

fn up() -> impl Strategy<Value = Up> {
    prop_oneof![
        (text(), attempt(), any::<u64>()).prop_map(|(name, attempt, fence)| Up::Hello {
            name,
            software: "1".into(),
            live: vec![(attempt, fence)]
        }),
        (any::<u32>(), any::<u32>(), any::<u128>(), trouble()).prop_map(|(free, live, id, trouble)| Up::Capacity {
            free,
            live,
            trunks: vec![TrunkUse { trunk: TrunkId::from_bits(id), live, failing: (free > 0).then_some(free) }],
            trouble,
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
        proptest::collection::vec((attempt(), known()), 0..4).prop_map(|attempts| Up::Known { attempts }),
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
    fn an_upload_head_reads_back(upload in upload(), cut in any::<usize>()) {
        reads_back(&upload, cut);
    }

    #[test]
    fn enrolment_frames_read_back(ask in enrol_ask(), reply in enrol_reply(), cut in any::<usize>()) {
        reads_back(&ask, cut);
        reads_back(&reply, cut);
    }

    #[test]
    fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        reads_or_refuses(&bytes);
    }

    #[test]
    fn a_well_framed_message_with_damage_inside_never_panics(
        mut bytes in frame(),
        damage in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..4),
    ) {
        const HEAD: usize = 5;
        let inside = bytes.len() - HEAD;
        for (at, byte) in damage {
            bytes[HEAD + at % inside] = byte;
        }
        reads_or_refuses(&bytes);
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

#[test]
fn a_capacity_without_word_of_trouble_is_one_without_trouble() {
    let json = br#"{"type":"capacity","free":1,"live":2,"trunks":[]}"#;
    let length = (json.len() + 1) as u32;
    let frame = [length.to_be_bytes().as_slice(), &[VERSION], json].concat();
    let (read, _) = decode::<Up>(&frame).unwrap().unwrap();
    assert_eq!(read, Up::Capacity { free: 1, live: 2, trunks: Vec::new(), trouble: None });
}
