//! The challenges that a request has met on its way, by several servers perhaps (RFC 3261 section 22.3): each realm is
//! answered once, and again where only its nonce was old.
use super::digest::{Challenge, Credentials};
use super::message::Message;
use crate::rng::Rng;

/// Answers to one realm, with those to old nonces.
const TRIES: u32 = 3;
/// Realms on one way.
const REALMS: usize = 4;

/// A header: its name and value.
pub type Header = (&'static str, String);

/// What one account can answer of the challenges to a request.
#[derive(Debug)]
pub struct Met {
    who: Option<Credentials>,
    answered: Vec<Answered>,
}

#[derive(Debug)]
struct Answered {
    challenge: Challenge,
    tries: u32,
    /// Requests that used this nonce.
    uses: u32,
}

impl Met {
    pub fn new(who: Option<Credentials>) -> Self {
        Self { who, answered: Vec::new() }
    }

    /// Takes a 401 or 407; whether it is worth repeating the request with [`Met::headers`].
    pub fn meet(&mut self, response: &Message, code: u16) -> bool {
        let mut worth = false;
        if self.who.is_some() {
            for challenge in Challenge::each(response, code) {
                worth |= self.take(challenge);
            }
        }
        worth
    }

    /// The answers to all of them, for the next request.
    pub fn headers(&mut self, method: &str, uri: &str, rng: &mut Rng) -> Vec<Header> {
        let Some(who) = &self.who else { return Vec::new() };
        let answer = |answered: &mut Answered| {
            answered.uses += 1;
            answered.challenge.answer(who, method, uri, &rng.token(), answered.uses)
        };
        self.answered.iter_mut().map(answer).collect()
    }

    fn take(&mut self, challenge: Challenge) -> bool {
        let room = self.answered.len() < REALMS;
        match self.answered.iter_mut().find(|known| known.challenge.is_by(&challenge)) {
            Some(known) if challenge.stale && known.tries < TRIES => {
                *known = Answered { challenge, tries: known.tries + 1, uses: 0 };
                true
            }
            Some(_) => false,
            None if room => {
                self.answered.push(Answered { challenge, tries: 1, uses: 0 });
                true
            }
            None => false,
        }
    }
}
