//! Text files of unknown encoding: finds encoding, delimiter and number of lines, and reads them as UTF-8.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{CoderResult, Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use super::SheetError;
use super::other_kind::OtherKind;
use super::text_rows::Writing;

const CHUNK: usize = 1 << 16;

pub struct Found {
    pub writing: Writing,
    pub lines: u64,
}

/// A byte order mark decides; else UTF-8 where all of it is, else GB18030 where all of it is.
pub fn detect(file: &mut File) -> Result<Found, SheetError> {
    let mut head = vec![0; CHUNK];
    file.seek(SeekFrom::Start(0))?;
    let read = read_full(file, &mut head)?;
    head.truncate(read);
    let candidates = match Encoding::for_bom(&head) {
        Some((encoding, _)) => vec![encoding],
        None if head.contains(&0) => return Err(SheetError::UnknownKind),
        None => vec![UTF_8, GB18030],
    };
    for encoding in candidates {
        if let Some(lines) = lines_if_clean(file, encoding)? {
            let (text, _, _) = encoding.decode(&head);
            if let Some(kind) = OtherKind::by_text(&text) {
                return Err(SheetError::Other(kind));
            }
            if text.trim_start().starts_with("<?xml") {
                return Err(SheetError::UnknownKind);
            }
            let writing = Writing { encoding, delimiter: delimiter(&text), crlf: text.contains("\r\n") };
            return Ok(Found { writing, lines });
        }
    }
    Err(SheetError::UnknownEncoding)
}

/// The sign that parts the first line that is not blank most often.
fn delimiter(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let count = |sign: u8| line.bytes().filter(|b| *b == sign).count();
    b",;\t|".iter().copied().rev().max_by_key(|sign| count(*sign)).filter(|sign| count(*sign) > 0).unwrap_or(b',')
}

fn lines_if_clean(file: &mut File, encoding: &'static Encoding) -> Result<Option<u64>, SheetError> {
    file.seek(SeekFrom::Start(0))?;
    let mut decoded = Decoded::new(&mut *file, encoding);
    let mut buffer = vec![0; CHUNK];
    let (mut lines, mut last) = (0, b'\n');
    loop {
        let read = decoded.read(&mut buffer)?;
        if decoded.malformed {
            return Ok(None);
        }
        if read == 0 {
            return Ok(Some(lines + u64::from(last != b'\n')));
        }
        if buffer[..read].contains(&0) {
            return Err(SheetError::UnknownKind);
        }
        lines += buffer[..read].iter().filter(|b| **b == b'\n').count() as u64;
        last = buffer[read - 1];
    }
}

fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..])? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// UTF-8 out of any encoding, without its byte order mark.
pub struct Decoded<R> {
    inner: R,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    ended: bool,
    /// The last character is out; a decoder that has finished must not be asked again.
    finished: bool,
    pub malformed: bool,
}

impl<R: Read> Decoded<R> {
    pub fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = if [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding) {
            encoding.new_decoder_with_bom_removal()
        } else {
            encoding.new_decoder_without_bom_handling()
        };
        Self { inner, decoder, raw: Vec::new(), raw_at: 0, ended: false, finished: false, malformed: false }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.finished {
            return Ok(0);
        }
        loop {
            if self.raw_at == self.raw.len() && !self.ended {
                self.raw.resize(CHUNK, 0);
                let read = self.inner.read(&mut self.raw)?;
                self.raw.truncate(read);
                self.raw_at = 0;
                self.ended = read == 0;
            }
            let (result, read, written, malformed) =
                self.decoder.decode_to_utf8(&self.raw[self.raw_at..], out, self.ended);
            self.raw_at += read;
            self.malformed |= malformed;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 || self.finished {
                return Ok(written);
            }
            if result == CoderResult::OutputFull {
                return Err(io::Error::new(io::ErrorKind::InvalidInput, "the buffer is too small for one character"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_was_read_to_its_end_stays_at_its_end() {
        let mut text = Decoded::new("姓名,手机号\n周明,13900001101".as_bytes(), UTF_8);
        let mut whole = String::new();
        text.read_to_string(&mut whole).unwrap();
        assert!(whole.ends_with("13900001101"));
        assert_eq!(text.read(&mut [0; 16]).unwrap(), 0);
    }
}
