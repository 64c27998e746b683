//! The mind of one synthetic customer, sans-IO: hears voice activity, decides when to speak, what, and when to hang up.
//!
//! Times are milliseconds since the call was answered.

use crate::persona::{Behaviour, Half, Persona};

/// Manners that the benches turn on; a plain customer has none of them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Manners {
    pub half: Half,
    /// Share of goes with a 500 ms pause in mid-sentence.
    pub pauses: f32,
    /// Share of the bot's goes that the customer cuts into with a whole sentence.
    pub interrupts: f32,
    /// Share of the bot's goes accompanied by a 嗯.
    pub backchannels: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Say this; pieces are parted by pauses of the given length.
    Say {
        pieces: Vec<String>,
        pause_ms: u64,
        kind: Kind,
    },
    HangUp,
}

/// Why the customer opens its mouth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A go of its own after the bot has finished.
    Reply,
    /// 喂? into silence.
    Hello,
    /// A sentence into the bot's speech.
    Interruption,
    /// A 嗯 into the bot's speech.
    Backchannel,
}

/// The longest a customer stays on the line.
const PATIENCE_MS: u64 = 120_000;
/// Silence of the bot before the customer says 喂?
const HELLO_MS: u64 = 5_000;
/// How long the other side must be quiet to have finished.
const QUIET_MS: u64 = 700;
/// A pause for breath in mid-sentence.
const PAUSE_MS: u64 = 500;
/// After this many goes the customer has nothing left to say.
const MOST_GOES: usize = 12;
const VOICED: f32 = 0.5;
const FRAME_MS: u64 = 32;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// The bot has the floor or is expected to take it.
    Listening,
    /// Decided to speak at this time.
    About {
        at: u64,
    },
    Speaking,
    Gone,
}

#[derive(Debug)]
pub struct Customer {
    persona: Persona,
    manners: Manners,
    random: fastrand::Rng,
    state: State,
    /// What each go will be, decided before the call so that the voice can be prepared while it rings.
    plan: Vec<Vec<String>>,
    /// Goes taken so far.
    goes: usize,
    /// Run of voiced milliseconds just heard, since when it is quiet, whether the bot has spoken since our last go.
    voiced_ms: u64,
    quiet_since: u64,
    bot_spoke: bool,
    hellos: u32,
    /// When into the bot's present go to cut in, and with what.
    cut_in: Option<(u64, Kind)>,
    hang_up_at: Option<u64>,
}

impl Customer {
    pub fn new(persona: Persona, manners: Manners, seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let plan = (0..MOST_GOES).map_while(|go| {
            let line = persona.line(go, manners.half, &mut random)?.to_owned();
            Some(if random.f32() < manners.pauses { halves(&line) } else { vec![line] })
        });
        Self {
            plan: plan.collect(),
            persona,
            manners,
            random,
            state: State::Listening,
            goes: 0,
            voiced_ms: 0,
            quiet_since: 0,
            bot_spoke: false,
            hellos: 0,
            cut_in: None,
            hang_up_at: None,
        }
    }

    /// What will be said at the next goes, to have it rendered in time.
    pub fn coming(&self) -> impl Iterator<Item = &String> {
        self.plan.iter().skip(self.goes).take(2).flatten()
    }

    /// One 32 ms frame of what the line carries was voiced with this probability.
    pub fn hear(&mut self, now: u64, probability: f32) -> Option<Output> {
        if probability >= VOICED {
            self.voiced_ms += FRAME_MS;
            self.quiet_since = now;
            if self.voiced_ms >= 3 * FRAME_MS && !self.bot_spoke {
                self.bot_spoke = true;
                self.plan_cut_in(now);
            }
        } else if now.saturating_sub(self.quiet_since) >= QUIET_MS {
            self.voiced_ms = 0;
        }
        self.decide(now)
    }

    /// The last sentence has left the mouth.
    pub fn finished(&mut self, now: u64) {
        if self.state == State::Speaking {
            self.state = State::Listening;
            self.quiet_since = now;
            self.voiced_ms = 0;
        }
        if self.persona.hang_up_after.is_some_and(|goes| self.goes >= goes as usize) && self.hang_up_at.is_none() {
            // Hears the beginning of the bot's answer, then puts the phone down.
            self.hang_up_at = Some(now + 2_500 + self.random.u64(0..1_500));
        }
    }

    fn decide(&mut self, now: u64) -> Option<Output> {
        if self.state == State::Gone {
            return None;
        }
        let impatient = now >= PATIENCE_MS || self.hang_up_at.is_some_and(|at| now >= at);
        let at_once = self.persona.behaviour == Behaviour::HangsUp && now >= 300;
        if (impatient && self.state != State::Speaking) || at_once {
            self.state = State::Gone;
            return Some(Output::HangUp);
        }
        if self.persona.behaviour != Behaviour::Speaks {
            return None;
        }
        let quiet = now.saturating_sub(self.quiet_since);
        match self.state {
            State::Listening
                if let Some((at, kind)) = self.cut_in
                    && now >= at =>
            {
                self.cut_in = None;
                (quiet < QUIET_MS).then(|| self.speak_over(kind)).flatten()
            }
            State::Listening if self.bot_spoke && quiet >= QUIET_MS => {
                let reaction = self.random.u64(50..450);
                self.state = State::About { at: now + reaction };
                None
            }
            State::Listening if !self.bot_spoke && quiet >= HELLO_MS && self.hellos < 2 => {
                self.hellos += 1;
                self.quiet_since = now;
                self.state = State::Speaking;
                Some(Output::Say { pieces: vec!["喂？".to_owned()], pause_ms: 0, kind: Kind::Hello })
            }
            // The bot took a breath only; let it go on.
            State::About { .. } if quiet < QUIET_MS => {
                self.state = State::Listening;
                None
            }
            State::About { at } if now >= at => self.reply(),
            State::Listening | State::About { .. } | State::Speaking | State::Gone => None,
        }
    }

    fn reply(&mut self) -> Option<Output> {
        let pieces = self.plan.get(self.goes)?.clone();
        self.goes += 1;
        self.bot_spoke = false;
        self.cut_in = None;
        self.state = State::Speaking;
        Some(Output::Say { pieces, pause_ms: PAUSE_MS, kind: Kind::Reply })
    }

    fn plan_cut_in(&mut self, now: u64) {
        let draw = self.random.f32();
        let kind = if draw < self.manners.interrupts {
            Some(Kind::Interruption)
        } else if draw < self.manners.interrupts + self.manners.backchannels {
            Some(Kind::Backchannel)
        } else {
            None
        };
        self.cut_in = kind.map(|kind| (now + 700 + self.random.u64(0..900), kind));
    }

    fn speak_over(&mut self, kind: Kind) -> Option<Output> {
        match kind {
            Kind::Interruption => {
                let said = self.reply()?;
                let Output::Say { pieces, pause_ms, .. } = said else { return None };
                Some(Output::Say { pieces: vec![pieces.concat()], pause_ms, kind })
            }
            Kind::Backchannel => Some(Output::Say { pieces: vec!["嗯。".to_owned()], pause_ms: 0, kind }),
            Kind::Reply | Kind::Hello => None,
        }
    }
}

/// Parts a sentence at its comma, or in the middle when there is none.
fn halves(line: &str) -> Vec<String> {
    let signs: Vec<char> = line.chars().collect();
    let comma = signs.iter().position(|sign| "，,、".contains(*sign)).map(|at| at + 1);
    let cut = comma.unwrap_or(signs.len() / 2);
    if cut == 0 || cut >= signs.len() {
        return vec![line.to_owned()];
    }
    vec![signs[..cut].iter().collect(), signs[cut..].iter().collect()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::persona::built_in;

    fn customer(key: &str, manners: Manners) -> Customer {
        let persona = built_in().unwrap().into_iter().find(|persona| persona.key == key).unwrap();
        Customer::new(persona, manners, 3)
    }

    /// Plays spans of bot speech (`from..to` in ms) to a customer whose sentences last a second; a text trace comes out.
    fn trace(customer: &mut Customer, bot: &[(u64, u64)], until: u64) -> Vec<String> {
        let mut out = Vec::new();
        let mut done: Option<u64> = None;
        for now in (0..until).step_by(FRAME_MS as usize) {
            if done.is_some_and(|at| now >= at) {
                done = None;
                customer.finished(now);
            }
            let voiced = bot.iter().any(|(from, to)| (*from..*to).contains(&now));
            match customer.hear(now, if voiced { 0.9 } else { 0.1 }) {
                Some(Output::Say { pieces, kind, .. }) => {
                    done = Some(now + 1_000);
                    out.push(format!("{:.1} {kind:?} {}", now as f64 / 1000.0, pieces.len()));
                }
                Some(Output::HangUp) => out.push(format!("{:.1} hang up", now as f64 / 1000.0)),
                None => {}
            }
        }
        out
    }

    #[test]
    fn a_customer_waits_for_the_bot_to_finish_and_then_speaks_once() {
        let said = trace(&mut customer("interested", Manners::default()), &[(200, 3_000), (6_000, 8_000)], 12_000);
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said.iter().all(|line| line.contains("Reply 1")), "{said:?}");
    }

    #[test]
    fn a_breath_of_the_bot_is_not_its_end() {
        let said = trace(&mut customer("interested", Manners::default()), &[(0, 2_000), (2_500, 5_000)], 5_500);
        assert!(said.is_empty(), "{said:?}");
    }

    #[test]
    fn nobody_speaking_earns_a_hello() {
        let said = trace(&mut customer("busy", Manners::default()), &[], 7_000);
        assert_eq!(said, ["5.0 Hello 1"]);
    }

    #[test]
    fn who_refuses_hangs_up_after_the_second_go() {
        let said =
            trace(&mut customer("refuses", Manners::default()), &[(0, 1_000), (4_000, 5_000), (8_000, 20_000)], 20_000);
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(said[2].ends_with("hang up"), "{said:?}");
    }

    #[test]
    fn manners_make_pauses_interruptions_and_backchannels() {
        let pauses = Manners { pauses: 1.0, ..Manners::default() };
        assert!(trace(&mut customer("busy", pauses), &[(0, 1_000)], 3_000)[0].contains("Reply 2"));
        let interrupts = Manners { interrupts: 1.0, ..Manners::default() };
        assert!(trace(&mut customer("busy", interrupts), &[(0, 9_000)], 5_000)[0].contains("Interruption"));
        let backchannels = Manners { backchannels: 1.0, ..Manners::default() };
        assert!(trace(&mut customer("busy", backchannels), &[(0, 9_000)], 5_000)[0].contains("Backchannel"));
    }

    #[test]
    fn the_silent_say_nothing_and_the_hasty_leave() {
        assert!(trace(&mut customer("silent", Manners::default()), &[(0, 3_000)], 20_000).is_empty());
        let said = trace(&mut customer("hangs_up", Manners::default()), &[(0, 3_000)], 5_000);
        assert_eq!(said, ["0.3 hang up"]);
    }
}
