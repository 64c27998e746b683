//! The folder where recordings wait for their upload: `<call>.<tenant>.part` while it grows, then `<call>.wav` with its
//! upload head in `<call>.json`, which is `<call>.new` until it is whole. [`Sink`] is the one place that writes recorded audio, so sealing it will happen there.

use super::wav;
use crate::config::write_whole;
use sha2::{Digest, Sha256};
use shared_proto::ids::{CallId, TenantId};
use shared_proto::wire::{RecordingInfo, Upload};
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Finished recordings, and those that were cut off by a crash.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: PathBuf,
}

impl Spool {
    pub fn open(folder: PathBuf) -> io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self { folder })
    }

    pub(super) fn begin(&self, call: CallId, tenant: TenantId) -> io::Result<Sink> {
        let part = self.folder.join(format!("{call}.{tenant}.part"));
        let mut file = File::create(&part)?;
        file.write_all(&wav::header(0))?;
        Ok(Sink { spool: self.clone(), call, tenant, part, file, bytes: 0 })
    }

    /// Recordings that are whole and not yet acknowledged, oldest first.
    pub fn finished(&self) -> io::Result<Vec<CallId>> {
        let mut calls = self.calls("json")?;
        calls.retain(|&call| self.path(call, "wav").exists());
        calls.sort();
        Ok(calls)
    }

    /// Makes whole what a crash cut off: what was said up to then is there. How many there were. One that cannot be, on a
    /// full disk, waits for the next start.
    pub fn salvage(&self) -> io::Result<usize> {
        let mut salvaged = 0;
        for (call, tenant, part) in self.parts()? {
            match self.make_whole(call, tenant, part) {
                Ok(whole) => salvaged += usize::from(whole),
                Err(error) => tracing::warn!(%call, %error, "a recording that was cut off cannot be made whole"),
            }
        }
        Ok(salvaged)
    }

    /// False where nothing was recorded yet.
    fn make_whole(&self, call: CallId, tenant: TenantId, part: PathBuf) -> io::Result<bool> {
        let file = File::options().write(true).open(&part)?;
        let frames = frames(&file.metadata()?);
        if frames == 0 {
            return Ok(false);
        }
        let bytes = frames * u64::from(wav::BLOCK);
        file.set_len(u64::from(wav::HEADER) + bytes)?;
        Sink { spool: self.clone(), call, tenant, part, file, bytes }.finish()?;
        Ok(true)
    }

    /// Removes what a crash or a full disk left half-made and nobody can use: a recording in which nothing is, or without
    /// its head, which was never told of.
    pub fn sweep(&self) -> io::Result<usize> {
        let empty = |part: &PathBuf| part.metadata().is_ok_and(|part| frames(&part) == 0);
        let mut cut: Vec<PathBuf> = self.parts()?.into_iter().map(|(_, _, part)| part).filter(empty).collect();
        cut.extend(self.calls("new")?.into_iter().map(|call| self.path(call, "new")));
        let headless = self.calls("wav")?.into_iter().filter(|&call| !self.path(call, "json").exists());
        cut.extend(headless.map(|call| self.path(call, "wav")));
        for path in &cut {
            if let Err(error) = std::fs::remove_file(path) {
                tracing::warn!(%error, path = %path.display(), "half a recording cannot be removed");
            }
        }
        Ok(cut.len())
    }

    /// A call's recording where it is whole.
    pub fn whole(&self, call: CallId) -> Option<RecordingInfo> {
        let head = self.head(call).ok()?;
        self.audio(call).exists().then_some(head.info)
    }

    pub fn head(&self, call: CallId) -> io::Result<Upload> {
        let bytes = std::fs::read(self.path(call, "json"))?;
        serde_json::from_slice(&bytes).map_err(io::Error::other)
    }

    pub fn audio(&self, call: CallId) -> PathBuf {
        self.path(call, "wav")
    }

    /// Forgets a recording that belongs to nobody, however much of it there is.
    pub fn remove(&self, call: CallId) {
        let parts = self.parts().unwrap_or_default().into_iter().filter(|(of, _, _)| *of == call);
        self.delete(parts.map(|(_, _, part)| part).chain([self.path(call, "new")]));
        self.remove_whole(call);
    }

    /// Forgets a whole recording, which the control plane has.
    pub fn remove_whole(&self, call: CallId) {
        self.delete(["json", "wav"].map(|extension| self.path(call, extension)));
    }

    fn delete(&self, paths: impl IntoIterator<Item = PathBuf>) {
        for path in paths {
            match std::fs::remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!(%error, path = %path.display(), "a spooled file cannot be removed"),
            }
        }
    }

    fn calls(&self, extension: &str) -> io::Result<Vec<CallId>> {
        let mut calls = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|found| found == extension)
                && let Some(call) = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok())
            {
                calls.push(call);
            }
        }
        Ok(calls)
    }

    /// Recordings that grow, or grew when a process died.
    fn parts(&self) -> io::Result<Vec<(CallId, TenantId, PathBuf)>> {
        let mut parts = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let stem = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".part"));
            if let Some((call, tenant)) = stem.and_then(|stem| stem.split_once('.'))
                && let (Ok(call), Ok(tenant)) = (call.parse(), tenant.parse())
            {
                parts.push((call, tenant, path));
            }
        }
        Ok(parts)
    }

    fn path(&self, call: CallId, extension: &str) -> PathBuf {
        self.folder.join(format!("{call}.{extension}"))
    }
}

/// One recording being written.
#[derive(Debug)]
pub(super) struct Sink {
    spool: Spool,
    call: CallId,
    tenant: TenantId,
    part: PathBuf,
    file: File,
    bytes: u64,
}

impl Sink {
    /// Appends interleaved stereo samples, little-endian.
    pub fn write(&mut self, audio: &[u8]) -> io::Result<()> {
        self.file.write_all(audio)?;
        self.bytes += audio.len() as u64;
        Ok(())
    }

    /// Makes the recording whole, durable and ready for upload.
    pub fn finish(mut self) -> io::Result<RecordingInfo> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&wav::header(self.bytes))?;
        self.file.sync_all()?;
        let (sha256, bytes) = digest(&self.part)?;
        let info = RecordingInfo { sha256, bytes, duration_ms: wav::duration_ms(self.bytes) };
        let head = Upload { call: self.call, tenant: self.tenant, info: info.clone() };
        // The head first: where it cannot be written, the recording stays one that can be made whole.
        write_whole(&self.spool.path(self.call, "json"), &serde_json::to_vec(&head)?)?;
        std::fs::rename(&self.part, self.spool.path(self.call, "wav"))?;
        File::open(&self.spool.folder)?.sync_all()?;
        Ok(info)
    }
}

/// What a growing recording holds.
fn frames(part: &Metadata) -> u64 {
    part.len().saturating_sub(wav::HEADER.into()) / u64::from(wav::BLOCK)
}

fn digest(path: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 64 * 1024];
    let mut bytes = 0;
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok((hex::encode(hasher.finalize()), bytes)),
            n => {
                hasher.update(&chunk[..n]);
                bytes += n as u64;
            }
        }
    }
}
