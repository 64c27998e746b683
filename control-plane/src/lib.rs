//! The control plane: tenants, lists, scripts, campaigns, leads and reports behind one HTTP
//! server. `run` is what the process and the tests call. It places no call: edges do.

pub mod app;
pub mod features;
pub mod jobs;
pub mod sealing;
pub mod tenant_db;
pub mod text;
pub mod web;

use platform::Config;
use platform::sealing::MasterKey;
use tokio::net::TcpListener;

pub use app::{App, Hashing, Parts};
pub use features::edges::{enrolment_token, run_uplink};
pub use features::identity::admin;
pub use web::openapi;

use app::{AppInner, Tasks};

/// Brings the schema up to date, opens the keys and builds the app. Nothing runs yet.
pub async fn prepare(config: Config, parts: Parts) -> anyhow::Result<App> {
    migrations::run(parts.database.writer()).await?;
    let master = MasterKey::load_or_create(&config.master_key_file())?;
    let started_at = parts.clock.now_ms();
    web::recorder();
    Ok(App::new(AppInner {
        keys: sealing::Keys::new(master, parts.database.clone()),
        passwords: features::identity::passwords::Passwords::new(parts.hashing)?,
        // The epoch tells one process from another, so it is the system's time even where the clock is set by hand.
        events: web::events::EventHub::new(chrono::Utc::now().timestamp_millis()),
        jobs: jobs::Jobs::default(),
        tasks: Tasks::default(),
        ca: features::edges::ca::Ca::load_or_create(&config.data, chrono::Utc::now().timestamp_millis())?,
        links: Default::default(),
        ingest: Default::default(),
        live: Default::default(),
        dialer: Default::default(),
        measures: Default::default(),
        database: parts.database,
        bus: parts.bus,
        cache: parts.cache,
        objects: parts.objects,
        clock: parts.clock,
        config,
        started_at,
    }))
}

/// Serves until `app.tasks.stop` is cancelled, then lets requests and tasks end.
pub async fn serve(app: App, listener: TcpListener) -> anyhow::Result<()> {
    let mut registry = jobs::Registry::default();
    features::jobs(&mut registry);
    // Samples are kept one by one until somebody reads them, or this.
    registry.tick("metrics.upkeep", std::time::Duration::from_secs(5), |_| async {
        web::recorder().run_upkeep();
        Ok(())
    });
    features::start(&app).await?;
    jobs::start(&app, registry).await?;
    let limits = web::server::Limits::of_process();
    web::server::serve(listener, web::router(app.clone()), limits, app.tasks.stop.clone()).await;
    app.tasks.finish().await;
    Ok(())
}

/// `prepare` and `serve` in one.
pub async fn run(config: Config, parts: Parts, listener: TcpListener) -> anyhow::Result<()> {
    let app = prepare(config, parts).await?;
    serve(app, listener).await
}
