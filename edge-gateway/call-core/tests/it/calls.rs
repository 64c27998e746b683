//! Whole calls from INVITE to result.
use crate::world::{Act, World};

#[test]
fn a_call_is_answered_talks_and_says_goodbye_whole() {
    let world = World::new()
        .says(&[Some("方便"), Some("可以")])
        .at(30, Act::Ring)
        .at(200, Act::Answer)
        .at(2_500, Act::Speak(800))
        .at(6_000, Act::Speak(800))
        .until(60_000);
    world.expect(
        0,
        "0 → INVITE
        5 ← 100 to INVITE
        30 ← 180 to INVITE
        35 Ringing
        200 ← 200 to INVITE
        205 → ACK
        205 Answered
        1585 Bot 0-1380 您好请问方便吗
        3389 Transcribe 1086 ms
        3885 Customer 2314-3120 方便
        5285 Bot 3700-5080 您想了解一下吗 after 600
        6889 Transcribe 1088 ms
        7385 Customer 5812-6620 可以
        8185 Bot 7200-7980 谢谢再见 after 600
        8325 → BYE
        8325 Ended answered finished bot
        8330 ← 200 to BYE
        8330 carrier RemoteHangUp",
    );
}
