//! Recognition with Whisper, made cheap: greedy, a context cut to the utterance, a token cap.

pub(crate) mod clean;

use std::ffi::c_int;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperState};

use crate::SAMPLE_RATE;
use crate::audio::{RateConverter, amplify, speech_dbfs, to_float};
use crate::config::existing;
use crate::error::SpeechError;
use crate::job::{Cancel, Language};

/// The weights, shared by all recognisers.
#[derive(Clone)]
pub(crate) struct WhisperModel {
    context: Arc<WhisperContext>,
    /// Leaked once per loaded model: the parameters borrow it for as long as the process lives.
    prompt: &'static [c_int],
    cores: Cores,
}

/// The cores of this machine, shared by the recognitions under way: one alone gets several of them and is heard sooner
/// (two threads took 0.57 of the time of one for 1.08 of its CPU time); where many wait, each has its own.
#[derive(Clone)]
struct Cores {
    count: usize,
    at_work: Arc<AtomicUsize>,
}

/// A recognition's share of the cores, given back when it is dropped.
struct Share<'a> {
    cores: &'a Cores,
    threads: c_int,
}

/// More threads than this mostly wait for each other.
const MOST_THREADS: usize = 4;

impl Cores {
    fn of_this_machine() -> Cores {
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        Cores { count, at_work: Arc::default() }
    }

    fn take(&self) -> Share<'_> {
        let at_work = self.at_work.fetch_add(1, Ordering::Relaxed) + 1;
        let threads = (self.count / at_work).clamp(1, MOST_THREADS);
        Share { cores: self, threads: threads as c_int }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.cores.at_work.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One thread's working memory.
pub(crate) struct Recogniser {
    state: WhisperState,
    converter: RateConverter,
    mandarin: FullParams<'static, 'static>,
    english: FullParams<'static, 'static>,
    cores: Cores,
    under_way: UnderWay,
}

/// What calls off the recognition under way. The library asks between its steps.
type UnderWay = Arc<Mutex<Cancel>>;

const FILE: &str = "whisper-base-bf16.bin";
/// Whisper's base model at two bytes a weight has 146 MB.
const LEAST_BYTES: u64 = 140_000_000;
const RATE: usize = 16_000;
/// The encoder's frames per second.
const FRAMES_PER_S: f32 = 50.0;
/// Shorter contexts make the decoder repeat itself (docs/adr: measured 0.206 at 256 against 0.096 at 512).
const CONTEXT_FLOOR: c_int = 512;
const CONTEXT_FULL: c_int = 1_500;
/// Room after the utterance that the encoder sees as silence.
const CONTEXT_TAIL: c_int = 64;
/// Whisper rejects less than a second.
const SHORTEST: usize = RATE + RATE / 10;
/// Nobody speaks more tokens than this in a second; what is beyond is the decoder looping.
const TOKENS_PER_S: f32 = 10.0;
const TOKENS_BASE: c_int = 8;
/// Steers the decoder to simplified characters with punctuation. A list of likely words behind it lowered the error
/// rate of `speech-bench` from 0.107 to 0.094, but now and then the decoder went on reading the list after a sentence,
/// and invented words are worse than misheard ones.
const PROMPT: &str = "以下是普通话的句子。";
const PROMPT_TOKENS: usize = 64;
/// Quieter utterances are brought up to this level, by a factor of 8 at most.
const LEVEL_DBFS: f32 = -23.0;
/// Below this nobody speaks, whatever the VAD thought; the model would invent a sentence.
const QUIET_DBFS: f32 = -55.0;
/// The model's own doubt that there was speech, which counts when it was also unsure of its words.
const DOUBT: f32 = 0.6;
const UNSURE: f32 = 0.5;

impl WhisperModel {
    pub fn load(models: &Path) -> Result<WhisperModel, SpeechError> {
        let path = existing(models, FILE)?;
        // The library takes a file that ends before its first tensor for an empty model, which hears nothing.
        let bytes = path.metadata().map_or(0, |file| file.len());
        if bytes < LEAST_BYTES {
            return Err(SpeechError::ModelBroken { path, reason: format!("it ends after {bytes} bytes") });
        }
        // Without a sink the library's messages go nowhere.
        whisper_rs::install_logging_hooks();
        let context = WhisperContext::new_with_params(&path, WhisperContextParameters::default())
            .map_err(|error| SpeechError::ModelBroken { path, reason: error.to_string() })?;
        let prompt = context.tokenize(PROMPT, PROMPT_TOKENS)?.leak();
        Ok(WhisperModel { context: Arc::new(context), prompt, cores: Cores::of_this_machine() })
    }

    pub fn recogniser(&self) -> Result<Recogniser, SpeechError> {
        let under_way = UnderWay::default();
        let mut mandarin = parameters("zh", &under_way);
        mandarin.set_tokens(self.prompt);
        Ok(Recogniser {
            state: self.context.create_state()?,
            converter: RateConverter::new(SAMPLE_RATE as usize, RATE)?,
            mandarin,
            english: parameters("en", &under_way),
            under_way,
            cores: self.cores.clone(),
        })
    }
}

/// Made once per recogniser and cloned: each `set_language` leaks its copy of the name, and each callback itself.
fn parameters(language: &'static str, under_way: &UnderWay) -> FullParams<'static, 'static> {
    let mut params = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
    params.set_language(Some(language));
    params.set_translate(false);
    params.set_no_context(true);
    params.set_single_segment(true);
    params.set_suppress_blank(true);
    params.set_suppress_nst(true);
    // A second decoding at a higher temperature would cost as much as the first.
    params.set_temperature(0.0);
    params.set_temperature_inc(0.0);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_special(false);
    params.set_print_timestamps(false);
    let under_way = under_way.clone();
    // The library calls it through a pointer to a boxed closure: it must be one already.
    let called_off: Box<dyn FnMut() -> bool> = Box::new(move || lock(&under_way).is_off());
    params.set_abort_callback_safe::<_, Box<dyn FnMut() -> bool>>(called_off);
    params
}

fn lock(under_way: &UnderWay) -> std::sync::MutexGuard<'_, Cancel> {
    under_way.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recogniser {
    /// Text and mean token probability; the text is empty when nothing usable was heard.
    /// Called off, it stops with an error.
    pub fn recognise(
        &mut self,
        samples: &[i16],
        language: Language,
        cancel: &Cancel,
    ) -> Result<(String, f32), SpeechError> {
        *lock(&self.under_way) = cancel.clone();
        let mut audio = self.converter.convert(to_float(samples))?;
        let level = speech_dbfs(&audio);
        if level < QUIET_DBFS {
            return Ok((String::new(), 0.0));
        }
        if level < LEVEL_DBFS {
            amplify(&mut audio, 10f32.powf((LEVEL_DBFS - level) / 20.0).min(8.0));
        }
        let seconds = audio.len() as f32 / RATE as f32;
        audio.resize(audio.len().max(SHORTEST), 0.0);
        let mut params = match language {
            Language::Mandarin => self.mandarin.clone(),
            Language::English => self.english.clone(),
        };
        let context = (seconds * FRAMES_PER_S) as c_int + CONTEXT_TAIL;
        params.set_audio_ctx(context.clamp(CONTEXT_FLOOR, CONTEXT_FULL));
        params.set_max_tokens(TOKENS_BASE + (seconds * TOKENS_PER_S) as c_int);
        let share = self.cores.take();
        params.set_n_threads(share.threads);
        self.state.full(params, &audio)?;
        drop(share);
        let (mut text, mut sum, mut count, mut doubt) = (String::new(), 0.0, 0, 0.0f32);
        for segment in self.state.as_iter() {
            text.push_str(&segment.to_str_lossy()?);
            doubt = doubt.max(segment.no_speech_probability());
            for token in (0..segment.n_tokens()).filter_map(|n| segment.get_token(n)) {
                sum += token.token_probability();
                count += 1;
            }
        }
        let confidence = if count == 0 { 0.0 } else { sum / count as f32 };
        if doubt > DOUBT && confidence < UNSURE {
            text.clear();
        }
        Ok((clean::usable(&text, language, PROMPT), confidence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognitions_share_the_cores() {
        let cores = Cores { count: 4, at_work: Arc::default() };
        let one = cores.take();
        let two = cores.take();
        let three = cores.take();
        assert_eq!([one.threads, two.threads, three.threads], [4, 2, 1]);
        drop((one, two));
        assert_eq!(cores.take().threads, 2);
    }
}
