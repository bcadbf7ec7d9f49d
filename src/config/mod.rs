//! The effective configuration: a typed tree, defaults under `config.toml` under environment under flags.
//!
//! The file `config.toml` at the root of the repository is embedded and *is* the default. `keys` says what
//! each key takes, `layers` puts the sources over each other and remembers where every value came from,
//! `tree` and `work` are what the rest of the program sees. Imports nothing of ours.

pub mod folder;
mod keys;
mod layers;
mod rules;
mod secret;
mod tree;
mod work;

use std::fmt;
use std::path::Path;

pub use crate::config::keys::network;
pub use crate::config::layers::{Flag, Layers, Origin, Shown};
pub use crate::config::secret::Secret;
pub use crate::config::tree::{
    Auth, Cache, Config, Corrections, Database, Files, Intake, Limits, Llm, Log, LogFormat, Reader, Redis,
    Server, Storage, StorageKind, Telemetry, Worker,
};
pub use crate::config::work::{Jobs, Queue, Schedules, Tier, Tiers};

/// The built-in defaults, with the comment on each key that is its documentation.
pub const DEFAULTS: &str = include_str!("../../config.toml");

/// Everything that is wrong with a configuration, one sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// The sentences, each naming a key, where its value came from, and what the key takes.
    pub problems: Vec<String>,
}

impl ConfigError {
    fn one(problem: String) -> Self {
        Self { problems: vec![problem] }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.problems.join("\n"))
    }
}

impl Config {
    /// Reads the configuration in force: the defaults, then `file`, then `env`, then `flags`; later wins.
    ///
    /// `env` is the whole environment; names that are not ours are passed over. The process environment
    /// is not looked at here, so that a test can bring its own.
    ///
    /// # Errors
    /// When the file cannot be read, or a key is unknown, or a value is not what its key takes; all
    /// of them at once.
    pub fn load(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
        flags: &[Flag],
    ) -> Result<Self, ConfigError> {
        Layers::read(file, env, flags)?.config()
    }

    /// The defaults alone, which need nothing installed.
    ///
    /// # Errors
    /// Never in a release: a test holds the embedded file to its own rules.
    pub fn defaults() -> Result<Self, ConfigError> {
        Self::load(None, [], &[])
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic; that is how it reports")]

    use std::io::Write;

    use crate::config::{Config, ConfigError, Flag, LogFormat};

    fn env(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn load(file: &str, pairs: &[(&str, &str)], flags: &[Flag]) -> Result<Config, ConfigError> {
        let mut on_disk = tempfile::NamedTempFile::new().unwrap();
        on_disk.write_all(file.as_bytes()).unwrap();
        Config::load(Some(on_disk.path()), env(pairs), flags)
    }

    /// The configuration is refused, and its one sentence holds every one of `parts`.
    #[track_caller]
    fn refused(file: &str, pairs: &[(&str, &str)], parts: &[&str]) {
        let error = load(file, pairs, &[]).expect_err("should be refused");
        assert_eq!(error.problems.len(), 1, "{error}");
        for part in parts {
            assert!(error.to_string().contains(part), "{part:?} is missing in: {error}");
        }
    }

    #[test]
    fn the_defaults_need_nothing_installed() {
        let config = Config::defaults().unwrap();
        assert_eq!(config.server.port, 8000);
        assert_eq!(config.server.host, "127.0.0.1");
        assert!(config.redis.url.is_empty());
        assert_eq!(config.database_url(), "sqlite://data/resume-optimizer.db");
        assert!(!config.is_postgres());
        assert_eq!(config.tiers.free.concurrent_jobs, 2);
        assert_eq!(config.log.format, LogFormat::Auto);
        config.ready_to_serve().unwrap();
    }

    #[test]
    fn later_sources_win() {
        let file = "[server]\nport = 1\nhost = \"::1\"\n[queue]\nconcurrency = 3\n";
        let flags = [Flag { key: "server.port", value: "3".to_owned(), name: "--port" }];
        let config =
            load(file, &[("RESUME_OPTIMIZER__SERVER__PORT", "2"), ("LOG_LEVEL", "debug")], &flags).unwrap();
        assert_eq!(config.server.port, 3);
        assert_eq!(config.server.host, "::1");
        assert_eq!(config.queue.concurrency, 3);
        assert_eq!(config.log.level, "debug");
        assert_eq!(load(file, &[("PORT", "4")], &[]).unwrap().server.port, 4);
    }

    #[test]
    fn our_own_name_wins_over_the_conventional_one() {
        let config = load("", &[("RESUME_OPTIMIZER__SERVER__PORT", "2"), ("PORT", "9")], &[]).unwrap();
        assert_eq!(config.server.port, 2);
    }

    #[test]
    fn an_empty_environment_value_is_unset() {
        let config = load("[server]\nport = 7\n", &[("PORT", ""), ("DATABASE_URL", "")], &[]).unwrap();
        assert_eq!(config.server.port, 7);
        assert!(config.database.url.is_empty());
    }

    #[test]
    fn lists_come_by_comma_and_tables_by_name() {
        let config = load(
            "",
            &[
                ("RESUME_OPTIMIZER__INTAKE__ALLOW_PRIVATE_HOSTS", "127.0.0.1:9000, jobs.internal"),
                ("RESUME_OPTIMIZER__INTAKE__BOARD_BASE_URLS__GREENHOUSE", "http://127.0.0.1:9000/gh"),
                ("RESUME_OPTIMIZER__DATA_DIR", "/srv/resumes"),
            ],
            &[],
        )
        .unwrap();
        assert_eq!(config.intake.allow_private_hosts, ["127.0.0.1:9000", "jobs.internal"]);
        assert_eq!(
            config.intake.board_base_urls.get("greenhouse").map(String::as_str),
            Some("http://127.0.0.1:9000/gh")
        );
        assert_eq!(config.database_url(), "sqlite:///srv/resumes/resume-optimizer.db");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_source_and_its_neighbour() {
        refused("[server]\nprot = 1\n", &[], &["server.prot", "did you mean server.port"]);
        refused("colour = 1\n", &[], &["colour"]);
        refused("[srever]\nport = 1\n", &[], &["srever.port"]);
        refused(
            "",
            &[("RESUME_OPTIMIZER__QUEUE__LEASE", "5")],
            &["RESUME_OPTIMIZER__QUEUE__LEASE", "queue.lease"],
        );
    }

    #[test]
    fn a_bad_value_is_named_with_its_source_and_what_the_key_takes() {
        refused(
            "",
            &[("PORT", "eighty")],
            &["PORT", "server.port", "whole number from 0 to 65535", "eighty"],
        );
        refused("[server]\nport = 70000\n", &[], &["server.port", "65535", "70000"]);
        refused("[server]\nport = \"8000\"\n", &[], &["server.port", "whole number", "\"8000\""]);
        refused("[limits]\nenabled = 1\n", &[], &["limits.enabled", "true or false"]);
        refused("server = 5\n", &[], &["server", "section"]);
        refused("[server.port]\na = 1\n", &[], &["server.port"]);
        refused("[llm]\nprovider = \"acme\"\n", &[], &["llm.provider", "none"]);
        refused("[log]\nformat = \"xml\"\n", &[], &["log.format", "json, text or auto"]);
        refused("", &[("LOG_LEVEL", "loud")], &["LOG_LEVEL", "log.level", "info"]);
        refused("", &[("REDIS_URL", "http://localhost")], &["REDIS_URL", "redis.url", "redis://"]);
        refused("[intake]\nallow_private_hosts = [1]\n", &[], &["intake.allow_private_hosts", "list"]);
        refused("[jobs]\nkeep_days = 0\n", &[], &["jobs.keep_days", "1 to 36500"]);
        for cron in ["at night", "0 2 * *", "0 0 2 * * *", "60 2 * * *", "@daily", "0 2 31 2 *", "? 2 * * *"]
        {
            let name = "RESUME_OPTIMIZER__SCHEDULES__CLEANUP_OLD_JOBS";
            refused("", &[(name, cron)], &[name, "schedules.cleanup_old_jobs", "five fields", cron]);
        }
        refused("[server\n", &[], &["line 1"]);
    }

    #[test]
    fn a_schedule_is_a_time_of_the_day_or_nothing() {
        let config = Config::defaults().unwrap();
        assert_eq!(config.schedules.cleanup_old_jobs, "0 2 * * *");
        for cron in ["", "*/5 * * * *", "0 2 29 2 *", "30 4 * * SUN", "0 0 L * *"] {
            let file = format!("[schedules]\nhealth_check = \"{cron}\"\n");
            assert_eq!(load(&file, &[], &[]).unwrap().schedules.health_check, cron);
        }
    }

    #[test]
    fn values_that_contradict_each_other_are_refused() {
        refused(
            "[queue]\nheartbeat_seconds = 90\n",
            &[],
            &["queue.heartbeat_seconds", "queue.lease_seconds"],
        );
        refused(
            "[queue]\nsoft_limit_seconds = 1800\n",
            &[],
            &["queue.soft_limit_seconds", "queue.hard_limit_seconds"],
        );
    }

    #[test]
    fn a_bucket_is_named_and_its_key_is_whole() {
        let s3 = ("RESUME_OPTIMIZER__STORAGE__KIND", "s3");
        let bucket = ("RESUME_OPTIMIZER__STORAGE__S3_BUCKET", "resumes");
        let (id, secret) = (("AWS_ACCESS_KEY_ID", "hunter1"), ("AWS_SECRET_ACCESS_KEY", "hunter2"));
        refused("", &[s3], &["storage.kind", "storage.s3_bucket"]);
        refused("", &[s3, bucket, id], &["storage.s3_access_key_id", "storage.s3_secret_access_key", "role"]);
        refused("", &[s3, bucket, secret], &["storage.s3_access_key_id", "storage.s3_secret_access_key"]);
        refused("[storage]\ns3_prefix = \"a/../b\"\n", &[s3, bucket], &["storage.s3_prefix", "a/../b"]);
        refused("", &[("RESUME_OPTIMIZER__STORAGE__KIND", "ftp")], &["storage.kind", "disk or s3"]);
        let region = ("AWS_REGION", "eu-north-1");
        let config =
            load("[storage]\ns3_prefix = \"/a/b/\"\n", &[s3, bucket, id, secret, region], &[]).unwrap();
        assert_eq!(config.storage.s3_region, "eu-north-1");
        assert_eq!(config.storage.s3_secret_access_key.expose(), "hunter2");
        assert!(!format!("{config:?}").contains("hunter"));
        // On disk, what the environment says of Amazon is none of our business.
        load("", &[id], &[]).unwrap();
    }

    #[test]
    fn a_key_to_files_is_thirty_two_bytes() {
        for key in ["hunter2", &"g".repeat(64), &"0".repeat(63), &"0".repeat(66)] {
            let error = load("", &[("STORAGE_ENCRYPTION_KEY", key)], &[]).unwrap_err().to_string();
            assert!(error.contains("storage.encryption_key") && error.contains("64 hexadecimal"), "{error}");
            assert!(!error.contains(key), "{error}");
        }
        let config = load("", &[("STORAGE_ENCRYPTION_KEY", &"aF".repeat(32))], &[]).unwrap();
        assert!(!format!("{config:?}").contains("aFaF"));
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let error = load("[server]\nprot = 1\nport = -1\n", &[("LOG_LEVEL", "loud")], &[]).unwrap_err();
        assert_eq!(error.problems.len(), 3, "{error}");
    }

    #[test]
    fn a_secret_is_never_repeated() {
        refused("", &[("DATABASE_URL", "mysql://me:hunter2@db/x")], &["DATABASE_URL", "postgres://"]);
        let error =
            load("", &[("DATABASE_URL", "mysql://me:hunter2@db/x"), ("JWT_SECRET_KEY", "short-secret")], &[]);
        let text = error.unwrap_err().to_string();
        assert!(!text.contains("hunter2") && !text.contains("short-secret"), "{text}");
        assert!(text.contains("auth.jwt_secret_key") && text.contains("32 bytes"), "{text}");
    }

    #[test]
    fn postgresql_wants_a_signing_secret_that_replicas_share() {
        let url = ("DATABASE_URL", "postgres://me:hunter2@db/x");
        let config = load("", &[url], &[]).unwrap();
        assert!(config.is_postgres());
        assert!(config.ready_to_serve().unwrap_err().to_string().contains("JWT_SECRET_KEY"));
        load("", &[url, ("JWT_SECRET_KEY", &"k".repeat(32))], &[]).unwrap().ready_to_serve().unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
