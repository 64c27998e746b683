//! From the first rows of a sheet to what every column is for. Pure.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rules::{Field, custom, guess_fields, header_row, number, shown};

/// Rows looked at to find the header below a title.
const HEADER_AMONG: usize = 5;
/// Rows that a plan is made of: how wide the sheet is shows below its header.
pub const ROWS_SEEN: usize = 25;

/// What the importing person said about columns: by number from 0 or by header; `None` skips.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping(BTreeMap<String, Option<String>>);

impl Mapping {
    /// A JSON object such as `{"联系电话": "phone", "2": null}`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            return Some(Self::default());
        }
        let Value::Object(map) = serde_json::from_str(text).ok()? else { return None };
        let pairs = map.into_iter().map(|(column, field)| match field {
            Value::Null => Some((column, None)),
            Value::String(field) => Some((column, Some(field))),
            _ => None,
        });
        Some(Self(pairs.collect::<Option<_>>()?))
    }

    pub fn to_json(&self) -> String {
        json!(self.0).to_string()
    }

    /// What was said, by the column's place.
    fn of(&self, headers: &[String]) -> Result<BTreeMap<usize, Field>, Refusal> {
        let mut said = BTreeMap::new();
        for (column, field) in &self.0 {
            let by_header = headers.iter().position(|header| header == column.trim());
            let by_number = column.parse::<usize>().ok().filter(|place| *place < headers.len());
            let Some(at) = by_header.or(by_number) else {
                return Err(("import_unknown_column", json!({"column": shown(column)})));
            };
            said.insert(at, field.as_deref().map_or(Field::Skip, Field::parse));
        }
        Ok(said)
    }
}

/// How to read a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Row number of the header; contacts follow.
    pub header_row: u32,
    pub headers: Vec<String>,
    pub fields: Vec<Field>,
}

/// The code of a row that holds others: see [`Plan::swallowed`].
pub const SWALLOWED: &str = "quote_swallowed";

/// Code and params of the problem.
pub type Refusal = (&'static str, Value);

impl Plan {
    /// `first` are the first rows that are not blank, with their numbers: up to [`ROWS_SEEN`].
    pub fn of(first: &[(u32, Vec<String>)], mapping: &Mapping) -> Result<Self, Refusal> {
        let plan = Self::without_number(first, mapping)?;
        if !plan.fields.contains(&Field::Phone) {
            let named = plan.headers.iter().filter(|header| !header.is_empty());
            let seen: Vec<String> = named.take(12).map(|header| shown(header)).collect();
            return Err(("import_no_phone_column", json!({"columns": seen})));
        }
        Ok(plan)
    }

    /// A plan that may lack the number's column: for a look, after which a person says which it is.
    pub fn without_number(first: &[(u32, Vec<String>)], mapping: &Mapping) -> Result<Self, Refusal> {
        let rows: Vec<Vec<String>> = first.iter().map(|(_, cells)| cells.clone()).take(HEADER_AMONG).collect();
        if rows.is_empty() {
            return Err(("import_empty", json!({})));
        }
        let place = header_row(&rows).unwrap_or(0);
        // Columns at the end may have no header, and are columns all the same.
        let width = first[place..].iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
        let mut headers = rows[place].clone();
        headers.resize(width, String::new());
        let mut fields = guess_fields(&headers);
        let said = mapping.of(&headers)?;
        for (at, field) in &said {
            fields[*at] = field.clone();
        }
        for at in 0..fields.len() {
            // The person named another column for this: what was guessed is a custom field.
            if !said.contains_key(&at) && said.values().any(|field| *field == fields[at]) {
                fields[at] = custom(&headers, at, &fields);
            }
        }
        Ok(Self { header_row: first[place].0, headers, fields })
    }

    /// Whether a cell of a text holds what look like rows of their own: the quotation mark before them was meant for
    /// nothing, and the next one, which was to open a cell, has closed it. A remark of several lines is no such thing, nor
    /// is a line of it that has a number and one word more, unless a quotation mark of its row stands out of place.
    pub fn swallowed(&self, cell: &str, delimiter: Option<char>, stray_mark: bool) -> bool {
        let Some(delimiter) = delimiter.filter(|_| self.fields.len() > 1) else { return false };
        let is_row = |line: &str| {
            let cells: Vec<&str> = line.split(delimiter).collect();
            let mut numbers = self.fields.iter().zip(&cells).filter(|(field, _)| **field == Field::Phone);
            cells.len() == self.fields.len() && numbers.any(|(_, cell)| number(cell).is_ok())
        };
        let least = if self.fields.len() > 2 || stray_mark { 1 } else { 2 };
        cell.lines().skip(1).filter(|line| is_row(line)).count() >= least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> Vec<(u32, Vec<String>)> {
        let cells = |line: &&str| line.split(',').map(str::to_owned).collect();
        lines.iter().enumerate().map(|(place, line)| (place as u32 + 1, cells(line))).collect()
    }

    fn fields(lines: &[&str], mapping: &str) -> String {
        match Plan::of(&rows(lines), &Mapping::parse(mapping).unwrap()) {
            Ok(plan) => {
                let words: Vec<&str> = plan.fields.iter().map(Field::as_str).collect();
                format!("{}: {}", plan.header_row, words.join(" "))
            }
            Err((code, params)) => format!("{code} {params}"),
        }
    }

    #[test]
    fn columns_are_guessed_and_a_person_may_say_otherwise() {
        let sheet = ["名单", "姓名,手机,城市", "张三,13812345678,上海"];
        assert_eq!(fields(&sheet, ""), "2: name number 城市");
        assert_eq!(fields(&sheet, r#"{"2": "remark", "姓名": null}"#), "2: skip number remark");
        assert_eq!(fields(&sheet, r#"{"x": "name"}"#), r#"import_unknown_column {"column":"x"}"#);
        assert_eq!(fields(&["a,b"], r#"{"b": "phone"}"#), "1: a number");
        let nicknames = ["手机,昵称,姓名,备注,城市"];
        assert_eq!(fields(&nicknames, r#"{"昵称": "name"}"#), "1: number name 姓名 remark 城市");
        assert_eq!(fields(&nicknames, r#"{"昵称": "remark"}"#), "1: number remark name 备注 城市");
        assert_eq!(fields(&nicknames, r#"{"昵称": "城市"}"#), "1: number 城市 name remark 城市2");
        assert_eq!(fields(&nicknames, r#"{"昵称": "phone"}"#), "1: 手机 number name remark 城市");
        assert_eq!(fields(&["a,b"], ""), r#"import_no_phone_column {"columns":["a","b"]}"#);
        assert_eq!(fields(&[], ""), "import_empty {}");
    }

    #[test]
    fn a_title_that_speaks_of_phones_is_no_header() {
        let header = "姓名,手机,城市";
        assert_eq!(fields(&["客户电话名单", header, "张三,13812345678,上海"], ""), "2: name number 城市");
        assert_eq!(fields(&["2026年电话销售名单,第3批", "说明：请拨打手机", header], ""), "3: name number 城市");
        assert_eq!(fields(&["客户电话名单", "13812345678"], ""), "1: number");
        assert_eq!(fields(&["手机", "13812345678"], ""), "1: number");
    }

    #[test]
    fn rows_that_a_stray_quotation_mark_swallowed_are_told_from_a_remark_of_several_lines() {
        let plan = Plan::of(&rows(&["姓名,手机,备注"]), &Mapping::default()).unwrap();
        let swallows = |cell: &str| plan.swallowed(cell, Some(','), false);
        assert!(swallows("好客户\n李四,13800000002,\n王五,13800000003,"));
        for remark in
            ["先打 13800000002\n再打 13800000003", "甲,乙\n丙,丁,戊", "李四,13800000002,", "一\n李四,13800000002"]
        {
            assert!(!swallows(remark), "{remark}");
        }
        assert!(swallows("好客户\n李四,13800000002,"), "one row is one customer");
        let narrow = Plan::of(&rows(&["手机,备注"]), &Mapping::default()).unwrap();
        assert!(!narrow.swallowed("备用：\n13800000002,儿子", Some(','), false), "a remark with a number in it");
        assert!(narrow.swallowed("好客户\n13800000002,\n13800000003,", Some(','), false));
        assert!(narrow.swallowed("好客户\n13800000002,好", Some(','), true), "a mark behind which the cell goes on");
        assert!(!plan.swallowed("好客户\n李四,13800000002,", None, false), "a workbook keeps its cells apart");
    }

    #[test]
    fn columns_without_a_header_are_columns_too() {
        assert_eq!(
            fields(&["姓名,手机", "张三,13812345678", "李四,13812345679,上海,老客户"], ""),
            "1: name number 列C 列D"
        );
    }
}
