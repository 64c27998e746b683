//! The edge's memory across crashes: an append-only file, fsynced in groups by a thread of its own.
//! It keeps records; what they mean is [`Book`]'s.

mod book;
mod record;

pub use book::Book;
pub use record::{Condition, Record, encode, read};

use crossbeam_channel::{Receiver, Sender, unbounded};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

const FILE: &str = "journal.log";
const FRESH: &str = "journal.new";

#[derive(Debug, Clone, thiserror::Error)]
pub enum JournalError {
    /// Nothing was kept; the caller may not act on the record. A full disk, most likely.
    #[error("the journal cannot be written: {0}")]
    Write(String),
    #[error("the journal has been closed")]
    Closed,
}

/// Writes records in order. One per process and folder.
#[derive(Debug)]
pub struct Journal {
    orders: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
}

enum Order {
    Append { record: Box<Record>, done: Option<oneshot::Sender<Result<(), JournalError>>> },
    Replace { records: Vec<Record>, done: oneshot::Sender<Result<(), JournalError>> },
}

impl Journal {
    /// Reads what is there, drops a torn tail, and starts the thread. Gives the records and their condition.
    pub fn open(folder: &Path) -> io::Result<(Self, Vec<Record>, Condition)> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(FILE);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let reading = read(&bytes);
        file.set_len(reading.end as u64)?;
        file.seek(SeekFrom::End(0))?;
        file.sync_all()?;
        sync_folder(folder)?;
        let journal = Self::on(file, folder, reading.end as u64)?;
        Ok((journal, reading.records, reading.condition))
    }

    fn on(file: File, folder: &Path, length: u64) -> io::Result<Self> {
        let (orders, inbox) = unbounded();
        let mut writer = Writer::on(file, folder, length)?;
        let thread = std::thread::Builder::new().name("journal".into()).spawn(move || writer.run(&inbox))?;
        Ok(Self { orders: Some(orders), thread: Some(thread) })
    }

    /// Orders the record now; the future ends once it is on disk.
    pub fn append(&self, record: Record) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let (done, wait) = oneshot::channel();
        self.wait(Order::Append { record: Box::new(record), done: Some(done) }, wait)
    }

    /// Writes the record soon, with the next group. Losing it costs a repetition, never a promise.
    pub fn note(&self, record: Record) {
        // A closed journal means the process is leaving: the note's loss is the case its readers allow for.
        let _ = self.order(Order::Append { record: Box::new(record), done: None });
    }

    /// Puts `records` in place of everything ordered so far.
    pub fn replace(&self, records: Vec<Record>) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let (done, wait) = oneshot::channel();
        self.wait(Order::Replace { records, done }, wait)
    }

    fn wait(
        &self,
        order: Order,
        wait: oneshot::Receiver<Result<(), JournalError>>,
    ) -> impl Future<Output = Result<(), JournalError>> + Send + use<> {
        let ordered = self.order(order);
        async move {
            ordered?;
            wait.await.map_err(|_| JournalError::Closed)?
        }
    }

    fn order(&self, order: Order) -> Result<(), JournalError> {
        self.orders.as_ref().and_then(|orders| orders.send(order).ok()).ok_or(JournalError::Closed)
    }

    /// Writes and syncs what was ordered, then ends the thread.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's thread panicked");
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.end();
    }
}

struct Writer {
    file: File,
    path: PathBuf,
    /// The open folder, to make a rename durable.
    folder: File,
    /// Up to here the file is sound.
    length: u64,
    buffer: Vec<u8>,
}

impl Writer {
    fn on(file: File, path: &Path, length: u64) -> io::Result<Self> {
        Ok(Self { file, path: path.to_owned(), folder: File::open(path)?, length, buffer: Vec::new() })
    }

    fn run(&mut self, inbox: &Receiver<Order>) {
        while let Ok(first) = inbox.recv() {
            let group: Vec<Order> = std::iter::once(first).chain(inbox.try_iter()).collect();
            let mut waiting = Vec::new();
            let mut durable = false;
            self.buffer.clear();
            for order in group {
                match order {
                    Order::Append { record, done } => {
                        durable |= record.must_be_durable() || done.is_some();
                        let before = self.buffer.len();
                        match encode(&record, &mut self.buffer) {
                            Ok(()) => waiting.extend(done),
                            Err(error) => {
                                self.buffer.truncate(before);
                                reply(done, &Err(JournalError::Write(error.to_string())));
                            }
                        }
                    }
                    Order::Replace { records, done } => {
                        self.flush(std::mem::take(&mut waiting), durable);
                        durable = false;
                        reply(Some(done), &self.replace(&records));
                    }
                }
            }
            self.flush(waiting, durable);
        }
        if let Err(error) = self.file.sync_all() {
            tracing::error!(%error, "the journal's last records could not be synced");
        }
    }

    fn flush(&mut self, waiting: Vec<oneshot::Sender<Result<(), JournalError>>>, durable: bool) {
        let outcome = self.write(durable).map_err(|error| JournalError::Write(error.to_string()));
        if let (Err(error), true) = (&outcome, waiting.is_empty()) {
            tracing::warn!(%error, "a journal note is lost");
        }
        self.buffer.clear();
        for done in waiting {
            reply(Some(done), &outcome);
        }
    }

    fn write(&mut self, durable: bool) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let written =
            self.file.write_all(&self.buffer).and_then(|()| if durable { self.file.sync_data() } else { Ok(()) });
        match written {
            Ok(()) => {
                self.length += self.buffer.len() as u64;
                Ok(())
            }
            Err(error) => {
                // Half a record may be there: the next one must not follow it.
                self.file.set_len(self.length)?;
                self.file.seek(SeekFrom::Start(self.length))?;
                Err(error)
            }
        }
    }

    fn replace(&mut self, records: &[Record]) -> Result<(), JournalError> {
        self.swap(records).map_err(|error| JournalError::Write(error.to_string()))
    }

    fn swap(&mut self, records: &[Record]) -> io::Result<()> {
        let mut bytes = Vec::new();
        records.iter().try_for_each(|record| encode(record, &mut bytes)).map_err(io::Error::other)?;
        let fresh = self.path.join(FRESH);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&fresh)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        std::fs::rename(&fresh, self.path.join(FILE))?;
        // From here on the old file has no name: what is appended belongs into the new one, whatever the sync says.
        self.file = file;
        self.length = bytes.len() as u64;
        self.folder.sync_all()
    }
}

fn reply(done: Option<oneshot::Sender<Result<(), JournalError>>>, outcome: &Result<(), JournalError>) {
    if let Some(done) = done {
        // Whoever asked may have gone; the record is written all the same.
        let _ = done.send(outcome.clone());
    }
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared_proto::ids::AttemptId;

    fn intent(n: u128) -> Record {
        Record::Intent { attempt: AttemptId::new(1, n), fence: 1, at_unix_ms: 1 }
    }

    #[tokio::test]
    async fn what_was_appended_is_there_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, records, _) = Journal::open(folder.path()).unwrap();
        assert!(records.is_empty());
        for n in 0..50 {
            journal.append(intent(n)).await.unwrap();
        }
        journal.note(Record::Placed { attempt: AttemptId::new(1, 3) });
        journal.close();
        let (_, records, condition) = Journal::open(folder.path()).unwrap();
        assert_eq!((records.len(), condition), (51, Condition::Whole));
    }

    #[tokio::test]
    async fn a_torn_tail_is_cut_off_before_the_next_record() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, ..) = Journal::open(folder.path()).unwrap();
        journal.append(intent(1)).await.unwrap();
        journal.append(intent(2)).await.unwrap();
        journal.close();
        let path = folder.path().join(FILE);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
        let (journal, records, condition) = Journal::open(folder.path()).unwrap();
        assert_eq!((records, condition), (vec![intent(1)], Condition::TornTail));
        journal.append(intent(3)).await.unwrap();
        journal.close();
        let (_, records, condition) = Journal::open(folder.path()).unwrap();
        assert_eq!((records, condition), (vec![intent(1), intent(3)], Condition::Whole));
    }

    #[tokio::test]
    async fn replacing_leaves_only_the_new_records_and_later_ones_follow_them() {
        let folder = tempfile::tempdir().unwrap();
        let (journal, ..) = Journal::open(folder.path()).unwrap();
        journal.append(intent(1)).await.unwrap();
        journal.replace(vec![Record::Next { seq: 9 }]).await.unwrap();
        journal.append(intent(2)).await.unwrap();
        journal.close();
        let (_, records, _) = Journal::open(folder.path()).unwrap();
        assert_eq!(records, [Record::Next { seq: 9 }, intent(2)]);
    }

    #[tokio::test]
    async fn a_full_disk_refuses_the_record_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let journal = Journal::on(full, folder.path(), 0).unwrap();
        let error = journal.append(intent(1)).await.unwrap_err();
        assert!(matches!(error, JournalError::Write(_)), "{error}");
    }

    #[test]
    fn after_a_rename_that_may_not_be_durable_records_go_into_the_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let old = OpenOptions::new().append(true).create(true).open(folder.path().join(FILE)).unwrap();
        let mut writer = Writer::on(old, folder.path(), 0).unwrap();
        // A folder handle that cannot be synced.
        writer.folder = File::open("/dev/null").unwrap();
        writer.replace(&[intent(1)]).unwrap_err();
        let (orders, inbox) = unbounded();
        orders.send(Order::Append { record: Box::new(intent(2)), done: None }).unwrap();
        drop(orders);
        writer.run(&inbox);
        let reading = read(&std::fs::read(folder.path().join(FILE)).unwrap());
        assert_eq!(reading.records, [intent(1), intent(2)]);
    }
}
