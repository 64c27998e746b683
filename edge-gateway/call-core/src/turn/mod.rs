//! Who holds the floor: endpointing, barge-in, backchannels, no-input. Knows positions, probabilities and whether a text
//! looks finished; nothing of audio, models or dialogue.
mod complete;
mod policy;
mod tracker;

pub use complete::looks_complete;
pub use policy::Policy;
use tracker::Tracker;
pub use tracker::{Frame, Position};

use crate::time::Micros;
use std::collections::VecDeque;
use std::time::Duration;

#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// One VAD frame of the customer.
    Frame(Frame),
    /// The bot's first sample went out.
    BotStarted,
    /// The prompt being played changed.
    BotMay { interrupt: bool },
    /// The bot's last sample went out and it listens now.
    BotFinished { no_input: Duration },
    /// The text of the last [`Output::Transcribe`]; `None` when nothing could be made of it or its deadline passed.
    Text { complete: Option<bool> },
    /// The customer hung up: what was being said is the last turn, over with its text.
    HungUp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// The customer interrupts: silence the bot now.
    StopBot,
    /// Recognise this stretch; it replaces what was asked before.
    Transcribe(Stretch),
    /// The customer goes on speaking: the last transcription is of no use.
    Forget,
    /// The customer's turn is over, with the last text given.
    Commit(Stretch),
    /// Nobody spoke for the time allowed.
    NoInput { times: u32 },
}

/// A stretch of the customer's audio: from its first to its last voiced sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: Position,
    pub to: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Floor {
    /// The bot is about to speak, or nobody is awaited.
    Thinking,
    Bot,
    Open {
        no_input_at: Micros,
    },
    Customer(Stretch),
    /// The customer paused; the turn ends unless speech resumes.
    Pausing(Stretch, Text),
    /// The turn ends with its text, whatever is said meanwhile: that belongs to the next.
    Closed(Stretch),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Text {
    Pending,
    Complete,
    Open,
    None,
}

/// The floor of one call. Positions count samples from the answer, which was at `answered`.
#[derive(Debug)]
pub struct Turn {
    policy: Policy,
    answered: Micros,
    floor: Floor,
    interruptible: bool,
    tracker: Tracker,
    silences: u32,
    outputs: VecDeque<Output>,
}

impl Turn {
    pub fn new(policy: Policy, answered: Micros) -> Self {
        let tracker = Tracker::new(&policy);
        Self {
            policy,
            answered,
            floor: Floor::Thinking,
            interruptible: false,
            tracker,
            silences: 0,
            outputs: VecDeque::new(),
        }
    }

    pub fn handle(&mut self, now: Micros, input: Input) {
        match input {
            Input::Frame(frame) => self.frame(frame),
            Input::BotStarted => self.floor = Floor::Bot,
            Input::BotMay { interrupt } => self.interruptible = interrupt,
            Input::BotFinished { no_input } => self.open(now, no_input),
            Input::Text { complete } => {
                let text = match complete {
                    Some(true) => Text::Complete,
                    Some(false) => Text::Open,
                    None => Text::None,
                };
                match self.floor {
                    Floor::Pausing(stretch, _) => self.floor = Floor::Pausing(stretch, text),
                    Floor::Closed(stretch) => self.end(now, stretch, text),
                    Floor::Thinking | Floor::Bot | Floor::Open { .. } | Floor::Customer(_) => {}
                }
            }
            Input::HungUp => self.hung_up(now),
        }
        self.handle_timeout(now);
    }

    pub fn handle_timeout(&mut self, now: Micros) {
        match self.floor {
            Floor::Open { no_input_at } if no_input_at <= now => {
                if self.tracker.current().is_some() {
                    // Somebody may just have begun.
                    self.floor = Floor::Open { no_input_at: now + self.policy.onset };
                } else {
                    self.silences += 1;
                    self.floor = Floor::Thinking;
                    self.outputs.push_back(Output::NoInput { times: self.silences });
                }
            }
            Floor::Customer(stretch) if self.at(stretch.from) + self.policy.longest <= now => self.close(stretch),
            Floor::Customer(stretch) if self.at(stretch.to) + self.policy.speculate <= now => {
                self.floor = Floor::Pausing(stretch, Text::Pending);
                self.outputs.push_back(Output::Transcribe(stretch));
            }
            Floor::Pausing(stretch, text) if self.commit_at(stretch, text).is_some_and(|at| at <= now) => {
                self.tracker.forget();
                self.end(now, stretch, text);
            }
            Floor::Thinking | Floor::Bot | Floor::Open { .. } => {}
            Floor::Customer(_) | Floor::Pausing(..) | Floor::Closed(_) => {}
        }
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub fn poll_timeout(&self) -> Option<Micros> {
        match self.floor {
            Floor::Open { no_input_at } => Some(no_input_at),
            Floor::Customer(stretch) => {
                Some((self.at(stretch.to) + self.policy.speculate).min(self.at(stretch.from) + self.policy.longest))
            }
            Floor::Pausing(stretch, text) => self.commit_at(stretch, text),
            Floor::Thinking | Floor::Bot | Floor::Closed(_) => None,
        }
    }

    /// The call's time at a position.
    pub fn at(&self, position: Position) -> Micros {
        Micros(self.answered.0 + position * 125)
    }

    /// How long a pause ends a turn whose text is still to come, for the waterfall.
    pub fn patience(&self, complete: bool) -> Duration {
        if complete { self.policy.commit_complete } else { self.policy.commit_open }
    }

    /// From where audio has to be kept: the start of what may still be transcribed.
    pub fn keep_from(&self) -> Option<Position> {
        match self.floor {
            Floor::Customer(stretch) | Floor::Pausing(stretch, _) | Floor::Closed(stretch) => Some(stretch.from),
            Floor::Thinking | Floor::Bot | Floor::Open { .. } => self.tracker.recent().map(|s| s.from),
        }
    }

    fn frame(&mut self, mut frame: Frame) {
        if self.floor == Floor::Bot && self.tracker.goes_on(&frame) {
            frame.probability = 1.0;
        }
        self.tracker.push(frame);
        let Some(run) = self.tracker.confirmed() else { return };
        match self.floor {
            Floor::Bot if self.interruptible && run.length() >= self.enough(run.stretch()) => {
                self.outputs.push_back(Output::StopBot);
                self.floor = Floor::Customer(self.clip(run.stretch()));
            }
            Floor::Open { .. } => self.floor = Floor::Customer(run.stretch()),
            Floor::Customer(ref mut stretch) => stretch.to = stretch.to.max(run.stretch().to),
            Floor::Pausing(stretch, _) if run.stretch().to > stretch.to => {
                self.outputs.push_back(Output::Forget);
                self.floor = Floor::Customer(Stretch { from: stretch.from, to: run.stretch().to });
            }
            Floor::Thinking | Floor::Bot | Floor::Pausing(..) | Floor::Closed(_) => {}
        }
    }

    /// How much speech stops the bot.
    fn enough(&self, speech: Stretch) -> Duration {
        let greeting = self.at(speech.from) < self.answered + self.policy.greeting;
        if greeting { self.policy.barge_in * 3 } else { self.policy.barge_in }
    }

    /// The bot is done. Speech that runs on, or ended just before, is the answer already.
    fn open(&mut self, now: Micros, no_input: Duration) {
        let early = self.tracker.recent().filter(|s| self.at(s.to) + self.policy.early_answer >= now);
        self.floor = match early {
            Some(stretch) => Floor::Customer(self.clip(stretch)),
            None => Floor::Open { no_input_at: now + no_input },
        };
    }

    /// The end of a stretch: what the recogniser takes of speech that went on while the bot could not be interrupted.
    fn clip(&self, stretch: Stretch) -> Stretch {
        let longest = self.policy.longest.as_micros() as u64 / 125;
        Stretch { from: stretch.from.max(stretch.to.saturating_sub(longest)), to: stretch.to }
    }

    fn hung_up(&mut self, now: Micros) {
        match self.floor {
            Floor::Customer(stretch) => self.close(stretch),
            Floor::Pausing(stretch, Text::Pending) => self.floor = Floor::Closed(stretch),
            Floor::Pausing(stretch, text) => self.end(now, stretch, text),
            Floor::Closed(_) => {}
            Floor::Thinking | Floor::Bot | Floor::Open { .. } => match self.tracker.recent() {
                Some(stretch) => self.close(self.clip(stretch)),
                None => self.floor = Floor::Thinking,
            },
        }
    }

    /// Ends a turn that may grow no longer. Speech that runs on begins anew.
    fn close(&mut self, stretch: Stretch) {
        self.tracker.start_over(stretch.to);
        self.floor = Floor::Closed(stretch);
        self.outputs.push_back(Output::Transcribe(stretch));
    }

    /// When the pause is long enough. A pending text is waited for: its deadline is the caller's.
    fn commit_at(&self, stretch: Stretch, text: Text) -> Option<Micros> {
        let patience = match text {
            Text::Pending => return None,
            Text::Complete => self.policy.commit_complete,
            Text::Open | Text::None => self.policy.commit_open,
        };
        let at = self.at(stretch.to) + patience;
        // A sound that may become speech is given the time to.
        match self.tracker.current() {
            Some(run) if run.to > stretch.to => Some(at.max(self.at(run.to) + self.policy.onset)),
            Some(_) | None => Some(at),
        }
    }

    fn end(&mut self, now: Micros, stretch: Stretch, text: Text) {
        let short = Duration::from_micros((stretch.to - stretch.from) * 125) < self.policy.noise;
        if text == Text::None && short {
            // A cough, a click: nobody's turn.
            self.floor = Floor::Open { no_input_at: now + self.policy.after_noise };
            return;
        }
        self.silences = 0;
        self.floor = Floor::Thinking;
        self.outputs.push_back(Output::Commit(stretch));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of 32 ms into a sentence of the bot, as probability and loudest sample. Whether they stop it.
    fn stops(frames: &[(f32, i16)]) -> bool {
        let mut turn = Turn::new(Policy::default(), Micros(0));
        turn.handle(Micros(0), Input::BotStarted);
        turn.handle(Micros(0), Input::BotMay { interrupt: true });
        for (n, (probability, peak)) in (100..).zip(frames) {
            let (from, to) = (n * 256, (n + 1) * 256);
            let frame = Frame {
                from,
                to,
                probability: *probability,
                loud_to: (*peak > 184).then_some(to),
                peak: *peak,
                onset: from,
            };
            turn.handle(Micros(to * 125), Input::Frame(frame));
        }
        turn.poll_output() == Some(Output::StopBot)
    }

    #[test]
    fn a_sentence_goes_on_with_its_first_sound_though_the_detector_is_not_sure_yet() {
        let word = [(0.9, 6_000); 10];
        let with = |pause: i16, then: (f32, i16)| [&word[..], &[(0.1, pause); 8], &[then]].concat();
        assert!(!stops(&word) && !stops(&with(40, (0.1, 300))), "the word alone");
        assert!(stops(&with(40, (0.1, 3_000))), "and a sound after it");
        assert!(!stops(&with(700, (0.1, 3_000))), "a loud line");
        assert!(!stops(&[(0.1, 40), (0.1, 3_000), (0.1, 40), (0.1, 3_000)]), "a click");
    }
}
