//! The edge's one SIP socket: datagrams go to the shard that owns their Call-ID, the rest are answered without state.

use crate::stats::EdgeStats;
use anyhow::Context;
use call_core::sip;
use crossbeam_channel::{Sender, TrySendError};
use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::sync::{Arc, PoisonError, RwLock};
use tokio_util::sync::CancellationToken;

/// Larger than any datagram.
const DATAGRAM: usize = 65_535;
/// Room for the signalling of a burst of calls.
const RECEIVE_BUFFER: usize = 4 * 1024 * 1024;

/// One received SIP datagram.
#[derive(Debug)]
pub struct Datagram {
    pub call_id: String,
    pub bytes: Vec<u8>,
    pub from: SocketAddr,
}

/// Which shard owns a Call-ID; clones share the table.
#[derive(Debug, Clone, Default)]
pub struct Routes(Arc<RwLock<HashMap<String, usize>>>);

impl Routes {
    pub fn add(&self, call_id: String, shard: usize) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(call_id, shard);
    }

    pub fn remove(&self, call_id: &str) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(call_id);
    }

    fn shard(&self, call_id: &str) -> Option<usize> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(call_id).copied()
    }
}

/// Opens the socket that is sent from by shards and received on by [`receive`].
pub fn bind(at: SocketAddr) -> anyhow::Result<Arc<UdpSocket>> {
    let socket = UdpSocket::bind(at).with_context(|| format!("opening the SIP port {at}: is it taken?"))?;
    socket.set_nonblocking(true)?;
    socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER)?;
    Ok(Arc::new(socket))
}

/// The receiving side of the socket.
pub struct Receive {
    pub socket: Arc<UdpSocket>,
    pub routes: Routes,
    pub shards: Vec<Sender<Datagram>>,
    pub stats: EdgeStats,
}

/// Hands datagrams out until `stop`.
pub async fn receive(parts: Receive, stop: CancellationToken) -> anyhow::Result<()> {
    let Receive { socket, routes, shards, stats } = parts;
    let socket = tokio::net::UdpSocket::from_std(socket.try_clone()?)?;
    let mut buffer = vec![0; DATAGRAM];
    loop {
        let received = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            received = socket.recv_from(&mut buffer) => received,
        };
        let (length, from) = match received {
            Ok(received) => received,
            // An ICMP error of an earlier datagram; the socket is fine.
            Err(error) => {
                tracing::debug!(%error, "SIP socket");
                continue;
            }
        };
        let bytes = &buffer[..length];
        let Some(call_id) = sip::call_id_of(bytes) else { continue };
        match routes.shard(call_id).and_then(|shard| shards.get(shard)) {
            Some(shard) => {
                let datagram = Datagram { call_id: call_id.to_owned(), bytes: bytes.to_vec(), from };
                if let Err(TrySendError::Full(_)) = shard.try_send(datagram) {
                    // SIP over UDP repeats what matters.
                    stats.datagram_dropped();
                }
            }
            None => {
                if let Some((reply, to)) = sip::parse(bytes).ok().and_then(|m| sip::reply_outside_dialog(&m, from))
                    && let Err(error) = socket.send_to(&reply, to).await
                {
                    tracing::debug!(%error, "a SIP reply could not be sent");
                }
            }
        }
    }
}
