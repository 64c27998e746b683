//! The flow versions this edge has been sent. Each comes once per connection, so its flow is kept; the sound of its fixed
//! sentences is large, lies on disk too, and stays in memory for the last few versions in use. Live calls hold their own.

use crate::prompts::Version;
use shared_proto::ids::VersionId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Versions whose sound stays in memory without a call that holds it.
const KEPT: usize = 4;

#[derive(Default)]
pub struct Versions {
    known: BTreeMap<VersionId, Arc<Version>>,
    /// The last few in use, the latest last.
    recent: Vec<VersionId>,
}

impl Versions {
    pub fn knows(&self, id: VersionId) -> bool {
        self.known.contains_key(&id)
    }

    /// Keeps a version that came over the wire.
    pub fn learn(&mut self, version: Version) -> Arc<Version> {
        let version = Arc::new(version);
        self.known.insert(version.id, version.clone());
        self.used(version.id);
        version
    }

    /// The version for a call.
    pub fn take(&mut self, id: VersionId) -> Option<Arc<Version>> {
        let version = self.known.get(&id)?.clone();
        self.used(id);
        Some(version)
    }

    fn used(&mut self, id: VersionId) {
        self.recent.retain(|&other| other != id);
        self.recent.push(id);
        if self.recent.len() > KEPT {
            let oldest = self.recent.remove(0);
            if let Some(version) = self.known.get_mut(&oldest) {
                *version = Arc::new(version.silent());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompts::Prompts;
    use serde_json::json;
    use speech::{Script, Speech, SpeechConfig};

    fn version(n: u128) -> Version {
        let flow = json!({
            "schema": 1, "start": "bye", "nodes": [{"kind": "closing", "key": "bye", "text": format!("第{n}句")}],
            "silence": {"replies": [], "then": "bye"}, "not_understood": {"replies": [], "then": "bye"},
            "opt_out": {"reply": "好的"},
            "limits": {"max_turns": 5, "max_duration_s": 60, "wait_ms": 5000, "goodbye": "bye"}
        });
        Version::read(VersionId::new(1, n), flow).unwrap()
    }

    #[tokio::test]
    async fn only_the_last_few_versions_keep_their_sound_and_the_others_get_it_back_when_used() {
        let folder = tempfile::tempdir().unwrap();
        let speech = Speech::open(SpeechConfig::scripted(Script::default())).unwrap();
        let prompts = Prompts::open(folder.path(), speech).unwrap();
        let mut versions = Versions::default();
        let mut first = None;
        for n in 0..=KEPT as u128 {
            let version = versions.learn(version(n));
            prompts.fixed(&version).await.unwrap();
            first.get_or_insert(version);
        }
        let loud = |versions: &Versions| versions.known.values().filter(|version| version.is_rendered()).count();
        assert_eq!((versions.known.len(), loud(&versions)), (KEPT + 1, KEPT));
        assert!(first.unwrap().is_rendered(), "a call that holds the version goes on with its sound");
        let again = versions.take(VersionId::new(1, 0)).unwrap();
        assert!(prompts.fixed(&again).await.unwrap().contains_key("第0句"));
        assert_eq!(loud(&versions), KEPT);
        assert!(versions.take(VersionId::new(9, 9)).is_none());
    }
}
