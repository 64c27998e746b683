//! A table as a spreadsheet to download. No cell of it can become a formula.

use rust_xlsxwriter::{Format, FormatBorder, Workbook, XlsxError};

/// UTF-16 units that a cell holds at most.
const CELL_MOST: usize = 32_767;

#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    /// 0.123 shows as 12.3%
    Share(f64),
}

/// One sheet with a header, and at most one page of notes behind it.
pub struct Table {
    name: String,
    headers: Vec<String>,
    rows: Vec<Vec<Cell>>,
    blank_rows: u32,
    note: Option<(String, Vec<String>)>,
}

impl Table {
    pub fn new(name: &str, headers: Vec<String>) -> Self {
        Self { name: name.to_owned(), headers, rows: Vec::new(), blank_rows: 0, note: None }
    }

    pub fn push(&mut self, row: Vec<Cell>) {
        self.rows.push(row);
    }

    /// Rows to be filled in by people: what they type stays text, so that a number keeps all its digits.
    pub fn fill_in_rows(&mut self, rows: u32) {
        self.blank_rows = rows;
    }

    pub fn note(&mut self, name: &str, lines: Vec<String>) {
        self.note = Some((name.to_owned(), lines));
    }

    pub fn to_bytes(&self) -> Result<Vec<u8>, XlsxError> {
        let bold = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
        let typed_as_text = Format::new().set_num_format("@");
        let share = Format::new().set_num_format("0.0%");
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name(&self.name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, header) in (0u16..).zip(&self.headers) {
            if self.blank_rows > 0 {
                sheet.set_column_format(column, &typed_as_text)?;
            }
            sheet.set_column_width(column, 18)?;
            sheet.write_string_with_format(0, column, written(header), &bold)?;
        }
        for (row, cells) in (1u32..).zip(&self.rows) {
            for (column, cell) in (0u16..).zip(cells) {
                match cell {
                    Cell::Empty => continue,
                    Cell::Text(text) => sheet.write_string(row, column, written(text))?,
                    Cell::Number(number) => sheet.write_number(row, column, *number)?,
                    Cell::Share(part) => sheet.write_number_with_format(row, column, *part, &share)?,
                };
            }
        }
        if let Some((name, lines)) = &self.note {
            let sheet = book.add_worksheet();
            sheet.set_name(name)?;
            sheet.set_column_width(0, 80)?;
            for (row, line) in (0u32..).zip(lines) {
                sheet.write_string(row, 0, written(line))?;
            }
        }
        book.save_to_buffer()
    }
}

/// The text as a cell takes it: no formula, and no longer than a cell may be.
fn written(text: &str) -> String {
    let mut text = neutral(text);
    let mut units = 0;
    let end = text.char_indices().find(|(_, sign)| {
        units += sign.len_utf16();
        units > CELL_MOST
    });
    if let Some((end, _)) = end {
        text.truncate(end);
    }
    text
}

/// A text that a spreadsheet program would take for a formula, once saved as CSV and opened again, gets a
/// leading apostrophe. Plain numbers such as -5 or +8613812345678 stay.
pub fn neutral(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    if risky && text.parse::<f64>().is_err() { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_becomes_a_formula_and_numbers_stay_numbers() {
        let cases = [
            ("=HYPERLINK(\"http://x\",\"点我\")", "'=HYPERLINK(\"http://x\",\"点我\")"),
            ("+86 176-0830-2983", "'+86 176-0830-2983"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-5", "-5"),
            ("张三", "张三"),
        ];
        for (text, safe) in cases {
            assert_eq!(neutral(text), safe);
        }
    }

    #[test]
    fn a_text_too_long_for_a_cell_is_cut_and_not_an_error() {
        let mut table = Table::new("a", vec!["b".to_owned()]);
        table.push(vec![Cell::Text("长".repeat(40_000))]);
        assert!(table.to_bytes().is_ok());
        assert_eq!(written(&"😀".repeat(20_000)).encode_utf16().count(), 32_766);
    }
}
