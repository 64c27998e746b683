//! The uplink's server side: accepts connections, knows each edge by its certificate, and passes
//! frames between it and the house. Decides nothing about attempts.

use std::time::Duration;

use rustls::pki_types::CertificateDer;
use shared_proto::events::Event;
use shared_proto::ids::EdgeId;
use shared_proto::wire::{ALPN_ENROL, ALPN_UPLINK, Down, JobVerdict, Trouble, Up};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::frames::{self, FrameReader};
use super::links::{Joining, QUEUE};
use super::{ca, enrol, store, uploads};
use crate::app::App;
use crate::features::alerts::{self, Level, Scope};
use crate::features::calls::ingest::Inbound;
use crate::features::campaigns::recall;
use crate::tenant_db::TenantDb;

/// An edge cannot write to its disk.
const DISK_FULL: &str = "edge_disk_full";
const RECOGNISER_LATE: &str = "edge_recogniser_late";
/// How often an edge tells its capacity at least.
const CAPACITY_EVERY_MS: u64 = 1_000;
/// The longest a peer may take to say who it is.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Serves edges on `endpoint` until `shutdown`; then closes every connection and returns.
/// The endpoint needs no server configuration: it gets one that trusts Bellbird's own authority.
pub async fn run_uplink(app: App, endpoint: quinn::Endpoint, shutdown: CancellationToken) -> anyhow::Result<()> {
    endpoint.set_server_config(Some(app.ca.server_config(enrol::certificate_now())?));
    let connections = TaskTracker::new();
    loop {
        let incoming = tokio::select! {
            () = shutdown.cancelled() => break,
            incoming = endpoint.accept() => match incoming {
                Some(incoming) => incoming,
                None => break,
            },
        };
        let (app, shutdown) = (app.clone(), shutdown.clone());
        connections.spawn(async move {
            let peer = incoming.remote_address();
            if let Err(error) = serve(app, incoming, shutdown).await {
                tracing::info!(%peer, error = format!("{error:#}"), "an edge's connection ended");
            }
        });
    }
    endpoint.close(0u32.into(), b"shutting down");
    connections.close();
    connections.wait().await;
    endpoint.wait_idle().await;
    Ok(())
}

async fn serve(app: App, incoming: quinn::Incoming, shutdown: CancellationToken) -> anyhow::Result<()> {
    let connection = tokio::time::timeout(HANDSHAKE, incoming).await??;
    let alpn = connection
        .handshake_data()
        .and_then(|data| data.downcast::<quinn::crypto::rustls::HandshakeData>().ok())
        .and_then(|data| data.protocol);
    let edge = peer_edge(&connection);
    match (alpn.as_deref(), edge) {
        (Some(alpn), known) if alpn == ALPN_ENROL => {
            tokio::time::timeout(HANDSHAKE, enrol::serve(&app, &app.ca, &connection, known)).await??;
        }
        (Some(alpn), Some(edge)) if alpn == ALPN_UPLINK => match store::edge(&app.database, edge).await? {
            Some(row) if row.revoked_at.is_none() => uplink(&app, edge, row, connection, shutdown).await?,
            _ => connection.close(3u32.into(), b"revoked"),
        },
        _ => connection.close(1u32.into(), b"who are you"),
    }
    Ok(())
}

/// Which edge the verified certificate names.
fn peer_edge(connection: &quinn::Connection) -> Option<EdgeId> {
    let identity = connection.peer_identity()?.downcast::<Vec<CertificateDer<'static>>>().ok()?;
    ca::edge_of(identity.first()?)
}

async fn uplink(
    app: &App,
    edge: EdgeId,
    row: store::EdgeRow,
    connection: quinn::Connection,
    shutdown: CancellationToken,
) -> anyhow::Result<()> {
    let (mut send, receive) = tokio::time::timeout(HANDSHAKE, connection.accept_bi()).await??;
    let mut reader = FrameReader::new(receive);
    let hello = tokio::time::timeout(HANDSHAKE, reader.next::<Up>()).await??;
    let Some(Up::Hello { software, live, .. }) = hello else { anyhow::bail!("the first frame is no Hello") };

    let tx = app.database.write().await?;
    store::seen(&tx, edge, &software, app.now_ms()).await?;
    tx.commit().await?;

    let welcome =
        Down::Welcome { edge, server_unix_ms: app.now_ms().unsigned_abs(), capacity_every_ms: CAPACITY_EVERY_MS };
    frames::write(&mut send, &welcome).await?;
    // What the edge no longer knows is asked about before any new job may be sent.
    if let Some(ask) = crate::features::calls::ingest::reconcile_on_connect(app, edge, &live).await? {
        frames::write(&mut send, &ask).await?;
    }
    let (out, queue) = mpsc::channel(QUEUE);
    let joining = Joining {
        edge,
        name: row.name.clone(),
        draining: row.draining,
        connection: connection.clone(),
        out,
        now: app.now_ms(),
    };
    let number = app.links.join(joining);
    recall::send(app, recall::missed(app, edge, &live).await?);
    // Revoking cuts the link that stands; one that came to stand in the meantime is cut here.
    if store::edge(&app.database, edge).await?.is_none_or(|row| row.revoked_at.is_some()) {
        app.links.cut(edge);
        connection.close(3u32.into(), b"revoked");
        return Ok(());
    }
    tracing::info!(%edge, name = row.name, live = live.len(), "an edge is connected");
    announce(app, edge, Whom::Everybody).await;

    let uploads = tokio::spawn(uploads::serve(app.clone(), edge, connection.clone()));
    let ended = tokio::select! {
        ended = read(app, edge, &mut reader) => ended,
        ended = write(&mut send, queue, row.draining) => ended,
        () = shutdown.cancelled() => Ok(()),
        error = connection.closed() => Err(error.into()),
    };
    connection.close(0u32.into(), b"bye");
    let _ = uploads.await;
    if app.links.leave(edge, number) {
        announce(app, edge, Whom::Everybody).await;
        let tx = app.database.write().await?;
        store::seen(&tx, edge, &software, app.now_ms()).await?;
        tx.commit().await?;
    }
    ended
}

async fn write(send: &mut quinn::SendStream, mut queue: mpsc::Receiver<Down>, draining: bool) -> anyhow::Result<()> {
    if draining {
        frames::write(send, &Down::Drain).await?;
    }
    while let Some(frame) = queue.recv().await {
        frames::write(send, &frame).await?;
    }
    // The queue closes when another connection of the same edge took this one's place.
    Ok(())
}

async fn read(app: &App, edge: EdgeId, reader: &mut FrameReader) -> anyhow::Result<()> {
    while let Some(frame) = reader.next::<Up>().await? {
        match frame {
            Up::Hello { .. } => anyhow::bail!("a second Hello"),
            Up::Capacity { free, live, trunks, trouble } => {
                if app.links.trouble(edge, trouble)
                    && let Err(error) = alert(app).await
                {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "an edge's trouble could not be told; it will be again"
                    );
                    app.links.trouble_untold(edge);
                }
                let told = trunks.clone();
                if app.links.capacity(edge, free, live, trunks, app.now_ms()) {
                    announce(app, edge, Whom::TheHouse).await;
                    app.ingest.send(Inbound::Trunks { trunks: told }).await;
                }
                app.dialer.wake();
            }
            Up::Verdict { attempt, fence, verdict } => {
                app.links.settled(edge, attempt, matches!(verdict, JobVerdict::Accepted));
                if matches!(verdict, JobVerdict::Draining) {
                    app.links.drain(edge);
                }
                app.ingest.send(Inbound::Verdict { edge, attempt, fence, verdict }).await;
            }
            Up::Progress { attempt, fence, at_unix_ms, progress } => {
                app.ingest.send(Inbound::Progress { edge, attempt, fence, at_unix_ms, progress }).await;
            }
            Up::Result { seq, result } => app.ingest.send(Inbound::Result { edge, seq, result }).await,
            Up::Known { attempts } => app.ingest.send(Inbound::Known { edge, attempts }).await,
        }
    }
    Ok(())
}

/// Alerts the tenant that manages the edges for as long as one of them is in trouble.
async fn alert(app: &App) -> anyhow::Result<()> {
    let Some(first) = crate::features::identity::admin::tenants(&app.database).await?.into_iter().next() else {
        return Ok(());
    };
    let db = TenantDb::of(&app.database, first);
    let tx = db.write().await?;
    let late = |trouble| trouble == Trouble::Recogniser;
    let of_disk = app.links.troubled(|trouble| !late(trouble));
    let of_recogniser = app.links.troubled(late);
    for (code, level, edge) in [(DISK_FULL, Level::Urgent, of_disk), (RECOGNISER_LATE, Level::Info, of_recogniser)] {
        match edge {
            Some(name) => {
                let params = serde_json::json!({ "edge": name });
                alerts::raise(app, &db, &tx, code, level, params, Scope::default()).await?;
            }
            None => alerts::close(app, &db, &tx, code, Scope::default()).await?,
        }
    }
    Ok(tx.commit().await?)
}

/// Who hears of an edge.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whom {
    /// Whether it is there: edges serve every tenant.
    Everybody,
    /// How busy it is: that is the doing of all tenants together, and no other tenant's business.
    TheHouse,
}

async fn announce(app: &App, edge: EdgeId, whom: Whom) {
    let state = match app.links.all().into_iter().find(|link| link.edge == edge) {
        Some(link) if link.draining => "draining",
        Some(_) => "online",
        None => "offline",
    };
    let event = Event::EdgeChanged { edge_id: edge, state: state.to_owned() };
    match crate::features::identity::admin::tenants(&app.database).await {
        Ok(tenants) => {
            let hearers = if whom == Whom::TheHouse { 1 } else { tenants.len() };
            tenants.into_iter().take(hearers).for_each(|tenant| app.events.publish(tenant, event.clone()));
        }
        Err(error) => tracing::warn!(%error, "the tenants could not be told how an edge is"),
    }
}
