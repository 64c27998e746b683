//! RTP packets: reading with every optional part (CSRC, extension, padding), writing the plain form we send.

/// The fields we use of an RTP header (RFC 3550 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    pub payload_type: u8,
    pub marker: bool,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

/// A packet as it lies in its datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    pub header: Header,
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a datagram; `None` when it is not RTP version 2 or its lengths do not fit.
    pub fn parse(bytes: &'a [u8]) -> Option<Self> {
        let [b0, b1, s0, s1, t0, t1, t2, t3, r0, r1, r2, r3, rest @ ..] = bytes else { return None };
        if b0 >> 6 != 2 {
            return None;
        }
        let mut payload = rest.get(usize::from(b0 & 0x0F) * 4..)?;
        if b0 & 0x10 != 0 {
            let [_, _, l0, l1, after @ ..] = payload else { return None };
            payload = after.get(usize::from(u16::from_be_bytes([*l0, *l1])) * 4..)?;
        }
        if b0 & 0x20 != 0 {
            let padding = usize::from(*payload.last()?);
            if padding == 0 {
                return None;
            }
            payload = payload.get(..payload.len().checked_sub(padding)?)?;
        }
        let header = Header {
            payload_type: b1 & 0x7F,
            marker: b1 & 0x80 != 0,
            sequence: u16::from_be_bytes([*s0, *s1]),
            timestamp: u32::from_be_bytes([*t0, *t1, *t2, *t3]),
            ssrc: u32::from_be_bytes([*r0, *r1, *r2, *r3]),
        };
        Some(Self { header, payload })
    }
}

impl Header {
    /// A datagram with room for `payload` bytes after the header.
    pub fn begin(&self, payload: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(12 + payload);
        bytes.push(0x80);
        bytes.push(self.payload_type & 0x7F | if self.marker { 0x80 } else { 0 });
        bytes.extend_from_slice(&self.sequence.to_be_bytes());
        bytes.extend_from_slice(&self.timestamp.to_be_bytes());
        bytes.extend_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let header = Header { payload_type: 8, marker: true, sequence: 65_535, timestamp: 7, ssrc: 0xDEAD_BEEF };
        let mut bytes = header.begin(2);
        bytes.extend([1, 2]);
        assert_eq!(Packet::parse(&bytes), Some(Packet { header, payload: &[1, 2] }));
    }

    #[test]
    fn optional_parts_are_skipped_and_wrong_lengths_refused() {
        // One CSRC, an extension of one word, three bytes of padding.
        let mut bytes = vec![0xB1, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 9, 9, 9, 0xBE, 0xDE, 0, 1, 7, 7, 7, 7];
        bytes.extend([42, 43, 0, 0, 3]);
        assert_eq!(Packet::parse(&bytes).map(|p| p.payload), Some(&[42, 43][..]));
        for cut in 0..24 {
            assert!(Packet::parse(&bytes[..cut]).is_none_or(|p| p.payload.len() < 5));
        }
        assert_eq!(Packet::parse(&[0x40; 12]), None);
    }
}
