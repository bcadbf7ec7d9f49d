//! The configuration as the program sees it: `config.toml` as plain types, section by section.
//!
//! What each key means is said once, beside its default in `config.toml`; the lines here are short.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread::available_parallelism;
use std::time::Duration;

use serde::Deserialize;

use crate::config::Secret;
use crate::config::work::{Jobs, Queue, Schedules, Tiers};

/// The whole configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder of everything that the service keeps.
    pub data_dir: PathBuf,
    /// The HTTP server.
    pub server: Server,
    /// What a worker by itself listens on.
    pub worker: Worker,
    /// The database.
    pub database: Database,
    /// The shared cache and bell, where there is one.
    pub redis: Redis,
    /// The in-process cache.
    pub cache: Cache,
    /// Accounts and tokens.
    pub auth: Auth,
    /// Request rates.
    pub limits: Limits,
    /// Uploads.
    pub files: Files,
    /// Where the bytes of uploads are kept.
    pub storage: Storage,
    /// Corrected resumes.
    pub corrections: Corrections,
    /// The guarded reader of documents.
    pub reader: Reader,
    /// Fetching postings.
    pub intake: Intake,
    /// The queue.
    pub queue: Queue,
    /// What is done by the clock.
    pub schedules: Schedules,
    /// Quotas by tier.
    pub tiers: Tiers,
    /// Bounds of jobs.
    pub jobs: Jobs,
    /// The language model, where one is used.
    pub llm: Llm,
    /// Logs.
    pub log: Log,
    /// Traces.
    pub telemetry: Telemetry,
}

/// The HTTP server.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Address to listen on.
    pub host: String,
    /// TCP port; 0 takes a free one.
    pub port: u16,
    /// Threads that answer requests; 0 is one per core, 8 at most.
    pub threads: usize,
    /// Open connections.
    pub max_connections: usize,
    /// Streams of events open at once.
    pub max_event_streams: usize,
    /// Those of one account among them.
    pub max_event_streams_per_user: usize,
    /// Seconds to send a request head.
    pub request_head_seconds: u64,
    /// Seconds until a request is answered with 503.
    pub request_seconds: u64,
    /// Seconds that what was sent may wait to be taken.
    pub unread_seconds: u64,
    /// Bytes of a JSON body.
    pub max_json_bytes: usize,
    /// Seconds after SIGTERM during which requests are still taken.
    pub leave_seconds: u64,
    /// Seconds from then on to the end of requests still being answered.
    pub shutdown_seconds: u64,
    /// The address that people see; with `https://`, cookies are bound to it.
    pub public_url: String,
    /// Addresses or networks of proxies that say who the client is.
    pub trusted_proxies: Vec<String>,
}

impl Server {
    /// Whether people come by HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The number of threads in force.
    #[must_use]
    pub fn thread_count(&self) -> usize {
        if self.threads == 0 { cores().min(8) } else { self.threads }
    }
}

/// A worker by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    /// `ADDRESS:PORT` for probes and metrics; empty listens nowhere.
    pub listen: String,
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite://…` or `postgres://…`; empty is SQLite in `data_dir`. Read it by [`Config::database_url`].
    pub url: Secret,
    /// Connections of this process.
    pub max_connections: u32,
    /// Seconds to wait for a connection.
    pub acquire_seconds: u64,
    /// Seconds for one statement.
    pub statement_seconds: u64,
}

/// Redis.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// `redis://…`; empty means none.
    pub url: Secret,
    /// Milliseconds that one request waits for it.
    pub timeout_ms: u64,
}

/// The in-process cache.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// Bytes kept in memory.
    pub max_bytes: u64,
    /// Seconds that what was read of a file lives.
    pub reading_seconds: u64,
    /// Seconds that a rendered document lives.
    pub document_seconds: u64,
    /// Seconds that what was read of a posting lives.
    pub posting_seconds: u64,
    /// Seconds that a failure which would stay one lives.
    pub failure_seconds: u64,
}

/// Accounts and tokens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// HS256 signing secret; empty until `app` has made or read the one in `data_dir`.
    pub jwt_secret_key: Secret,
    /// The signing secret before; what it signed is good until it ends.
    pub previous_jwt_secret_key: Secret,
    /// Minutes that an access token is valid.
    pub access_token_minutes: u64,
    /// Days that a refresh token is valid.
    pub refresh_token_days: u64,
    /// bcrypt cost.
    pub bcrypt_cost: u32,
    /// Passwords hashed at once; 0 is half of the cores.
    pub bcrypt_concurrency: usize,
    /// Passwords that wait to be hashed.
    pub bcrypt_waiting: usize,
    /// Shortest password, in characters.
    pub password_min_length: usize,
    /// Wrong passwords in a row from one client that cost nothing.
    pub sign_in_free_failures: u32,
    /// The same from all clients together.
    pub sign_in_free_failures_together: u32,
    /// Longest wait after a wrong password, in seconds.
    pub sign_in_max_delay_seconds: u64,
    /// API keys of one account.
    pub max_api_keys: u32,
    /// Days that a line of the audit log stays.
    pub keep_audit_days: u32,
}

impl Auth {
    /// How many passwords may be hashed at once.
    #[must_use]
    pub fn hashing_slots(&self) -> usize {
        if self.bcrypt_concurrency == 0 { (cores() / 2).max(1) } else { self.bcrypt_concurrency }
    }
}

/// Request rates.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Whether rates are limited; quotas always are.
    pub enabled: bool,
    /// Requests a minute for one client address.
    pub requests_per_minute: u32,
    /// The same for sign-in, sign-up and upload.
    pub sensitive_per_minute: u32,
}

/// Uploads.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// Bytes of one upload.
    pub max_bytes: u64,
    /// Files of one account.
    pub max_per_user: u32,
    /// Uploads held in memory at once.
    pub uploads_at_once: usize,
    /// Those of one client among them.
    pub uploads_at_once_per_client: usize,
    /// Uploaded files that are sent back at once.
    pub downloads_at_once: usize,
    /// Those of one client among them.
    pub downloads_at_once_per_client: usize,
    /// Exports of an account that are sent at once.
    pub exports_at_once: usize,
    /// Those of one client among them.
    pub exports_at_once_per_client: usize,
}

/// Where the bytes of uploads are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storage {
    /// In a folder or in a bucket.
    pub kind: StorageKind,
    /// Name of the bucket.
    pub s3_bucket: String,
    /// Region of the bucket; empty is us-east-1.
    pub s3_region: String,
    /// Address of the server; empty is Amazon's.
    pub s3_endpoint: String,
    /// What all names in the bucket begin with.
    pub s3_prefix: String,
    /// The key to the bucket; empty is the role of the machine.
    pub s3_access_key_id: Secret,
    /// Its secret half.
    pub s3_secret_access_key: Secret,
    /// Seconds until a request to the bucket must be answered.
    pub timeout_seconds: u64,
    /// Times that it is tried again.
    pub retries: usize,
    /// Encrypts files; 64 hexadecimal digits, or empty for none.
    pub encryption_key: Secret,
    /// The key before; what it encrypted can still be read.
    pub previous_encryption_key: Secret,
    /// Hours after which bytes that no row refers to are deleted; 0 is never.
    pub orphan_hours: u32,
}

/// Where the bytes of uploads are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageKind {
    /// In a folder of `data_dir`.
    Disk,
    /// In a bucket.
    S3,
}

/// Corrected resumes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corrections {
    /// Bytes of one as JSON.
    pub max_bytes: usize,
    /// Entries of one list.
    pub max_entries: usize,
    /// Characters of one text.
    pub max_text_characters: usize,
}

/// The guarded reader of documents.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reader {
    /// Pages of one document.
    pub max_pages: u32,
    /// Lines of one document.
    pub max_lines: usize,
    /// Characters of one document.
    pub max_characters: usize,
    /// Seconds of wall time.
    pub wall_seconds: u64,
    /// Seconds of processor time.
    pub cpu_seconds: u64,
    /// Bytes of address space.
    pub memory_bytes: u64,
    /// Bytes of the answer.
    pub max_output_bytes: usize,
    /// Documents read at once; 0 is one per core.
    pub concurrency: usize,
}

impl Reader {
    /// How many documents may be read at once.
    #[must_use]
    pub fn slots(&self) -> usize {
        if self.concurrency == 0 { cores() } else { self.concurrency }
    }
}

/// Fetching postings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intake {
    /// Seconds until a page must have come.
    pub timeout_seconds: u64,
    /// Bytes of a page after decompression.
    pub max_bytes: usize,
    /// Redirects followed.
    pub max_redirects: usize,
    /// Private hosts that may be fetched from, as `host` or `host:port`.
    pub allow_private_hosts: Vec<String>,
    /// Bytes of a posting given as text.
    pub max_text_bytes: usize,
    /// Base addresses of job boards by name, where they differ from the public ones.
    pub board_base_urls: BTreeMap<String, String>,
}

/// The language model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Llm {
    /// Who proposes edits beside the rules.
    pub provider: String,
    /// Where it is.
    pub base_url: String,
    /// Which one.
    pub model: String,
}

/// Logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// A level or a filter.
    pub level: String,
    /// How a line looks.
    pub format: LogFormat,
    /// Folder of `error.log`; empty writes none.
    pub dir: String,
    /// Files put aside that are kept.
    pub keep_files: usize,
    /// Megabytes (10^6 bytes) at which a file is put aside within its day.
    pub max_file_mb: u64,
    /// Milliseconds after which a statement is warned of; 0 is never.
    pub slow_query_ms: u64,
}

impl Log {
    /// Bytes at which a file is put aside within its day.
    #[must_use]
    pub fn max_file_bytes(&self) -> u64 {
        self.max_file_mb.saturating_mul(1_000_000)
    }

    /// The time after which a statement is warned of; `None` where none is.
    #[must_use]
    pub fn slow_query(&self) -> Option<Duration> {
        (self.slow_query_ms > 0).then(|| Duration::from_millis(self.slow_query_ms))
    }
}

/// Traces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telemetry {
    /// Base address of the collector; empty sends none.
    pub otlp_endpoint: Secret,
    /// Part of the traces that is sent.
    pub sample_ratio: f64,
    /// What this service is called in a trace.
    pub service_name: String,
}

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object.
    Json,
    /// For people.
    Text,
    /// Text on a terminal, JSON elsewhere.
    Auto,
}

impl Config {
    /// The address of the database in force: what is configured, or SQLite in `data_dir`.
    #[must_use]
    pub fn database_url(&self) -> String {
        if self.database.url.is_empty() {
            format!("sqlite://{}", self.data_dir.join("resume-optimizer.db").display())
        } else {
            self.database.url.expose().to_owned()
        }
    }

    /// Whether the database is PostgreSQL rather than SQLite.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.database.url.expose().starts_with("postgres")
    }

    /// Folder of uploaded files.
    #[must_use]
    pub fn files_dir(&self) -> PathBuf {
        self.data_dir.join("files")
    }

    /// Where uploaded files are, as the operator calls it.
    #[must_use]
    pub fn files_place(&self) -> String {
        match self.storage.kind {
            StorageKind::Disk => self.files_dir().display().to_string(),
            StorageKind::S3 => format!("the bucket {}", self.storage.s3_bucket),
        }
    }

    /// Where the API listens: `127.0.0.1:8000`, `[::]:8000`, whether or not the host was written in brackets.
    #[must_use]
    pub fn server_address(&self) -> String {
        let (host, port) = (self.server.bare_host(), self.server.port);
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

impl Server {
    /// The host as it is without the brackets of an address of IPv6.
    fn bare_host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

pub(in crate::config) fn cores() -> usize {
    available_parallelism().map_or(1, usize::from)
}
