//! Spreadsheets in and out. Reads the rows of an uploaded sheet as text, in order, whatever it is: xlsx, xls or csv;
//! decides by the bytes, never by the file's name; bounded in memory. Writes a [`Table`] as xlsx. Knows nothing of
//! contacts, and stands apart because the libraries behind it are long to compile.

mod checked_xls;
mod checked_zip;
mod compound;
mod encoded_text;
mod other_kind;
mod table;
mod text_rows;

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use calamine::{Data, DataRef, Dimensions, Reader, SheetType, SheetVisible, XlsError, Xlsx, XlsxError};

pub use other_kind::OtherKind;
pub use table::{Cell, Table, neutral};
use text_rows::Writing;

/// More columns than this is not a contact list.
pub const COLUMNS_MOST: usize = 200;
pub const ROWS_MOST: u64 = 1_000_000;
/// Each is held in memory and looked at in every row.
pub const MERGES_MOST: usize = 10_000;
/// What a compressed sheet may unpack to.
pub const UNPACKED_MOST: u64 = 1 << 30;
/// Parts that are held in memory whole, and the whole of an old xls file.
pub const IN_MEMORY_MOST: u64 = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    #[error("the file is no spreadsheet")]
    UnknownKind,
    #[error("the file is no spreadsheet but {0:?}")]
    Other(OtherKind),
    #[error("the file is damaged or cut off: {0}")]
    Damaged(String),
    #[error("the file is locked with a password")]
    Encrypted,
    #[error("the file unpacks to more than is allowed")]
    UnpacksTooLarge,
    #[error("the text is in no encoding that is known here")]
    UnknownEncoding,
    #[error("the file holds no rows")]
    Empty,
    #[error("row {0} of the text is longer than any row of contacts")]
    RowTooLong(u64),
    #[error("the quotation mark on line {0} of the text is never closed")]
    QuoteOpen(u64),
    #[error("the sheet has too many columns")]
    TooManyColumns,
    #[error("the sheet has too many rows")]
    TooManyRows,
    #[error("the sheet has too many merged cells")]
    TooManyMerges,
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
}

impl SheetError {
    /// The name of the case in the catalogue of problems.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownKind => "import_not_a_sheet",
            Self::Other(kind) => kind.code(),
            Self::Damaged(_) => "import_damaged",
            Self::Encrypted => "import_encrypted",
            Self::UnpacksTooLarge => "import_unpacks_too_large",
            Self::UnknownEncoding => "import_unknown_encoding",
            Self::Empty => "import_empty",
            Self::RowTooLong(_) => "import_row_too_long",
            Self::QuoteOpen(_) => "import_quote_open",
            Self::TooManyColumns => "import_too_many_columns",
            Self::TooManyRows => "import_too_many_rows",
            Self::TooManyMerges => "import_too_many_merges",
            Self::Io(_) => "import_unreadable",
        }
    }
}

/// A row: its number as the spreadsheet program shows it, from 1, and its cells as text.
pub struct Row<'a> {
    pub number: u32,
    pub cells: &'a [String],
    /// Of a text: behind a quotation mark that closed a cell its row goes on, so that one of the two was meant for nothing.
    pub stray_mark: bool,
}

/// Called with each row that is not blank.
pub type Visit<'a> = &'a mut dyn FnMut(Row<'_>) -> ControlFlow<()>;

/// A sheet that passed the checks which can be made before reading it.
pub struct Sheet {
    path: PathBuf,
    kind: Kind,
    /// Rows the file seems to have, blank ones and the header included.
    pub rows_estimate: u64,
    /// Name of the sheet, where the format has such.
    pub name: Option<String>,
}

enum Kind {
    Xlsx { merges: bool },
    Xls,
    Text(Writing),
}

impl Sheet {
    /// Looks at the whole file once: its kind, that it is complete, and what it unpacks to.
    pub fn open(path: &Path) -> Result<Self, SheetError> {
        let mut file = File::open(path)?;
        let mut head = Vec::with_capacity(16);
        Read::by_ref(&mut file).take(16).read_to_end(&mut head)?;
        let (kind, rows_estimate, name) = match head.as_slice() {
            [] => return Err(SheetError::Empty),
            [b'P', b'K', 3, 4, ..] => {
                let found = checked_zip::check(&mut file)?;
                let name = guarded(|| Ok(readable_sheets(&xlsx(path)?).into_iter().next()))?;
                (Kind::Xlsx { merges: found.merges > 0 }, found.rows, name)
            }
            [0xd0, 0xcf, 0x11, 0xe0, ..] => {
                let (rows, name) = guarded(|| look_at_xls(&mut file))?;
                (Kind::Xls, rows, name)
            }
            head => {
                if let Some(kind) = OtherKind::by_signature(head) {
                    return Err(SheetError::Other(kind));
                }
                let found = encoded_text::detect(&mut file)?;
                (Kind::Text(found.writing), found.lines, None)
            }
        };
        if rows_estimate > ROWS_MOST * 2 {
            return Err(SheetError::TooManyRows);
        }
        Ok(Self { path: path.to_owned(), kind, rows_estimate, name })
    }

    /// `xlsx`, `xls`, or the name of the text's encoding.
    pub fn encoding(&self) -> &'static str {
        match self.kind {
            Kind::Xlsx { .. } => "xlsx",
            Kind::Xls => "xls",
            Kind::Text(writing) => writing.encoding.name(),
        }
    }

    /// What parts the cells of a line, where the sheet is a text.
    pub fn delimiter(&self) -> Option<char> {
        match self.kind {
            Kind::Xlsx { .. } | Kind::Xls => None,
            Kind::Text(writing) => Some(char::from(writing.delimiter)),
        }
    }

    /// Every row that is not blank, of the first sheet that has any.
    pub fn rows(&self, visit: Visit<'_>) -> Result<(), SheetError> {
        let mut rows = Rows { visit, count: 0, stray_mark: false };
        match self.kind {
            Kind::Xlsx { merges } => guarded(|| self.xlsx_rows(merges, &mut rows))?,
            Kind::Xls => guarded(|| self.xls_rows(&mut rows))?,
            Kind::Text(writing) => text_rows::read(&self.path, writing, &mut rows)?,
        }
        if rows.count == 0 { Err(SheetError::Empty) } else { Ok(()) }
    }

    fn xlsx_rows(&self, merges: bool, rows: &mut Rows<'_>) -> Result<(), SheetError> {
        let mut book = xlsx(&self.path)?;
        for sheet in readable_sheets(&book) {
            let merged = if merges { book.merge_cells_by_sheet_name(&sheet).map_err(xlsx_error)? } else { Vec::new() };
            let mut filler = MergedCells::new(merged)?;
            let mut reader = book.worksheet_cells_reader(&sheet).map_err(xlsx_error)?;
            let mut cells: Vec<String> = Vec::new();
            let mut at = 0;
            while let Some(cell) = reader.next_cell().map_err(xlsx_error)? {
                let (row, column) = cell.get_position();
                if row != at {
                    filler.fill(at, &mut cells);
                    if rows.push(at + 1, &mut cells)?.is_break() {
                        return Ok(());
                    }
                    at = row;
                }
                let text = text_of_ref(cell.get_value());
                if !text.is_empty() {
                    let column = column as usize;
                    if column >= COLUMNS_MOST {
                        return Err(SheetError::TooManyColumns);
                    }
                    if cells.len() <= column {
                        cells.resize(column + 1, String::new());
                    }
                    cells[column] = text;
                }
            }
            filler.fill(at, &mut cells);
            if rows.push(at + 1, &mut cells)?.is_break() || rows.count > 0 {
                return Ok(());
            }
        }
        Ok(())
    }

    fn xls_rows(&self, rows: &mut Rows<'_>) -> Result<(), SheetError> {
        let mut book = checked_xls::open(&mut File::open(&self.path)?)?;
        for sheet in readable_sheets(&book) {
            let range = book.worksheet_range(&sheet).map_err(xls_error)?;
            let (first_row, first_column) = range.start().unwrap_or_default();
            let mut filler = MergedCells::new(book.merge_cells_by_sheet_name(&sheet).unwrap_or_default())?;
            for (place, row) in range.rows().enumerate() {
                let at = first_row + place as u32;
                let blank = std::iter::repeat_n(String::new(), first_column as usize);
                let mut cells: Vec<String> = blank.chain(row.iter().map(text_of)).collect();
                filler.fill(at, &mut cells);
                if rows.push(at + 1, &mut cells)?.is_break() {
                    return Ok(());
                }
            }
            if rows.count > 0 {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// Counts rows on their way to the visitor and drops blank ones.
struct Rows<'a> {
    visit: Visit<'a>,
    count: u64,
    stray_mark: bool,
}

impl Rows<'_> {
    /// Empties `cells` for the next row.
    fn push(&mut self, number: u32, cells: &mut Vec<String>) -> Result<ControlFlow<()>, SheetError> {
        while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        if cells.len() > COLUMNS_MOST {
            return Err(SheetError::TooManyColumns);
        }
        self.count += 1;
        if self.count > ROWS_MOST + 1 {
            return Err(SheetError::TooManyRows);
        }
        let go_on = (self.visit)(Row { number, cells, stray_mark: self.stray_mark });
        cells.clear();
        Ok(go_on)
    }
}

/// A merged cell shows one value over several rows: each of them holds it.
struct MergedCells {
    open: Vec<(Dimensions, Option<String>)>,
}

impl MergedCells {
    fn new(mut merged: Vec<Dimensions>) -> Result<Self, SheetError> {
        if merged.len() > MERGES_MOST {
            return Err(SheetError::TooManyMerges);
        }
        merged.retain(|area| area.end.0 > area.start.0 && (area.start.1 as usize) < COLUMNS_MOST);
        Ok(Self { open: merged.into_iter().map(|area| (area, None)).collect() })
    }

    fn fill(&mut self, row: u32, cells: &mut Vec<String>) {
        let blank = cells.iter().all(|cell| cell.is_empty());
        for (area, value) in &mut self.open {
            let column = area.start.1 as usize;
            if area.start.0 == row {
                *value = cells.get(column).cloned();
            } else if area.start.0 < row
                && row <= area.end.0
                && !blank
                && let Some(value) = value
            {
                if cells.len() <= column {
                    cells.resize(column + 1, String::new());
                }
                if cells[column].is_empty() {
                    cells[column].clone_from(value);
                }
            }
        }
        self.open.retain(|(area, _)| area.end.0 > row);
    }
}

fn xlsx(path: &Path) -> Result<Xlsx<BufReader<File>>, SheetError> {
    Xlsx::new(BufReader::with_capacity(1 << 16, File::open(path)?)).map_err(xlsx_error)
}

fn readable_sheets<RS: Read + Seek, R: Reader<RS>>(book: &R) -> Vec<String> {
    let work = |sheet: &&calamine::Sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible;
    book.sheets_metadata().iter().filter(work).map(|sheet| sheet.name.clone()).collect()
}

/// Rows and the name of the first sheet that shows.
fn look_at_xls(file: &mut File) -> Result<(u64, Option<String>), SheetError> {
    let mut book = checked_xls::open(file)?;
    let name = readable_sheets(&book).into_iter().next();
    let rows = match &name {
        Some(name) => book.worksheet_range(name).map_err(xls_error)?.height() as u64,
        None => 0,
    };
    Ok((rows, name))
}

/// What a reader of others stumbles over is a damaged file; it holds nothing that outlives it.
fn guarded<T>(read: impl FnOnce() -> Result<T, SheetError>) -> Result<T, SheetError> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(read))
        .unwrap_or_else(|_| Err(SheetError::Damaged("its reader stumbled".to_owned())))
}

fn xlsx_error(error: XlsxError) -> SheetError {
    match error {
        XlsxError::Password => SheetError::Encrypted,
        other => SheetError::Damaged(other.to_string()),
    }
}

fn xls_error(error: XlsError) -> SheetError {
    match error {
        XlsError::Password => SheetError::Encrypted,
        other => SheetError::Damaged(other.to_string()),
    }
}

fn text_of_ref(value: &DataRef<'_>) -> String {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => text_of_number(*number),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(time) => text_of_time(time),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn text_of(value: &Data) -> String {
    match value {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.trim().to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => text_of_number(*number),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(time) => text_of_time(time),
        Data::Error(_) | Data::Empty => String::new(),
        #[allow(unreachable_patterns)]
        _ => String::new(),
    }
}

/// A whole number keeps all its digits: a phone number is stored so as 1.3812345678E+10.
fn text_of_number(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { (number as i64).to_string() } else { number.to_string() }
}

fn text_of_time(time: &calamine::ExcelDateTime) -> String {
    if time.is_duration() {
        let minutes = (time.as_f64() * 24.0 * 60.0).round() as i64;
        return format!("{}:{:02}", minutes / 60, minutes % 60);
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    match (hour, minute, second) {
        (0, 0, 0) => format!("{year:04}-{month:02}-{day:02}"),
        _ => format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"),
    }
}
