//! The edge's side of the uplink: enrols once, keeps one connection up, and carries frames both ways.
//! It decides nothing about calls and remembers nothing across connections.

mod backoff;
mod enrol;
mod frames;
mod identity;
mod upload;

pub use enrol::EnrolError;
pub use upload::Uploads;

use crate::config::EdgeConfig;
use anyhow::Context;
use backoff::Backoff;
use frames::FrameReader;
use identity::Identity;
use shared_proto::wire::{Down, SERVER_NAME, Up};
use std::net::SocketAddr;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Frames waiting for a slow link; more are dropped by their sender, who repeats what matters.
const WAITING: usize = 4_096;

/// What the uplink tells the gateway, in order.
#[derive(Debug)]
pub enum News {
    /// A fresh connection. Frames given to an older sender are gone.
    Connected {
        frames: mpsc::Sender<Up>,
        connection: quinn::Connection,
    },
    Down(Box<Down>),
    Lost,
}

/// Keeps the uplink up until `stop`. Fails only on what time cannot mend.
pub async fn run(
    config: EdgeConfig,
    endpoint: quinn::Endpoint,
    news: mpsc::Sender<News>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut backoff = Backoff::new();
    let mut identity = Identity::load(&config.identity())?;
    if identity.is_none() && config.enrolment.is_none() {
        anyhow::bail!(
            "this edge has no certificate in {} and no enrolment token: create one for it in the portal",
            config.identity().display()
        );
    }
    loop {
        let outcome = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            outcome = once(&config, &endpoint, &mut identity, &news, &mut backoff) => outcome,
        };
        match outcome {
            Ok(()) => {}
            Err(Broken::Refused(error)) => return Err(error.into()),
            Err(Broken::Link(error)) => tracing::warn!(error = format!("{error:#}"), "the uplink is down"),
        }
        if news.send(News::Lost).await.is_err() {
            return Ok(());
        }
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(backoff.next()) => {}
        }
    }
}

enum Broken {
    Refused(EnrolError),
    Link(anyhow::Error),
}

impl From<anyhow::Error> for Broken {
    fn from(error: anyhow::Error) -> Self {
        Self::Link(error)
    }
}

/// One connection from its beginning to its end.
async fn once(
    config: &EdgeConfig,
    endpoint: &quinn::Endpoint,
    identity: &mut Option<Identity>,
    news: &mpsc::Sender<News>,
    backoff: &mut Backoff,
) -> Result<(), Broken> {
    let server = resolve(&config.control).await?;
    let identity = match (&*identity, &config.enrolment) {
        (Some(known), _) => known.clone(),
        (None, Some(token)) => {
            let fresh = enrol::enrol(endpoint, server, token).await.map_err(|error| match error {
                EnrolError::Refused(_) => Broken::Refused(error),
                EnrolError::Link(error) => Broken::Link(error),
            })?;
            fresh.store(&config.identity())?;
            tracing::info!(edge = %fresh.edge, "enrolled");
            identity.insert(fresh).clone()
        }
        (None, None) => return Err(anyhow::anyhow!("no certificate and no token").into()),
    };
    let connection = connect(endpoint, server, &identity).await?;
    backoff.reset();
    Ok(converse(connection, news).await?)
}

async fn resolve(control: &str) -> anyhow::Result<SocketAddr> {
    let mut found = tokio::net::lookup_host(control).await.with_context(|| format!("looking up {control}"))?;
    found.next().with_context(|| format!("{control} has no address"))
}

async fn connect(
    endpoint: &quinn::Endpoint,
    server: SocketAddr,
    identity: &Identity,
) -> anyhow::Result<quinn::Connection> {
    let connecting = endpoint.connect_with(identity.tls()?, server, SERVER_NAME)?;
    connecting.await.with_context(|| format!("connecting to the control plane at {server}"))
}

/// Carries frames until either side ends.
async fn converse(connection: quinn::Connection, news: &mpsc::Sender<News>) -> anyhow::Result<()> {
    let (mut send, receive) = connection.open_bi().await?;
    let (frames, mut outgoing) = mpsc::channel::<Up>(WAITING);
    if news.send(News::Connected { frames, connection: connection.clone() }).await.is_err() {
        return Ok(());
    }
    let writing = async {
        while let Some(frame) = outgoing.recv().await {
            frames::write(&mut send, &frame).await?;
        }
        // The gateway dropped its sender: it is leaving, and everything before that has been written.
        send.finish()?;
        // The peer confirms what it read, or the connection ends; both are the end here.
        let _ = send.stopped().await;
        anyhow::Ok(())
    };
    let reading = async {
        let mut reader = FrameReader::new(receive);
        while let Some(down) = reader.next::<Down>().await? {
            if news.send(News::Down(Box::new(down))).await.is_err() {
                break;
            }
        }
        anyhow::Ok(())
    };
    let outcome = tokio::select! {
        outcome = writing => outcome,
        outcome = reading => outcome,
    };
    connection.close(0u32.into(), b"");
    outcome
}
