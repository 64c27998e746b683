//! Whoever sees `138****1234` could try the ten thousand numbers that it may stand for: whatever tells a person whether
//! the tenant has a whole number is counted for that person. Files of them are looked at in
//! `imports/guessing.rs`.

use std::time::Duration;

use shared_proto::phone::Phone;

use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::Permission;
use crate::web::problem::Problem;

/// Whole numbers that one person may search by in an hour.
pub const PER_HOUR: u64 = 120;
/// Numbers that one person may enter in an hour, for new contacts and for the blacklist: enough for a program that keeps
/// two systems alike, and at this rate it takes hours, and leaves thousands of contacts in the log, to go through a mask.
pub const ENTRIES_PER_HOUR: u64 = 3_000;
/// The answer that a number is there already counts like a search that has found it.
const TAKEN_COUNTS: u64 = ENTRIES_PER_HOUR / PER_HOUR;
/// Files that one person may import in an hour.
pub const FILES_PER_HOUR: u64 = 120;
const WINDOW: Duration = Duration::from_hours(1);
/// Different numbers under one mask that one person may search by in a day. The place beside a mask leaves some forty
/// numbers that it may stand for.
pub const UNDER_A_MASK: u64 = 5;
/// As many may be entered: what is entered and was not there becomes a contact, which anybody sees.
pub const ENTRIES_UNDER_A_MASK: u64 = 20;
const DAY: Duration = Duration::from_hours(24);

/// Counts one search by a whole number, the same number once an hour. The first that is too many is in the access log.
pub async fn count<P: Permission>(app: &App, can: &Can<P>, phone: &Phone) -> Result<(), Problem> {
    count_under_its_mask(app, can, phone, "search", UNDER_A_MASK).await.inspect_err(|_| can.trail.access())?;
    let person = can.actor.user_id;
    let asked = format!("number-asked:{person}:{}", blind(app, can, phone).await?);
    // A client that waits for a call to one number, or turns its pages, learns of no other.
    if app.cache.count(&asked, WINDOW).await > 1 {
        return Ok(());
    }
    let searches = app.cache.count(&format!("number-search:{person}"), WINDOW).await;
    if searches <= PER_HOUR {
        return Ok(());
    }
    app.cache.delete(&asked).await;
    if searches == PER_HOUR + 1 {
        can.trail.access();
    }
    Err(Problem::too_many("number_search_limited", WINDOW.as_secs()).with("most", PER_HOUR))
}

/// The same number counts once, however often it is asked for.
async fn count_under_its_mask<P: Permission>(
    app: &App,
    can: &Can<P>,
    phone: &Phone,
    what: &str,
    most: u64,
) -> Result<(), Problem> {
    let person = can.actor.user_id;
    let blind = blind(app, can, phone).await?;
    if app.cache.count(&format!("number-{what}:{person}:{blind}"), DAY).await > 1 {
        return Ok(());
    }
    let tried = app.cache.count(&format!("number-{what}-under:{person}:{}", phone.masked()), DAY).await;
    if tried <= most {
        return Ok(());
    }
    app.cache.delete(&format!("number-{what}:{person}:{blind}")).await;
    Err(Problem::too_many("number_mask_tried", DAY.as_secs()).with("most", most))
}

async fn blind<P: Permission>(app: &App, can: &Can<P>, phone: &Phone) -> Result<String, Problem> {
    Ok(hex::encode(app.keys.sealer(can.db.tenant()).await?.blind(phone)))
}

/// Counts one whole number that a person enters. Refusals stand in the operation log, as every change does.
pub async fn count_entry<P: Permission>(app: &App, can: &Can<P>, phone: &Phone) -> Result<(), Problem> {
    count_under_its_mask(app, can, phone, "entry", ENTRIES_UNDER_A_MASK).await?;
    if app.cache.count(&entries_of(can), WINDOW).await <= ENTRIES_PER_HOUR {
        return Ok(());
    }
    Err(Problem::too_many("number_entry_limited", WINDOW.as_secs()).with("most", ENTRIES_PER_HOUR))
}

/// Counts the rest of an entry whose number turned out to be there already.
pub async fn count_taken<P: Permission>(app: &App, can: &Can<P>) {
    app.cache.add(&entries_of(can), TAKEN_COUNTS - 1, WINDOW).await;
}

fn entries_of<P: Permission>(can: &Can<P>) -> String {
    format!("number-entry:{}", can.actor.user_id)
}

/// Counts one file of numbers.
pub async fn count_file<P: Permission>(app: &App, can: &Can<P>) -> Result<(), Problem> {
    if app.cache.count(&format!("number-file:{}", can.actor.user_id), WINDOW).await <= FILES_PER_HOUR {
        return Ok(());
    }
    Err(Problem::too_many("import_files_limited", WINDOW.as_secs()).with("most", FILES_PER_HOUR))
}
