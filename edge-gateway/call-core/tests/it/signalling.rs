//! Two ends on one clock over a link: repeats, crossings, losses.
use crate::world::{Act, Link, World, setup};

#[test]
fn an_unanswered_invite_is_repeated_and_then_given_up() {
    let world = World::with(setup(1, true), Link { lose: 100, ..Link::default() }, 1).until(40_000);
    world.expect(
        0,
        "0 → INVITE
        500 → INVITE
        1500 → INVITE
        3500 → INVITE
        7500 → INVITE
        15500 → INVITE
        31500 → INVITE
        32000 Ended failed no_response carrier",
    );
    assert!(world.call.is_over());
}

#[test]
fn ringing_too_long_is_cancelled() {
    let world = World::new().at(30, Act::Ring).until(60_000);
    world.expect(
        30,
        "30 ← 180 to INVITE
        35 Ringing
        20035 → CANCEL
        20040 ← 200 to CANCEL
        20040 ← 487 to INVITE
        20040 carrier Cancelled
        20045 → ACK
        20045 Ended no_answer ring_limit customer",
    );
}

#[test]
fn an_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up() {
    let world = World::new().at(30, Act::Ring).at(20_037, Act::Answer).until(60_000);
    world.expect(
        20_000,
        "20035 → CANCEL
        20037 ← 200 to INVITE
        20040 ← 200 to CANCEL
        20042 → ACK
        20042 → BYE
        20042 Ended no_answer ring_limit customer
        20047 ← 200 to BYE
        20047 carrier RemoteHangUp",
    );
    assert!(world.call.is_over());
}

#[test]
fn refusals_become_dispositions() {
    let lines: Vec<String> = [404, 480, 486, 503, 603]
        .into_iter()
        .map(|code| {
            let world = World::new().quiet().at(50, Act::Refuse(code)).until(40_000);
            format!("{code} {}", world.trace.last().expect("an end"))
        })
        .collect();
    assert_eq!(
        lines.join("\n"),
        "404 55 Ended invalid refused carrier\n480 55 Ended unreachable refused customer\n\
         486 55 Ended busy refused customer\n503 55 Ended failed refused carrier\n603 55 Ended rejected refused customer"
    );
}

#[test]
fn the_customer_hangs_up_in_the_middle_of_the_opening() {
    let world = World::answered().at(905, Act::CustomerHangsUp).until(60_000);
    world.expect(
        205,
        "205 Answered
        905 carrier LocalHangUp
        910 Bot 0-705 您好请 cut
        910 Ended answered customer_hang_up customer",
    );
}

#[test]
fn both_hang_up_at_once() {
    let mut world = World::answered().at(900, Act::CustomerHangsUp).at(902, Act::CallerHangsUp).until(800);
    world.show_sip = true;
    let world = world.until(60_000);
    world.expect(
        900,
        "900 ← BYE
        900 carrier LocalHangUp
        902 → BYE
        902 Bot 0-697 您好请 cut
        902 Ended answered cancelled system
        905 → 200 to BYE
        907 ← 200 to BYE",
    );
    assert!(world.call.is_over() && world.carrier.is_over());
}

#[test]
fn early_media_is_told_and_played_before_the_answer() {
    let world = World::new()
        .quiet()
        .at(30, Act::EarlyMedia)
        .at(40, Act::Speak(2_000))
        .at(3_000, Act::Answer)
        .at(3_500, Act::CallerHangsUp)
        .until(40_000);
    world.expect(
        30,
        "35 Ringing
        35 EarlyMedia
        3005 Answered
        3500 Bot 0-495 您好 cut
        3500 Ended answered cancelled system
        3505 carrier RemoteHangUp",
    );
}

#[test]
fn sound_before_the_answer_is_not_heard_as_the_customer() {
    let world = World::new()
        .quiet()
        .at(30, Act::EarlyMedia)
        .at(40, Act::Speak(3_500))
        .at(3_000, Act::Answer)
        .at(6_000, Act::CallerHangsUp)
        .until(40_000);
    let customer = world.recording.iter().step_by(2);
    let loud = customer.enumerate().filter(|(_, sample)| sample.unsigned_abs() > 3_000).map(|(n, _)| n / 8);
    let loud: Vec<usize> = loud.collect();
    // The tone ends half a second after the answer; the network and the buffer take 60 ms.
    assert!(loud.last().is_some_and(|last| (500..=600).contains(last)), "{:?}", loud.last());
    let quality = world.summary.expect("an end").quality;
    assert_eq!(quality.packets_lost, 0);
}

#[test]
fn a_bad_link_changes_nothing_but_the_time() {
    let bad = Link { lose: 25, repeat: 15, reorder: 20, media: false };
    for seed in 0..60 {
        let world = World::with(setup(seed, true), bad, seed)
            .quiet()
            .at(3_000, Act::Ring)
            .at(9_000, Act::Answer)
            .at(30_000, Act::CustomerHangsUp)
            .until(120_000);
        let summary = world.summary.as_ref().expect("an end");
        let answered = summary.answered_at.is_some();
        assert!(answered || world.trace.iter().any(|l| l.contains("no_response")), "{seed}: {:#?}", world.trace);
        assert!(world.call.is_over(), "{seed}: {:#?}", world.trace);
        let progress = world.trace.iter().filter(|l| l.ends_with(" Answered")).count();
        assert_eq!(progress, usize::from(answered), "{seed}");
    }
}

#[test]
fn any_order_of_events_ends_once_and_then_stays_quiet() {
    let bad = Link { lose: 10, repeat: 10, reorder: 20, media: true };
    let mut rng = call_core::rng::Rng::new(3);
    for seed in 0..300 {
        let mut world = World::with(setup(seed, seed % 2 == 0), bad, seed).quiet();
        world.texts = [Some("可以"), None, Some("不要"), Some("嗯")].into();
        let mut ms = 0;
        for _ in 0..12 {
            ms += rng.next_u64() % 1_500;
            world = world.at(
                ms,
                match rng.next_u64() % 12 {
                    0 => Act::Ring,
                    1 => Act::EarlyMedia,
                    2..=4 => Act::Answer,
                    5 => Act::Refuse(486),
                    6 | 7 => Act::Speak(rng.next_u64() % 2_000),
                    8 => Act::CustomerHangsUp,
                    9 => Act::CallerHangsUp,
                    10 => Act::Transcribed(1, "好"),
                    _ => Act::Digits("12"),
                },
            );
        }
        let world = world.at(ms + 1, Act::CallerHangsUp).until(ms + 200_000);
        assert!(world.summary.is_some() && world.call.is_over(), "{seed}: {:#?}", world.trace);
        let ended = world.trace.iter().position(|l| l.contains(" Ended ")).expect("an end");
        let late = world.trace[ended + 1..].iter().any(|l| !l.contains("carrier"));
        assert!(!late, "{seed}: {:#?}", world.trace);
    }
}
