//! A private PostgreSQL server, one for the whole test binary, and a fresh database for each test.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database};

use crate::support::deadline::until;
use crate::support::guarded::{Guarded, as_user, find, folder, free_port, liar, somebody_but_root};

static SHARED: OnceLock<Postgres> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// Starts the server, and again whenever it ended while the file `down` was there and that file is gone.
const RUNNER: &str = r#"
echo $$ > "$1/runner"; down=$1/down; shift
while :; do
    "$@"
    [ -e "$down" ] || exit
    while [ -e "$down" ]; do sleep 0.02; done
done
"#;

/// A running server that nobody else uses.
pub(crate) struct Postgres {
    // Its end is the server's end.
    server: Guarded,
    data: PathBuf,
    port: u16,
}

/// How a server is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shutdown {
    /// Whatever is under way is rolled back, and everything is on the disk.
    Fast,
    /// As when it is killed: the next start recovers what was committed.
    Immediate,
}

impl Postgres {
    /// The server that the tests of this binary share.
    pub(crate) fn shared() -> &'static Self {
        // Nobody needs this data after a power cut; waiting for the disk would double the tests' time.
        SHARED.get_or_init(|| {
            Self::start(&[], &["fsync=off", "synchronous_commit=off", "full_page_writes=off"])
        })
    }

    /// A server of its own for a test that takes it down: what it acknowledged, it keeps.
    pub(crate) fn durable() -> Self {
        Self::start(&[], &[])
    }

    /// A durable server whose clock can be set, where this machine has what lies to it about the time.
    pub(crate) fn with_a_clock() -> Option<Self> {
        let liar = format!("LD_PRELOAD={}", liar()?);
        // Looked at each time, by a path from the folder that it runs in.
        let lies =
            ["FAKETIME_TIMESTAMP_FILE=../clock", "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1"];
        Some(Self::start(&[&["env", &liar], &lies[..]].concat(), &[]))
    }

    /// Sets the clock of such a server to so many seconds ahead of this machine's.
    pub(crate) fn set_clock(&self, seconds: i64) {
        // In one step: half a file is no time.
        let (new, clock) = (self.server.dir.join("clock.new"), self.server.dir.join("clock"));
        fs::write(&new, format!("{seconds:+}s\n")).unwrap();
        fs::rename(new, clock).unwrap();
    }

    /// Starts one with these settings, by that program.
    fn start(by: &[&str], settings: &[&str]) -> Self {
        let user = somebody_but_root();
        let dir = folder(user);
        let data = dir.join("data");
        let mut init = initdb(&data);
        as_user(&mut init, user);
        let made = init.current_dir(&dir).output().unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let mut command = vec!["sh".to_owned(), "-c".to_owned(), RUNNER.to_owned(), "runner".to_owned()];
        command.push(dir.display().to_string());
        command.extend(by.iter().map(ToString::to_string));
        command.extend(server(&dir, &data, port, settings));
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let mut server = Guarded::start(&dir, user, &command);
        until("the start of PostgreSQL", || {
            assert!(server.is_alive(), "{}", server.log());
            server.log().contains("ready to accept connections").then_some(())
        });
        Self { server, data, port }
    }

    /// A server whose files are in a file system of this many megabytes, which only it and its children see. Only root
    /// can make one; `None` for anybody else.
    pub(crate) fn cramped(megabytes: u32) -> Option<Self> {
        let user = somebody_but_root()?;
        let dir = folder(Some(user));
        let (space, data, port) = (dir.join("space"), dir.join("space/data"), free_port());
        fs::create_dir(&space).unwrap();
        let init = initdb(&data);
        let init = std::iter::once(init.get_program()).chain(init.get_args());
        let init: Vec<String> = init.map(|word| format!("'{}'", word.to_str().unwrap())).collect();
        let small = ["max_wal_size=8MB", "min_wal_size=2MB", "shared_buffers=16MB", "wal_recycle=off"];
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m,mode=700,{user} none '{}' || exit
             setpriv {user:#} --clear-groups {} --wal-segsize=1 || exit
             exec setpriv {user:#} --clear-groups sh -c '{RUNNER}' runner '{}' \"$@\"",
            space.display(),
            init.join(" "),
            dir.display()
        );
        let mut command = vec!["unshare".to_owned(), "--mount".to_owned(), "sh".to_owned(), "-c".to_owned()];
        command.extend([script, "cramped".to_owned()]);
        command.extend(server(&dir, &data, port, &small));
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let mut server = Guarded::start(&dir, None, &command);
        until("the start of PostgreSQL", || {
            assert!(server.is_alive(), "{}", server.log());
            server.log().contains("ready to accept connections").then_some(())
        });
        Some(Self { server, data, port })
    }

    /// Its data as we see it: where only its own processes see it, through one of them.
    pub(crate) fn data(&self) -> PathBuf {
        let runner = fs::read_to_string(self.server.dir.join("runner")).unwrap();
        PathBuf::from(format!("/proc/{}/root{}", runner.trim(), self.data.display()))
    }

    /// Lets it be down from the moment that it ends, by [`Postgres::stop`] or by itself.
    pub(crate) fn stays_down(&self) {
        fs::write(self.server.dir.join("down"), "").unwrap();
    }

    /// Ends it; nobody answers on its port from then on.
    pub(crate) fn stop(&self, shutdown: Shutdown) {
        self.stays_down();
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let pid = pid.lines().next().unwrap().trim().to_owned();
        let signal = if shutdown == Shutdown::Fast { "-INT" } else { "-QUIT" };
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        until("the end of PostgreSQL", || {
            let alive = Command::new("kill").args(["-0", &pid]).output().unwrap().status.success();
            (!alive).then_some(())
        });
    }

    /// Starts it again with what it had, and waits until it accepts connections.
    pub(crate) fn start_again(&self) {
        let ready = |log: &str| log.matches("ready to accept connections").count();
        let before = ready(&self.server.log());
        fs::remove_file(self.server.dir.join("down")).unwrap();
        until("the next start of PostgreSQL", || (ready(&self.server.log()) > before).then_some(()));
    }

    /// Lets it be started again where it is down, and waits until it accepts connections.
    pub(crate) fn may_start(&self) {
        fs::remove_file(self.server.dir.join("down")).unwrap();
        until("PostgreSQL", || TcpStream::connect(("127.0.0.1", self.port)).is_ok().then_some(()));
    }

    /// Its port on this machine.
    pub(crate) fn port(&self) -> u16 {
        self.port
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

fn initdb(data: &Path) -> Command {
    let mut init = Command::new(find("initdb", &programs()));
    init.arg("-D").arg(data);
    init.args(["-U", "rig", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"]);
    init
}

fn server(dir: &Path, data: &Path, port: u16, settings: &[&str]) -> Vec<String> {
    let program = find("postgres", &programs());
    let (port, connections) = (port.to_string(), "max_connections=300");
    let mut command: Vec<String> =
        [program.to_str().unwrap(), "-D", data.to_str().unwrap(), "-h", "127.0.0.1", "-p", &port, "-k"]
            .map(ToOwned::to_owned)
            .to_vec();
    command.push(dir.display().to_string());
    for setting in settings.iter().chain([&connections]) {
        command.extend(["-c".to_owned(), (*setting).to_owned()]);
    }
    command
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
