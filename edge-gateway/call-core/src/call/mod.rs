//! One outbound call, whole: the caller's side of SIP, the media, the floor and the dialogue. A shard feeds it datagrams,
//! speech results and the time, and carries out what it asks for.
mod hearing;
mod summary;
mod talk;

pub use summary::Summary;

use crate::audio::VAD_FRAME;
use crate::media::{Media, TICK};
use crate::rng::Rng;
use crate::sip::uac::{self, Dial, End, Uac};
use crate::time::{Micros, earliest};
use crate::turn::Policy;
use dialogue::{Dialogue, Step};
use shared_proto::outcome::Cause;
use shared_proto::wire::Turn;
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use talk::Talk;

/// Sounds prepared before or during the call, by their text: mono, 8 kHz.
pub type Prompts = HashMap<String, Arc<[i16]>>;

/// All a call needs to begin.
pub struct Setup {
    pub dial: Dial,
    /// Our RTP address as peers reach it; RTCP is the next port.
    pub rtp: SocketAddr,
    /// Makes tags, branches and SSRC; another one for each call.
    pub seed: u64,
    /// Started with the contact's variables, together with its first step.
    pub dialogue: Dialogue,
    pub opening: Step,
    /// What is rendered already; the opening belongs in here.
    pub prompts: Prompts,
    pub policy: Policy,
    /// Where its ticks fall; `None`: from the answer on.
    pub phase: Option<Phase>,
    /// From the answer to the goodbye.
    pub max_duration: Duration,
}

/// Where in every 20 ms this call's ticks fall, so that an owner of many calls can spread them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase(pub Duration);

impl Phase {
    /// The first such time from `now` on.
    fn next(self, now: Micros) -> Micros {
        let tick = TICK.as_micros() as u64;
        let ahead = (self.0.as_micros() as u64 % tick + tick - now.0 % tick) % tick;
        Micros(now.0 + ahead)
    }
}

/// What a call is told.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    Sip {
        bytes: &'a [u8],
        from: SocketAddr,
    },
    Rtp {
        bytes: &'a [u8],
        from: SocketAddr,
    },
    Rtcp {
        bytes: &'a [u8],
        from: SocketAddr,
    },
    /// The VAD's answer to [`Output::Listen`].
    Speech {
        index: u32,
        probability: f32,
    },
    /// The answer to [`Output::Transcribe`]: empty when there were no words in it, `None` when the recogniser failed or was
    /// late.
    Transcribed {
        id: u32,
        text: Option<&'a str>,
    },
    /// Samples for [`Output::Render`], in order; `last` ends the sentence. A failure is an empty last chunk.
    Rendered {
        id: u32,
        samples: &'a [i16],
        last: bool,
    },
    /// A sentence that was rendered in the background, for when it is said.
    Prepared {
        text: String,
        samples: Arc<[i16]>,
    },
    /// Ends the call now: drain, or an operator's stop.
    HangUp,
}

/// What a call asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    Sip {
        bytes: Vec<u8>,
        to: SocketAddr,
    },
    /// `due` is the tick it belongs to.
    Rtp {
        bytes: Vec<u8>,
        to: SocketAddr,
        due: Micros,
    },
    Rtcp {
        bytes: Vec<u8>,
        to: SocketAddr,
    },
    /// 32 ms of the customer for the VAD.
    Listen {
        index: u32,
        frame: Box<[i16; VAD_FRAME]>,
    },
    /// Recognise an utterance. An answer after `deadline` is ignored.
    Transcribe {
        id: u32,
        samples: Vec<i16>,
        deadline: Micros,
    },
    /// Give the sound of a sentence, its first chunk before `deadline`.
    Render {
        id: u32,
        text: String,
        deadline: Micros,
    },
    /// The answer to this id is of no use any more.
    Forget {
        id: u32,
    },
    /// Recording: interleaved stereo, customer left, bot right, gapless from the answer on.
    Record {
        samples: Vec<i16>,
    },
    Progress(Progress),
    /// The result. The RTP ports are free; keep feeding SIP and time until [`Call::is_over`].
    Ended(Box<Summary>),
}

/// News of a live call.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    Ringing,
    EarlyMedia,
    Answered,
    Turn(Turn),
    /// What the recogniser made of an unfinished utterance.
    Hearing {
        text: String,
    },
    /// What the bot begins to say.
    Saying {
        text: String,
    },
    /// The recogniser failed on one of the customer's turns or came too late for it.
    Missed,
    Digit(char),
}

/// One outbound call.
pub struct Call {
    uac: Uac,
    media: Media,
    /// What the talk needs, until the answer.
    ready: Option<Ready>,
    talk: Option<Box<Talk>>,
    max_duration: Duration,
    ringing_at: Option<Micros>,
    /// Why we hang up, once we decided to.
    why: Option<Cause>,
    stage: Stage,
    outputs: VecDeque<Output>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Up,
    /// The other end hung up then; the text of what the customer was saying is still to come.
    LastWords {
        at: Micros,
        end: End,
    },
    Ended,
}

struct Ready {
    dialogue: Dialogue,
    opening: Step,
    prompts: Prompts,
    policy: Policy,
    phase: Option<Phase>,
}

impl Call {
    /// Sends the INVITE.
    pub fn dial(now: Micros, setup: Setup) -> Self {
        let mut rng = Rng::new(setup.seed);
        let uac = Uac::dial(now, setup.dial, setup.rtp, rng.next_u64());
        let media = Media::new(rng.next_u64());
        let Setup { dialogue, opening, prompts, policy, phase, max_duration, .. } = setup;
        let ready = Some(Ready { dialogue, opening, prompts, policy, phase });
        let mut call = Self {
            uac,
            media,
            ready,
            talk: None,
            max_duration,
            ringing_at: None,
            why: None,
            stage: Stage::Up,
            outputs: VecDeque::new(),
        };
        call.settle(now);
        call
    }

    pub fn handle(&mut self, now: Micros, input: Input<'_>) {
        match input {
            Input::Sip { bytes, from } => self.uac.receive(now, bytes, from),
            Input::Rtp { .. } | Input::Rtcp { .. } if self.stage != Stage::Up => {}
            Input::Rtp { bytes, from } => {
                if let Some(digit) = self.media.receive(now, bytes, from) {
                    self.outputs.push_back(Output::Progress(Progress::Digit(digit)));
                }
            }
            Input::Rtcp { bytes, from: _ } => self.media.receive_rtcp(now, bytes),
            Input::Prepared { text, samples } => match (&mut self.ready, &mut self.talk) {
                (Some(ready), _) => drop(ready.prompts.insert(text, samples)),
                (None, Some(talk)) => talk.prepared(text, samples),
                (None, None) => {}
            },
            Input::Speech { index, probability } => self.talk(|talk| talk.speech(now, index, probability)),
            Input::Transcribed { id, text } => self.talk(|talk| talk.transcribed(now, id, text)),
            Input::Rendered { id, samples, last } => self.talk(|talk| talk.rendered(id, samples, last)),
            Input::HangUp => self.hang_up(now, Cause::Cancelled),
        }
        self.settle(now);
    }

    pub fn handle_timeout(&mut self, now: Micros) {
        self.uac.handle_timeout(now);
        if let Some(talk) = &mut self.talk {
            talk.handle_timeout(now, &mut self.media);
        }
        if self.stage == Stage::Up
            && let Some((bytes, to)) = self.media.report(now)
        {
            self.outputs.push_back(Output::Rtcp { bytes, to });
        }
        self.settle(now);
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub fn poll_timeout(&self) -> Option<Micros> {
        let talk = self.talk.as_ref().and_then(|talk| talk.poll_timeout());
        let media = self.media.poll_timeout().filter(|_| self.stage == Stage::Up);
        earliest([self.uac.poll_timeout(), talk, media])
    }

    /// Whether the call has ended and no late datagram of it needs an answer any more.
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Ended && self.uac.is_over()
    }

    /// Whether the call has ended and its hang-up is still to be answered.
    pub fn awaits_answer(&self) -> bool {
        self.stage == Stage::Ended && self.uac.awaits_answer()
    }

    fn talk(&mut self, act: impl FnOnce(&mut Talk)) {
        if let Some(talk) = &mut self.talk {
            act(talk);
        }
    }

    fn hang_up(&mut self, now: Micros, why: Cause) {
        self.why.get_or_insert(why);
        self.uac.hang_up(now);
    }

    /// Moves what the parts say into this call's own words, until they are quiet.
    fn settle(&mut self, now: Micros) {
        loop {
            self.outputs.extend(self.uac.out.drain(..).map(|(bytes, to)| Output::Sip { bytes, to }));
            while let Some(event) = self.uac.poll_event() {
                self.uac_event(now, event);
            }
            let Some(talk) = &mut self.talk else { return };
            self.outputs.append(&mut talk.outputs);
            match (talk.hang_up.take(), self.stage) {
                (Some(why), _) => self.hang_up(now, why),
                (None, Stage::LastWords { at, end }) if !talk.awaits_text() => self.finish(at, end),
                (None, Stage::Up | Stage::LastWords { .. } | Stage::Ended) => return,
            }
        }
    }

    fn uac_event(&mut self, now: Micros, event: uac::Event) {
        match event {
            uac::Event::Ringing => {
                self.ringing_at = Some(now);
                self.outputs.push_back(Output::Progress(Progress::Ringing));
            }
            uac::Event::EarlyMedia(media) => {
                self.media.negotiate(now, media);
                self.outputs.push_back(Output::Progress(Progress::EarlyMedia));
            }
            uac::Event::Answered(media) => {
                self.media.negotiate(now, media);
                self.media.start_over();
                self.outputs.push_back(Output::Progress(Progress::Answered));
                if let Some(ready) = self.ready.take() {
                    let mut talk = Talk::begin(now, ready, self.max_duration);
                    talk.handle_timeout(now, &mut self.media);
                    self.talk = Some(Box::new(talk));
                }
            }
            uac::Event::Renegotiated(media) => self.media.negotiate(now, media),
            uac::Event::Digit(digit) => self.outputs.push_back(Output::Progress(Progress::Digit(digit))),
            uac::Event::Ended(end) => self.ended(now, end),
        }
    }

    fn ended(&mut self, now: Micros, end: End) {
        match (self.stage, &mut self.talk, end) {
            (Stage::Up, Some(talk), End::RemoteHangUp { .. }) => {
                talk.hung_up(now);
                self.stage = Stage::LastWords { at: now, end };
            }
            (Stage::Up, _, _) => self.finish(now, end),
            (Stage::LastWords { .. } | Stage::Ended, _, _) => {}
        }
    }

    /// The result of a call that ended `at` that time.
    fn finish(&mut self, at: Micros, end: End) {
        self.stage = Stage::Ended;
        let talk = self.talk.take().map(|talk| {
            let (ended, mut outputs) = talk.end(at, matches!(end, End::RemoteHangUp { .. }));
            self.outputs.append(&mut outputs);
            ended
        });
        let summary = Summary::of(at, end, self.why, self.ringing_at, talk, self.media.quality());
        self.outputs.push_back(Output::Ended(Box::new(summary)));
    }
}
