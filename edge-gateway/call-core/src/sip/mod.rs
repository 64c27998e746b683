//! SIP over UDP (RFC 3261) as far as placing and answering calls needs it: reading and writing messages,
//! transactions, the dialog, digest. No socket: bytes in, bytes out.
pub mod dialog;
pub mod digest;
pub mod message;
pub mod met;
pub mod outcome;
mod parse;
pub mod session;
pub mod stateless;
pub mod transaction;
pub mod uac;
pub mod uri;
pub mod write;

pub use message::{CSeq, Headers, Message, Method, Start, Via};
pub use parse::{ParseError, parse};
pub use stateless::{call_id_of, reply_outside_dialog};
pub use uri::{NameAddr, Uri};
pub use write::Writer;

use std::collections::VecDeque;
use std::net::SocketAddr;

/// Datagrams to send, in order.
pub type Outbox = VecDeque<(Vec<u8>, SocketAddr)>;

/// What we accept inside a dialog.
pub const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO";
/// What we call ourselves.
pub const USER_AGENT: &str = "Bellbird";
