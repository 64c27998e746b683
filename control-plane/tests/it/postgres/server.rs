//! A Postgres server of a test's own: a throw-away cluster that answers on a socket in its folder and on no port.

use std::io::{BufRead, BufReader, Lines};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use sea_orm::{ConnectOptions, Database, DatabaseConnection};

pub struct Server {
    process: Child,
    /// What it says later must find somebody who could read it.
    _said: Lines<BufReader<ChildStderr>>,
    place: Place,
}

/// Where the cluster lives and as whom its programs run.
struct Place {
    folder: tempfile::TempDir,
    programs: Option<PathBuf>,
    account: Option<Account>,
}

/// User and group.
#[derive(Clone, Copy)]
struct Account(u32, u32);

impl Server {
    pub fn start() -> Self {
        let place = Place::new();
        let arguments = ["--username=bellbird", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"];
        let made =
            place.command("initdb").args(arguments).output().expect("Postgres is installed: script/setup --tests");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut postgres = place.command("postgres");
        postgres.arg("-k").arg(place.folder.path());
        // It says that it is ready as a log line; refused statements are the test's to tell.
        for setting in [
            "listen_addresses=",
            "fsync=off",
            "autovacuum=off",
            "shared_buffers=16MB",
            "max_connections=10",
            "log_min_messages=log",
        ] {
            postgres.arg("-c").arg(setting);
        }
        let mut process = postgres.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut before = Vec::new();
        let ready = lines.by_ref().map(Result::unwrap).any(|line| {
            before.push(line);
            before.last().is_some_and(|line| line.contains("ready to accept connections"))
        });
        assert!(ready, "Postgres did not start: {before:#?}");
        Self { process, _said: lines, place }
    }

    pub async fn connect(&self) -> DatabaseConnection {
        let folder = self.place.folder.path().display();
        let mut options =
            ConnectOptions::new(format!("postgres://bellbird@localhost/postgres?host={folder}&sslmode=disable"));
        options.sqlx_logging(false).max_connections(2);
        Database::connect(options).await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // By its folder: no other server is meant.
        let stopped = self.place.command("pg_ctl").args(["stop", "-s", "-W", "-m", "immediate"]).status();
        if !stopped.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().metadata().unwrap().uid() == 0;
        let account = root.then(Account::of_little_power);
        if let Some(Account(user, group)) = account {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        Self { folder, programs: programs(), account }
    }

    /// One of Postgres' programs on this cluster.
    fn command(&self, program: &str) -> Command {
        let mut command = match &self.programs {
            Some(folder) => Command::new(folder.join(program)),
            None => Command::new(program),
        };
        if let Some(Account(user, group)) = self.account {
            command.uid(user).gid(group);
        }
        command.current_dir(self.folder.path()).env("PGDATA", self.folder.path().join("data"));
        command
    }
}

impl Account {
    /// Postgres refuses to run as root.
    fn of_little_power() -> Self {
        let accounts = std::fs::read_to_string("/etc/passwd").unwrap();
        let named = |name: &str| {
            let fields: Vec<&str> = accounts
                .lines()
                .map(|line| line.split(':'))
                .find_map(|mut fields| (fields.next() == Some(name)).then(|| fields.collect()))?;
            Some(Self(fields.get(1)?.parse().ok()?, fields.get(2)?.parse().ok()?))
        };
        named("postgres").or_else(|| named("nobody")).expect("an account that is not root")
    }
}

/// Debian keeps them off the path, one folder for each version; elsewhere they are on it.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir(Path::new("/usr/lib/postgresql")).ok()?;
    let bins = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    bins.filter(|bin| bin.join("initdb").exists()).max()
}
