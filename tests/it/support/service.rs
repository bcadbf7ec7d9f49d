//! The real program as a service, on a port of its own, in a folder and a database of its own.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use resume_optimizer::config::Config;
use serde_json::Value;

use crate::support::api::Api;
use crate::support::deadline::until;
use crate::support::postgres::Postgres;
use crate::support::program::{Program, clean};

/// The program that is tested.
const PROGRAM: &str = env!("CARGO_BIN_EXE_resume-optimizer");

/// A folder and a database that no other test sees; processes started in it share both.
pub(crate) struct World {
    dir: tempfile::TempDir,
    env: Vec<(String, String)>,
}

impl World {
    /// On SQLite: nothing but a folder.
    pub(crate) fn on_sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        // Rate limits are a subject of their own; elsewhere they would only make tests wait.
        let env = vec![
            ("RESUME_OPTIMIZER__LIMITS__ENABLED".to_owned(), "false".to_owned()),
            ("RESUME_OPTIMIZER__AUTH__BCRYPT_COST".to_owned(), "4".to_owned()),
            ("PORT".to_owned(), "0".to_owned()),
        ];
        Self { dir, env }
    }

    /// On a fresh database of the shared PostgreSQL.
    pub(crate) async fn on_postgresql() -> Self {
        let url = Postgres::shared().database().await;
        Self::on_sqlite()
            .with("DATABASE_URL", &url)
            .with("JWT_SECRET_KEY", "a secret that only tests share 0123456789")
    }

    /// With this environment variable, for everything started from here on.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.env.retain(|(known, _)| known != name);
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The folder.
    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Writes a file into the folder.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.dir().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The configuration of what is started in it.
    pub(crate) fn config(&self) -> Config {
        // The program finds its data in the folder that it is started in; we are somewhere else.
        let data = self.dir().join("data").display().to_string();
        let env = self.env.iter().cloned().chain([("RESUME_OPTIMIZER__DATA_DIR".to_owned(), data)]);
        Config::load(None, env, &[]).unwrap()
    }

    /// The program, to be run to its end in this world.
    pub(crate) fn program(&self) -> Program {
        self.env.iter().fold(Program::new(self.dir()), |program, (name, value)| program.env(name, value))
    }

    /// `serve` with these flags, ready to answer.
    pub(crate) fn serve(&self, flags: &[&str]) -> Service {
        self.serve_by(Path::new(PROGRAM), flags)
    }

    /// The same by another program, such as that of an earlier release.
    pub(crate) fn serve_by(&self, program: &Path, flags: &[&str]) -> Service {
        let mut service = self.start_by(program, flags, &[]);
        // A worker listens nowhere; it is ready when it works.
        service.wait_until_ready(if flags.contains(&"--worker") { "working" } else { "listening on " });
        service
    }

    /// `serve` with these flags, not yet waited for.
    pub(crate) fn start(&self, flags: &[&str]) -> Service {
        self.start_by(Path::new(PROGRAM), flags, &[])
    }

    /// The same with these environment variables of its own.
    pub(crate) fn start_with(&self, flags: &[&str], env: &[(&str, &str)]) -> Service {
        self.start_by(Path::new(PROGRAM), flags, env)
    }

    fn start_by(&self, program: &Path, flags: &[&str], env: &[(&str, &str)]) -> Service {
        let mut command = Command::new(program);
        clean(&mut command, self.dir());
        command.arg("serve").args(flags).envs(self.env.iter().cloned()).envs(env.iter().copied());
        let complaints = tempfile::NamedTempFile::new().unwrap();
        let stderr = File::create(complaints.path()).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let kept = Arc::clone(&lines);
        let reader = std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                kept.lock().unwrap().push(line);
            }
        });
        Service { child, lines, reader: Some(reader), complaints, address: String::new() }
    }
}

/// A running `serve`; killed when it is dropped.
pub(crate) struct Service {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
    reader: Option<JoinHandle<()>>,
    complaints: tempfile::NamedTempFile,
    address: String,
}

impl Service {
    /// Its address: `http://127.0.0.1:PORT`; empty for a worker, which listens nowhere.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A client of it.
    pub(crate) fn api(&self) -> Api {
        Api::new(&self.address)
    }

    /// Its log so far, line by line; every line is JSON.
    pub(crate) fn log(&self) -> Vec<Value> {
        let lines = self.lines.lock().unwrap();
        lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
            .collect()
    }

    /// What it said on stderr.
    pub(crate) fn complaints(&self) -> String {
        std::fs::read_to_string(self.complaints.path()).unwrap()
    }

    /// Asks it to stop and waits for its end.
    pub(crate) fn stop(mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent =
            Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        until("the end of the service", || self.child.try_wait().unwrap())
    }

    fn wait_until_ready(&mut self, sign: &str) {
        self.address = until("the start of the service", || {
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("the service ended with {status}: {}\n{:#?}", self.complaints(), self.log());
            }
            let said = |line: &Value| line["message"].as_str()?.strip_prefix(sign).map(ToOwned::to_owned);
            self.log().iter().find_map(said)
        });
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        if std::thread::panicking() {
            eprintln!("the service said:\n{}\n{}", self.lines.lock().unwrap().join("\n"), self.complaints());
        }
    }
}
