//! Sealing of personal data at rest: AES-256-GCM under a data key per tenant, each data key wrapped
//! by the master key, and a keyed blind index for equality search. Knows bytes only: which column
//! is sealed is the features' business.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

const KEY_LEN: usize = 32;

#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    #[error("the master key file {path}: {source}")]
    File { path: PathBuf, source: io::Error },
    #[error("the master key file {0} does not hold 64 hexadecimal digits")]
    NotAKey(PathBuf),
    #[error("sealed data does not open: it was changed, or sealed by another key")]
    Broken,
    #[error("the system gives no random bytes")]
    NoRandom,
}

/// The key that wraps every tenant's data key. It lives in a file that only its owner may read.
pub struct MasterKey(LessSafeKey);

impl MasterKey {
    /// Reads the key file, or makes it (mode 0600) where there is none. Losing this file loses
    /// every sealed number.
    pub fn load_or_create(path: &Path) -> Result<Self, SealingError> {
        let file_error = |source| SealingError::File { path: path.to_owned(), source };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = Zeroizing::new(hex::encode(*random_key()?));
                write_private(path, key.as_bytes()).map_err(file_error)?;
                key
            }
            Err(error) => return Err(file_error(error)),
        };
        let mut key = Zeroizing::new([0u8; KEY_LEN]);
        hex::decode_to_slice(text.trim(), &mut *key).map_err(|_| SealingError::NotAKey(path.to_owned()))?;
        Ok(Self(aead_key(&key)))
    }

    /// A fresh data key for `tenant`, wrapped: this is what the tenant's row holds.
    pub fn new_data_key(&self, tenant: &str) -> Result<Vec<u8>, SealingError> {
        seal(&self.0, tenant.as_bytes(), &*random_key()?)
    }

    /// Opens a wrapped data key for use.
    pub fn open_data_key(&self, tenant: &str, wrapped: &[u8]) -> Result<TenantSealer, SealingError> {
        let plain = Zeroizing::new(open(&self.0, tenant.as_bytes(), wrapped)?);
        let key: &[u8; KEY_LEN] = plain.as_slice().try_into().map_err(|_| SealingError::Broken)?;
        Ok(TenantSealer::from_key(tenant, key))
    }
}

/// Seals, opens and indexes one tenant's data. One key each for sealing and indexing, both derived
/// from the data key.
pub struct TenantSealer {
    tenant: String,
    aead: LessSafeKey,
    index: hmac::Key,
}

impl TenantSealer {
    fn from_key(tenant: &str, key: &[u8; KEY_LEN]) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, key);
        let derive = |purpose: &[u8]| {
            let mut derived = Zeroizing::new([0u8; KEY_LEN]);
            derived.copy_from_slice(hmac::sign(&root, purpose).as_ref());
            derived
        };
        Self {
            tenant: tenant.to_owned(),
            aead: aead_key(&derive(b"seal")),
            index: hmac::Key::new(hmac::HMAC_SHA256, &*derive(b"index")),
        }
    }

    /// Nonce, ciphertext and tag. The same text seals to other bytes each time.
    pub fn seal(&self, text: &str) -> Result<Vec<u8>, SealingError> {
        seal(&self.aead, self.tenant.as_bytes(), text.as_bytes())
    }

    pub fn open(&self, sealed: &[u8]) -> Result<String, SealingError> {
        let plain = open(&self.aead, self.tenant.as_bytes(), sealed)?;
        String::from_utf8(plain).map_err(|_| SealingError::Broken)
    }

    /// The blind index: equal texts of one tenant give equal bytes, and nobody without the key can
    /// try numbers against it.
    pub fn blind(&self, text: &str) -> Vec<u8> {
        hmac::sign(&self.index, text.as_bytes()).as_ref()[..16].to_vec()
    }
}

fn aead_key(key: &[u8; KEY_LEN]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("the key has the length of the algorithm"))
}

fn random_key() -> Result<Zeroizing<[u8; KEY_LEN]>, SealingError> {
    let mut key = Zeroizing::new([0u8; KEY_LEN]);
    SystemRandom::new().fill(&mut *key).map_err(|_| SealingError::NoRandom)?;
    Ok(key)
}

fn seal(key: &LessSafeKey, about: &[u8], plain: &[u8]) -> Result<Vec<u8>, SealingError> {
    let mut nonce = [0u8; NONCE_LEN];
    SystemRandom::new().fill(&mut nonce).map_err(|_| SealingError::NoRandom)?;
    let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut sealed[NONCE_LEN..])
        .map_err(|_| SealingError::Broken)?;
    sealed.extend_from_slice(tag.as_ref());
    Ok(sealed)
}

fn open(key: &LessSafeKey, about: &[u8], sealed: &[u8]) -> Result<Vec<u8>, SealingError> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(SealingError::Broken)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::Broken)?;
    let mut body = body.to_vec();
    let length = key.open_in_place(nonce, Aad::from(about), &mut body).map_err(|_| SealingError::Broken)?.len();
    body.truncate(length);
    Ok(body)
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> (tempfile::TempDir, MasterKey) {
        let folder = tempfile::tempdir().unwrap();
        let master = MasterKey::load_or_create(&folder.path().join("master.key")).unwrap();
        (folder, master)
    }

    #[test]
    fn a_sealed_text_opens_again_after_a_restart_and_never_looks_the_same_twice() {
        let (folder, master) = keys();
        let wrapped = master.new_data_key("ten_1").unwrap();
        let sealed = master.open_data_key("ten_1", &wrapped).unwrap().seal("+8613812345678").unwrap();
        let again = MasterKey::load_or_create(&folder.path().join("master.key")).unwrap();
        let sealer = again.open_data_key("ten_1", &wrapped).unwrap();
        assert_eq!(sealer.open(&sealed).unwrap(), "+8613812345678");
        assert_ne!(sealer.seal("+8613812345678").unwrap(), sealed);
    }

    #[test]
    fn changed_bytes_and_another_tenants_key_do_not_open() {
        let (_folder, master) = keys();
        let one = master.open_data_key("ten_1", &master.new_data_key("ten_1").unwrap()).unwrap();
        let wrapped = master.new_data_key("ten_2").unwrap();
        let other = master.open_data_key("ten_2", &wrapped).unwrap();
        let mut sealed = one.seal("secret").unwrap();
        assert!(matches!(other.open(&sealed), Err(SealingError::Broken)));
        sealed[NONCE_LEN] ^= 1;
        assert!(matches!(one.open(&sealed), Err(SealingError::Broken)));
        assert!(matches!(one.open(&sealed[..5]), Err(SealingError::Broken)));
        assert!(matches!(master.open_data_key("ten_1", &wrapped), Err(SealingError::Broken)));
    }

    #[test]
    fn the_blind_index_is_equal_within_a_tenant_and_unequal_across() {
        let (_folder, master) = keys();
        let one = master.open_data_key("ten_1", &master.new_data_key("ten_1").unwrap()).unwrap();
        let other = master.open_data_key("ten_2", &master.new_data_key("ten_2").unwrap()).unwrap();
        assert_eq!(one.blind("+86138"), one.blind("+86138"));
        assert_ne!(one.blind("+86138"), other.blind("+86138"));
    }

    #[test]
    fn the_key_file_belongs_to_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, _master) = keys();
        let mode = std::fs::metadata(folder.path().join("master.key")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
