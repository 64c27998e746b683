//! Unpacks every part of an xlsx once, into nothing, to know before reading it that it is complete and
//! bounded. The sizes a zip declares are only believed where they refuse it.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::other_kind::OtherKind;
use super::{IN_MEMORY_MOST, MERGES_MOST, SheetError, UNPACKED_MOST};

const PARTS_MOST: usize = 4_000;
/// Sheets full of the same few words reach 40; a bomb reaches 1000.
const RATIO_MOST: u64 = 200;
const RATIO_COUNTS_FROM: u64 = 16 << 20;
/// A shared text with its tags is longer than this.
const TEXT_LEAST: u64 = 8;
const DECLARED_ALWAYS: u64 = 1_000;
const MIMETYPE_MOST: u64 = 128;
/// A cell holds 32,767 characters at most; text without any tag for longer than this is no sheet.
const TAGLESS_MOST: usize = 1 << 20;

#[derive(Debug, Default)]
pub struct Found {
    /// Rows of the part that has the most.
    pub rows: u64,
    /// Merged cells of all parts.
    pub merges: usize,
}

pub fn check(file: &mut File) -> Result<Found, SheetError> {
    file.seek(SeekFrom::Start(0))?;
    let mut archive = ZipArchive::new(BufReader::with_capacity(1 << 16, file)).map_err(damaged)?;
    if archive.len() > PARTS_MOST {
        return Err(SheetError::UnpacksTooLarge);
    }
    if let Some(kind) = other_kind(&mut archive)? {
        return Err(SheetError::Other(kind));
    }
    let mut found = Found::default();
    let mut left = UNPACKED_MOST;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(damaged)?;
        let name = part.name().map_err(damaged)?.to_ascii_lowercase();
        let (size, packed) = (part.size(), part.compressed_size());
        if size > left || (size > RATIO_COUNTS_FROM && size / packed.max(1) > RATIO_MOST) {
            return Err(SheetError::UnpacksTooLarge);
        }
        let is_sheet = name.starts_with("xl/worksheets/") && name.ends_with(".xml");
        let most = if is_sheet { left } else { left.min(IN_MEMORY_MOST) };
        // Wherever it lies: its place is said by another part.
        let is_texts = name.ends_with("sharedstrings.xml");
        let is_xml = name.ends_with(".xml");
        let (mut scan, mut declared, mut places) = (Scan::default(), Declared::default(), Places::default());
        let size = unpack(&mut part, most, &mut |bytes| {
            if is_texts {
                declared.take(bytes);
            } else if is_xml {
                places.take(bytes);
            }
            is_sheet && !scan.take(bytes)
        })?;
        left -= size;
        // The reader reckons with the place that a cell says it has.
        if places.beyond_any_sheet {
            return Err(SheetError::Damaged("a cell lies beyond any sheet".to_owned()));
        }
        // The reader makes room for as many as it says.
        if declared.most > DECLARED_ALWAYS.max(size / TEXT_LEAST) {
            return Err(SheetError::UnpacksTooLarge);
        }
        found.rows = found.rows.max(scan.rows);
        found.merges += scan.merges;
        if found.merges > MERGES_MOST {
            return Err(SheetError::TooManyMerges);
        }
    }
    Ok(found)
}

/// What the file is where it is no workbook; nothing of it is unpacked but the one word that an OpenDocument begins with.
fn other_kind(archive: &mut ZipArchive<impl Read + Seek>) -> Result<Option<OtherKind>, SheetError> {
    let mut names = Vec::with_capacity(archive.len());
    for name in archive.file_names() {
        names.push(name.map_err(damaged)?.to_ascii_lowercase());
    }
    if names.iter().any(|name| name == "xl/workbook.xml") {
        return Ok(None);
    }
    let mut mimetype = Vec::new();
    if let Some(place) = names.iter().position(|name| name == "mimetype") {
        let part = archive.by_index(place).map_err(damaged)?;
        part.take(MIMETYPE_MOST).read_to_end(&mut mimetype).map_err(|error| SheetError::Damaged(error.to_string()))?;
    }
    Ok(Some(OtherKind::by_parts(names.iter().map(String::as_str), &String::from_utf8_lossy(&mimetype))))
}

/// Returns the real size. The reader checks the checksum at the end, so what is cut off is noticed.
fn unpack(part: &mut impl Read, most: u64, refuse: &mut dyn FnMut(&[u8]) -> bool) -> Result<u64, SheetError> {
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let read = part.read(&mut buffer).map_err(|error| SheetError::Damaged(error.to_string()))?;
        if read == 0 {
            return Ok(size);
        }
        size += read as u64;
        if size > most || refuse(&buffer[..read]) {
            return Err(SheetError::UnpacksTooLarge);
        }
    }
}

/// Looks at tags while bytes pass by, without parsing them.
#[derive(Default)]
struct Scan {
    rows: u64,
    merges: usize,
    tagless: usize,
    /// A tag whose first bytes ended the chunk before.
    begun: Vec<u8>,
}

const ROW: &[u8] = b"<row";
const MERGE: &[u8] = b"<mergeCell";
/// The longest of these and the sign behind it.
const TAG_BYTES: usize = MERGE.len() + 1;

impl Scan {
    /// False when the text goes on without a tag for too long.
    fn take(&mut self, bytes: &[u8]) -> bool {
        if !self.begun.is_empty() {
            let mut seam = std::mem::take(&mut self.begun);
            seam.extend_from_slice(&bytes[..bytes.len().min(TAG_BYTES)]);
            self.tag(&seam);
        }
        let mut from = 0;
        while let Some(ahead) = bytes[from..].iter().position(|&b| b == b'<') {
            if self.tagless + ahead > TAGLESS_MOST {
                return false;
            }
            self.tagless = 0;
            let tag = &bytes[from + ahead..];
            if tag.len() < TAG_BYTES {
                self.begun = tag.to_vec();
                return true;
            }
            self.tag(tag);
            from += ahead + 1;
        }
        self.tagless += bytes.len() - from;
        self.tagless <= TAGLESS_MOST
    }

    fn tag(&mut self, text: &[u8]) {
        self.rows += u64::from(begins(text, ROW));
        self.merges += usize::from(begins(text, MERGE));
    }
}

/// The largest number of shared texts that a part says it has, in whatever width its signs are written.
#[derive(Default)]
struct Declared {
    most: u64,
    at: DeclaredAt,
}

#[derive(Clone, Copy)]
enum DeclaredAt {
    /// So many signs of the word were just there.
    Word(usize),
    Before,
    Number(u64),
}

impl Default for DeclaredAt {
    fn default() -> Self {
        Self::Word(0)
    }
}

impl Declared {
    const WORD: &[u8] = b"uniqueCount";

    fn take(&mut self, bytes: &[u8]) {
        for &sign in bytes.iter().filter(|sign| **sign != 0) {
            self.at = match self.at {
                DeclaredAt::Word(signs) if sign == Self::WORD[signs] && signs + 1 == Self::WORD.len() => {
                    DeclaredAt::Before
                }
                DeclaredAt::Word(signs) if sign == Self::WORD[signs] => DeclaredAt::Word(signs + 1),
                DeclaredAt::Before if sign.is_ascii_whitespace() || b"='\"+".contains(&sign) => DeclaredAt::Before,
                DeclaredAt::Before if sign.is_ascii_digit() => DeclaredAt::Number(u64::from(sign - b'0')),
                DeclaredAt::Number(number) if sign.is_ascii_digit() => {
                    DeclaredAt::Number(number.saturating_mul(10).saturating_add(u64::from(sign - b'0')))
                }
                DeclaredAt::Word(_) | DeclaredAt::Before | DeclaredAt::Number(_) => {
                    DeclaredAt::Word(usize::from(sign == Self::WORD[0]))
                }
            };
            if let DeclaredAt::Number(number) = self.at {
                self.most = self.most.max(number);
            }
        }
    }
}

/// Whether a cell, a row or an area says that it lies where no sheet reaches: `r="ZZZZZZZ2"`, in whatever width its signs
/// are written.
#[derive(Default)]
struct Places {
    beyond_any_sheet: bool,
    at: PlaceAt,
}

#[derive(Clone, Copy, Default)]
enum PlaceAt {
    #[default]
    Text,
    Tag,
    /// So much of a name that says a place.
    Name(&'static [u8]),
    Named,
    Value {
        mark: u8,
        letters: usize,
        digits: usize,
    },
    OtherName,
    OtherValue(u8),
}

impl Places {
    const NAMES: [&[u8]; 2] = [b"r", b"ref"];
    /// XFD1048576
    const LETTERS_MOST: usize = 3;
    const DIGITS_MOST: usize = 7;

    fn take(&mut self, bytes: &[u8]) {
        for &sign in bytes.iter().filter(|sign| **sign != 0) {
            self.at = self.after(sign);
        }
    }

    fn after(&mut self, sign: u8) -> PlaceAt {
        match self.at {
            PlaceAt::Text if sign == b'<' => PlaceAt::OtherName,
            PlaceAt::Text => PlaceAt::Text,
            PlaceAt::Value { mark, .. } | PlaceAt::OtherValue(mark) if sign == mark => PlaceAt::Tag,
            PlaceAt::OtherValue(mark) => PlaceAt::OtherValue(mark),
            PlaceAt::Value { mark, letters, digits } => {
                let (letters, digits) = match sign {
                    b':' => (0, 0),
                    sign if sign.is_ascii_alphabetic() => (letters + 1, digits),
                    sign if sign.is_ascii_digit() => (letters, digits + 1),
                    _ => (letters, digits),
                };
                self.beyond_any_sheet |= letters > Self::LETTERS_MOST || digits > Self::DIGITS_MOST;
                PlaceAt::Value { mark, letters, digits }
            }
            PlaceAt::Tag | PlaceAt::Name(_) | PlaceAt::Named | PlaceAt::OtherName => self.in_tag(sign),
        }
    }

    fn in_tag(&self, sign: u8) -> PlaceAt {
        match (self.at, sign) {
            (_, b'>') => PlaceAt::Text,
            (PlaceAt::Named, b'"' | b'\'') => PlaceAt::Value { mark: sign, letters: 0, digits: 0 },
            (_, b'"' | b'\'') => PlaceAt::OtherValue(sign),
            (PlaceAt::Name(name), b'=') if Self::NAMES.contains(&name) => PlaceAt::Named,
            (PlaceAt::Named, _) => PlaceAt::Named,
            (PlaceAt::Name(name), sign) if sign.is_ascii_whitespace() => PlaceAt::Name(name),
            (_, sign) if sign.is_ascii_whitespace() => PlaceAt::Tag,
            (PlaceAt::Tag, b'r') => PlaceAt::Name(b"r"),
            (PlaceAt::Name(b"r"), b'e') => PlaceAt::Name(b"re"),
            (PlaceAt::Name(b"re"), b'f') => PlaceAt::Name(b"ref"),
            (_, _) => PlaceAt::OtherName,
        }
    }
}

/// Whether `text` begins with this tag, and not with a longer one such as `<mergeCells`.
fn begins(text: &[u8], tag: &[u8]) -> bool {
    let next = text.get(tag.len());
    text.starts_with(tag) && next.is_some_and(|sign| sign.is_ascii_whitespace() || matches!(sign, b'>' | b'/'))
}

fn damaged(error: zip::result::ZipError) -> SheetError {
    SheetError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_that_no_sheet_has_is_seen_wherever_it_stands() {
        let beyond = |text: &str| {
            let mut places = Places::default();
            text.as_bytes().chunks(3).for_each(|bytes| places.take(bytes));
            places.beyond_any_sheet
        };
        for text in [
            r#"<c r="ZZZZZZZ2" t="s">"#,
            r#"<c t="s" r = 'A99999999999999999999'>"#,
            r#"<row r="99999999">"#,
            r#"<mergeCell ref="A1:AAAA2"/>"#,
            "<c\0 \0r\0=\0\"\0A\0B\0C\0D\0\"\0>",
        ] {
            assert!(beyond(text), "{text}");
        }
        for text in [
            r#"<c r="XFD1048576"/>"#,
            r#"<mergeCell ref="A1:XFD1048576"/><c r="AB12">"#,
            r#"<sheet name="x" r:id="relation12345678"/>"#,
            r#"<t>r="ZZZZZZZZ2"</t><x note=' r="ZZZZZZ2"' bar="ABCDEFGH"/>"#,
        ] {
            assert!(!beyond(text), "{text}");
        }
    }
}
