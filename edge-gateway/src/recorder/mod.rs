//! Writes the calls' recordings on threads of its own, so that no shard waits for a disk.
//! A recording that fails is dropped and counted; its call goes on.

mod spool;
mod wav;

pub use spool::Spool;

use crate::disk::Disk;
use crate::stats::EdgeStats;
use crossbeam_channel::{Receiver, Sender, unbounded};
use shared_proto::ids::{CallId, TenantId};
use shared_proto::wire::RecordingInfo;
use spool::Sink;
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread::JoinHandle;

/// Audio is handed over in pieces of this many bytes: half a second.
const PIECE: usize = 16_000;
/// Pieces that may wait for the disk: a few seconds of several hundred calls.
const WAITING: usize = 4_096;

/// The recorder's door; clones share the threads. Leaving something here never waits.
#[derive(Debug, Clone)]
pub struct Recorder {
    orders: Sender<Order>,
    /// Pieces on their way: what bounds the queue, for each call brings one order more at most.
    waiting: Arc<AtomicUsize>,
}

/// Called on a thread of the recorder with the finished recording, or `None` where it was lost.
pub type Done = Box<dyn FnOnce(Option<RecordingInfo>) + Send>;

enum Order {
    Piece { call: CallId, tenant: TenantId, audio: Vec<u8> },
    Finish { call: CallId, done: Done },
    Discard { call: CallId },
}

impl Recorder {
    /// Starts the threads: one appends what comes, one makes ended recordings durable, which takes long. They end,
    /// everything written, when the last handle goes.
    pub fn start(spool: Spool, disk: Disk, stats: EdgeStats) -> io::Result<(Self, JoinHandle<()>)> {
        let (orders, inbox) = unbounded();
        let (ended, ending) = unbounded();
        let waiting = Arc::new(AtomicUsize::new(0));
        let keeper = Keeper { spool, disk, stats };
        let mut writer = Writer { keeper: keeper.clone(), waiting: waiting.clone(), open: BTreeMap::new() };
        let finisher = std::thread::Builder::new().name("recorder-end".into()).spawn(move || keeper.finish(&ending))?;
        let thread = std::thread::Builder::new().name("recorder".into()).spawn(move || {
            writer.run(&inbox, &ended);
            drop(ended);
            if finisher.join().is_err() {
                tracing::error!("the thread that finishes recordings panicked");
            }
        })?;
        Ok((Self { orders, waiting }, thread))
    }

    /// Takes a piece unless the disk is seconds behind.
    fn piece(&self, call: CallId, tenant: TenantId, audio: Vec<u8>) -> bool {
        if self.waiting.load(Relaxed) >= WAITING {
            return false;
        }
        self.waiting.fetch_add(1, Relaxed);
        self.orders.send(Order::Piece { call, tenant, audio }).is_ok()
    }
}

/// One call's side of the recorder: gathers frames and hands them over. Owned by the call's shard.
#[derive(Debug)]
pub struct Track {
    recorder: Recorder,
    call: CallId,
    tenant: TenantId,
    piece: Vec<u8>,
    state: TrackState,
}

#[derive(Debug, PartialEq, Eq)]
enum TrackState {
    Empty,
    Running,
    Lost,
}

impl Track {
    pub fn new(recorder: Recorder, call: CallId, tenant: TenantId) -> Self {
        Self { recorder, call, tenant, piece: Vec::new(), state: TrackState::Empty }
    }

    /// Adds interleaved stereo: left the customer, right the bot.
    pub fn write(&mut self, samples: &[i16]) {
        match self.state {
            TrackState::Lost => {}
            TrackState::Empty | TrackState::Running => {
                self.state = TrackState::Running;
                self.piece.reserve(PIECE);
                self.piece.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
                if self.piece.len() >= PIECE {
                    self.hand_over();
                }
            }
        }
    }

    fn hand_over(&mut self) {
        let audio = std::mem::take(&mut self.piece);
        if !self.recorder.piece(self.call, self.tenant, audio) {
            // A recording with a hole would be worse than none.
            self.state = TrackState::Lost;
        }
    }

    /// Ends the recording; `done` hears of it later, on another thread, unless nothing was recorded: then at once.
    pub fn finish(mut self, done: Done) {
        if self.state == TrackState::Running && !self.piece.is_empty() {
            self.hand_over();
        }
        let order = match self.state {
            TrackState::Empty => return done(None),
            TrackState::Running => Order::Finish { call: self.call, done },
            TrackState::Lost => {
                done(None);
                Order::Discard { call: self.call }
            }
        };
        if let Err(error) = self.recorder.orders.send(order)
            && let Order::Finish { done, .. } = error.into_inner()
        {
            done(None);
        }
    }
}

/// Appends audio.
struct Writer {
    keeper: Keeper,
    waiting: Arc<AtomicUsize>,
    /// `None`: lost, and nothing more is written for this call.
    open: BTreeMap<CallId, Option<Sink>>,
}

impl Writer {
    fn run(&mut self, inbox: &Receiver<Order>, ended: &Sender<Ended>) {
        while let Ok(order) = inbox.recv() {
            match order {
                Order::Piece { call, tenant, audio } => {
                    self.waiting.fetch_sub(1, Relaxed);
                    self.piece(call, tenant, &audio);
                }
                Order::Finish { call, done } => {
                    let sink = self.open.remove(&call).flatten();
                    if let Err(error) = ended.send(Ended { call, sink, done }) {
                        (error.into_inner().done)(None);
                    }
                }
                Order::Discard { call } => {
                    self.open.remove(&call);
                    self.keeper.spool.remove(call);
                    self.keeper.stats.recording_lost();
                }
            }
        }
    }

    fn piece(&mut self, call: CallId, tenant: TenantId, audio: &[u8]) {
        let sink = match self.open.remove(&call) {
            Some(None) => None,
            begun => self.keeper.keep(call, self.write(call, tenant, begun.flatten(), audio)),
        };
        self.open.insert(call, sink);
    }

    fn write(&self, call: CallId, tenant: TenantId, begun: Option<Sink>, audio: &[u8]) -> io::Result<Sink> {
        if !self.keeper.disk.takes_recordings() {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "what room is left is the journal's"));
        }
        let mut sink = match begun {
            Some(sink) => sink,
            None => self.keeper.spool.begin(call, tenant)?,
        };
        sink.write(audio)?;
        Ok(sink)
    }
}

/// A recording that gets no more audio; without a sink it was lost on the way.
struct Ended {
    call: CallId,
    sink: Option<Sink>,
    done: Done,
}

/// Makes ended recordings whole and durable, and clears away what cannot be.
#[derive(Clone)]
struct Keeper {
    spool: Spool,
    disk: Disk,
    stats: EdgeStats,
}

impl Keeper {
    fn finish(&self, ending: &Receiver<Ended>) {
        for Ended { call, sink, done } in ending {
            let info = sink.and_then(|sink| self.keep(call, sink.finish()));
            match info {
                Some(_) => self.disk.recorded(true),
                None => self.stats.recording_lost(),
            }
            done(info);
        }
    }

    /// What could be written; otherwise says why and gives the disk its room back.
    fn keep<T>(&self, call: CallId, written: io::Result<T>) -> Option<T> {
        match written {
            Ok(kept) => Some(kept),
            Err(error) => {
                tracing::error!(%call, %error, "the recording of a call is lost: check the disk of the edge's data folder");
                self.disk.recorded(false);
                self.spool.remove(call);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Limits;
    use sha2::{Digest, Sha256};
    use std::path::Path;

    fn call(n: u128) -> CallId {
        CallId::new(1, n)
    }

    fn tenant() -> TenantId {
        TenantId::new(1, 1)
    }

    /// A disk with room for recordings, or one that has none left for them.
    fn disk(folder: &Path, room_for_recordings: u64) -> Disk {
        Disk::under(folder, &Limits { room_for_recordings, ..Limits::default() })
    }

    /// One call of so many frames; with what became of its recording.
    fn call_of(frames: usize, spool: Spool, disk: Disk, stats: EdgeStats) -> Option<RecordingInfo> {
        let (recorder, thread) = Recorder::start(spool, disk, stats).unwrap();
        let mut track = Track::new(recorder, call(1), tenant());
        for _ in 0..frames {
            track.write(&[100, -100].repeat(160));
        }
        let (sender, heard) = crossbeam_channel::bounded(1);
        track.finish(Box::new(move |info| sender.send(info).unwrap()));
        let info = heard.recv().unwrap();
        thread.join().unwrap();
        info
    }

    fn record(folder: &Path, frames: usize) -> (Option<RecordingInfo>, Spool) {
        let spool = Spool::open(folder.to_owned()).unwrap();
        (call_of(frames, spool.clone(), disk(folder, 0), EdgeStats::default()), spool)
    }

    #[test]
    fn a_finished_recording_waits_in_the_spool_with_its_digest_and_length() {
        let folder = tempfile::tempdir().unwrap();
        let (info, spool) = record(folder.path(), 75);
        let info = info.unwrap();
        let bytes = std::fs::read(spool.audio(call(1))).unwrap();
        assert_eq!((info.duration_ms, info.bytes), (1_500, bytes.len() as u64));
        assert_eq!(info.sha256, hex::encode(Sha256::digest(&bytes)));
        assert_eq!(bytes[44..48], [100, 0, 156, 255]);
        assert_eq!(spool.finished().unwrap(), [call(1)]);
        assert_eq!(spool.head(call(1)).unwrap().info, info);
        spool.remove(call(1));
        assert!(spool.finished().unwrap().is_empty());
    }

    #[test]
    fn a_call_without_audio_has_no_recording() {
        let folder = tempfile::tempdir().unwrap();
        let (info, spool) = record(folder.path(), 0);
        assert_eq!(info, None);
        assert!(spool.finished().unwrap().is_empty());
    }

    #[test]
    fn a_spool_that_cannot_be_written_loses_the_recording_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        let spool = Spool::open(path.clone()).unwrap();
        std::fs::remove_dir(&path).unwrap();
        let (disk, stats) = (disk(folder.path(), 0), EdgeStats::default());
        assert_eq!(call_of(200, spool, disk.clone(), stats.clone()), None);
        assert_eq!((stats.snapshot().recordings_lost, disk.recordings_fail()), (1, true));

        let spool = Spool::open(path).unwrap();
        assert!(call_of(200, spool, disk.clone(), stats.clone()).is_some());
        assert_eq!((stats.snapshot().recordings_lost, disk.recordings_fail()), (1, false));
    }

    #[test]
    fn the_last_room_on_the_disk_is_the_journals() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path().to_owned()).unwrap();
        let (disk, stats) = (disk(folder.path(), u64::MAX), EdgeStats::default());
        assert_eq!(call_of(200, spool, disk.clone(), stats.clone()), None);
        assert_eq!((stats.snapshot().recordings_lost, disk.recordings_fail()), (1, true));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_a_crash_cut_off_is_made_whole_and_what_holds_nothing_is_swept_away() {
        let folder = tempfile::tempdir().unwrap();
        let (_, spool) = record(folder.path(), 75);
        drop(spool.begin(call(7), tenant()).unwrap());
        let mut cut = spool.begin(call(2), tenant()).unwrap();
        cut.write(&[1; 8_000 * 4]).unwrap();
        cut.write(&[1; 3]).unwrap();
        drop(cut);
        // One that cannot be made whole waits, and the others do not.
        let mut stuck = spool.begin(call(3), tenant()).unwrap();
        stuck.write(&[1; 4]).unwrap();
        drop(stuck);
        std::fs::create_dir(folder.path().join(format!("{}.wav", call(3)))).unwrap();
        assert_eq!(spool.salvage().unwrap(), 1);
        std::fs::remove_dir(folder.path().join(format!("{}.wav", call(3)))).unwrap();
        assert_eq!(spool.sweep().unwrap(), 1, "what holds nothing");
        assert_eq!((spool.salvage().unwrap(), spool.whole(call(3)).is_some()), (1, true));
        spool.remove(call(3));
        let head = spool.head(call(2)).unwrap();
        assert_eq!((head.tenant, head.info.duration_ms, head.info.bytes), (tenant(), 1_000, 44 + 8_000 * 4));
        let bytes = std::fs::read(spool.audio(call(2))).unwrap();
        assert_eq!(
            (head.info.sha256, &bytes[..44]),
            (hex::encode(Sha256::digest(&bytes)), &wav::header(8_000 * 4)[..])
        );
        spool.remove(call(2));
        for litter in [format!("{}.new", call(8)), format!("{}.wav", call(9))] {
            std::fs::write(folder.path().join(litter), b"half").unwrap();
        }
        assert_eq!(spool.sweep().unwrap(), 2);
        assert_eq!(spool.finished().unwrap(), [call(1)]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "what is whole stays");
        assert_eq!((spool.whole(call(1)).is_some(), spool.whole(call(9))), (true, None));
    }

    #[test]
    fn a_disk_that_is_far_behind_costs_recordings_and_never_holds_up_a_call() {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(folder.path().to_owned()).unwrap();
        let stats = EdgeStats::default();
        let (recorder, thread) = Recorder::start(spool.clone(), disk(folder.path(), 0), stats.clone()).unwrap();
        // As if so many pieces were waiting for the disk.
        recorder.waiting.fetch_add(WAITING, Relaxed);
        let mut track = Track::new(recorder.clone(), call(1), tenant());
        track.write(&[1; 320]);
        let (sender, heard) = crossbeam_channel::bounded(1);
        track.finish(Box::new(move |info| sender.send(info).unwrap()));
        assert_eq!(heard.try_recv(), Ok(None), "the call hears at once");

        recorder.waiting.fetch_sub(WAITING, Relaxed);
        let mut track = Track::new(recorder, call(2), tenant());
        track.write(&[1; 320]);
        let (sender, heard) = crossbeam_channel::bounded(1);
        track.finish(Box::new(move |info| sender.send(info).unwrap()));
        assert!(heard.recv().unwrap().is_some());
        thread.join().unwrap();
        assert_eq!((spool.finished().unwrap(), stats.snapshot().recordings_lost), (vec![call(2)], 1));
    }
}
