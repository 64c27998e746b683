//! Opens the rooms of one process in order, tells where they listen, and closes them without losing anything.

use crate::descriptors;
use anyhow::Context;
use carrier_sim::{Carrier, SimConfig};
use control_plane::{App, Hashing, Parts, admin::Office};
use edge_gateway::{EdgeConfig, EdgeStats, EnrolmentToken, Limits};
use platform::{Clock, Config};
use speech::{Speech, SpeechConfig};
use std::fs::{File, TryLockError};
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A certificate older than this is not used at start-up any more: it lives for a day.
const FRESH_CERTIFICATE: Duration = Duration::from_secs(16 * 3_600);
/// The name of the edge that lives in the same process.
const OWN_EDGE: &str = "embedded";

/// Which rooms open besides the control plane.
#[derive(Default)]
pub struct Rooms {
    pub edge: bool,
    pub carrier: Option<SimConfig>,
    pub hashing: Option<Hashing>,
    pub limits: Option<Limits>,
}

/// An open house.
pub struct House {
    pub app: App,
    pub http: SocketAddr,
    /// Where the simulated carrier takes SIP, when there is one.
    pub carrier_address: Option<SocketAddr>,
    pub stats: EdgeStats,
    control: JoinHandle<anyhow::Result<()>>,
    uplink: JoinHandle<anyhow::Result<()>>,
    uplink_stop: CancellationToken,
    edge: Option<JoinHandle<anyhow::Result<()>>>,
    edge_stop: CancellationToken,
    carrier: Option<Carrier>,
    /// The data folders are this process's own as long as these are open.
    claims: Vec<File>,
}

impl House {
    /// Control plane, and whatever else `rooms` asks for.
    pub async fn open(config: Config, speech: Speech, rooms: Rooms) -> anyhow::Result<Self> {
        let wants_edge = rooms.edge;
        let limits = rooms.limits.clone();
        let carrier = match &rooms.carrier {
            Some(sim) => Some(Carrier::start(sim.clone(), speech.for_customers()?)?),
            None => None,
        };
        let mut house = Self::open_control(config.clone(), rooms).await?;
        house.carrier_address = carrier.as_ref().map(Carrier::address);
        house.carrier = carrier;
        if wants_edge {
            let token = house.own_edge_token(&config).await?;
            let config = Config { uplink: house.app.config.uplink, ..config };
            let stats = house.stats.clone();
            let measured = stats.clone();
            house.app.measures.add(move || measured.snapshot().prometheus());
            let stop = house.edge_stop.clone();
            // Told before anybody is told that all is ready.
            drop(std::net::UdpSocket::bind(config.sip).with_context(taken("the edge", "BELLBIRD_SIP", config.sip))?);
            let edge_config = edge_config(&config, OWN_EDGE, token.as_deref(), limits)?;
            house.claims.push(claim(&edge_config.data)?);
            let endpoint = client_endpoint(config.uplink)?;
            let edge = edge_gateway::run(edge_config, speech, endpoint, stats, edge_gateway::Clock::System, stop);
            house.edge = Some(tokio::spawn(edge));
        }
        Ok(house)
    }

    /// The control plane alone.
    pub async fn open_control(mut config: Config, rooms: Rooms) -> anyhow::Result<Self> {
        make_folder(&config.data)?;
        let claims = vec![claim(&config.data)?];
        let listener =
            TcpListener::bind(config.http).await.with_context(taken("the portal", "BELLBIRD_HTTP", config.http))?;
        let http = listener.local_addr()?;
        let socket = std::net::UdpSocket::bind(config.uplink).with_context(taken(
            "the uplink",
            "BELLBIRD_UPLINK",
            config.uplink,
        ))?;
        config.uplink = socket.local_addr()?;
        config.http = http;
        let endpoint = quinn::Endpoint::new(
            quinn::EndpointConfig::default(),
            None,
            socket,
            std::sync::Arc::new(quinn::TokioRuntime),
        )?;
        let mut parts = Parts::connect(&config, Clock::System).await?;
        parts.hashing = rooms.hashing.unwrap_or(parts.hashing);
        let app = control_plane::prepare(config, parts).await?;
        let uplink_stop = CancellationToken::new();
        let uplink = tokio::spawn(control_plane::run_uplink(app.clone(), endpoint, uplink_stop.clone()));
        let control = tokio::spawn(control_plane::serve(app.clone(), listener));
        Ok(Self {
            app,
            http,
            carrier_address: None,
            stats: EdgeStats::default(),
            control,
            uplink,
            uplink_stop,
            edge: None,
            edge_stop: CancellationToken::new(),
            carrier: None,
            claims,
        })
    }

    /// A token for the edge in this process, unless it holds a certificate that is still good.
    async fn own_edge_token(&self, config: &Config) -> anyhow::Result<Option<String>> {
        let identity = edge_folder(config).join("identity");
        let age = std::fs::metadata(&identity).and_then(|found| found.modified()).ok().and_then(|at| at.elapsed().ok());
        if age.is_some_and(|age| age < FRESH_CERTIFICATE) {
            return Ok(None);
        }
        if age.is_some() {
            std::fs::remove_dir_all(&identity).context("the edge's old certificate cannot be removed")?;
        }
        Ok(Some(control_plane::features::edges::token_for_name(&self.app, OWN_EDGE).await?))
    }

    /// Runs until Ctrl-C or SIGTERM, or until a room fails; then closes.
    pub async fn until_asked_to_stop(mut self) -> anyhow::Result<()> {
        let failed = tokio::select! {
            () = asked_to_stop() => None,
            ended = &mut self.control => Some(("the control plane", ended)),
            ended = &mut self.uplink => Some(("the uplink", ended)),
            ended = optional(&mut self.edge) => Some(("the edge", ended)),
        };
        match failed {
            None => {
                eprintln!("bellbird: stopping; calls in progress end first (Ctrl-C again leaves at once)");
                tokio::select! {
                    closed = self.close() => closed,
                    () = asked_to_stop() => anyhow::bail!("left at once; what was in progress is settled at the next start"),
                }
            }
            Some((room, ended)) => {
                ended.with_context(|| room)?.with_context(|| room)?;
                anyhow::bail!("{room} ended by itself")
            }
        }
    }

    /// Drains the edge, then closes uplink and control plane: results go home first.
    pub async fn close(self) -> anyhow::Result<()> {
        self.edge_stop.cancel();
        if let Some(edge) = self.edge {
            edge.await.context("the edge's task")??;
        }
        drop(self.carrier);
        self.uplink_stop.cancel();
        self.uplink.await.context("the uplink's task")??;
        self.app.tasks.stop.cancel();
        self.control.await.context("the control plane's task")?
    }
}

/// What to say where an address cannot be used.
fn taken(what: &'static str, variable: &'static str, address: SocketAddr) -> impl FnOnce() -> String {
    move || format!("{what} cannot use {address}; is it taken? Set {variable} to another address")
}

/// A room that may not exist never ends.
async fn optional(
    room: &mut Option<JoinHandle<anyhow::Result<()>>>,
) -> Result<anyhow::Result<()>, tokio::task::JoinError> {
    match room {
        Some(room) => room.await,
        None => std::future::pending().await,
    }
}

pub async fn asked_to_stop() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

/// The real engines, with the error that says what to do when a model is missing.
pub fn speech(config: &Config) -> anyhow::Result<Speech> {
    Ok(Speech::open(SpeechConfig::real(config.models_folder()))?)
}

pub fn carrier_config(config: &Config) -> anyhow::Result<SimConfig> {
    Ok(SimConfig::new(config.carrier, config.carrier_rtp.ports(), carrier_sim::built_in()?))
}

/// An edge over the configuration's addresses, as a future that runs until `shutdown`.
pub fn edge(
    config: &Config,
    name: &str,
    token: Option<&str>,
    speech: Speech,
    stats: EdgeStats,
    shutdown: CancellationToken,
) -> anyhow::Result<impl Future<Output = anyhow::Result<()>> + Send + 'static + use<>> {
    let edge_config = edge_config(config, name, token, None)?;
    let claim = claim(&edge_config.data)?;
    let endpoint = client_endpoint(config.uplink)?;
    Ok(async move {
        let _claim = claim;
        edge_gateway::run(edge_config, speech, endpoint, stats, edge_gateway::Clock::System, shutdown).await
    })
}

fn edge_config(config: &Config, name: &str, token: Option<&str>, limits: Option<Limits>) -> anyhow::Result<EdgeConfig> {
    let enrolment = match token {
        Some(text) => Some(EnrolmentToken::parse(text).context("that is not an enrolment token: it begins with bbe_")?),
        None => None,
    };
    let data = edge_folder(config);
    make_folder(&data)?;
    let mut limits = limits.unwrap_or(Limits { shards: config.shards.get().into(), ..Limits::default() });
    limits.calls = descriptors::calls(limits.calls);
    Ok(EdgeConfig {
        name: name.to_owned(),
        control: config.uplink.to_string(),
        enrolment,
        data,
        sip: config.sip,
        advertised: config.sip_public.0,
        rtp: config.rtp.ports(),
        limits,
    })
}

/// A QUIC client socket of the family that reaches `control`.
fn client_endpoint(control: SocketAddr) -> anyhow::Result<quinn::Endpoint> {
    let any: IpAddr = if control.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    quinn::Endpoint::client(SocketAddr::new(any, 0)).context("no UDP socket for the uplink")
}

fn edge_folder(config: &Config) -> std::path::PathBuf {
    config.data.join("edge")
}

/// Makes a folder this process's own until the file is closed: two processes in one would sweep each other's work away.
fn claim(folder: &Path) -> anyhow::Result<File> {
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => anyhow::bail!(
            "the data folder {} is in use by another Bellbird; stop that one, or set BELLBIRD_DATA to another folder",
            folder.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("{} cannot be locked", path.display())),
    }
}

pub fn make_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("the data folder {} cannot be made; set BELLBIRD_DATA to another", folder.display()))
}

pub fn office(app: &App) -> Office<'_> {
    Office { database: &app.database, keys: &app.keys, passwords: &app.passwords, clock: &app.clock }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_folder_belongs_to_one_process_at_a_time() {
        let folder = std::env::temp_dir().join(format!("bellbird-claim-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let first = claim(&folder).unwrap();
        let second = claim(&folder).unwrap_err().to_string();
        assert!(second.contains("in use by another Bellbird"), "{second}");
        drop(first);
        claim(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
