//! Housekeeping of sessions.

use std::time::Duration;

use super::store;
use crate::jobs::Registry;

pub fn register(registry: &mut Registry) {
    registry.tick("identity.sessions", Duration::from_mins(10), |app| async move {
        let tx = app.database.write().await?;
        let ended = store::delete_expired_sessions(&tx, app.now_ms()).await?;
        tx.commit().await?;
        if ended > 0 {
            tracing::debug!(ended, "expired sessions were removed");
        }
        Ok(())
    });
}
