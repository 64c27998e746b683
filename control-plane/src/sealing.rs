//! Which tenant's key seals a phone number. The cryptography is platform's.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use platform::Database;
use platform::sealing::{MasterKey, SealingError, TenantSealer};
use sea_orm::{ConnectionTrait, Statement};
use shared_proto::ids::TenantId;
use shared_proto::phone::Phone;

/// Opened data keys, one per tenant, on first use.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    master: MasterKey,
    database: Database,
    opened: RwLock<HashMap<TenantId, Sealer>>,
}

impl Keys {
    pub fn new(master: MasterKey, database: Database) -> Self {
        Self(Arc::new(Inner { master, database, opened: RwLock::default() }))
    }

    /// A wrapped key for a tenant that is about to be created.
    pub fn new_wrapped(&self, tenant: TenantId) -> Result<Vec<u8>, SealingError> {
        self.0.master.new_data_key(&tenant.to_string())
    }

    /// The sealer of a tenant. Cheap after the first time; take it once per request or batch.
    pub async fn sealer(&self, tenant: TenantId) -> anyhow::Result<Sealer> {
        if let Some(sealer) = self.0.opened.read().get(&tenant) {
            return Ok(sealer.clone());
        }
        let read = self.0.database.read();
        let statement = Statement::from_sql_and_values(
            read.get_database_backend(),
            "SELECT key_wrapped FROM tenants WHERE id = $1",
            [tenant.to_string().into()],
        );
        let row = read.query_one_raw(statement).await?;
        let row = row.ok_or_else(|| anyhow::anyhow!("there is no tenant {tenant} whose key could seal"))?;
        let wrapped: Vec<u8> = row.try_get("", "key_wrapped")?;
        let sealer = Sealer(Arc::new(self.0.master.open_data_key(&tenant.to_string(), &wrapped)?));
        self.0.opened.write().insert(tenant, sealer.clone());
        Ok(sealer)
    }
}

/// Seals, opens and indexes the phone numbers of one tenant.
#[derive(Clone)]
pub struct Sealer(Arc<TenantSealer>);

impl Sealer {
    /// For `number_sealed`.
    pub fn seal(&self, phone: &Phone) -> Result<Vec<u8>, SealingError> {
        self.0.seal(phone.reveal())
    }

    pub fn open(&self, sealed: &[u8]) -> Result<Phone, SealingError> {
        Phone::from_e164(&self.0.open(sealed)?).ok_or(SealingError::Broken)
    }

    /// For `number_blind`: equality search, uniqueness.
    pub fn blind(&self, phone: &Phone) -> Vec<u8> {
        self.0.blind(phone.reveal())
    }

    /// Other secrets of the tenant, such as a trunk's password.
    pub fn seal_text(&self, text: &str) -> Result<Vec<u8>, SealingError> {
        self.0.seal(text)
    }

    pub fn open_text(&self, sealed: &[u8]) -> Result<String, SealingError> {
        self.0.open(sealed)
    }
}
