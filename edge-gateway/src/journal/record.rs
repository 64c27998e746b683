//! One journal record and its bytes: `length: u32 | CRC-32: u32 | JSON`, big-endian, CRC over the JSON. Pure.

use serde::{Deserialize, Serialize};
use shared_proto::ids::AttemptId;
use shared_proto::wire::AttemptResult;

/// What the edge must not forget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Record {
    /// An INVITE is about to leave. On disk before it does.
    Intent {
        attempt: AttemptId,
        fence: u64,
        at_unix_ms: u64,
    },
    /// The intent was given up with proof that nothing was sent.
    Unsent {
        attempt: AttemptId,
    },
    /// The INVITE has left.
    Placed {
        attempt: AttemptId,
    },
    Result {
        seq: u64,
        result: Box<AttemptResult>,
    },
    /// The control plane has committed this result.
    Acked {
        seq: u64,
    },
    /// After a compaction: an attempt that is over and acknowledged, kept to refuse it when it comes again.
    Seen {
        attempt: AttemptId,
        fence: u64,
    },
    /// After a compaction: the next sequence number is at least this.
    Next {
        seq: u64,
    },
    /// Records were unreadable at this time, or were forgotten up to it: of older attempts nothing can be proved unsent.
    Damaged {
        at_unix_ms: u64,
    },
}

impl Record {
    /// Whether somebody acts on this record only once it is on disk.
    pub fn must_be_durable(&self) -> bool {
        matches!(self, Self::Intent { .. } | Self::Result { .. })
    }
}

/// A record longer than this is damage: a result with a long transcript stays far below.
const MAX: usize = 8 * 1024 * 1024;
const HEAD: usize = 8;

/// What reading a journal's bytes found.
#[derive(Debug, PartialEq)]
pub struct Reading {
    pub records: Vec<Record>,
    /// Where the next record is to be appended; bytes behind it are a torn write.
    pub end: usize,
    pub condition: Condition,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    Whole,
    /// The last write was cut short: it was never reported durable, so nothing rests on it.
    TornTail,
    /// Complete bytes that are not what was written: something that was durable may be gone.
    Damaged,
}

pub fn encode(record: &Record, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    serde_json::to_writer(&mut *out, record)?;
    let body = &out[start + HEAD..];
    let length = (body.len() as u32).to_be_bytes();
    let crc = crc32fast::hash(body).to_be_bytes();
    out[start..start + 4].copy_from_slice(&length);
    out[start + 4..start + HEAD].copy_from_slice(&crc);
    Ok(())
}

/// Reads as far as the bytes make sense; damage is skipped up to the next sound record.
pub fn read(bytes: &[u8]) -> Reading {
    let mut records = Vec::new();
    let mut condition = Condition::Whole;
    let mut at = 0;
    while at < bytes.len() {
        let tail = match one(&bytes[at..]) {
            Next::Record(record, length) => {
                records.push(*record);
                at += length;
                continue;
            }
            Next::Short | Next::Zeros => Condition::TornTail,
            Next::Bad => Condition::Damaged,
        };
        match (at + 1..bytes.len()).find(|&later| matches!(one(&bytes[later..]), Next::Record(..))) {
            Some(sound) => {
                condition = Condition::Damaged;
                at = sound;
            }
            None => {
                if condition == Condition::Whole {
                    condition = tail;
                }
                break;
            }
        }
    }
    Reading { records, end: at, condition }
}

enum Next {
    Record(Box<Record>, usize),
    /// The bytes end inside the record.
    Short,
    /// Only zeros follow: the file system extended the file and never wrote it.
    Zeros,
    Bad,
}

fn one(bytes: &[u8]) -> Next {
    if bytes.iter().all(|&byte| byte == 0) {
        return Next::Zeros;
    }
    let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() else { return Next::Short };
    let [l0, l1, l2, l3, c0, c1, c2, c3] = *head;
    let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
    if length == 0 || length > MAX {
        return Next::Bad;
    }
    let Some(body) = rest.get(..length) else { return Next::Short };
    if crc32fast::hash(body) != u32::from_be_bytes([c0, c1, c2, c3]) {
        return Next::Bad;
    }
    match serde_json::from_slice(body) {
        Ok(record) => Next::Record(Box::new(record), HEAD + length),
        Err(_) => Next::Bad,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> (Vec<Record>, Vec<u8>, Vec<usize>) {
        let records = vec![
            Record::Intent { attempt: AttemptId::new(1, 1), fence: 4, at_unix_ms: 9 },
            Record::Placed { attempt: AttemptId::new(1, 1) },
            Record::Acked { seq: 3 },
        ];
        let mut bytes = Vec::new();
        let mut ends = vec![0];
        for record in &records {
            encode(record, &mut bytes).unwrap();
            ends.push(bytes.len());
        }
        (records, bytes, ends)
    }

    #[test]
    fn a_journal_cut_at_any_byte_reads_the_whole_records_before_the_cut() {
        let (records, bytes, ends) = three();
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|&&end| end > 0 && end <= cut).count();
            let reading = read(&bytes[..cut]);
            assert_eq!(reading.records, records[..whole], "cut at {cut}");
            assert_eq!(reading.end, ends[whole], "cut at {cut}");
            let condition = if ends.contains(&cut) { Condition::Whole } else { Condition::TornTail };
            assert_eq!(reading.condition, condition, "cut at {cut}");
        }
    }

    #[test]
    fn a_flipped_byte_never_yields_a_record_that_was_not_written() {
        let (records, bytes, _) = three();
        for place in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[place] ^= 0x20;
            let reading = read(&bytes);
            assert!(reading.records.len() < records.len(), "flip at {place}");
            assert!(reading.records.iter().all(|record| records.contains(record)), "flip at {place}");
            assert_ne!(reading.condition, Condition::Whole, "flip at {place}");
        }
    }

    #[test]
    fn damage_in_the_middle_costs_one_record() {
        let (records, mut bytes, ends) = three();
        bytes[ends[1] + HEAD] ^= 1;
        let reading = read(&bytes);
        assert_eq!(reading.records, [records[0].clone(), records[2].clone()]);
        assert_eq!((reading.condition, reading.end), (Condition::Damaged, bytes.len()));
    }

    #[test]
    fn zeros_behind_the_last_record_are_a_torn_tail() {
        let (records, mut bytes, ends) = three();
        bytes.extend_from_slice(&[0; 64]);
        let reading = read(&bytes);
        assert_eq!((reading.records.len(), reading.end), (records.len(), ends[3]));
        assert_eq!(reading.condition, Condition::TornTail);
    }
}
