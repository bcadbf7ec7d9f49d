//! A server that dies with the test process, however that ends: even killed, it leaves nothing behind.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Starts "$@" and waits for the end of its own standard input, which is the end of whoever holds the
/// other side of the pipe; lines on it are signals to pass on. Then stops what it started, with its children, and removes its folder. PostgreSQL
/// leaves at once on QUIT; whoever does not gets TERM, and at last KILL.
const GUARD: &str = r#"
trap '' INT TERM
dir=$1; shift
setsid "$@" >"$dir/log" 2>&1 &
pid=$!
while read -r signal; do kill -"$signal" "-$pid"; done
for signal in QUIT TERM KILL; do
    kill -"$signal" "-$pid" 2>/dev/null || break
    tries=0
    while kill -0 "-$pid" 2>/dev/null && [ $tries -lt 20 ]; do
        sleep 0.05
        tries=$((tries + 1))
    done
done
wait "$pid" 2>/dev/null
rm -rf "$dir"
"#;

/// Where the package libfaketime keeps what lies to a process about the time.
const LIARS: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
];

/// A running server in a temporary folder.
pub(crate) struct Guarded {
    /// Where it lives; removed with it.
    pub(crate) dir: PathBuf,
    // Its standard input is what keeps the server alive.
    guard: Child,
}

impl Guarded {
    /// Starts `command` in `dir`.
    pub(crate) fn start(dir: &Path, user: Option<User>, command: &[&str]) -> Self {
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD, "guard"]).arg(dir).args(command).current_dir(dir);
        as_user(&mut guard, user);
        let guard = guard.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self { dir: dir.to_owned(), guard }
    }

    /// What the server said, for the sentence when it does not start.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Sends a signal to it by name.
    pub(crate) fn signal(&self, name: &str) {
        writeln!(self.guard.stdin.as_ref().unwrap(), "{name}").unwrap();
    }

    /// Whether it is still there.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.guard.try_wait(), Ok(None))
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

/// An account of this machine.
#[derive(Clone, Copy)]
pub(crate) struct User {
    id: u32,
    group: u32,
}

/// As options of `mount`, or of `setpriv` in the alternate form.
impl std::fmt::Display for User {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { id, group } = self;
        if out.alternate() {
            write!(out, "--reuid={id} --regid={group}")
        } else {
            write!(out, "uid={id},gid={group}")
        }
    }
}

/// Somebody who is not root, for servers that refuse to run as root; `None` when we are not root.
pub(crate) fn somebody_but_root() -> Option<User> {
    if number("id", &["-u"])? != 0 {
        return None;
    }
    ["postgres", "nobody"]
        .into_iter()
        .find_map(|name| Some(User { id: number("id", &["-u", name])?, group: number("id", &["-g", name])? }))
}

/// Lets `command` run as `user`.
pub(crate) fn as_user(command: &mut Command, user: Option<User>) {
    if let Some(user) = user {
        command.uid(user.id).gid(user.group);
    }
}

/// A folder of its own for `user`, with a short path: sockets allow no more than 107 bytes.
pub(crate) fn folder(user: Option<User>) -> PathBuf {
    let dir = tempfile::Builder::new().prefix("ro-").tempdir_in("/tmp").unwrap().keep();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).unwrap();
    if let Some(user) = user {
        chown(&dir, Some(user.id), Some(user.group)).unwrap();
    }
    dir
}

/// A TCP port that is free now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// The program of that name, in one of `folders` or on the path.
pub(crate) fn find(name: &str, folders: &[PathBuf]) -> PathBuf {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    folders
        .iter()
        .cloned()
        .chain(std::env::split_paths(&on_path))
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
        .unwrap_or_else(|| panic!("{name} is not on this machine; scripts/test says what to install"))
}

/// What lies about the time to a process that has it preloaded; `None` where its package is missing.
pub(crate) fn liar() -> Option<&'static str> {
    LIARS.into_iter().find(|liar| Path::new(liar).exists())
}

fn number(program: &str, args: &[&str]) -> Option<u32> {
    let output = Command::new(program).args(args).stderr(Stdio::null()).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
