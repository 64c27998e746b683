//! The edge's side of the uplink: enrols once, keeps one connection up, and carries frames both ways.
//! It decides nothing about calls and remembers nothing across connections.

mod backoff;
mod enrol;
mod frames;
mod identity;
mod upload;

pub use enrol::EnrolError;
pub use upload::Uploads;

use crate::clock::Clock;
use crate::config::EdgeConfig;
use anyhow::Context;
use backoff::Backoff;
use frames::FrameReader;
use identity::{Identity, Standing};
use shared_proto::wire::{Down, SERVER_NAME, Up};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Frames waiting for a slow link; more are dropped by their sender, who repeats what matters.
const WAITING: usize = 4_096;

/// A computer that slept has lost more of the certificate's day than its timers know.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// After a failed renewal: certificates live for a day, so there is time.
const RENEW_AGAIN: Duration = Duration::from_secs(600);

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
    clock: Clock,
    news: mpsc::Sender<News>,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let mut backoff = Backoff::new();
    let mut identity = Identity::load(&config.identity())?;
    if identity.is_none() && config.enrolment.is_none() {
        return Err(EnrolError::NoToken.into());
    }
    loop {
        let outcome = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            outcome = once(&config, &endpoint, &clock, &mut identity, &news, &mut backoff) => outcome,
        };
        match outcome {
            Ok(()) => {}
            Err(Broken::Refused(error)) => return Err(error.into()),
            // The gateway has left: the control plane closing the link is the end of the farewell.
            Err(Broken::Link(_)) if news.is_closed() => return Ok(()),
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

impl From<EnrolError> for Broken {
    fn from(error: EnrolError) -> Self {
        match error {
            EnrolError::Refused(_) | EnrolError::NoToken => Self::Refused(error),
            EnrolError::Link(error) => Self::Link(error),
        }
    }
}

/// One connection from its beginning to its end.
async fn once(
    config: &EdgeConfig,
    endpoint: &quinn::Endpoint,
    clock: &Clock,
    identity: &mut Option<Identity>,
    news: &mpsc::Sender<News>,
    backoff: &mut Backoff,
) -> Result<(), Broken> {
    let server = resolve(&config.control).await?;
    let known = identify(config, endpoint, clock, server, identity.take()).await.inspect(|known| {
        *identity = Some(known.clone());
    })?;
    let connection = connect(endpoint, server, &known).await?;
    backoff.reset();
    tokio::select! {
        outcome = converse(connection, news) => Ok(outcome?),
        fresh = renew_when_due(config, endpoint, clock, server, &known) => {
            // The next connection shows the new certificate; this one has served its time.
            *identity = Some(fresh);
            Ok(())
        }
    }
}

/// A certificate that is good now: the stored one, its successor, or the first.
async fn identify(
    config: &EdgeConfig,
    endpoint: &quinn::Endpoint,
    clock: &Clock,
    server: SocketAddr,
    stored: Option<Identity>,
) -> Result<Identity, Broken> {
    let now = clock.unix_ms();
    let standing = stored.as_ref().map(|known| known.standing(now));
    let fresh = match (stored, standing, &config.enrolment) {
        (Some(known), Some(Standing::Fresh), _) => return Ok(known),
        (Some(known), Some(Standing::Due), _) => match enrol::renew(endpoint, server, &known, now).await {
            Ok(fresh) => fresh,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the edge's certificate could not be renewed yet");
                return Ok(known);
            }
        },
        (_, _, Some(token)) => enrol::enrol(endpoint, server, token, now).await?,
        (_, _, None) => return Err(EnrolError::NoToken.into()),
    };
    fresh.store(&config.identity())?;
    tracing::info!(edge = %fresh.edge, "the edge has a new certificate");
    Ok(fresh)
}

/// Ends once the certificate has been replaced.
async fn renew_when_due(
    config: &EdgeConfig,
    endpoint: &quinn::Endpoint,
    clock: &Clock,
    server: SocketAddr,
    known: &Identity,
) -> Identity {
    loop {
        let left = Duration::from_millis(known.due_unix_ms().saturating_sub(clock.unix_ms()));
        if !left.is_zero() {
            tokio::time::sleep(left.min(LOOK_AGAIN)).await;
            continue;
        }
        let renewed = match enrol::renew(endpoint, server, known, clock.unix_ms()).await {
            Ok(fresh) => fresh.store(&config.identity()).map(|()| fresh),
            Err(error) => Err(error.into()),
        };
        match renewed {
            Ok(fresh) => return fresh,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the edge's certificate could not be renewed yet");
                tokio::time::sleep(RENEW_AGAIN).await;
            }
        }
    }
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
    let connecting = endpoint.connect_with(identity.uplink()?, server, SERVER_NAME)?;
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
