//! Frames of the wire protocol over a QUIC stream.

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared_proto::wire::{decode, encode};

const CHUNK: usize = 64 * 1024;

pub(crate) async fn write<T: Serialize>(stream: &mut quinn::SendStream, message: &T) -> anyhow::Result<()> {
    stream.write_all(&encode(message)?).await?;
    Ok(())
}

/// Reads one frame after another.
#[derive(Debug)]
pub(crate) struct FrameReader {
    stream: quinn::RecvStream,
    buffer: Vec<u8>,
}

impl FrameReader {
    pub fn new(stream: quinn::RecvStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// `None` when the peer ended the stream between two frames. Cancel-safe: what was read stays in the buffer.
    pub async fn next<T: DeserializeOwned>(&mut self) -> anyhow::Result<Option<T>> {
        loop {
            if let Some((message, used)) = decode(&self.buffer)? {
                self.buffer.drain(..used);
                return Ok(Some(message));
            }
            match self.stream.read_chunk(CHUNK, true).await? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk.bytes),
                None if self.buffer.is_empty() => return Ok(None),
                None => anyhow::bail!("the stream ended inside a frame"),
            }
        }
    }
}
