//! The disk under the data folder: how much room the last look found, and what may still be done with it.
//! Recordings stop before the journal has to.

use crate::config::Limits;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Clones share what was found.
#[derive(Debug, Clone)]
pub struct Disk {
    folder: PathBuf,
    room_for_jobs: u64,
    room_for_recordings: u64,
    found: Arc<Found>,
}

#[derive(Debug, Default)]
struct Found {
    free_bytes: AtomicU64,
    recordings_fail: AtomicBool,
}

/// So few names left are a full disk too.
const FEWEST_FILES: u64 = 1_000;

impl Disk {
    /// The disk of an existing folder, looked at once.
    pub fn under(folder: &Path, limits: &Limits) -> Self {
        let disk = Self {
            folder: folder.to_owned(),
            room_for_jobs: limits.room_for_jobs,
            room_for_recordings: limits.room_for_recordings,
            found: Arc::default(),
        };
        disk.look();
        disk
    }

    /// Looks how much is free. A folder that cannot be asked has no room.
    pub fn look(&self) {
        let free = free_bytes(&self.folder).unwrap_or_else(|error| {
            tracing::debug!(%error, folder = %self.folder.display(), "the disk cannot be asked for its room");
            0
        });
        self.found.free_bytes.store(free, Relaxed);
    }

    pub fn free_bytes(&self) -> u64 {
        self.found.free_bytes.load(Relaxed)
    }

    pub fn takes_jobs(&self) -> bool {
        self.free_bytes() >= self.room_for_jobs
    }

    pub fn takes_recordings(&self) -> bool {
        self.free_bytes() >= self.room_for_recordings
    }

    /// Notes whether the last recording could be written.
    pub fn recorded(&self, written: bool) {
        self.found.recordings_fail.store(!written, Relaxed);
    }

    pub fn recordings_fail(&self) -> bool {
        self.found.recordings_fail.load(Relaxed)
    }
}

fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    // A file system that does not count its files says that it has none.
    let nameless = disk.f_files > 0 && disk.f_favail < FEWEST_FILES;
    Ok(if nameless { 0 } else { disk.f_bavail.saturating_mul(disk.f_frsize) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(folder: &Path, room_for_jobs: u64, room_for_recordings: u64) -> Disk {
        Disk::under(folder, &Limits { room_for_jobs, room_for_recordings, ..Limits::default() })
    }

    #[test]
    fn jobs_stop_before_recordings_and_both_before_the_disk_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let takes = |jobs, recordings| {
            let disk = disk(folder.path(), jobs, recordings);
            (disk.takes_jobs(), disk.takes_recordings())
        };
        assert_eq!(
            [takes(1, 1), takes(u64::MAX, 1), takes(u64::MAX, u64::MAX)],
            [(true, true), (false, true), (false, false)]
        );
        let limits = Limits::default();
        assert!(limits.room_for_jobs > limits.room_for_recordings);
    }

    #[test]
    fn a_folder_that_is_gone_has_no_room() {
        let folder = tempfile::tempdir().unwrap();
        let disk = disk(folder.path(), 1, 1);
        folder.close().unwrap();
        disk.look();
        assert!(!disk.takes_jobs() && !disk.takes_recordings());
    }
}
