//! The answered part of a call: one tick every 20 ms moves sound both ways; turns go to the dialogue and its steps to the
//! mouth. It keeps the transcript and the time each answer took.
use super::hearing::{Asked, Ears, Heard, Response};
use super::{Output, Progress, Prompts, Ready};
use crate::audio::{Ear, Mouth, Sounding, Span, Tap};
use crate::media::{Media, TICK};
use crate::rtp::FRAME;
use crate::time::{Micros, earliest, ms};
use crate::turn::{self, Frame, Policy, Stretch, Turn as Floor, looks_complete};
use dialogue::{Dialogue, Facts, Step, Then};
use shared_proto::outcome::Cause;
use shared_proto::wire::{Turn, Who};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Silence after the goodbye, so that its last sound is played out at the other end.
const AFTER_GOODBYE: Duration = ms(120);
/// Ticks made up for by a late shard; more than that is a gap in the sound.
const CATCH_UP: u32 = 5;

/// The conversation of an answered call.
pub(super) struct Talk {
    policy: Policy,
    prompts: Prompts,
    answered_at: Micros,
    next_tick: Micros,
    dialogue: Dialogue,
    floor: Floor,
    ear: Ear,
    mouth: Mouth,
    tap: Tap,
    next_id: u32,
    asked: Option<Asked>,
    go: Go,
    /// The node that waits for the customer.
    node: String,
    turns: Vec<Turn>,
    ears: Ears,
    limit: Option<Micros>,
    /// What was known when the other end hung up.
    at_hang_up: Option<Facts>,
    pub(super) hang_up: Option<Cause>,
    pub(super) outputs: VecDeque<Output>,
}

/// The bot's go.
enum Go {
    /// The customer's turn, or nobody's.
    Listening,
    Speaking {
        then: Then,
        why: Cause,
        started: Option<Micros>,
        asked: Option<Response>,
    },
    /// All is said; BYE at `at`.
    Leaving {
        at: Micros,
        why: Cause,
    },
    /// The line is down: nothing is said any more.
    Gone,
}

/// What is left of a talk.
pub(super) struct Ended {
    pub(super) answered_at: Micros,
    pub(super) turns: Vec<Turn>,
    pub(super) facts: Facts,
    pub(super) recorded_ms: u64,
    pub(super) ears: Ears,
}

impl Talk {
    pub(super) fn begin(now: Micros, ready: Ready, max_duration: Duration) -> Self {
        let Ready { dialogue, opening, prompts, policy, phase } = ready;
        let begins = phase.map_or(now, |phase| phase.next(now));
        let mut talk = Self {
            floor: Floor::new(policy.clone(), begins),
            policy,
            prompts,
            answered_at: begins,
            next_tick: begins,
            dialogue,
            ear: Ear::default(),
            mouth: Mouth::default(),
            tap: Tap::default(),
            next_id: 0,
            asked: None,
            go: Go::Listening,
            node: String::new(),
            turns: Vec::new(),
            ears: Ears::default(),
            limit: Some(now + max_duration),
            at_hang_up: None,
            hang_up: None,
            outputs: VecDeque::new(),
        };
        talk.follow(now, opening, Cause::Finished, None);
        talk
    }

    pub(super) fn prepared(&mut self, text: String, samples: Arc<[i16]>) {
        self.prompts.insert(text, samples);
    }

    pub(super) fn rendered(&mut self, id: u32, samples: &[i16], last: bool) {
        self.mouth.rendered(id, samples, last);
    }

    /// The VAD's word on one frame.
    pub(super) fn speech(&mut self, now: Micros, index: u32, probability: f32) {
        let Some(Span { from, to, loud_to, peak }) = self.ear.span(index) else { return };
        let onset = if probability >= self.policy.start { self.ear.onset(from) } else { from };
        self.floor.handle(now, turn::Input::Frame(Frame { from, to, probability, loud_to, peak, onset }));
        self.settle(now);
    }

    /// The recogniser's word. Late and unknown ids are ignored.
    pub(super) fn transcribed(&mut self, now: Micros, id: u32, text: Option<&str>) {
        match &mut self.asked {
            Some(asked) if asked.id == id && asked.answer.is_none() && now <= asked.deadline => {
                let missed = text.is_none();
                let text = text.map(str::trim).filter(|t| !t.is_empty());
                asked.answer = Some(Heard { text: text.map(str::to_owned), missed, at: now });
                if let Some(text) = text {
                    let progress = Progress::Hearing { text: text.to_owned() };
                    self.outputs.push_back(Output::Progress(progress));
                }
                self.floor.handle(now, turn::Input::Text { complete: text.map(looks_complete) });
                self.settle(now);
            }
            Some(_) | None => {}
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Micros, media: &mut Media) {
        if !matches!(self.go, Go::Gone) {
            self.ticks(now, media);
        }
        let overdue = self.asked.as_mut().filter(|asked| asked.answer.is_none() && asked.deadline <= now);
        if let Some(asked) = overdue {
            asked.answer = Some(Heard { text: None, missed: true, at: now });
            self.outputs.push_back(Output::Forget { id: asked.id });
            self.floor.handle(now, turn::Input::Text { complete: None });
        }
        self.floor.handle_timeout(now);
        self.settle(now);
        if let Some(limit) = self.limit.filter(|limit| *limit <= now) {
            self.limit = None;
            if !matches!(self.go, Go::Leaving { .. } | Go::Speaking { then: Then::HangUp, .. }) {
                self.cut_bot(now);
                let step = self.dialogue.out_of_time();
                self.follow(now, step, Cause::MaxDuration, None);
            }
            debug_assert!(limit <= now);
        }
        if let Go::Leaving { at, why } = self.go
            && at <= now
        {
            self.go = Go::Gone;
            self.hang_up = Some(why);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Micros> {
        let asked = self.asked.as_ref().filter(|asked| asked.answer.is_none()).map(|asked| asked.deadline);
        let (tick, leaving) = match self.go {
            Go::Leaving { at, .. } => (Some(self.next_tick), Some(at)),
            Go::Listening | Go::Speaking { .. } => (Some(self.next_tick), None),
            Go::Gone => (None, None),
        };
        earliest([tick, asked, leaving, self.floor.poll_timeout(), self.limit])
    }

    /// The other end hung up: sound and recording end here, and what the customer was saying is still understood.
    pub(super) fn hung_up(&mut self, now: Micros) {
        self.silence(now);
        self.limit = None;
        self.at_hang_up = Some(self.dialogue.facts());
        self.floor.handle(now, turn::Input::HungUp);
        self.settle(now);
    }

    /// Whether a text is still to come.
    pub(super) fn awaits_text(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.answer.is_none())
    }

    /// Ends the talk.
    pub(super) fn end(mut self: Box<Self>, now: Micros, by_customer: bool) -> (Ended, VecDeque<Output>) {
        self.silence(now);
        let mut facts = self.dialogue.facts();
        if let Some(said) = self.at_hang_up.take() {
            // The customer's last words count; what the bot would have answered was never said.
            let Facts { ended, promised_handover, promised_for, nodes, closing, .. } = said;
            facts = Facts { ended, promised_handover, promised_for, nodes, closing, ..facts };
        }
        let talk_ms = now.since(self.answered_at).as_millis() as u64;
        if by_customer {
            facts.contact_hung_up(talk_ms)
        } else {
            facts.failed()
        }
        let ended = Ended {
            answered_at: self.answered_at,
            turns: self.turns,
            facts,
            recorded_ms: self.tap.millis(),
            ears: self.ears,
        };
        (ended, self.outputs)
    }

    /// Ends sound and recording: what the bot was saying is cut where it is.
    fn silence(&mut self, now: Micros) {
        self.cut_bot(now);
        self.go = Go::Gone;
        if let Some(samples) = self.tap.finish() {
            self.outputs.push_back(Output::Record { samples });
        }
    }

    /// Every tick that is due. Sound and recording follow the clock; packets are not sent in a burst after a stall.
    fn ticks(&mut self, now: Micros, media: &mut Media) {
        let behind = (now.since(self.next_tick).as_micros() / TICK.as_micros()) as u32;
        let mut unsent = behind.saturating_sub(CATCH_UP);
        if unsent > 0 {
            media.skip(unsent);
        }
        while self.next_tick <= now {
            let due = self.next_tick;
            self.next_tick = due + TICK;
            self.tick(now, due, media, unsent > 0);
            unsent = unsent.saturating_sub(1);
        }
        self.ear.forget(self.floor.keep_from());
    }

    fn tick(&mut self, now: Micros, due: Micros, media: &mut Media, unsent: bool) {
        let (mut heard, mut said) = ([0; FRAME], [0; FRAME]);
        media.play(&mut heard);
        if let Some(frame) = self.ear.push(&heard) {
            self.outputs.push_back(Output::Listen { index: frame.index, frame: frame.samples });
        }
        let sounding = self.mouth.tick(due, &mut said);
        if !unsent && let Some((bytes, to)) = media.send(&said) {
            self.outputs.push_back(Output::Rtp { bytes, to, due });
        }
        if let Some(samples) = self.tap.push(&heard, &said) {
            self.outputs.push_back(Output::Record { samples });
        }
        self.sounding(now, sounding, media);
    }

    fn sounding(&mut self, now: Micros, sounding: Sounding, media: &Media) {
        let Go::Speaking { then, why, started, asked } = &mut self.go else { return };
        match sounding {
            Sounding::Speaking { first, interruptible } => {
                if first {
                    *started = Some(now);
                    if let Some(asked) = asked {
                        asked.spoken = asked.spoken - media.playout_delay();
                    }
                    self.floor.handle(now, turn::Input::BotStarted);
                    let progress = Progress::Saying { text: self.mouth.go() };
                    self.outputs.push_back(Output::Progress(progress));
                }
                self.floor.handle(now, turn::Input::BotMay { interrupt: interruptible });
            }
            Sounding::Waiting => {}
            Sounding::Finished | Sounding::Idle => {
                // A sentence shorter than a frame starts and ends in one tick.
                started.get_or_insert(now);
                let (then, why) = (*then, *why);
                self.bot_turn(now);
                match then {
                    Then::HangUp => self.go = Go::Leaving { at: now + TICK + AFTER_GOODBYE, why },
                    Then::Listen { no_input_ms } => {
                        self.go = Go::Listening;
                        let no_input = ms(u64::from(no_input_ms));
                        self.floor.handle(now, turn::Input::BotFinished { no_input });
                    }
                }
            }
        }
        self.settle(now);
    }

    /// Moves what the floor says into acts, until it is quiet.
    fn settle(&mut self, now: Micros) {
        while let Some(output) = self.floor.poll_output() {
            match output {
                turn::Output::StopBot => {
                    self.cut_bot(now);
                    self.go = Go::Listening;
                }
                turn::Output::Transcribe(stretch) => self.transcribe(now, stretch),
                turn::Output::Forget => self.forget_asked(),
                turn::Output::Commit(stretch) => self.commit(now, stretch),
                turn::Output::NoInput { times } => {
                    let step = self.dialogue.silent(times);
                    self.follow(now, step, Cause::Finished, None);
                }
            }
        }
    }

    fn transcribe(&mut self, now: Micros, stretch: Stretch) {
        self.forget_asked();
        let samples = self.ear.cut(stretch.from, stretch.to, self.policy.pre_roll, self.policy.post_roll);
        let (id, deadline) = (self.id(), now + self.policy.recognise);
        self.asked = Some(Asked { id, deadline, answer: None });
        self.outputs.push_back(Output::Transcribe { id, samples, deadline });
    }

    fn forget_asked(&mut self) {
        if let Some(asked) = self.asked.take().filter(|asked| asked.answer.is_none()) {
            self.outputs.push_back(Output::Forget { id: asked.id });
        }
    }

    /// The customer's turn is over: its text goes to the dialogue.
    fn commit(&mut self, now: Micros, stretch: Stretch) {
        let heard = self.asked.take().and_then(|asked| asked.answer);
        let (text, missed, text_at) = heard.map_or((None, false, now), |heard| (heard.text, heard.missed, heard.at));
        self.ears.heard += u32::from(text.is_some());
        if missed {
            self.ears.missed += 1;
            self.outputs.push_back(Output::Progress(Progress::Missed));
        }
        let step = match &text {
            Some(text) => self.dialogue.heard(text),
            None => self.dialogue.not_understood(),
        };
        let spoken = self.floor.at(stretch.to);
        let turn = Turn {
            who: Who::Customer,
            text: text.clone().unwrap_or_default(),
            start_ms: self.since_answer(self.floor.at(stretch.from)),
            end_ms: self.since_answer(spoken),
            response_ms: None,
            waterfall: None,
            intent: step.understood.as_ref().map(|u| u.intent.clone()),
            node: Some(self.node.clone()).filter(|node| !node.is_empty()),
            interrupted: false,
        };
        self.keep(turn);
        let complete = text.as_deref().is_some_and(looks_complete);
        let endpoint = (spoken + self.floor.patience(complete)).min(now);
        let response = Response { spoken, endpoint, text: text_at.clamp(endpoint, now), replied: now };
        self.follow(now, step, Cause::Finished, Some(response));
    }

    /// Starts what the dialogue wants said, while there is somebody to hear it.
    fn follow(&mut self, now: Micros, step: Step, why: Cause, asked: Option<Response>) {
        if let Go::Gone = self.go {
            return;
        }
        self.mouth.begin();
        for prompt in &step.say {
            match self.prompts.get(&prompt.text) {
                Some(samples) => self.mouth.say(&prompt.text, prompt.interruptible, samples.clone()),
                None => {
                    let (id, deadline) = (self.id(), now + self.policy.render);
                    self.mouth.say_later(&prompt.text, prompt.interruptible, id, deadline);
                    self.outputs.push_back(Output::Render { id, text: prompt.text.clone(), deadline });
                }
            }
        }
        self.node = step.node;
        self.go = Go::Speaking { then: step.then, why, started: None, asked };
    }

    /// Silences the bot and notes what was heard of it.
    fn cut_bot(&mut self, now: Micros) {
        let pending: Vec<u32> = self.mouth.pending().collect();
        self.outputs.extend(pending.into_iter().map(|id| Output::Forget { id }));
        self.bot_turn(now);
        self.mouth.begin();
    }

    fn bot_turn(&mut self, now: Micros) {
        let said = self.mouth.stop();
        let Go::Speaking { started: Some(started), asked, .. } = &self.go else { return };
        if said.text.is_empty() {
            return;
        }
        let waterfall = asked.map(|asked| asked.waterfall(*started));
        let turn = Turn {
            who: Who::Bot,
            text: said.text,
            start_ms: self.since_answer(*started),
            end_ms: self.since_answer(now),
            response_ms: waterfall.map(|w| w.endpoint_ms + w.asr_ms + w.dialogue_ms + w.tts_ms),
            waterfall,
            intent: None,
            node: Some(self.node.clone()).filter(|node| !node.is_empty()),
            interrupted: said.interrupted,
        };
        self.keep(turn);
    }

    fn keep(&mut self, turn: Turn) {
        self.outputs.push_back(Output::Progress(Progress::Turn(turn.clone())));
        self.turns.push(turn);
    }

    fn since_answer(&self, at: Micros) -> u64 {
        at.since(self.answered_at).as_millis() as u64
    }

    fn id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }
}
