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
use identity::{Identity, Papers, Standing};
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
    let mut papers = Papers::find(config.identity())?;
    if papers.identity().is_none() && config.enrolment.is_none() {
        return Err(EnrolError::NoToken.into());
    }
    loop {
        let outcome = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            outcome = once(&config, &endpoint, &clock, &mut papers, &news, &mut backoff) => outcome,
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
    papers: &mut Papers,
    news: &mpsc::Sender<News>,
    backoff: &mut Backoff,
) -> Result<(), Broken> {
    let server = resolve(&config.control).await?;
    let known = identify(config, endpoint, clock, server, papers).await?;
    let connection = connect(endpoint, server, &known).await?;
    tokio::select! {
        outcome = converse(connection, news, backoff) => Ok(outcome?),
        // The next connection shows the new certificate; this one has served its time.
        () = renew_when_due(endpoint, clock, server, &known, papers) => Ok(()),
    }
}

/// A certificate that is good now: the one at hand, its successor, or the first.
async fn identify(
    config: &EdgeConfig,
    endpoint: &quinn::Endpoint,
    clock: &Clock,
    server: SocketAddr,
    papers: &mut Papers,
) -> Result<Identity, Broken> {
    papers.store();
    let now = clock.unix_ms();
    let known = papers.identity().cloned().map(|known| (known.standing(now), known));
    let fresh = match (known, &config.enrolment) {
        (Some((Standing::Fresh, known)), _) => return Ok(known),
        (Some((Standing::Due, known)), _) => match enrol::renew(endpoint, server, &known, now).await {
            Ok(fresh) => fresh,
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the edge's certificate could not be renewed yet");
                return Ok(known);
            }
        },
        (Some((Standing::Expired, _)) | None, Some(token)) => enrol::enrol(endpoint, server, token, now).await?,
        (Some((Standing::Expired, _)) | None, None) => return Err(EnrolError::NoToken.into()),
    };
    papers.take_up(fresh.clone());
    Ok(fresh)
}

/// Ends once the certificate has been replaced.
async fn renew_when_due(
    endpoint: &quinn::Endpoint,
    clock: &Clock,
    server: SocketAddr,
    known: &Identity,
    papers: &mut Papers,
) {
    loop {
        papers.store();
        let left = Duration::from_millis(known.due_unix_ms().saturating_sub(clock.unix_ms()));
        if !left.is_zero() {
            tokio::time::sleep(left.min(LOOK_AGAIN)).await;
            continue;
        }
        match enrol::renew(endpoint, server, known, clock.unix_ms()).await {
            Ok(fresh) => return papers.take_up(fresh),
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
async fn converse(
    connection: quinn::Connection,
    news: &mpsc::Sender<News>,
    backoff: &mut Backoff,
) -> anyhow::Result<()> {
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
            // Only now is it known that the control plane takes this edge.
            if matches!(down, Down::Welcome { .. }) {
                backoff.reset();
            }
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
