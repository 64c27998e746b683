//! What the bot says: sentences in order, each with its samples as they come, and an account of how much was heard.
use crate::rtp::FRAME;
use crate::time::{Micros, ms};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Silence between two sentences: 120 ms.
const GAP: usize = 960;
/// How long a sentence that has begun may wait for its next chunk; nobody listens to a longer silence.
const STALL: Duration = ms(2_000);

/// The sound of one sentence.
#[derive(Debug)]
enum Sound {
    Whole(Arc<[i16]>),
    /// Being rendered under this id; silence until it comes. What has not come by `deadline` is left out; each sample that
    /// is played moves it on.
    Coming {
        id: u32,
        samples: Vec<i16>,
        complete: bool,
        deadline: Micros,
    },
}

#[derive(Debug)]
struct Sentence {
    text: String,
    interruptible: bool,
    sound: Sound,
    played: usize,
}

/// What one tick did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sounding {
    /// Nothing is to be said.
    Idle,
    /// Something is to be said, but its sound is not there yet.
    Waiting,
    /// Speech, or the gap between two sentences. `first` on the first sample since [`Mouth::say`].
    Speaking { first: bool, interruptible: bool },
    /// The last sample was in this tick.
    Finished,
}

/// What was said of one go of the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What was really heard.
    pub text: String,
    /// Part of it was cut off.
    pub interrupted: bool,
}

/// The bot's voice in one call.
#[derive(Debug, Default)]
pub struct Mouth {
    queue: VecDeque<Sentence>,
    /// Texts said whole since [`Mouth::begin`].
    said: String,
    gap: usize,
    started: bool,
}

impl Mouth {
    /// Starts a new go. What was still to be said is dropped.
    pub fn begin(&mut self) {
        *self = Self::default();
    }

    /// Adds a sentence whose sound is ready.
    pub fn say(&mut self, text: &str, interruptible: bool, samples: Arc<[i16]>) {
        self.push(text, interruptible, Sound::Whole(samples));
    }

    /// Adds a sentence whose sound will come as `id`; it is left out when none came by `deadline`.
    pub fn say_later(&mut self, text: &str, interruptible: bool, id: u32, deadline: Micros) {
        self.push(text, interruptible, Sound::Coming { id, samples: Vec::new(), complete: false, deadline });
    }

    /// Takes rendered samples. False when nobody waits for that id any more.
    pub fn rendered(&mut self, id: u32, chunk: &[i16], last: bool) -> bool {
        for sentence in &mut self.queue {
            if let Sound::Coming { id: wanted, samples, complete, .. } = &mut sentence.sound
                && *wanted == id
                && !*complete
            {
                samples.extend_from_slice(chunk);
                *complete = last;
                return true;
            }
        }
        false
    }

    /// Fills one frame.
    pub fn tick(&mut self, now: Micros, frame: &mut [i16; FRAME]) -> Sounding {
        frame.fill(0);
        let mut filled = 0;
        let mut interruptible = true;
        while filled < FRAME {
            if self.gap > 0 {
                let silence = self.gap.min(FRAME - filled);
                self.gap -= silence;
                filled += silence;
                continue;
            }
            let Some(sentence) = self.queue.front_mut() else { break };
            let (samples, state) = match &mut sentence.sound {
                Sound::Whole(samples) => (&samples[..], State::Complete),
                Sound::Coming { samples, complete: true, .. } => (&samples[..], State::Complete),
                Sound::Coming { samples, deadline, .. } => {
                    if sentence.played < samples.len() {
                        *deadline = now + STALL;
                    }
                    (&samples[..], State::Due(*deadline))
                }
            };
            let take = (samples.len() - sentence.played).min(FRAME - filled);
            frame[filled..filled + take].copy_from_slice(&samples[sentence.played..sentence.played + take]);
            sentence.played += take;
            filled += take;
            interruptible = sentence.interruptible;
            match state {
                State::Complete if sentence.played == samples.len() => self.finish_sentence(),
                State::Due(deadline) if filled < FRAME && deadline <= now => self.finish_sentence(),
                State::Due(_) if filled < FRAME => {
                    if filled == 0 && !self.started {
                        return Sounding::Waiting;
                    }
                    break;
                }
                State::Complete | State::Due(_) => {}
            }
        }
        match (filled > 0, self.queue.is_empty(), self.started) {
            (true, false, _) | (false, false, true) => {
                Sounding::Speaking { first: !std::mem::replace(&mut self.started, true), interruptible }
            }
            (true, true, _) | (false, true, true) => {
                self.started = false;
                Sounding::Finished
            }
            (false, false, false) => Sounding::Waiting,
            (false, true, false) => Sounding::Idle,
        }
    }

    /// All of this go, said and still to be said.
    pub fn go(&self) -> String {
        let coming = self.queue.iter().map(|sentence| sentence.text.as_str());
        std::iter::once(self.said.as_str()).chain(coming).collect()
    }

    /// Whether anything is left to say.
    pub fn is_busy(&self) -> bool {
        !self.queue.is_empty()
    }

    /// Ends the go, wherever it is, and says what of it was heard.
    pub fn stop(&mut self) -> Said {
        let interrupted = !self.queue.is_empty();
        let mut text = std::mem::take(&mut self.said);
        if let Some(sentence) = self.queue.pop_front() {
            text.push_str(sentence.heard());
        }
        self.begin();
        Said { text, interrupted }
    }

    /// Ids of sentences that are still being rendered.
    pub fn pending(&self) -> impl Iterator<Item = u32> + '_ {
        self.queue.iter().filter_map(|s| match &s.sound {
            Sound::Coming { id, complete: false, .. } => Some(*id),
            Sound::Coming { .. } | Sound::Whole(_) => None,
        })
    }

    fn push(&mut self, text: &str, interruptible: bool, sound: Sound) {
        self.queue.push_back(Sentence { text: text.to_owned(), interruptible, sound, played: 0 });
    }

    fn finish_sentence(&mut self) {
        if let Some(done) = self.queue.pop_front().filter(|done| done.played > 0) {
            self.said.push_str(done.heard());
            self.gap = if self.queue.is_empty() { 0 } else { GAP };
        }
    }
}

enum State {
    Complete,
    Due(Micros),
}

impl Sentence {
    /// The part of the text that the played part of the sound stands for.
    fn heard(&self) -> &str {
        let total = match &self.sound {
            Sound::Whole(samples) => samples.len(),
            // Not all of it is known: Chinese is spoken at about four characters a second.
            Sound::Coming { samples, complete, .. } => {
                if *complete {
                    samples.len()
                } else {
                    samples.len().max(self.text.chars().count() * 2_000)
                }
            }
        };
        let count = self.text.chars().count();
        let heard = (count * self.played.min(total)).checked_div(total).unwrap_or(0);
        let end = self.text.char_indices().nth(heard).map_or(self.text.len(), |(at, _)| at);
        &self.text[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(mouth: &mut Mouth) -> (usize, Vec<i16>) {
        let mut heard = Vec::new();
        for tick in 0..1_000 {
            let mut frame = [0; FRAME];
            let state = mouth.tick(Micros::from_millis(tick * 20), &mut frame);
            heard.extend(frame);
            if matches!(state, Sounding::Finished | Sounding::Idle) {
                return (tick as usize + 1, heard);
            }
        }
        panic!("never finished");
    }

    #[test]
    fn sentences_follow_each_other_whole_with_a_gap() {
        let mut mouth = Mouth::default();
        mouth.say("一", true, vec![1; 250].into());
        mouth.say("二", true, vec![2; 250].into());
        let (ticks, heard) = drain(&mut mouth);
        assert_eq!(ticks, (250 + GAP + 250usize).div_ceil(FRAME));
        assert_eq!((heard[249], heard[250], heard[250 + GAP], heard[249 + GAP + 250]), (1, 0, 2, 2));
        assert_eq!(mouth.stop(), Said { text: "一二".into(), interrupted: false });
    }

    #[test]
    fn what_was_cut_off_is_told_by_its_share() {
        let mut mouth = Mouth::default();
        mouth.say("一二三四五六七八九十", true, vec![1; 1_600].into());
        for tick in 0..4 {
            mouth.tick(Micros::from_millis(tick * 20), &mut [0; FRAME]);
        }
        assert_eq!(mouth.stop(), Said { text: "一二三四".into(), interrupted: true });
    }

    #[test]
    fn a_sentence_that_never_comes_is_left_out() {
        let mut mouth = Mouth::default();
        mouth.say_later("迟", true, 7, Micros::from_millis(100));
        mouth.say("好", true, vec![5; 160].into());
        assert_eq!(mouth.tick(Micros::from_millis(0), &mut [0; FRAME]), Sounding::Waiting);
        assert_eq!(mouth.tick(Micros::from_millis(100), &mut [0; FRAME]), Sounding::Finished);
        assert!(!mouth.rendered(7, &[1], true));
        assert_eq!(mouth.stop().text, "好");
    }

    #[test]
    fn chunks_play_as_they_come() {
        let mut mouth = Mouth::default();
        mouth.say_later("你好", true, 7, Micros::from_millis(3_000));
        assert!(mouth.rendered(7, &[3; 160], false));
        let mut frame = [0; FRAME];
        assert_eq!(mouth.tick(Micros(0), &mut frame), Sounding::Speaking { first: true, interruptible: true });
        assert_eq!(frame[0], 3);
        assert_eq!(mouth.tick(Micros(1), &mut frame), Sounding::Speaking { first: false, interruptible: true });
        assert_eq!(frame[0], 0);
        assert!(mouth.rendered(7, &[4; 100], true));
        assert_eq!(mouth.tick(Micros(2), &mut frame), Sounding::Finished);
        assert_eq!((frame[99], frame[100]), (4, 0));
    }

    #[test]
    fn a_sentence_that_has_begun_waits_for_its_next_chunk_and_counts_for_what_was_heard_of_it() {
        let begun = || {
            let mut mouth = Mouth::default();
            mouth.say_later("一二三四五六七八九十", true, 7, Micros::from_millis(100));
            mouth.rendered(7, &[3; 8_000], false);
            let speaking = |tick: u64| (tick, mouth.tick(Micros::from_millis(tick * 20), &mut [0; FRAME]));
            let last = (0..52).map(speaking).last();
            assert_eq!(last, Some((51, Sounding::Speaking { first: false, interruptible: true })));
            mouth
        };
        let mut mouth = begun();
        assert!(mouth.rendered(7, &[4; 160], true), "the chunk is two ticks late");
        assert_eq!(mouth.tick(Micros::from_millis(1_040), &mut [0; FRAME]), Sounding::Finished);
        assert_eq!(mouth.stop().text, "一二三四五六七八九十");
        let mut mouth = begun();
        let after = |mouth: &mut Mouth, millis| mouth.tick(Micros::from_millis(millis), &mut [0; FRAME]);
        assert!(matches!(after(&mut mouth, 2_960), Sounding::Speaking { .. }));
        assert_eq!(after(&mut mouth, 2_980), Sounding::Finished);
        assert_eq!(mouth.stop().text, "一二三四");
    }
}
