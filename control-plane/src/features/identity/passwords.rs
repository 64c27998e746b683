//! Password hashing with argon2id, a few at a time: each takes 19 MiB and a tenth of a second.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use platform::Secret;
use tokio::sync::{Mutex, MutexGuard, Semaphore};

use crate::app::Hashing;

const AT_ONCE: usize = 2;
/// Accounts, and addresses, share this many turns.
const TURNS: usize = 64;
type Turns = [[Mutex<()>; TURNS]; 2];

/// Held while a sign-in is judged.
pub struct Turn<'a> {
    _address: MutexGuard<'a, ()>,
    _account: MutexGuard<'a, ()>,
}

#[derive(Clone)]
pub struct Passwords {
    hashing: Hashing,
    places: Arc<Semaphore>,
    turns: Arc<Turns>,
    /// Verified against where there is no such account, so that both cases take the same time.
    nobody: Arc<str>,
}

impl Passwords {
    pub fn new(hashing: Hashing) -> anyhow::Result<Self> {
        let nobody = hash(hashing, "nobody has this password")?;
        Ok(Self {
            hashing,
            places: Arc::new(Semaphore::new(AT_ONCE)),
            turns: Arc::new(std::array::from_fn(|_| std::array::from_fn(|_| Mutex::default()))),
            nobody: nobody.into(),
        })
    }

    /// Waits until no other sign-in to this account or from this address is being judged.
    pub async fn turn(&self, email: &str, address: IpAddr) -> Turn<'_> {
        let [addresses, accounts] = &*self.turns;
        Turn { _address: addresses[place(address)].lock().await, _account: accounts[place(email)].lock().await }
    }

    pub async fn hash(&self, password: Secret) -> anyhow::Result<String> {
        let hashing = self.hashing;
        self.in_turn(move || hash(hashing, password.expose())).await
    }

    /// Whether `password` is the one behind `stored`; without a stored hash the answer is no, as slowly.
    pub async fn verify(&self, password: Secret, stored: Option<String>) -> anyhow::Result<bool> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.to_string());
        let right = self.in_turn(move || verify(password.expose(), &stored)).await?;
        Ok(right && known)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let place = self.places.clone().acquire_owned().await?;
        tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        })
        .await?
    }
}

fn place(of: impl Hash) -> usize {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    (hasher.finish() % TURNS as u64) as usize
}

fn argon2(hashing: Hashing) -> anyhow::Result<Argon2<'static>> {
    let params = match hashing {
        Hashing::Dear => Params::new(19 * 1024, 2, 1, None),
        Hashing::Cheap => Params::new(8, 1, 1, None),
    };
    let params = params.map_err(|e| anyhow::anyhow!("argon2 parameters: {e}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(hashing: Hashing, password: &str) -> anyhow::Result<String> {
    let hashed = argon2(hashing)?.hash_password_with_salt(password.as_bytes(), &rand::random::<[u8; 16]>());
    Ok(hashed.map_err(|e| anyhow::anyhow!("argon2: {e}"))?.to_string())
}

fn verify(password: &str, stored: &str) -> anyhow::Result<bool> {
    let stored = PasswordHash::new(stored).map_err(|e| anyhow::anyhow!("a stored password hash: {e}"))?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &stored).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_alone() {
        let passwords = Passwords::new(Hashing::Cheap).unwrap();
        let stored = passwords.hash(Secret::new("right")).await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(passwords.verify(Secret::new("right"), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify(Secret::new("wrong"), Some(stored)).await.unwrap());
        assert!(!passwords.verify(Secret::new("nobody has this password"), None).await.unwrap());
    }
}
