//! Rendered sentences kept for later. Fixed ones lie on disk under a folder, named by everything that changes
//! their sound; sentences with a customer's data live in memory with their call and never touch the disk.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use crate::job::VoiceSettings;

/// Fixed prompts on disk, and the recently used ones in memory too. Shared by all calls of an edge.
pub struct PromptCache {
    folder: PathBuf,
    engine: String,
    memory: Mutex<Memory>,
}

/// Names a sentence spoken by a voice through an engine. Its text cannot be read back from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PromptKey([u8; 32]);

/// Sentences of one call that hold a customer's data: dropped with the call.
#[derive(Default)]
pub struct CallPrompts {
    sounds: HashMap<PromptKey, Arc<[i16]>>,
}

#[derive(Default)]
struct Memory {
    sounds: HashMap<PromptKey, (u64, Arc<[i16]>)>,
    samples: usize,
    clock: u64,
}

/// 32 MB of prompts stay in memory, about half an hour of speech.
const MEMORY_SAMPLES: usize = 16 * 1024 * 1024;
const MAGIC: &[u8; 8] = b"bbprompt";
const HEADER: usize = MAGIC.len() + 32;

impl PromptCache {
    /// `engine` is `Speech::engine_version()`.
    pub fn open(folder: impl Into<PathBuf>, engine: &str) -> io::Result<PromptCache> {
        let folder = folder.into();
        fs::create_dir_all(&folder)?;
        Ok(PromptCache { folder, engine: engine.to_owned(), memory: Mutex::default() })
    }

    pub fn key(&self, text: &str, voice: &VoiceSettings) -> PromptKey {
        let voice = voice.held();
        let mut hash = Sha256::new();
        for part in [self.engine.as_bytes(), voice.voice.as_str().as_bytes(), text.as_bytes()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        for value in [voice.speed, voice.pitch, voice.volume] {
            // Thousandths: a setting that went through JSON stays the same prompt.
            hash.update(((value * 1000.0).round() as i64).to_le_bytes());
        }
        PromptKey(hash.finalize().into())
    }

    /// The sound, if it is there and whole. A damaged file is removed, so that the prompt is rendered again.
    pub fn get(&self, key: &PromptKey) -> Option<Arc<[i16]>> {
        if let Some(sound) = self.memory().get(key) {
            return Some(sound);
        }
        let path = self.path(key);
        let bytes = fs::read(&path).ok()?;
        match decode(&bytes) {
            Some(sound) => {
                let sound: Arc<[i16]> = sound.into();
                self.memory().put(*key, sound.clone());
                Some(sound)
            }
            None => {
                tracing::warn!(prompt = %key.hex(), "a prompt file is damaged and will be rendered again");
                drop(fs::remove_file(&path));
                None
            }
        }
    }

    /// Keeps a rendered prompt on disk; a reader sees the whole file or none.
    pub fn put(&self, key: &PromptKey, samples: Vec<i16>) -> io::Result<Arc<[i16]>> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)?;
        let part = folder.join(format!("{}.{:?}.part", key.hex(), std::thread::current().id()));
        let written = write_whole(&part, &samples).and_then(|()| fs::rename(&part, &path));
        if let Err(error) = written {
            drop(fs::remove_file(&part));
            return Err(error);
        }
        let sound: Arc<[i16]> = samples.into();
        self.memory().put(*key, sound.clone());
        Ok(sound)
    }

    fn path(&self, key: &PromptKey) -> PathBuf {
        let name = key.hex();
        self.folder.join(&name[..2]).join(name)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PromptKey {
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }
}

impl CallPrompts {
    pub fn get(&self, key: &PromptKey) -> Option<Arc<[i16]>> {
        self.sounds.get(key).cloned()
    }

    pub fn put(&mut self, key: PromptKey, samples: Vec<i16>) -> Arc<[i16]> {
        let sound: Arc<[i16]> = samples.into();
        self.sounds.insert(key, sound.clone());
        sound
    }
}

impl Memory {
    fn get(&mut self, key: &PromptKey) -> Option<Arc<[i16]>> {
        self.clock += 1;
        let (used, sound) = self.sounds.get_mut(key)?;
        *used = self.clock;
        Some(sound.clone())
    }

    fn put(&mut self, key: PromptKey, sound: Arc<[i16]>) {
        self.clock += 1;
        self.samples += sound.len();
        if let Some((_, old)) = self.sounds.insert(key, (self.clock, sound)) {
            self.samples -= old.len();
        }
        while self.samples > MEMORY_SAMPLES && self.sounds.len() > 1 {
            let oldest = self.sounds.iter().min_by_key(|(_, (used, _))| *used).map(|(key, _)| *key);
            if let Some((_, old)) = oldest.and_then(|key| self.sounds.remove(&key)) {
                self.samples -= old.len();
            }
        }
    }
}

fn write_whole(path: &Path, samples: &[i16]) -> io::Result<()> {
    let body: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let mut file = fs::File::create(path)?;
    file.write_all(MAGIC)?;
    file.write_all(&Sha256::digest(&body))?;
    file.write_all(&body)?;
    file.sync_all()
}

fn decode(bytes: &[u8]) -> Option<Vec<i16>> {
    let (magic, rest) = bytes.split_at_checked(MAGIC.len())?;
    let (sum, body) = rest.split_at_checked(HEADER - MAGIC.len())?;
    let whole = magic == MAGIC && body.len() % 2 == 0 && sum == Sha256::digest(body).as_slice();
    whole.then(|| body.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let first = PromptCache::open(folder.path(), "e1").unwrap();
        let key = first.key("您好", &VoiceSettings::default());
        assert_eq!(first.get(&key), None);
        first.put(&key, vec![1, -2, 3]).unwrap();
        let second = PromptCache::open(folder.path(), "e1").unwrap();
        assert_eq!(second.get(&key).as_deref(), Some([1, -2, 3].as_slice()));
    }

    #[test]
    fn whatever_changes_the_sound_changes_the_key() {
        let folder = tempfile::tempdir().unwrap();
        let cache = PromptCache::open(folder.path(), "e1").unwrap();
        let voice = VoiceSettings::default();
        let mut keys = vec![
            cache.key("您好", &voice),
            cache.key("您好。", &voice),
            cache.key("您好", &VoiceSettings { speed: 1.1, ..voice }),
            cache.key("您好", &VoiceSettings { volume: 1.1, ..voice }),
            cache.key("您好", &VoiceSettings { pitch: 1.1, ..voice }),
            PromptCache::open(folder.path(), "e2").unwrap().key("您好", &voice),
        ];
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 6);
    }

    #[test]
    fn a_damaged_file_is_removed_and_asked_for_again() {
        let folder = tempfile::tempdir().unwrap();
        let cache = PromptCache::open(folder.path(), "e1").unwrap();
        let key = cache.key("您好", &VoiceSettings::default());
        cache.put(&key, vec![5; 100]).unwrap();
        let path = cache.path(&key);
        let mut bytes = fs::read(&path).unwrap();
        bytes[60] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let fresh = PromptCache::open(folder.path(), "e1").unwrap();
        assert_eq!(fresh.get(&key), None);
        assert!(!path.exists());
    }

    #[test]
    fn memory_stays_within_its_bound() {
        let mut memory = Memory::default();
        for n in 0..40u8 {
            memory.put(PromptKey([n; 32]), vec![0; 1024 * 1024].into());
        }
        assert!(memory.samples <= MEMORY_SAMPLES);
        assert!(memory.get(&PromptKey([39; 32])).is_some() && memory.get(&PromptKey([0; 32])).is_none());
    }
}
