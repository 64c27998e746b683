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
        3595 Transcribe 1164 ms
        3955 Customer 2336-3140 方便
        5345 Bot 3760-5140 您想了解一下吗 after 660
        7095 Transcribe 1176 ms
        7455 Customer 5824-6640 可以
        8245 Bot 7260-8040 谢谢再见 after 660
        8385 → BYE
        8385 Ended answered finished bot
        8390 ← 200 to BYE
        8390 carrier RemoteHangUp",
    );
}
