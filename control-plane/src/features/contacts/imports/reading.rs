//! The half of an import that needs no database: rows of the file become lines ready to be settled.
//! Runs on a thread of its own and is held back by its reader.

use std::ops::ControlFlow;

use shared_proto::ids::ContactId;
use sheets::{Row, Sheet, SheetError};

use super::batch::{Line, Ready};
use super::guessing::Numbers;
use super::plan::{Mapping, Plan, ROWS_SEEN, Refusal, SWALLOWED};
use super::rules::{Candidate, Field, numbers_in, read_row};
use crate::features::contacts::regions::Home;
use crate::features::contacts::rules::{is_synthetic, tail};
use crate::sealing::Sealer;

/// Why a file cannot be imported: a code of the catalogue, and what the text needs.
pub fn refusal(error: &SheetError) -> Refusal {
    let params = match error {
        SheetError::RowTooLong(row) | SheetError::QuoteOpen(row) => serde_json::json!({"row": row}),
        SheetError::TooManyColumns => serde_json::json!({"most": sheets::COLUMNS_MOST}),
        SheetError::TooManyRows => serde_json::json!({"most": sheets::ROWS_MOST}),
        SheetError::TooManyMerges => serde_json::json!({"most": sheets::MERGES_MOST}),
        _ => serde_json::json!({}),
    };
    (error.code(), params)
}

/// Reads as far as the first rows below the header.
pub fn plan(sheet: &Sheet, mapping: &Mapping) -> Result<Plan, Refusal> {
    Plan::of(&first_rows(sheet, ROWS_SEEN)?, mapping)
}

/// The first rows that are not blank, with their numbers.
pub fn first_rows(sheet: &Sheet, count: usize) -> Result<Vec<(u32, Vec<String>)>, Refusal> {
    first_of(sheet, count, &|row| (row.number, row.cells.to_vec()))
}

/// What `keep` makes of the first rows that are not blank.
pub fn first_of<T>(sheet: &Sheet, count: usize, keep: &dyn Fn(&Row<'_>) -> T) -> Result<Vec<T>, Refusal> {
    let mut rows = Vec::with_capacity(count);
    let read = sheet.rows(&mut |row| {
        rows.push(keep(&row));
        if rows.len() < count { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    match read {
        Ok(()) => Ok(rows),
        Err(error) => Err(refusal(&error)),
    }
}

/// Reads to the end before anybody is changed: a file that breaks off half way is found out, and so is one that tries
/// numbers.
pub fn numbers(sheet: &Sheet, plan: &Plan) -> Result<Numbers, Refusal> {
    let mut numbers = Numbers::default();
    let read = sheet.rows(&mut |row| {
        if row.number > plan.header_row {
            let columns = plan.fields.iter().zip(row.cells).filter(|(field, _)| **field == Field::Phone);
            let cells: Vec<&str> = columns.map(|(_, cell)| cell.as_str()).collect();
            if let Ok(found) = numbers_in(&cells) {
                numbers.take(&found.phone);
            }
        }
        ControlFlow::Continue(())
    });
    match read {
        Ok(()) => Ok(numbers),
        Err(error) => Err(refusal(&error)),
    }
}

pub struct Reading<'a> {
    pub sheet: &'a Sheet,
    pub plan: &'a Plan,
    pub sealer: &'a Sealer,
    /// Rows up to this one are settled already.
    pub checkpoint: u32,
    /// Ids of an import sort in the order of the file: they carry this time and the row.
    pub at_ms: u64,
    pub batch: usize,
}

impl Reading<'_> {
    /// Hands over lines in batches until the end, or until `take` wants no more.
    pub fn run(&self, take: &mut dyn FnMut(Vec<Line>) -> ControlFlow<()>) -> Result<(), SheetError> {
        let mut lines = Vec::with_capacity(self.batch);
        let from = self.checkpoint.max(self.plan.header_row);
        let mut ended = false;
        self.sheet.rows(&mut |row| {
            if row.number <= from {
                return ControlFlow::Continue(());
            }
            lines.push(self.line(&row));
            if lines.len() < self.batch {
                return ControlFlow::Continue(());
            }
            let go_on = take(std::mem::replace(&mut lines, Vec::with_capacity(self.batch)));
            ended = go_on.is_break();
            go_on
        })?;
        if !ended && !lines.is_empty() {
            let _ = take(lines);
        }
        Ok(())
    }

    fn line(&self, row: &Row<'_>) -> Line {
        let Row { number: row, cells, stray_mark } = *row;
        let delimiter = self.sheet.delimiter();
        let outcome = if cells.iter().any(|cell| self.plan.swallowed(cell, delimiter, stray_mark)) {
            Err(SWALLOWED)
        } else {
            // Sealing fails only where the system gives no random bytes.
            read_row(&self.plan.fields, cells)
                .and_then(|candidate| self.ready(row, candidate).map_err(|_| "not_sealed"))
        };
        // Kept only for rows that may be reported; a candidate may yet turn out to be a duplicate.
        let cells = serde_json::to_string(cells).unwrap_or_default();
        Line { row, cells, outcome }
    }

    fn ready(&self, row: u32, candidate: Candidate) -> Result<Ready, platform::sealing::SealingError> {
        let Candidate { phone, name, remark, fields, others } = candidate;
        let home = Home::of(&phone);
        let fields: serde_json::Map<String, serde_json::Value> =
            fields.into_iter().map(|(key, value)| (key, value.into())).collect();
        let others_sealed = if others.is_empty() {
            None
        } else {
            let all: Vec<&str> = others.iter().map(|other| other.reveal()).collect();
            Some(self.sealer.seal_text(&all.join(" "))?)
        };
        Ok(Ready {
            id: ContactId::new(self.at_ms, (u128::from(row) << 48) | u128::from(rand::random::<u64>() >> 16)),
            name,
            number_sealed: self.sealer.seal(&phone)?,
            number_blind: self.sealer.blind(&phone),
            number_masked: phone.masked(),
            number_tail: tail(&phone),
            number_type: phone.number_type().as_str(),
            province: home.province,
            city: home.city,
            carrier: home.carrier,
            zone: home.zone,
            remark,
            fields: serde_json::Value::Object(fields).to_string(),
            others_sealed,
            synthetic: is_synthetic(&phone),
        })
    }
}
