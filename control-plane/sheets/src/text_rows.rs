//! Rows of a text of cells (RFC 4180). The reader of such texts takes whatever a quotation mark holds together for one
//! cell; here somebody watches the marks, so that one which is never closed does not swallow the list.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::Encoding;

use super::encoded_text::Decoded;
use super::{Rows, SheetError};

/// Bytes of one row of text.
const ROW_BYTES_MOST: usize = 1 << 20;
/// Bytes of one sign: with less room than this the text may not go on.
const SIGN_MOST: usize = 4;

/// How the text is written.
#[derive(Clone, Copy)]
pub struct Writing {
    pub encoding: &'static Encoding,
    pub delimiter: u8,
    /// Lines end in CR and LF.
    pub crlf: bool,
}

pub(super) fn read(path: &Path, writing: Writing, rows: &mut Rows<'_>) -> Result<(), SheetError> {
    let text = Watched::new(Decoded::new(File::open(path)?, writing.encoding), writing.delimiter);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(writing.delimiter).from_reader(text);
    let mut record = csv::StringRecord::new();
    let mut last = 0;
    let mut cells: Vec<String> = Vec::new();
    loop {
        let read = reader.read_record(&mut record);
        let line = reader.position().line();
        let text = reader.get_mut();
        match read {
            Ok(more) => {
                if let Some(line) = text.open_at_the_end() {
                    return Err(SheetError::QuoteOpen(line));
                }
                if !more {
                    return Ok(());
                }
                text.left = ROW_BYTES_MOST;
            }
            Err(_) if text.left == 0 => {
                return Err(text.marks.open().map_or(SheetError::RowTooLong(last + 1), SheetError::QuoteOpen));
            }
            Err(error) => return Err(SheetError::Damaged(error.to_string())),
        }
        // Before the line feed of a CRLF the reader still counts the record's own line, after a bare one the next.
        // A row is named by the line on which it begins.
        let within: usize = record.iter().map(|cell| cell.bytes().filter(|sign| *sign == b'\n').count()).sum();
        let first = line.saturating_sub(u64::from(!writing.crlf) + within as u64);
        last = first.max(last + 1);
        rows.stray_mark = text.marks.strayed_until(last + within as u64);
        cells.extend(record.iter().map(|cell| cell.trim().to_owned()));
        if rows.push(u32::try_from(last).unwrap_or(u32::MAX), &mut cells)?.is_break() {
            return Ok(());
        }
        last += within as u64;
    }
}

/// A text on its way to its reader: no more of it than one row may have until the row is there, and every quotation
/// mark seen.
struct Watched<R> {
    inner: R,
    /// Bytes that the row under way may still have.
    left: usize,
    marks: Marks,
    ended: bool,
}

impl<R: Read> Watched<R> {
    fn new(inner: R, delimiter: u8) -> Self {
        Self {
            inner,
            left: ROW_BYTES_MOST,
            marks: Marks { delimiter, at: At::Start, lines: 0, strays: VecDeque::new() },
            ended: false,
        }
    }

    /// The line of a quotation mark that the end of the text finds open.
    fn open_at_the_end(&self) -> Option<u64> {
        self.marks.open().filter(|_| self.ended)
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left < SIGN_MOST {
            self.left = 0;
            return Err(std::io::Error::other("a row without end"));
        }
        let room = buffer.len().min(self.left);
        let buffer = buffer.get_mut(..room).unwrap_or_default();
        let read = self.inner.read(buffer)?;
        self.left -= read;
        self.ended = read == 0 && room > 0;
        self.marks.take(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// Follows quotation marks as the reader of the cells does.
struct Marks {
    delimiter: u8,
    at: At,
    lines: u64,
    /// Lines on which a cell goes on behind the mark that has closed it, until their row is there.
    strays: VecDeque<u64>,
}

#[derive(Clone, Copy)]
enum At {
    /// The beginning of a cell: only here does a mark open one.
    Start,
    Plain,
    /// Within marks; the first stands on this line.
    Quoted(u64),
    /// Behind a mark that may be the end of the cell, or the first half of one that stands for itself.
    Closing(u64),
}

impl Marks {
    fn take(&mut self, bytes: &[u8]) {
        for &sign in bytes {
            let ends_cell = sign == self.delimiter || sign == b'\n' || sign == b'\r';
            if matches!(self.at, At::Closing(_)) && !ends_cell && sign != b'"' {
                self.strays.push_back(self.lines + 1);
            }
            self.at = match self.at {
                At::Start if sign == b'"' => At::Quoted(self.lines + 1),
                At::Quoted(line) if sign == b'"' => At::Closing(line),
                At::Closing(line) if sign == b'"' => At::Quoted(line),
                At::Quoted(line) => At::Quoted(line),
                At::Start | At::Plain | At::Closing(_) if ends_cell => At::Start,
                At::Start | At::Plain | At::Closing(_) => At::Plain,
            };
            self.lines += u64::from(sign == b'\n');
        }
    }

    /// Whether a cell strayed on a line up to this one, and after the last one that was asked about.
    fn strayed_until(&mut self, line: u64) -> bool {
        let before = self.strays.len();
        while self.strays.pop_front_if(|stray| *stray <= line).is_some() {}
        self.strays.len() < before
    }

    /// The line of the mark that is open.
    fn open(&self) -> Option<u64> {
        match self.at {
            At::Quoted(line) => Some(line),
            At::Start | At::Plain | At::Closing(_) => None,
        }
    }
}
