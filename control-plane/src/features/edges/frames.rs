//! Wire frames on a QUIC stream. Knows no meaning of a frame.

use serde::Serialize;
use serde::de::DeserializeOwned;
use shared_proto::wire::{self, WireError};

#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("the peer's frame: {0}")]
    Wire(#[from] WireError),
    #[error("the stream broke: {0}")]
    Read(#[from] quinn::ReadError),
    #[error("the stream broke: {0}")]
    Write(#[from] quinn::WriteError),
    #[error("the stream ended inside a frame")]
    Cut,
}

/// Reads frame after frame.
pub struct FrameReader {
    stream: quinn::RecvStream,
    buffer: Vec<u8>,
}

impl FrameReader {
    pub fn new(stream: quinn::RecvStream) -> Self {
        Self { stream, buffer: Vec::new() }
    }

    /// The next frame, or `None` at an orderly end. Cancel-safe: bytes read so far stay in the buffer.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, FrameError> {
        loop {
            if let Some((message, used)) = wire::decode(&self.buffer)? {
                self.buffer.drain(..used);
                return Ok(Some(message));
            }
            match self.stream.read_chunk(64 * 1024, true).await? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk.bytes),
                None if self.buffer.is_empty() => return Ok(None),
                None => return Err(FrameError::Cut),
            }
        }
    }

    /// What follows the frames on the same stream: bytes already read, then the stream itself.
    pub fn into_rest(self) -> (Vec<u8>, quinn::RecvStream) {
        (self.buffer, self.stream)
    }
}

pub async fn write<T: Serialize>(stream: &mut quinn::SendStream, message: &T) -> Result<(), FrameError> {
    let bytes = wire::encode(message)?;
    stream.write_all(&bytes).await?;
    Ok(())
}
