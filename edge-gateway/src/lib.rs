//! The edge gateway: takes dial jobs over the uplink, places calls with `call-core`, gives them ears and a voice with
//! `speech`, records them, and never loses or repeats one. It knows no tenant's rules and no database.

mod admission;
mod clock;
mod config;
mod disk;
mod gateway;
pub mod journal;
mod ports;
mod prompts;
mod recorder;
mod shard;
mod signalling;
mod stats;
mod uplink;

pub use clock::Clock;
pub use config::{EdgeConfig, EnrolmentToken, Limits};
pub use shard::go_first;
pub use stats::{EdgeStats, LATENESS_US, Snapshot};

use anyhow::Context;
use speech::Speech;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// News from the uplink that may wait for the gateway.
const NEWS: usize = 1_024;

/// Runs an edge until `shutdown`, then drains it. `endpoint` is a QUIC client endpoint; `stats` counts into the
/// caller's handle. Fails at once on what an operator must mend: a taken port, a refused token, an unreadable folder.
pub async fn run(
    config: EdgeConfig,
    speech: Speech,
    endpoint: quinn::Endpoint,
    stats: EdgeStats,
    clock: Clock,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let parts = gateway::build(&config, speech, stats, clock.clone()).await?;
    let (news_in, news) = mpsc::channel(NEWS);
    let stop = CancellationToken::new();
    let signalling = tokio::spawn(signalling::receive(parts.signalling, stop.clone()));
    let mut uplink = tokio::spawn(uplink::run(config, endpoint, clock, news_in, stop.clone()));
    let leave = shutdown.child_token();
    let gateway = parts.gateway.run(parts.events, news, leave.clone());
    tokio::pin!(gateway);
    let failed = tokio::select! {
        () = &mut gateway => None,
        ended = &mut uplink => {
            // The uplink ends by itself only when it cannot go on: nothing more can be delivered.
            leave.cancel();
            gateway.await;
            Some(ended)
        }
    };
    let outcome = match failed {
        Some(ended) => ended,
        None => {
            // The gateway has dropped its side; the uplink writes what is queued, and is not waited for without a link.
            let farewell = tokio::time::timeout(std::time::Duration::from_secs(2), &mut uplink).await;
            stop.cancel();
            match farewell {
                Ok(ended) => ended,
                Err(_) => uplink.await,
            }
        }
    };
    stop.cancel();
    signalling.await.context("the SIP socket's task")??;
    parts.uploading.await.context("the uploads' task")?;
    tokio::task::spawn_blocking(move || parts.recording.join()).await?.ok().context("the recorder's thread")?;
    outcome.context("the uplink's task")?
}
