//! What the bot will say, rendered before it is needed: fixed sentences once per flow version and kept on disk,
//! a contact's own sentences in memory only.

use dialogue::{Prompt, Script};
use shared_proto::flow::Flow;
use shared_proto::ids::VersionId;
use speech::{PromptCache, Speech, VoiceSettings};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// 8 kHz samples of one sentence.
pub type Sound = Arc<[i16]>;
/// Sentences by their text.
pub type Sounds = BTreeMap<String, Sound>;

/// Sentences of one version that are rendered at the same time, as far as speech has workers for them.
const AT_ONCE: usize = 4;

/// Renders for this edge.
#[derive(Clone)]
pub struct Prompts {
    speech: Speech,
    cache: Arc<PromptCache>,
}

/// One immutable version of a script, and its fixed sentences once they are rendered.
pub struct Version {
    pub id: VersionId,
    pub flow: Arc<Flow>,
    pub script: Arc<Script>,
    pub voice: VoiceSettings,
    fixed: OnceCell<Arc<Sounds>>,
}

#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    #[error(transparent)]
    Speech(#[from] speech::SpeechError),
    #[error("the rendering thread ended: {0}")]
    Thread(#[from] tokio::task::JoinError),
    #[error("a rendering thread panicked")]
    Panicked,
}

impl Version {
    /// Reads a flow as it comes over the wire.
    pub fn read(id: VersionId, flow: serde_json::Value) -> Result<Self, serde_json::Error> {
        let flow: Flow = serde_json::from_value(flow)?;
        let voice = VoiceSettings {
            // A voice this edge does not have is spoken by the one it has.
            voice: flow.voice.name.parse().unwrap_or_default(),
            speed: flow.voice.speed,
            volume: flow.voice.volume,
            ..VoiceSettings::default()
        };
        let flow = Arc::new(flow);
        Ok(Self { id, script: Script::new(flow.clone()), flow, voice, fixed: OnceCell::new() })
    }

    /// The same version without its sound, which is found on disk again when it is wanted.
    pub fn silent(&self) -> Self {
        Self {
            id: self.id,
            flow: self.flow.clone(),
            script: self.script.clone(),
            voice: self.voice,
            fixed: OnceCell::new(),
        }
    }

    #[cfg(test)]
    pub fn is_rendered(&self) -> bool {
        self.fixed.initialized()
    }
}

impl Prompts {
    pub fn open(folder: &Path, speech: Speech) -> std::io::Result<Self> {
        let cache = Arc::new(PromptCache::open(folder, speech.engine_version())?);
        Ok(Self { speech, cache })
    }

    /// The version's fixed sentences. The first caller renders what the disk does not have; the others wait for it.
    pub async fn fixed(&self, version: &Version) -> Result<Arc<Sounds>, PromptError> {
        let render = || async {
            let wanted = dialogue::prompts(&version.flow, &BTreeMap::new()).fixed;
            let (this, voice) = (self.clone(), version.voice);
            let sounds = tokio::task::spawn_blocking(move || this.kept(&wanted, voice)).await??;
            Ok(Arc::new(sounds))
        };
        version.fixed.get_or_try_init(render).await.cloned()
    }

    /// Sentences that hold a contact's data: rendered anew, never kept.
    pub async fn own(&self, wanted: Vec<Prompt>, voice: VoiceSettings) -> Result<Sounds, PromptError> {
        if wanted.is_empty() {
            return Ok(Sounds::new());
        }
        let speech = self.speech.clone();
        let render = move || {
            let one = |prompt: Prompt| Ok((prompt.text.clone(), speech.synthesize(&prompt.text, voice)?.into()));
            wanted.into_iter().map(one).collect::<Result<Sounds, PromptError>>()
        };
        tokio::task::spawn_blocking(render).await?
    }

    /// Sounds from the disk, or rendered and put there; several at once, because a first job waits for them.
    fn kept(&self, wanted: &[Prompt], voice: VoiceSettings) -> Result<Sounds, PromptError> {
        let share = wanted.len().div_ceil(AT_ONCE).max(1);
        std::thread::scope(|scope| {
            let parts: Vec<_> =
                wanted.chunks(share).map(|texts| scope.spawn(move || self.some(texts, voice))).collect();
            parts.into_iter().try_fold(Sounds::new(), |mut sounds, part| {
                sounds.extend(part.join().map_err(|_| PromptError::Panicked)??);
                Ok(sounds)
            })
        })
    }

    fn some(&self, wanted: &[Prompt], voice: VoiceSettings) -> Result<Sounds, PromptError> {
        wanted.iter().map(|prompt| Ok((prompt.text.clone(), self.one(prompt, voice)?))).collect()
    }

    fn one(&self, prompt: &Prompt, voice: VoiceSettings) -> Result<Sound, PromptError> {
        let key = self.cache.key(&prompt.text, &voice);
        if let Some(sound) = self.cache.get(&key) {
            return Ok(sound);
        }
        let samples = self.speech.synthesize(&prompt.text, voice)?;
        match self.cache.put(&key, samples.clone()) {
            Ok(sound) => Ok(sound),
            Err(error) => {
                tracing::warn!(%error, "a rendered prompt cannot be kept on disk; it stays in memory");
                Ok(samples.into())
            }
        }
    }
}
