//! Answered calls: turns, interruptions, silence, the goodbye, digits, the recording.
use crate::world::{Act, Link, World, setup, voice};
use call_core::time::ms;
use shared_proto::wire::Who;

/// Lines about turns.
fn turns(world: &World) -> Vec<&str> {
    world.trace.iter().map(String::as_str).filter(|l| l.contains(" Bot ") || l.contains(" Customer ")).collect()
}

#[test]
fn half_a_second_of_pause_does_not_end_a_turn() {
    let world = World::answered()
        .says(&[Some("我想问一下"), Some("我想问一下利息可以吗")])
        .at(2_500, Act::Speak(700))
        .at(2_501, Act::Pause(500))
        .at(2_502, Act::Speak(700))
        .until(5_800);
    assert_eq!(turns(&world)[1], "4985 Customer 2314-4220 我想问一下利息可以吗", "{:#?}", world.trace);
}

#[test]
fn an_unfinished_sentence_is_given_more_time_than_a_finished_one() {
    let response = |text| {
        let world = World::answered().says(&[Some(text)]).at(2_500, Act::Speak(800)).until(8_000);
        let summary = world.at(8_001, Act::CallerHangsUp).until(9_000).summary.expect("an end");
        summary.turns.iter().find_map(|t| t.response_ms).expect("a response")
    };
    let (finished, open) = (response("可以"), response("可以然后"));
    assert!((560..=630).contains(&finished), "{finished}");
    assert!((700..=770).contains(&open), "{open}");
}

#[test]
fn a_turn_ends_at_the_longest_that_the_recogniser_takes_and_what_follows_is_another() {
    let world = World::answered().says(&[Some("我说来话长"), Some("方便")]).at(2_500, Act::Speak(23_000)).until(28_000);
    let lines = world.after(2_000);
    let asked = |line: &&&str| line.contains("Transcribe");
    assert_eq!(lines.iter().filter(asked).count(), 2, "{lines:#?}");
    let customer: Vec<&str> = turns(&world).into_iter().filter(|line| line.contains("Customer")).collect();
    assert_eq!(customer, ["22819 Customer 2314-22304 我说来话长", "26085 Customer 22304-25320 方便"], "{lines:#?}");
}

#[test]
fn what_the_customer_says_before_hanging_up_is_understood() {
    let hang_up = |millis, texts: &[Option<&'static str>]| {
        let world = World::answered().says(texts).at(2_500, Act::Speak(800)).at(millis, Act::CustomerHangsUp);
        world.until(60_000)
    };
    // In the middle of the last word, while the text is awaited, and when it is known already.
    for (millis, lines) in [
        (3_100, "3105 Transcribe 786 ms\n3405 Customer 2314-2880 别再打了\n3405"),
        (3_500, "3389 Transcribe 1086 ms\n3689 Customer 2314-3120 别再打了\n3689"),
        (3_800, "3389 Transcribe 1086 ms\n3805 Customer 2314-3120 别再打了\n3805"),
    ] {
        let world = hang_up(millis, &[Some("别再打了")]);
        let ended = format!("{lines} Ended answered customer_hang_up customer");
        let got: Vec<&str> = world.after(2_000).into_iter().filter(|line| !line.contains("carrier")).collect();
        assert_eq!(got.join("\n"), ended);
        let summary = world.summary.expect("an end");
        assert_eq!(summary.facts.opt_out.as_deref(), Some("别再打了"));
        // The call ended with the BYE, and no answer was given.
        assert_eq!((summary.ended_at.millis(), summary.facts.closing), (millis + 5, None));
        assert!(matches!(summary.facts.ended, dialogue::Ended::Contact { .. }), "{:?}", summary.facts.ended);
    }
    // A recogniser that says nothing is not waited for longer than ever.
    let world = hang_up(3_100, &[]);
    assert!(world.trace.last().is_some_and(|l| l.starts_with("4905 Ended answered unheard")), "{:#?}", world.trace);
    let world = World::answered().at(2_500, Act::CustomerHangsUp).until(4_000);
    assert!(world.trace.last().is_some_and(|l| l.starts_with("2505 Ended")), "{:#?}", world.trace);
}

#[test]
fn a_slow_recogniser_is_waited_for_and_the_time_is_its_own() {
    let mut world = World::answered().says(&[Some("可以")]).at(2_500, Act::Speak(800));
    world.asr_ms = 1_000;
    let summary = world.until(6_000).at(6_001, Act::CallerHangsUp).until(7_000).summary.expect("an end");
    let bot = summary.turns.iter().find(|t| t.response_ms.is_some()).expect("an answer");
    let parts = bot.waterfall.expect("a waterfall");
    assert!((570..=630).contains(&parts.endpoint_ms), "{parts:?}");
    assert!((500..=560).contains(&parts.asr_ms), "{parts:?}");
    let sum = parts.endpoint_ms + parts.asr_ms + parts.dialogue_ms + parts.tts_ms;
    assert_eq!(Some(sum), bot.response_ms);
}

#[test]
fn speech_stops_the_bot_within_700_ms() {
    // The opening lasts 1.4 s; the customer speaks 700 ms into it.
    let speak = |millis| World::answered().at(905, Act::Speak(millis)).until(4_000);
    for millis in [800, 900, 1_500] {
        let world = speak(millis);
        let line = turns(&world)[0];
        assert!(line.contains("cut"), "{millis}: {:#?}", world.trace);
        let stopped: u64 = line.split(' ').next().and_then(|n| n.parse().ok()).expect("a time");
        assert!(stopped - 905 <= 640, "{millis}: {line}");
    }
}

#[test]
fn backchannels_of_every_usual_length_leave_a_long_sentence_alone() {
    for millis in [150, 250, 350, 430] {
        let mut set = setup(1, true);
        set.prompts.insert("您好请问方便吗".into(), voice("很长很长很长很长很长很长很长的一句话").into());
        let world = World::with(set, Link::default(), 1).quiet().at(200, Act::Answer).at(1_500, Act::Speak(millis));
        let world = world.until(6_000);
        assert!(turns(&world)[0].ends_with("您好请问方便吗"), "{millis}: {:#?}", world.trace);
        assert!(!world.trace.iter().any(|l| l.contains("Transcribe")), "{millis}: {:#?}", world.trace);
    }
}

#[test]
fn a_short_word_and_the_sentence_after_it_are_one_interruption() {
    let speak = |first, then| {
        let mut set = setup(1, true);
        set.prompts.insert("您好请问方便吗".into(), voice("很长很长很长很长很长很长很长的一句话").into());
        let world = World::with(set, Link::default(), 1).quiet().at(200, Act::Answer).at(1_500, Act::Speak(first));
        world.at(1_501, Act::Pause(280)).at(1_502, Act::Speak(then)).until(6_000)
    };
    let world = speak(250, 1_500);
    let stopped: u64 = turns(&world)[0].split(' ').next().and_then(|n| n.parse().ok()).expect("a time");
    assert!(stopped - 1_500 <= 700, "{:#?}", world.trace);
    // 嗯。嗯。
    let world = speak(120, 120);
    assert!(turns(&world)[0].ends_with("您好请问方便吗"), "{:#?}", world.trace);
}

#[test]
fn a_greeting_on_picking_up_does_not_stop_the_opening() {
    let world = World::answered().at(305, Act::Speak(700)).until(3_000);
    assert!(turns(&world)[0].ends_with("1380 您好请问方便吗"), "{:#?}", world.trace);
}

#[test]
fn the_same_inputs_give_the_same_call() {
    let run = || {
        let bad = Link { lose: 5, repeat: 5, reorder: 10, media: true };
        let world = World::with(setup(4, true), bad, 4).says(&[Some("方便"), Some("不要")]);
        let world = world.at(600, Act::Ring).at(2_000, Act::Answer).at(5_000, Act::Speak(900)).until(30_000);
        (world.trace, world.recording)
    };
    assert!(run() == run());
}

#[test]
fn an_interruption_is_heard_from_its_first_word() {
    let world = World::answered().says(&[Some("不要")]).at(905, Act::Speak(1_200)).until(2_900);
    let transcribed = world.trace.iter().find(|l| l.contains("Transcribe")).expect("a transcription");
    let millis: u64 = transcribed.split(' ').nth(2).and_then(|n| n.parse().ok()).expect("a length");
    // 200 ms before, 1200 ms of speech, and what has come of the 160 ms after it when recognition starts.
    assert!((1_460..=1_560).contains(&millis), "{transcribed}");
}

#[test]
fn an_answer_given_just_before_the_question_ends_counts() {
    let world = World::answered().says(&[Some("可以")]).at(1_150, Act::Speak(350)).until(3_400);
    assert_eq!(turns(&world).len(), 2, "{:#?}", world.trace);
    assert!(turns(&world)[1].contains("可以"), "{:#?}", world.trace);
}

#[test]
fn silence_is_asked_about_once_and_then_ends_the_call() {
    let world = World::answered().until(60_000);
    world.expect(
        205,
        "205 Answered
        1585 Bot 0-1380 您好请问方便吗
        6385 Bot 5400-6180 听得到吗
        11185 Bot 10200-10980 谢谢再见
        11325 Ended answered finished bot
        11330 carrier RemoteHangUp",
    );
    let facts = world.summary.expect("an end").facts;
    assert_eq!((facts.silences, facts.turns), (2, 0));
}

#[test]
fn the_goodbye_is_heard_to_its_last_sample() {
    for delay in [0, 400] {
        let mut set = setup(1, delay == 0);
        if delay > 0 {
            set.policy.render = ms(2_000);
        }
        let mut world = World::with(set, Link::default(), 1).quiet().at(200, Act::Answer).says(&[Some("不要")]);
        world.tts_ms = delay;
        let world = world.at(4_000, Act::Speak(800)).until(20_000);
        let loud = |samples: &[i16]| samples.iter().filter(|s| s.unsigned_abs() > 3_000).count();
        let said: usize = ["您好请问方便吗", "谢谢再见"].iter().map(|t| voice(t).len()).sum();
        let heard = loud(&world.carrier_heard);
        assert!(heard >= said - 80 && heard <= said, "{heard} of {said}: {:#?}", world.trace);
    }
}

#[test]
fn a_turn_without_text_is_not_understood_at_its_deadline() {
    let world = World::answered().at(2_500, Act::Speak(800)).until(8_000);
    // The pause is noticed at 3.39 s, the recogniser is given 1.8 s, then the bot says that it did not understand.
    let bot = turns(&world);
    assert!(bot[1].starts_with("5189 Customer"), "{bot:#?}");
    assert!(bot[2].contains("没听清"), "{bot:#?}");
}

#[test]
fn a_call_without_one_word_recognised_in_time_is_our_fault_and_one_word_makes_it_a_conversation() {
    for (texts, end) in [
        (&[None, None][..], "Ended answered unheard system"),
        (&[None, Some("不要")], "Ended answered finished bot"),
        (&[Some(""), Some("")], "Ended answered finished bot"),
    ] {
        let world = World::answered()
            .says(texts)
            .at(2_500, Act::Speak(800))
            .at(8_500, Act::Speak(800))
            .at(13_000, Act::CustomerHangsUp)
            .until(20_000);
        assert!(world.trace.iter().any(|line| line.ends_with(end)), "{end}: {:#?}", world.trace);
        let missed = world.trace.iter().filter(|line| line.ends_with("Missed")).count();
        assert_eq!(missed, texts.iter().filter(|text| text.is_none()).count(), "{:#?}", world.trace);
    }
}

#[test]
fn late_and_unknown_texts_are_ignored() {
    let world = World::answered()
        .at(2_500, Act::Speak(800))
        .at(3_600, Act::Transcribed(99, "不要"))
        .at(5_400, Act::Transcribed(1, "不要"))
        .until(8_000);
    assert!(!world.trace.iter().any(|l| l.contains("不要")), "{:#?}", world.trace);
}

#[test]
fn a_cough_is_nobodys_turn() {
    let world = World::answered().says(&[None]).at(2_500, Act::Speak(130)).until(5_000);
    assert_eq!(turns(&world).len(), 1, "{:#?}", world.trace);
}

#[test]
fn sentences_that_are_not_ready_are_rendered_and_failures_do_not_hang_the_call() {
    let mut world = World::with(setup(1, false), Link::default(), 1).quiet().at(200, Act::Answer);
    world.tts_ms = 60_000;
    let world = world.until(60_000);
    let summary = world.summary.expect("an end");
    assert_eq!(summary.turns.len(), 0);
    assert_eq!(summary.outcome.cause.as_str(), "finished");
}

#[test]
fn digits_go_both_ways() {
    let world = World::answered().at(800, Act::Digits("15#")).until(3_000);
    let digits: Vec<&str> = world.trace.iter().filter_map(|l| l.split_once("Digit(").map(|(_, d)| d)).collect();
    assert_eq!(digits, ["'1')", "'5')", "'#')"]);
}

#[test]
fn the_longest_call_ends_with_a_goodbye() {
    let mut set = setup(1, true);
    set.max_duration = ms(3_000);
    let world = World::with(set, Link::default(), 1).quiet().at(200, Act::Answer).until(20_000);
    let summary = world.summary.expect("an end");
    assert_eq!(
        (summary.outcome.cause.as_str(), summary.turns.last().map(|t| t.text.as_str())),
        ("max_duration", Some("谢谢再见"))
    );
}

#[test]
fn the_recording_is_stereo_gapless_and_aligned_with_the_transcript() {
    let world = World::answered().says(&[Some("不要")]).at(2_500, Act::Speak(800)).until(20_000);
    let summary = world.summary.expect("an end");
    assert_eq!(world.recording.len() as u64, summary.recorded_ms * 16);
    let answered = summary.answered_at.expect("answered");
    let length = summary.ended_at.since(answered).as_millis() as u64;
    assert!(summary.recorded_ms.abs_diff(length) <= 20, "{} {length}", summary.recorded_ms);
    let first_loud = |channel: usize, from: u64| {
        let mut frames = world.recording.chunks(2).enumerate().skip(from as usize * 8);
        frames.find(|(_, pair)| pair[channel].unsigned_abs() > 3_000).map(|(n, _)| n as u64 / 8)
    };
    for turn in &summary.turns {
        let channel = usize::from(turn.who == Who::Bot);
        let heard = first_loud(channel, turn.start_ms.saturating_sub(40)).expect("sound");
        assert!(heard.abs_diff(turn.start_ms) <= 32, "{turn:?} {heard}");
    }
}

#[test]
fn reports_are_sent_every_five_seconds() {
    let mut world = World::answered();
    world.show_rtcp = true;
    let world = world.until(18_000);
    let at: Vec<u64> =
        world.trace.iter().filter(|l| l.contains("RTCP")).filter_map(|l| l.split(' ').next()?.parse().ok()).collect();
    assert_eq!(at, [5_205, 10_205]);
    assert!(world.summary.expect("an end").quality.feedback.is_some());
}

#[test]
fn a_bad_media_path_still_carries_a_conversation() {
    let bad = Link { lose: 3, repeat: 3, reorder: 10, media: true };
    let mut finished = 0;
    for seed in 0..20 {
        let world = World::with(setup(seed, true), bad, seed)
            .quiet()
            .says(&[Some("方便"), Some("方便"), Some("可以"), Some("可以"), Some("可以")])
            .at(600, Act::Ring)
            .at(2_000, Act::Answer)
            .at(6_000, Act::Speak(900))
            .at(10_000, Act::Speak(900))
            .until(90_000);
        let summary = world.summary.expect("an end");
        finished += usize::from(summary.outcome.cause.as_str() == "finished");
    }
    assert!(finished >= 18, "{finished} of 20");
}
