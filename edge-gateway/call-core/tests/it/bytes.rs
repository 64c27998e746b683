//! Bytes from anywhere: valid messages in their strangest legal clothes are read, and nothing makes a reader panic.
use call_core::answer::Incoming;
use call_core::call::{Call, Input};
use call_core::media::Media;
use call_core::rtp::dtmf::Hearer;
use call_core::rtp::rtcp::Receiver;
use call_core::rtp::{Header, JitterBuffer, Packet};
use call_core::sdp::Description;
use call_core::sip::{Start, call_id_of, parse};
use call_core::time::Micros;
use proptest::prelude::*;

use crate::world::{CALLER, CARRIER, addr, setup};

/// In the manner of the valid messages of RFC 4475 section 3.1.1, written anew.
const VALID: &[(&str, &str)] = &[
    (
        "blanks and folding everywhere",
        "INVITE sip:v@chair.example.com;unknownparam SIP/2.0\r\nTO :\r\n sip:v@chair.example.com ;   tag    = 1918n\r\nfrom   : \"J Ros \\\\\\\"\"       <sip:j@example.com>\r\n  ;\r\n  tag = 98asjd8\r\nMaX-fOrWaRdS: 0068\r\nCall-ID: ws.nd@10.0.0.9\r\nContent-Length   : 0\r\ncseq: 0009\r\n  INVITE\r\nVia  : SIP  /   2.0\r\n /UDP\r\n    10.0.0.2;branch=390skdjuw\r\ns :\r\nNew:   value\r\n continued value\r\nOdd: ;;,,;;,;\r\nRoute:\r\n <sip:s.example.com;lr;unknownwith=value;unknown-no-value>\r\nv:  SIP  / 2.0  / TCP     sp.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n SIP  /    2.0   / UDP  10.1.1.1   ; branch=\r\n z9hG4bK30239\r\nm:\"Quoted string \\\"\\\"\" <sip:j@example.com> ; newparam =\r\n      newvalue ;\r\n  secondparam ; q = 0.33\r\n\r\n",
    ),
    (
        "every character a token may have",
        "!interesting-Method0123456789_*+`.%indeed'~ sip:1_u.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,w!*pas$wo~d@example.com SIP/2.0\r\nVia: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~\r\nTo: \"BEL:\u{7} NUL:\u{0} DEL:\u{7f}\" <sip:1_u.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>\r\nFrom: token1~` token2'+_ token3*%!.- <sip:m@example.com>;fromParam''~+*_!.-%=\"\u{431}\";tag=_token~1'+`*%!-.\r\nCall-ID: int.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\nCSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\r\nMax-Forwards: 255\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "escapes in user parts",
        "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0\r\nTo: sip:%75se%72@example.com\r\nFrom: <sip:I%20have%20spaces@example.net>;tag=938\r\nMax-Forwards: 87\r\ni: esc01\r\nCSeq: 234234 INVITE\r\nC: application/sdp\r\nVia: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw\r\nM: <sip:cal%6Cer@host5.example.net; %6C%72;n%61me=v%61lue%25%34%31>\r\nL: 0\r\n\r\n",
    ),
    (
        "escaped zero octets",
        "REGISTER sip:example.com SIP/2.0\r\nTo: sip:null-%00-null@example.com\r\nFrom: sip:null-%00-null@example.com;tag=839923423\r\nMax-Forwards: 70\r\nCall-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd\r\nCSeq: 14398234 REGISTER\r\nVia: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw\r\nContact: <sip:%00@host5.example.com>\r\nContact: <sip:%00%00@host5.example.com>\r\nL:0\r\n\r\n",
    ),
    (
        "a percent that is no escape",
        "RE%47IST%45R sip:registrar.example.com SIP/2.0\r\nTo: \"%Z%45\" <sip:resource@example.com>\r\nFrom: \"%Z%45\" <sip:resource@example.com>;tag=f232jadfj23\r\nCall-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf\r\nVia: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234\r\nCSeq: 29344 RE%47IST%45R\r\nMax-Forwards: 70\r\nContact: <sip:alias1@host1.example.com>\r\nC%6Fntact: <sip:alias2@host2.example.com>\r\nContact: <sip:alias3@host3.example.com>\r\nl: 0\r\n\r\n",
    ),
    (
        "no blank before the bracket",
        "OPTIONS sip:user@example.com SIP/2.0\r\nTo: sip:user@example.com\r\nFrom: caller<sip:caller@example.com>;tag=323\r\nMax-Forwards: 70\r\nCall-ID: lwsdisp.1234abcd@funky.example.com\r\nCSeq: 60 OPTIONS\r\nVia: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw\r\nl: 0\r\n\r\n",
    ),
    (
        "another message after the body",
        "REGISTER sip:example.com SIP/2.0\r\nTo: sip:j.user@example.com\r\nFrom: sip:j.user@example.com;tag=43251j3j324\r\nMax-Forwards: 8\r\nI: dblreq.0ha0isndaksdj99sdfafnl3lk233412\r\nContact: sip:j.user@host.example.com\r\nCSeq: 8 REGISTER\r\nVia: SIP/2.0/UDP 10.0.0.125;branch=z9hG4bKkdjuw23492\r\nContent-Length: 0\r\n\r\nINVITE sip:joe@example.com SIP/2.0\r\nt: sip:joe@example.com\r\n\r\n",
    ),
    (
        "semicolons in the user part",
        "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0\r\nTo: sip:j_user@example.com\r\nFrom: sip:caller@example.org;tag=33242\r\nMax-Forwards: 3\r\nCall-ID: semiuri.0ha0isndaksdj\r\nCSeq: 8 OPTIONS\r\nAccept: application/sdp, application/pkcs7-mime,\r\n        multipart/mixed, multipart/signed,\r\n        message/sip, message/sipfrag\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKkdjuw\r\nl: 0\r\n\r\n",
    ),
    (
        "many transports",
        "OPTIONS sip:user@example.com SIP/2.0\r\nTo: sip:user@example.com\r\nFrom: <sip:caller@example.com>;tag=323\r\nMax-Forwards: 70\r\nCall-ID:  transports.kijh4akdnaqjkwendsasfdj\r\nAccept: application/sdp\r\nCSeq: 60 OPTIONS\r\nVia: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw\r\nVia: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf\r\nVia: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj\r\nVia: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en\r\nVia: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee\r\nl: 0\r\n\r\n",
    ),
    (
        "a multipart body",
        "MESSAGE sip:kumiko@example.org SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport\r\nMax-Forwards: 70\r\nRoute: <sip:127.0.0.1:5080>\r\nCall-ID: mpart01.d8\r\nTo: <sip:kumiko@example.org>\r\nFrom: <sip:fluffy@example.com>;tag=2fb0dcc9\r\nCSeq: 1 MESSAGE\r\nContent-Type: multipart/mixed;boundary=7a9cbec02ceef655\r\nContent-Length: 31\r\n\r\n--7a9cbec02ceef655\r\n\r\n\u{1}\u{2}\r\nbody..",
    ),
    (
        "a reason in another script",
        "SIP/2.0 200 = 2**3 * 5**2 \u{43d}\u{43e} \u{441}\u{442}\u{43e}\r\nVia: SIP/2.0/UDP 10.0.0.198;branch=z9hG4bK1324923\r\nCall-ID: unreason.1234ksdfak3j2erwedfsASdf\r\nCSeq: 35 INVITE\r\nFrom: sip:user@example.com;tag=11141343\r\nTo: sip:user@example.edu;tag=2229\r\nContent-Length: 0\r\nContact: <sip:user@host198.example.com>\r\n\r\n",
    ),
    (
        "no reason",
        "SIP/2.0 100 \r\nVia: SIP/2.0/UDP 10.0.0.105;branch=z9hG4bK2398ndaoe\r\nCall-ID: noreason.asndj203insdf99223ndf\r\nCSeq: 35 INVITE\r\nFrom: <sip:user@example.com>;tag=39ansfi3\r\nTo: <sip:user@example.edu>;tag=902jndnke3\r\nContent-Length: 0\r\nContact: <sip:user@host105.example.com>\r\n\r\n",
    ),
];

/// What carriers' equipment sends.
const CARRIER_SHAPED: &[&str] = &[
    "Via: SIP/2.0/UDP [2001:db8::1]:5060;branch=z9hG4bKa;rport",
    "Via: SIP/2.0/UDP 10.0.0.1:5060;rport;branch=z9hG4bKa;received=10.0.0.1,SIP/2.0/UDP 10.0.0.3;branch=z9hG4bKb",
    "v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa",
    "Via : SIP/2.0/UDP 10.0.0.1 : 5060;branch=z9hG4bKa",
    "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\r\nContact: \"a, b; c\" <sip:1@10.0.0.1:5060;user=phone;transport=udp>;expires=60",
    "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\r\nP-Asserted-Identity: <sip:+861012345678@ims.example>,<tel:+861012345678>",
    "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\r\nSupported: 100rel,timer\r\nSession-Expires: 1800;refresher=uac\r\nMin-SE: 90",
    "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\r\nRecord-Route: <sip:10.0.0.7;lr=on;ftag=abc>,<sip:10.0.0.8:5080;lr>",
    "Via: SIP/2.0/UDP sbc_1.example-carrier.cn:5060;branch=z9hG4bKa",
    "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\r\nReason: Q.850 ;cause=16 ;text=\"Normal call clearing\"",
    "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\r\nX-Empty:\r\nX-Folded: a\r\n\tb",
    "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\r\nDiversion: <sip:+8610@h>;reason=unconditional;counter=1",
    "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa\r\nthis line has no colon at all",
];

fn carrier_invite(extra: &str) -> String {
    let tail = "Max-Forwards: 69\r\nContent-Type: application/sdp\r\nContent-Length: 0\r\n\r\n";
    let who = "From: \"8610\" <sip:+861012345678@10.0.0.1;user=phone>;tag=1\r\nTo: <tel:+8613800000000>";
    format!("INVITE tel:+8613800000000 SIP/2.0\r\n{extra}\r\n{who}\r\nCall-ID: x@10.0.0.1\r\nCSeq: 1 INVITE\r\n{tail}")
}

#[test]
fn every_valid_message_is_read() {
    let long = format!(
        "INVITE sip:{0}@example.com SIP/2.0\r\nTo: \"{0}\" <sip:{0}@example.com>\r\nF: sip:{0}@example.net;tag=12{0}\r\nCall-ID: longreq.{0}\r\nCSeq: 3882340 INVITE\r\nUnknown-{0}: {0}\r\n{1}Max-Forwards: 70\r\nl: 0\r\n\r\n",
        "longvalue".repeat(40),
        (0..34).map(|n| format!("v: SIP/2.0/TCP sip{n}.example.com;branch=z9hG4bK{n}\r\n")).collect::<String>()
    );
    let failed: Vec<String> = VALID
        .iter()
        .map(|(name, text)| (*name, (*text).to_owned()))
        .chain([("very long", long)])
        .chain(CARRIER_SHAPED.iter().map(|extra| (*extra, carrier_invite(extra))))
        .filter_map(|(name, text)| parse(text.as_bytes()).err().map(|e| format!("{name}: {e}")))
        .collect();
    assert_eq!(failed, Vec::<String>::new());
    assert_eq!((VALID.len() + 1, CARRIER_SHAPED.len()), (13, 13));
}

#[test]
fn what_was_read_is_what_was_meant() {
    let first = parse(VALID[0].1.as_bytes()).expect("message");
    assert_eq!((first.to.tag(), first.from.tag()), (Some("1918n"), Some("98asjd8")));
    assert_eq!(first.headers.list("via").count(), 3);
    assert_eq!((first.cseq.number, first.via.branch()), (9, Some("390skdjuw")));
    let twice = parse(VALID[6].1.as_bytes()).expect("message");
    assert!(twice.body.is_empty());
    let reason = parse(carrier_invite(CARRIER_SHAPED[9]).as_bytes()).expect("message");
    assert_eq!((reason.q850(), reason.to.uri.user.as_str()), (Some(16), "+8613800000000"));
    let v6 = parse(carrier_invite(CARRIER_SHAPED[0]).as_bytes()).expect("message");
    assert_eq!((v6.via.host.as_str(), v6.via.port), ("2001:db8::1", Some(5060)));
    assert!(matches!(parse(VALID[10].1.as_bytes()).expect("message").start, Start::Response { code: 200, .. }));
}

#[test]
fn what_is_not_sip_is_refused_with_a_reason() {
    for (bytes, why) in [
        (&b""[..], "no start line"),
        (b"\r\n\r\n", "no start line"),
        (b"HELLO", "the start line is neither a request nor a response of SIP/2.0"),
        (b"SIP/2.0 99 X\r\n\r\n", "the start line is neither a request nor a response of SIP/2.0"),
        (b"INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n", "header from is missing"),
        (b"BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nTo: <sip:a@b>\r\nFrom: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n", "header cseq cannot be read"),
        (b"BYE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nTo: <sip:a@b>\r\nFrom: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\nl: 9\r\n\r\nx", "the body is shorter than Content-Length"),
    ] {
        assert_eq!(parse(bytes).expect_err("refused").to_string(), why);
    }
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let texts: Vec<Vec<u8>> = VALID
        .iter()
        .map(|(_, text)| text.as_bytes().to_vec())
        .chain(CARRIER_SHAPED.iter().map(|extra| carrier_invite(extra).into_bytes()))
        .collect();
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 0..12);
    (prop::sample::select(texts), edits).prop_map(|(mut bytes, edits)| {
        for (at, byte, kind) in edits {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\r\n:;,<>\"\\@/ =?[]%"[usize::from(byte) % 17]),
                _ => bytes.truncate(at),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_messages_never_panic_a_call_or_an_answerer(bytes in mutated()) {
        let _ = parse(&bytes);
        let _ = call_id_of(&bytes);
        let mut incoming = Incoming::new(1, addr(CARRIER), addr("10.0.0.2:30000"));
        incoming.receive(Micros(0), &bytes, addr(CALLER));
        incoming.ring(Micros(1));
        incoming.answer(Micros(2));
        incoming.receive(Micros(3), &bytes, addr(CALLER));
        incoming.hang_up(Micros(4));
    }

    #[test]
    fn any_bytes_are_safe_for_media(bytes in prop::collection::vec(any::<u8>(), 0..400), now in 0..1u64 << 40) {
        let _ = Packet::parse(&bytes);
        let _ = Receiver::default().hear(Micros(now), 1, &bytes);
        let _ = Hearer::default().hear(1, &bytes);
        let _ = Description::parse(&bytes).and_then(|d| d.settle());
        let mut media = Media::new(now);
        let sdp = [b"v=0\nc=IN IP4 10.0.0.2\nm=audio 4000 RTP/AVP 0 101\na=rtpmap:101 telephone-event/8000\n".as_slice(), &bytes].concat();
        if let Ok(agreed) = Description::parse(&sdp).and_then(|d| d.settle()) {
            media.negotiate(Micros(0), agreed);
        }
        media.receive(Micros(now), &bytes, addr(CARRIER));
        media.receive(Micros(now), &[&[0x80, 0], bytes.as_slice()].concat(), addr(CARRIER));
        media.receive_rtcp(Micros(now), &[&[0x81, 200], bytes.as_slice()].concat());
        media.play(&mut [0; 160]);
        media.report(Micros(now));
    }

    #[test]
    fn any_order_of_packets_is_safe_for_the_jitter_buffer(packets in prop::collection::vec((any::<u32>(), 0..400usize, any::<bool>()), 0..60)) {
        let mut buffer = JitterBuffer::default();
        for (n, (timestamp, length, pop)) in packets.into_iter().enumerate() {
            let timestamp = if n % 3 == 0 { timestamp } else { timestamp % 5_000 };
            let header = Header { payload_type: 0, marker: false, sequence: n as u16, timestamp, ssrc: u32::from(n % 7 == 0) };
            buffer.push(&header, n as i64 * 160, vec![1; length].into_iter());
            if pop {
                buffer.pop(&mut [0; 160]);
            }
            prop_assert!(buffer.delay() <= 8_000);
        }
    }
}

#[test]
fn strange_datagrams_leave_a_call_alone() {
    let mut call = Call::dial(Micros(0), setup(1, true));
    while call.poll_output().is_some() {}
    for (_, text) in VALID {
        call.handle(Micros(1), Input::Sip { bytes: text.as_bytes(), from: addr(CARRIER) });
    }
    call.handle(Micros(2), Input::Rtp { bytes: &[0x80; 40], from: addr(CARRIER) });
    assert_eq!(call.poll_output(), None);
}
