//! Pairs of media ports: an even one for RTP and the odd one above it for RTCP (RFC 3550 section 11).
//! A pair somebody else holds is skipped.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;

/// Hands out bound, nonblocking socket pairs.
#[derive(Debug)]
pub struct Ports {
    ip: IpAddr,
    first: u16,
    pairs: u16,
    next: u16,
}

/// One leg's sockets. Dropping them frees the pair.
#[derive(Debug)]
pub struct Pair {
    pub rtp: UdpSocket,
    pub rtcp: UdpSocket,
    pub port: u16,
}

/// Room for a burst while the shard is busy elsewhere: half a second of G.711.
const RECEIVE_BUFFER: usize = 64 * 1024;

impl Ports {
    pub fn new(ip: IpAddr, range: &RangeInclusive<u16>) -> Self {
        let first = range.start().saturating_add(range.start() % 2);
        let ports = (u32::from(*range.end()) + 1).saturating_sub(u32::from(first));
        let pairs = u16::try_from(ports / 2).unwrap_or(u16::MAX);
        Self { ip, first, pairs, next: 0 }
    }

    /// How many pairs the range holds, free or not.
    pub fn pairs(&self) -> u16 {
        self.pairs
    }

    /// Binds the next free pair; `None` when every pair is taken.
    pub fn bind(&mut self) -> Option<Pair> {
        for step in 0..self.pairs {
            let slot = (self.next + step) % self.pairs;
            let port = self.first + 2 * slot;
            if let Ok(pair) = pair(self.ip, port) {
                // Going round the range keeps a late packet of an old call away from a new one.
                self.next = (slot + 1) % self.pairs;
                return Some(pair);
            }
        }
        None
    }
}

fn pair(ip: IpAddr, port: u16) -> io::Result<Pair> {
    Ok(Pair { rtp: socket(SocketAddr::new(ip, port))?, rtcp: socket(SocketAddr::new(ip, port + 1))?, port })
}

fn socket(at: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind(at)?;
    socket.set_nonblocking(true)?;
    socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    /// An even port with a few free ones above it, found by asking the system.
    fn free_range(pairs: u16) -> RangeInclusive<u16> {
        loop {
            let start = UdpSocket::bind((LOCAL, 0)).unwrap().local_addr().unwrap().port() & !1;
            let Some(end) = start.checked_add(2 * pairs - 1) else { continue };
            if (start..=end).all(|port| UdpSocket::bind((LOCAL, port)).is_ok()) {
                return start..=end;
            }
        }
    }

    #[test]
    fn an_occupied_port_costs_its_pair_and_nothing_else() {
        let range = free_range(3);
        let start = *range.start();
        let _taken = UdpSocket::bind((LOCAL, start + 1)).unwrap();
        let mut ports = Ports::new(LOCAL, &range);
        let (one, two) = (ports.bind().unwrap(), ports.bind().unwrap());
        assert_eq!((one.port, two.port), (start + 2, start + 4));
        assert!(ports.bind().is_none());
        drop(one);
        assert_eq!(ports.bind().unwrap().port, start + 2);
    }

    #[test]
    fn an_odd_range_uses_only_whole_pairs() {
        assert_eq!(Ports::new(LOCAL, &(20_001..=20_006)).pairs(), 2);
        assert_eq!(Ports::new(LOCAL, &(20_000..=20_000)).pairs(), 0);
        assert_eq!(Ports::new(LOCAL, &(65_534..=65_535)).pairs(), 1);
    }
}
