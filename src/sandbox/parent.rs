//! The parent side: start a child for one document, feed it, bound its time and its answer.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::config;
use crate::domain::source::SourceText;
use crate::engine::read::{Limits, Purpose, ReadError};
use crate::sandbox::message::{Answer, Orders, SUBCOMMAND};

/// The signal by which the kernel ends a process that used up its processor time.
const SIGXCPU: i32 = 24;

/// Why a document was not read.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// The reader looked at it and said why.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It took more than the allowed time.
    #[error(
        "Reading the file takes longer than {seconds} seconds, so it was stopped. Export it again from the program that made it, or send it as text."
    )]
    TookTooLong {
        /// The limit.
        seconds: u64,
    },
    /// The reading process ended without an answer, or with one beyond its bounds.
    #[error(
        "The file could not be read: the reader broke off on it. Export it again from the program that made it, or send it as text."
    )]
    Crashed,
    /// The process could not be started or talked to; nothing is wrong with the file.
    #[error("The file could not be read because its reading process could not be run: {0}. Try again later.")]
    Io(#[from] std::io::Error),
}

impl SandboxError {
    /// The stable code of the error, as the API answers it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read(error) => error.code(),
            Self::TookTooLong { .. } | Self::Crashed => "unreadable_file",
            Self::Io(_) => "internal_error",
        }
    }
}

/// Reads documents in child processes, so many at once and no more. Clones share that bound.
#[derive(Debug, Clone)]
pub struct Reader {
    program: Arc<PathBuf>,
    limits: config::Reader,
    max_bytes: u64,
    slots: Arc<Semaphore>,
}

impl Reader {
    /// A reader that starts `program` (in production, this same program) with its hidden subcommand.
    #[must_use]
    pub fn new(program: PathBuf, limits: &config::Reader) -> Self {
        let slots = Arc::new(Semaphore::new(limits.slots().max(1)));
        Self {
            program: Arc::new(program),
            limits: limits.clone(),
            max_bytes: Limits::default().max_bytes,
            slots,
        }
    }

    /// The same reader with another limit on the bytes of a document.
    #[must_use]
    pub fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = max_bytes;
        self
    }

    /// Reads a document for what it is. Dropping the future ends the child.
    ///
    /// # Errors
    /// `Read` says what is wrong with the file; `TookTooLong` and `Crashed` that reading it was given up;
    /// `Io` that no child could be run.
    pub async fn read(
        &self,
        purpose: Purpose,
        bytes: Bytes,
        filename: &str,
    ) -> Result<SourceText, SandboxError> {
        let size = bytes.len() as u64;
        if size > self.max_bytes {
            return Err(ReadError::TooLarge { bytes: size, limit: self.max_bytes }.into());
        }
        let _slot = self.slots.acquire().await.map_err(std::io::Error::other)?;
        let child = self.start(purpose, filename)?;
        // Whoever drops the future, or the timer, drops the child, and that kills it.
        let (output, status) =
            timeout(Duration::from_secs(self.limits.wall_seconds), self.talk(child, bytes))
                .await
                .map_err(|_| self.took_too_long())??;
        if !status.success() {
            return Err(self.failure(status));
        }
        match serde_json::from_slice(&output) {
            Ok(Answer::Read(source)) => Ok(*source),
            Ok(Answer::Refused(error)) => Err(error.into()),
            Err(_) => Err(SandboxError::Crashed),
        }
    }

    fn start(&self, purpose: Purpose, filename: &str) -> Result<Child, SandboxError> {
        let limits = Limits {
            max_pages: self.limits.max_pages,
            max_lines: self.limits.max_lines,
            max_characters: self.limits.max_characters,
            max_bytes: self.max_bytes,
            ..Limits::default()
        };
        let orders = Orders {
            filename: anonymous(filename),
            purpose,
            limits,
            memory_bytes: self.limits.memory_bytes,
            cpu_seconds: self.limits.cpu_seconds,
        };
        let orders = serde_json::to_string(&orders).map_err(std::io::Error::other)?;
        // Nothing of this process's environment is the child's business: it holds secrets.
        let child = Command::new(self.program.as_path())
            .arg(SUBCOMMAND)
            .arg(orders)
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        Ok(child)
    }

    /// Writes and reads at the same time: a child that answers early would otherwise block both.
    async fn talk(&self, mut child: Child, bytes: Bytes) -> Result<(Vec<u8>, ExitStatus), SandboxError> {
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let feed = async move {
            if let Some(mut input) = input {
                // A child that has seen enough closes the pipe; its answer tells why.
                let _ = input.write_all(&bytes).await;
                let _ = input.shutdown().await;
            }
        };
        let limit = self.limits.max_output_bytes;
        let listen = async move {
            let mut answer = Vec::new();
            if let Some(output) = output {
                output.take(limit as u64 + 1).read_to_end(&mut answer).await?;
            }
            Ok::<_, std::io::Error>(answer)
        };
        let ((), answer) = tokio::join!(feed, listen);
        let answer = answer?;
        if answer.len() > limit {
            return Err(SandboxError::Crashed);
        }
        Ok((answer, child.wait().await?))
    }

    fn failure(&self, status: ExitStatus) -> SandboxError {
        if signal(status) == Some(SIGXCPU) {
            return self.took_too_long();
        }
        SandboxError::Crashed
    }

    fn took_too_long(&self) -> SandboxError {
        SandboxError::TookTooLong { seconds: self.limits.wall_seconds }
    }
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

/// A name with the same extension, where that is a plain one.
fn anonymous(filename: &str) -> String {
    let extension = filename.rsplit_once('.').map_or("", |(_, extension)| extension);
    let plain = extension.len() <= 8 && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain && !extension.is_empty() { format!("file.{extension}") } else { "file".to_owned() }
}

#[cfg(all(test, unix))]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};
    use std::time::Instant;

    use bytes::Bytes;
    use tempfile::TempDir;

    use crate::config;
    use crate::engine::read::{Purpose, ReadError};
    use crate::sandbox::parent::{Reader, SandboxError, anonymous};

    fn limits() -> config::Reader {
        config::Reader {
            max_pages: 10,
            max_lines: 1000,
            max_characters: 100_000,
            wall_seconds: 5,
            cpu_seconds: 5,
            memory_bytes: 1 << 30,
            max_output_bytes: 1 << 16,
            concurrency: 2,
        }
    }

    /// A program that stands in for a child gone wrong.
    fn program(folder: &TempDir, script: &str) -> PathBuf {
        let path = folder.path().join("child");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    async fn error_of(script: &str, limits: &config::Reader) -> SandboxError {
        let folder = TempDir::new().unwrap();
        let reader = Reader::new(program(&folder, script), limits);
        reader.read(Purpose::Resume, Bytes::from(vec![b'a'; 1 << 20]), "Jane Doe.txt").await.unwrap_err()
    }

    #[tokio::test]
    async fn a_child_that_never_ends_is_stopped() {
        let started = Instant::now();
        let limits = config::Reader { wall_seconds: 1, ..limits() };
        let error = error_of("exec /bin/sleep 60", &limits).await;
        assert!(matches!(error, SandboxError::TookTooLong { seconds: 1 }), "{error}");
        assert!(started.elapsed().as_secs() < 20);
    }

    #[tokio::test]
    async fn a_child_that_ends_without_an_answer_has_crashed() {
        for script in ["exit 0", "exit 70", "kill -SEGV $$", "echo nonsense", "exec /bin/cat /dev/zero"] {
            let error = error_of(script, &limits()).await;
            assert!(matches!(error, SandboxError::Crashed), "{script}: {error}");
            assert_eq!(error.code(), "unreadable_file");
        }
    }

    #[tokio::test]
    async fn a_child_out_of_processor_time_took_too_long() {
        let error = error_of("kill -XCPU $$", &limits()).await;
        assert!(matches!(error, SandboxError::TookTooLong { .. }), "{error}");
    }

    #[tokio::test]
    async fn what_the_child_refuses_is_refused() {
        let json =
            serde_json::to_string(&crate::sandbox::message::Answer::Refused(ReadError::Encrypted)).unwrap();
        let error = error_of(&format!("echo '{json}'"), &limits()).await;
        assert!(matches!(error, SandboxError::Read(ReadError::Encrypted)), "{error}");
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_no_fault_of_the_file() {
        let reader = Reader::new(Path::new("/nowhere/at/all").to_owned(), &limits());
        let error = reader.read(Purpose::Resume, Bytes::from_static(b"text"), "a.txt").await.unwrap_err();
        assert!(matches!(error, SandboxError::Io(_)), "{error}");
    }

    #[tokio::test]
    async fn a_document_beyond_the_limit_starts_no_child() {
        let reader = Reader::new(Path::new("/nowhere/at/all").to_owned(), &limits()).with_max_bytes(3);
        let error = reader.read(Purpose::Resume, Bytes::from_static(b"text"), "a.txt").await.unwrap_err();
        assert_eq!(error.code(), "file_too_large");
    }

    #[test]
    fn the_name_of_a_file_stays_at_home() {
        assert_eq!(anonymous("Jane Doe resume.md"), "file.md");
        assert_eq!(anonymous("Jane Doe"), "file");
        assert_eq!(anonymous("a.b c"), "file");
    }
}
