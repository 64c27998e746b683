//! The command line: one variant per verb, each a few lines over the rooms.

use crate::demo::{self, Demo};
use crate::descriptors;
use crate::house::{self, House, Rooms};
use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use control_plane::{App, Parts};
use platform::{Clock, Config, Secret};
use tokio_util::sync::CancellationToken;

/// Bellbird 铃鸟, an AI outbound-calling platform. Settings are BELLBIRD_* variables or a file named in
/// BELLBIRD_CONFIG; platform/bellbird.default.toml lists them.
#[derive(Debug, Parser)]
#[command(name = "bellbird", version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything in one process: control plane, one edge, a simulated carrier, the demo tenant
    Run {
        /// Also start the demo campaign
        #[arg(long)]
        demo: bool,
    },
    /// The control plane alone; edges connect to its uplink
    Control,
    /// One edge alone
    Edge(EdgeArguments),
    /// The simulated carrier alone
    Carrier,
    /// Bring the database's schema up to date and leave
    Migrate,
    /// What an operator of the platform does without the portal
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Debug, Args)]
struct EdgeArguments {
    /// The name operators see
    #[arg(long, default_value = "edge")]
    name: String,
    /// The enrolment token, needed once; better given as BELLBIRD_EDGE_TOKEN_FILE or on standard input with `-`
    #[arg(long)]
    token: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Tenants
    #[command(subcommand)]
    Tenant(Tenant),
    /// Edges
    #[command(subcommand)]
    Edge(Edge),
    /// Give an account a new random password, printed once; its sessions end
    Password { email: String },
}

#[derive(Debug, Subcommand)]
enum Tenant {
    /// Create a tenant with its first admin; the password is printed once
    Create { name: String, admin_email: String },
}

#[derive(Debug, Subcommand)]
enum Edge {
    /// Print the one-time token that enrols a new edge
    Token { name: String },
}

pub fn execute(arguments: Arguments) -> anyhow::Result<()> {
    let config = Config::from_process()?;
    platform::telemetry::start(&config.log, config.log_json)?;
    descriptors::raise();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.command {
            Command::Run { demo } => run(config, demo).await,
            Command::Control => control(config).await,
            Command::Edge(edge) => edge_alone(config, edge).await,
            Command::Carrier => carrier(config).await,
            Command::Migrate => prepare(config).await.map(drop),
            Command::Admin(Admin::Tenant(Tenant::Create { name, admin_email })) => {
                create_tenant(config, &name, &admin_email).await
            }
            Command::Admin(Admin::Password { email }) => {
                let app = prepare(config).await?;
                println!("{}", control_plane::admin::reset_password(&house::office(&app), &email).await?);
                Ok(())
            }
            Command::Admin(Admin::Edge(Edge::Token { name })) => {
                let app = prepare(config).await?;
                let (_, token) = control_plane::features::edges::enrolment_token(&app, &name).await?;
                println!("{token}");
                Ok(())
            }
        }
    })
}

async fn run(config: Config, start_demo: bool) -> anyhow::Result<()> {
    let speech = house::speech(&config)?;
    let rooms = Rooms { carrier: Some(house::carrier_config(&config)?), edge: true, ..Rooms::default() };
    let house = House::open(config, speech, rooms).await?;
    demo::open(&house, if start_demo { Demo::Start } else { Demo::Ready }).await?;
    println!("bellbird: ready on http://{}", house.http);
    house.until_asked_to_stop().await
}

async fn control(config: Config) -> anyhow::Result<()> {
    let house = House::open_control(config, Rooms::default()).await?;
    println!("bellbird: ready on http://{}", house.http);
    house.until_asked_to_stop().await
}

async fn edge_alone(config: Config, arguments: EdgeArguments) -> anyhow::Result<()> {
    let token = match arguments.token.as_deref() {
        Some("-") => Some(std::io::read_to_string(std::io::stdin()).context("the token on standard input")?),
        Some(token) => Some(token.to_owned()),
        None if config.edge_token_file.as_os_str().is_empty() => None,
        None => Some(std::fs::read_to_string(&config.edge_token_file).with_context(|| {
            format!("the token file {} (BELLBIRD_EDGE_TOKEN_FILE)", config.edge_token_file.display())
        })?),
    };
    let token = token.map(|text| text.trim().to_owned());
    let speech = house::speech(&config)?;
    let shutdown = CancellationToken::new();
    let edge = house::edge(&config, &arguments.name, token.as_deref(), speech, Default::default(), shutdown.clone())?;
    println!("bellbird: edge {} calls from {}", arguments.name, config.sip);
    let edge = tokio::spawn(edge);
    let stop = shutdown.clone();
    tokio::spawn(async move {
        house::asked_to_stop().await;
        stop.cancel();
    });
    edge.await.context("the edge's task")?
}

async fn carrier(config: Config) -> anyhow::Result<()> {
    let carrier = carrier_sim::Carrier::start(house::carrier_config(&config)?, house::speech(&config)?)?;
    println!("bellbird: simulated carrier on {}", carrier.address());
    house::asked_to_stop().await;
    Ok(())
}

async fn prepare(config: Config) -> anyhow::Result<App> {
    house::make_folder(&config.data)?;
    let parts = Parts::connect(&config, Clock::System).await?;
    control_plane::prepare(config, parts).await
}

async fn create_tenant(config: Config, name: &str, admin_email: &str) -> anyhow::Result<()> {
    let app = prepare(config).await?;
    let password = control_plane::admin::random_password();
    control_plane::admin::create_tenant(&house::office(&app), name, admin_email, Secret::new(password.as_str()))
        .await?;
    println!("tenant {name}\nadmin {admin_email}\npassword {password}");
    Ok(())
}
