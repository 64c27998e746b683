//! Whoever sees `138****1234` could try the ten thousand numbers that it may stand for: searches by a whole number
//! are counted for each person.

use std::time::Duration;

use crate::app::App;
use crate::features::identity::Can;
use crate::features::identity::permissions::Permission;
use crate::web::problem::Problem;

/// Searches by a whole number that one person may make in an hour.
pub const PER_HOUR: u64 = 120;
const WINDOW: Duration = Duration::from_hours(1);

/// Counts one search by a whole number. The first that is too many is in the access log.
pub async fn count<P: Permission>(app: &App, can: &Can<P>) -> Result<(), Problem> {
    let searches = app.cache.count(&format!("number-search:{}", can.actor.user_id), WINDOW).await;
    if searches <= PER_HOUR {
        return Ok(());
    }
    if searches == PER_HOUR + 1 {
        can.trail.access();
    }
    Err(Problem::too_many("number_search_limited", WINDOW.as_secs()).with("most", PER_HOUR))
}
