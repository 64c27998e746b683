//! What calls cost: the work of 200 conversing calls over ten seconds, to be run alone under `time` or `perf`:
//! `cargo test -p call-core --test it -- --ignored --nocapture cost`. It reads no clock itself.
use crate::world::{CALLER, addr, setup};
use call_core::answer::{self, Answerer};
use call_core::call::{Call, Input, Output, Setup};
use call_core::sip::uac::Dial;
use call_core::time::Micros;
use std::net::SocketAddr;

const CALLS: u64 = 200;
const SECONDS: u64 = 10;

#[test]
#[ignore = "a measurement, not a check"]
fn cost_of_conversing_calls() {
    let rtp: SocketAddr = addr("10.0.0.2:30000");
    let mut calls: Vec<(Call, Answerer)> = (0..CALLS)
        .map(|n| {
            let plain = setup(n, true);
            let dial = Dial { call_id: format!("c{n}"), ..plain.dial.clone() };
            let call = Call::dial(Micros(0), Setup { dial, ..plain });
            (call, Answerer::new(n, addr("10.0.0.2:5060"), rtp))
        })
        .collect();
    let mut frames = 0u64;
    let mut packets = Vec::new();
    for tick in 0..SECONDS * 50 {
        let now = Micros::from_millis(tick * 20);
        for (call, other) in &mut calls {
            packets.clear();
            call.handle_timeout(now);
            while let Some(output) = call.poll_output() {
                match output {
                    Output::Sip { bytes, .. } => {
                        other.handle(now, answer::Input::Sip { bytes: &bytes, from: addr(CALLER) })
                    }
                    Output::Rtp { bytes, .. } => packets.push(bytes),
                    Output::Listen { index, .. } => {
                        call.handle(now, Input::Speech { index, probability: if tick % 200 < 40 { 0.9 } else { 0.0 } });
                    }
                    _ => {}
                }
            }
            // Every call hears its own packets back, as from a peer that echoes.
            for bytes in &packets {
                frames += 1;
                call.handle(now, Input::Rtp { bytes, from: rtp });
            }
            while let Some(output) = other.poll_output() {
                if let answer::Output::Invited { .. } = output {
                    other.handle(now, answer::Input::Answer);
                } else if let answer::Output::Sip { bytes, .. } = output {
                    call.handle(now, Input::Sip { bytes: &bytes, from: addr("10.0.0.2:5060") });
                }
            }
        }
    }
    println!("{CALLS} calls for {SECONDS} s: {frames} frames each way; divide the CPU time by {}", CALLS * SECONDS);
}
