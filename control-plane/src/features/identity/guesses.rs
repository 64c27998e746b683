//! Wrong passwords, and where too many of them come from. Right ones count for nothing, however many there are.
//! The sign-ins to one account, and those from one address, are judged one after another (`passwords.rs`): guesses
//! sent all at once count like any.

use std::net::IpAddr;
use std::time::Duration;

use platform::Cache;

use super::can;
use crate::web::problem::Problem;

/// Wrong passwords for one account from one address within the window.
const MOST_HERE: u64 = 10;
/// And from everywhere: higher, so that a stranger cannot lock an account's owner out at once.
const MOST_ANYWHERE: u64 = 50;
const WINDOW: Duration = Duration::from_mins(15);
/// Wrong passwords from one address within its window, for whatever accounts.
const MOST_OF_ADDRESS: u64 = 60;
const ADDRESS_WINDOW: Duration = Duration::from_mins(1);

/// The counts that one sign-in hangs on.
pub struct Guesses<'a> {
    cache: &'a Cache,
    here: String,
    anywhere: String,
    address: String,
}

impl<'a> Guesses<'a> {
    pub fn of(cache: &'a Cache, email: &str, address: IpAddr) -> Self {
        let anywhere = format!("login:{}", hex::encode(can::token_digest(email)));
        Self { cache, here: format!("{anywhere}:{address}"), anywhere, address: format!("login-from:{address}") }
    }

    pub async fn too_many(&self) -> Result<(), Problem> {
        if self.cache.counted(&self.address).await >= MOST_OF_ADDRESS {
            return Err(Problem::too_many("login_address_throttled", ADDRESS_WINDOW.as_secs()));
        }
        let here = self.cache.counted(&self.here).await;
        if here >= MOST_HERE || self.cache.counted(&self.anywhere).await >= MOST_ANYWHERE {
            return Err(Problem::too_many("login_account_throttled", WINDOW.as_secs()));
        }
        Ok(())
    }

    pub async fn count(&self) {
        self.cache.count(&self.address, ADDRESS_WINDOW).await;
        self.cache.count(&self.here, WINDOW).await;
        self.cache.count(&self.anywhere, WINDOW).await;
    }

    /// The account's owner is in.
    pub async fn forget(&self) {
        self.cache.delete(&self.here).await;
        self.cache.delete(&self.anywhere).await;
    }
}
