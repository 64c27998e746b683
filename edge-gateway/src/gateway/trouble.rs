//! What a person must mend at this edge: it is told with the capacity, and new jobs are refused where they could not be kept.

use super::{Gateway, JournalState};
use shared_proto::wire::Trouble;

/// Why this trouble lets no job in; `None` where calls go on.
pub fn no_jobs(trouble: Trouble) -> Option<&'static str> {
    match trouble {
        Trouble::DiskFull => Some("the disk of the edge's data folder is nearly full"),
        Trouble::Journal => Some("the edge's journal cannot be written"),
        Trouble::Recordings | Trouble::Recogniser => None,
    }
}

impl Gateway {
    pub(super) fn trouble(&self) -> Option<Trouble> {
        match self.journal_state {
            JournalState::Failing => Some(Trouble::Journal),
            JournalState::Sound if !self.disk.takes_jobs() => Some(Trouble::DiskFull),
            JournalState::Sound if self.disk.recordings_fail() => Some(Trouble::Recordings),
            JournalState::Sound => self.admission.is_late().then_some(Trouble::Recogniser),
        }
    }

    /// Looks at the disk and at the recogniser; trouble that comes or goes is logged and told at once.
    pub(super) fn look_for_trouble(&mut self) {
        self.disk.look();
        self.admission.widen(self.clock.unix_ms());
        let trouble = self.trouble();
        if trouble == self.trouble {
            return;
        }
        self.trouble = trouble;
        let free_bytes = self.disk.free_bytes();
        match trouble {
            None => tracing::info!(free_bytes, "the edge's trouble is over"),
            Some(Trouble::DiskFull) => {
                tracing::error!(free_bytes, "no new jobs are taken, calls in progress go on: free the disk");
            }
            Some(Trouble::Recogniser) => {
                let conversations = self.admission.kept_up();
                tracing::error!(conversations, "recognition is late: fewer calls are taken until it keeps up");
            }
            Some(trouble @ (Trouble::Journal | Trouble::Recordings)) => {
                tracing::error!(free_bytes, ?trouble, "the data folder's disk does not take what is written: mend it");
            }
        }
        self.tell_capacity();
    }
}
