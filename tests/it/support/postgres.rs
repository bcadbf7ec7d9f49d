//! A private PostgreSQL server, one for the whole test binary, and a fresh database for each test.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database};

use crate::support::deadline::until;
use crate::support::guarded::{Guarded, as_user, find, folder, free_port, somebody_but_root};

static SHARED: OnceLock<Postgres> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A running server that nobody else uses.
pub(crate) struct Postgres {
    // Its end is the server's end.
    _server: Guarded,
    port: u16,
}

impl Postgres {
    /// The server that the tests of this binary share.
    pub(crate) fn shared() -> &'static Self {
        SHARED.get_or_init(Self::start)
    }

    /// Starts a server of its own, for a test that takes it down.
    pub(crate) fn start() -> Self {
        let user = somebody_but_root();
        let dir = folder(user);
        let data = dir.join("data");
        let mut init = Command::new(find("initdb", &programs()));
        init.arg("-D").arg(&data).args([
            "-U",
            "rig",
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        ]);
        as_user(&mut init, user);
        let made = init.current_dir(&dir).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        // Nobody needs this data after a power cut; waiting for the disk would double the tests' time.
        let settings =
            "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 300\n";
        let file = data.join("postgresql.auto.conf");
        fs::write(&file, settings).unwrap();
        let program = find("postgres", &programs());
        let (program, dir_text) = (program.to_str().unwrap(), dir.to_str().unwrap());
        let port = free_port();
        let port_text = port.to_string();
        let data = data.to_str().unwrap();
        let command = [program, "-D", data, "-h", "127.0.0.1", "-p", &port_text, "-k", dir_text];
        let mut server = Guarded::start(&dir, user, &command);
        until("the start of PostgreSQL", || {
            assert!(server.is_alive(), "{}", server.log());
            server.log().contains("ready to accept connections").then_some(())
        });
        Self { _server: server, port }
    }

    /// A fresh, empty database; its address.
    pub(crate) async fn database(&self) -> String {
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let admin = Database::connect(self.url("postgres")).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        admin.close().await.unwrap();
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://rig@127.0.0.1:{}/{database}", self.port)
    }
}

/// Where distributions keep server programs off the path, newest version first.
fn programs() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin")))
        })
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, folder)| folder).collect()
}
