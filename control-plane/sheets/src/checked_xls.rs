//! Walks every record of an xls ([MS-XLS]) before it is read, to know what it will take: its reader lays
//! each sheet out as a full rectangle up to its farthest cell and copies a shared text into every cell.
//! What a sheet says of its own size, and its formulas, are taken out: the reader would make room for them.

use std::fs::File;
use std::io::{Cursor, Read, Seek};

use calamine::{Reader, Xls};

use super::compound::{self, Compound};
use super::other_kind::OtherKind;
use super::{IN_MEMORY_MOST, SheetError, xls_error};

/// Cells of all the rectangles together: 65,536 rows of 64 columns.
const CELLS_MOST: u64 = 1 << 22;
/// Bytes of all texts of all cells.
const TEXT_MOST: u64 = 256 << 20;
const SHEETS_MOST: usize = 256;

const BOUND_SHEET: u16 = 0x0085;
const SHARED_TEXTS: u16 = 0x00fc;
const CONTINUE: u16 = 0x003c;
const END: u16 = 0x000a;
const DIMENSIONS: u16 = 0x0200;
const MERGED: u16 = 0x00e5;
const MANY_NUMBERS: u16 = 0x00bd;
const SHARED_TEXT: u16 = 0x00fd;
const FORMULA: u16 = 0x0006;
/// Number, label, error, rich label, rounded number: row and column stand first.
const CELLS: [u16; 5] = [0x0203, 0x0204, 0x0205, 0x00d6, 0x027e];
/// A kind that no record has.
const UNKNOWN: u16 = 0xfffe;
/// Kind and length of a record.
const HEAD: usize = 4;
/// Where a formula's length stands in its record.
const FORMULA_FROM: usize = 20;

pub type Book = Xls<Cursor<Vec<u8>>>;

/// A document locked with a password is the same kind of container as an xls, with another stream in it.
pub fn open(file: &mut File) -> Result<Book, SheetError> {
    if file.metadata()?.len() > IN_MEMORY_MOST {
        return Err(SheetError::UnpacksTooLarge);
    }
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    let container = Compound::read(&bytes)?;
    if container.has("EncryptedPackage") {
        return Err(SheetError::Encrypted);
    }
    for name in ["Workbook", "Book"] {
        if let Some(mut stream) = container.stream(name)? {
            for patch in check(&stream)? {
                stream[patch.at..patch.at + 2].copy_from_slice(&patch.put.to_le_bytes());
            }
            return Xls::new(Cursor::new(compound::alone(name, &stream))).map_err(xls_error);
        }
    }
    let other = [("WordDocument", OtherKind::Document), ("PowerPoint Document", OtherKind::Slides)];
    let found = other.into_iter().find(|(name, _)| container.has(name));
    Err(found.map_or(SheetError::UnknownKind, |(_, kind)| SheetError::Other(kind)))
}

/// Two bytes of the stream that are to be others.
struct Patch {
    at: usize,
    put: u16,
}

fn check(stream: &[u8]) -> Result<Vec<Patch>, SheetError> {
    let mut sheets = Vec::new();
    let mut texts = Vec::new();
    for record in records(stream, 0) {
        match record.kind {
            BOUND_SHEET => sheets.push(record.u32(0)? as usize),
            SHARED_TEXTS => texts = text_lengths(&record)?,
            END => break,
            _ => {}
        }
    }
    if sheets.len() > SHEETS_MOST {
        return Err(SheetError::UnpacksTooLarge);
    }
    let mut left = Room { cells: CELLS_MOST, text: TEXT_MOST };
    let mut patches = Vec::new();
    for start in sheets {
        check_sheet(stream, start, &texts, &mut left, &mut patches)?;
    }
    Ok(patches)
}

struct Room {
    cells: u64,
    text: u64,
}

impl Room {
    fn take(left: &mut u64, size: u64) -> Result<(), SheetError> {
        *left = left.checked_sub(size).ok_or(SheetError::UnpacksTooLarge)?;
        Ok(())
    }
}

fn check_sheet(
    stream: &[u8],
    start: usize,
    texts: &[u64],
    left: &mut Room,
    patches: &mut Vec<Patch>,
) -> Result<(), SheetError> {
    let (mut rows, mut columns) = (Extent::default(), Extent::default());
    let (mut depth, mut merges) = (0u32, 0usize);
    for record in records(stream, start) {
        match record.kind {
            0x0809 => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            DIMENSIONS => patches.push(Patch { at: record.at, put: UNKNOWN }),
            MERGED => merges += usize::from(record.u16(0)?),
            MANY_NUMBERS => {
                rows.reach(record.u16(0)?);
                columns.reach(record.u16(2)?);
                columns.reach(record.u16(record.data.len().saturating_sub(2))?);
            }
            SHARED_TEXT => {
                rows.reach(record.u16(0)?);
                columns.reach(record.u16(2)?);
                Room::take(&mut left.text, texts.get(record.u32(6)? as usize).copied().unwrap_or(0))?;
            }
            FORMULA => {
                rows.reach(record.u16(0)?);
                columns.reach(record.u16(2)?);
                // Its value stands before it.
                if record.data.len() >= FORMULA_FROM + 2 {
                    patches.push(Patch { at: record.at + HEAD + FORMULA_FROM, put: 0 });
                }
            }
            kind if CELLS.contains(&kind) => {
                rows.reach(record.u16(0)?);
                columns.reach(record.u16(2)?);
            }
            _ => {}
        }
    }
    if merges > super::MERGES_MOST {
        return Err(SheetError::TooManyMerges);
    }
    Room::take(&mut left.cells, rows.length() * columns.length())
}

/// From the first to the last of what was reached.
#[derive(Default)]
struct Extent(Option<(u16, u16)>);

impl Extent {
    fn reach(&mut self, place: u16) {
        let (first, last) = self.0.unwrap_or((place, place));
        self.0 = Some((first.min(place), last.max(place)));
    }

    fn length(&self) -> u64 {
        self.0.map_or(0, |(first, last)| u64::from(last - first) + 1)
    }
}

/// The most bytes that each shared text takes.
fn text_lengths(record: &Record<'_>) -> Result<Vec<u64>, SheetError> {
    let mut pieces = std::iter::once(record.data).chain(record.more.iter().copied());
    let mut at = pieces.next().and_then(|data| data.get(8..)).ok_or_else(damaged)?;
    let mut lengths = Vec::new();
    loop {
        if at.is_empty() {
            match pieces.next() {
                Some(piece) => at = piece,
                None => return Ok(lengths),
            }
            // A piece that is empty holds an empty text.
            if at.is_empty() {
                lengths.push(0);
                continue;
            }
        }
        let mut head = Record { at: 0, kind: 0, data: at, more: Vec::new() };
        let (length, flags) = (usize::from(head.u16(0)?), *at.get(2).ok_or_else(damaged)?);
        head.data = &at[3..];
        let mut behind = 0;
        if flags & 8 != 0 {
            behind += usize::from(head.u16(0)?) * 4;
            head.data = &head.data[2..];
        }
        if flags & 4 != 0 {
            behind += head.u32(0)? as usize;
            head.data = &head.data[4..];
        }
        at = head.data;
        let (mut left, mut width) = (length, usize::from(flags & 1) + 1);
        loop {
            let here = left.min(at.len() / width);
            at = &at[here * width..];
            left -= here;
            if left == 0 {
                break;
            }
            // The rest of the text is in the next piece, behind a sign that says how wide it is there.
            let (sign, rest) = pieces.next().and_then(|piece| piece.split_first()).ok_or_else(damaged)?;
            (width, at) = (usize::from(sign & 1) + 1, rest);
        }
        while behind > 0 {
            if at.is_empty() {
                at = pieces.next().ok_or_else(damaged)?;
            }
            let here = behind.min(at.len());
            at = &at[here..];
            behind -= here;
        }
        lengths.push(length as u64 * 3);
    }
}

/// A record with what continues it.
struct Record<'a> {
    /// Where it begins in the stream.
    at: usize,
    kind: u16,
    data: &'a [u8],
    more: Vec<&'a [u8]>,
}

impl Record<'_> {
    fn u16(&self, at: usize) -> Result<u16, SheetError> {
        self.data.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]])).ok_or_else(damaged)
    }

    fn u32(&self, at: usize) -> Result<u32, SheetError> {
        Ok(u32::from(self.u16(at)?) | u32::from(self.u16(at + 2)?) << 16)
    }
}

/// Ends where the stream breaks off: its reader says so itself.
fn records(stream: &[u8], start: usize) -> impl Iterator<Item = Record<'_>> {
    let mut next = start;
    std::iter::from_fn(move || {
        let at = next;
        let (kind, data) = record_at(stream, at)?;
        next += HEAD + data.len();
        let mut more = Vec::new();
        while let Some((CONTINUE, data)) = record_at(stream, next) {
            next += HEAD + data.len();
            more.push(data);
        }
        Some(Record { at, kind, data, more })
    })
}

fn record_at(stream: &[u8], at: usize) -> Option<(u16, &[u8])> {
    let head = stream.get(at..)?.get(..HEAD)?;
    let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
    let data = stream.get(at + HEAD..at + HEAD + length)?;
    Some((u16::from_le_bytes([head[0], head[1]]), data))
}

fn damaged() -> SheetError {
    SheetError::Damaged("a record of the xls is cut off".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn record(kind: u16, words: &[u16]) -> Vec<u8> {
        let head = [kind, words.len() as u16 * 2];
        head.iter().chain(words).flat_map(|word| word.to_le_bytes()).collect()
    }

    /// A workbook whose one sheet holds `records`, with one shared text of `length` signs.
    fn book(length: u16, records: &[Vec<u8>]) -> Vec<u8> {
        let begin = record(0x0809, &[0x0600, 0x0005]);
        let mut texts = record(SHARED_TEXTS, &[1, 0, 1, 0]);
        texts[2..4].copy_from_slice(&(8 + 3 + length).to_le_bytes());
        texts.extend(length.to_le_bytes());
        texts.push(0);
        texts.extend(std::iter::repeat_n(b'x', usize::from(length)));
        let mut stream = [begin.clone(), texts].concat();
        let mut sheet = record(BOUND_SHEET, &[0, 0, 0, 0x0001, u16::from(b's')]);
        // Its name has one sign of one byte.
        sheet.pop();
        sheet[2] -= 1;
        let start = stream.len() + sheet.len() + 4;
        sheet[4..8].copy_from_slice(&(start as u32).to_le_bytes());
        stream.extend(sheet);
        stream.extend(record(END, &[]));
        stream.extend(begin);
        stream.extend(records.concat());
        stream.extend(record(END, &[]));
        compound::alone("Workbook", &stream)
    }

    fn rows(book: &[u8]) -> Result<Vec<Vec<String>>, &'static str> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(book).unwrap();
        let mut book = open(&mut file).map_err(|error| error.code())?;
        let range = book.worksheet_range("s").unwrap();
        Ok(range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect())
    }

    fn shared(row: u16, column: u16) -> Vec<u8> {
        record(SHARED_TEXT, &[row, column, 0, 0, 0])
    }

    #[test]
    fn what_a_sheet_says_of_its_size_reserves_nothing() {
        let enormous = record(DIMENSIONS, &[0, 0, 0xffff, 0xffff, 0, 0xffff, 0]);
        let backwards = record(DIMENSIONS, &[9, 0, 1, 0, 9, 1, 0]);
        assert_eq!(rows(&book(2, &[enormous, backwards, shared(0, 0)])), Ok(vec![vec!["xx".to_owned()]]));
    }

    #[test]
    fn a_rectangle_out_of_two_far_cells_is_refused() {
        assert_eq!(rows(&book(2, &[shared(0, 0), shared(0xffff, 0xffff)])), Err("import_unpacks_too_large"));
        assert_eq!(rows(&book(2, &[shared(0, 0), shared(0xffff, 9)])).map(|rows| rows.len()), Ok(0x1_0000));
    }

    #[test]
    fn a_long_text_in_very_many_cells_is_refused() {
        let cells: Vec<Vec<u8>> = (0..20_000).map(|row| shared(row, 0)).collect();
        assert_eq!(rows(&book(8_000, &cells)), Err("import_unpacks_too_large"));
        assert_eq!(rows(&book(8, &cells)).map(|rows| rows.len()), Ok(20_000));
    }

    #[test]
    fn a_formula_gives_its_value_and_is_not_read_itself() {
        let formula = record(FORMULA, &[0, 0, 0, 0, 0, 0, 0x4045, 0, 0, 0, 200]);
        assert_eq!(rows(&book(2, &[formula])), Ok(vec![vec!["42".to_owned()]]));
    }

    #[test]
    fn a_text_that_goes_on_in_the_next_record_is_measured() {
        let whole = Record {
            at: 0,
            kind: SHARED_TEXTS,
            data: b"\0\0\0\0\0\0\0\0\x04\0\0ab",
            more: vec![b"\x01c\0d\0\x01\0\0e"],
        };
        assert_eq!(text_lengths(&whole).unwrap(), [12, 3]);
        let cut = Record { more: vec![b"\x01c\0"], ..whole };
        assert!(text_lengths(&cut).is_err());
    }
}
