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
        3409 Transcribe 1084 ms
        3905 Customer 2336-3140 方便
        5305 Bot 3720-5100 您想了解一下吗 after 620
        6909 Transcribe 1086 ms
        7405 Customer 5834-6640 可以
        8205 Bot 7220-8000 谢谢再见 after 620
        8345 → BYE
        8345 Ended answered finished bot
        8350 ← 200 to BYE
        8350 carrier RemoteHangUp",
    );
}
