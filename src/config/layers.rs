//! The sources laid over each other, with where every value came from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::config::keys::{self, CONVENTIONAL, Takes};
use crate::config::{Config, ConfigError, DEFAULTS, Secret, rules};

/// What our own environment names start with; `__` stands for the dot of a key.
const PREFIX: &str = "RESUME_OPTIMIZER__";

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The defaults embedded in the binary.
    Default,
    /// This file.
    File(PathBuf),
    /// This environment variable.
    Environment(String),
    /// This flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => out.write_str("default"),
            Self::File(path) => path.display().fmt(out),
            Self::Environment(name) => write!(out, "environment {name}"),
            Self::Flag(name) => out.write_str(name),
        }
    }
}

/// A value that was given on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The key that it sets.
    pub key: &'static str,
    /// As typed.
    pub value: String,
    /// The flag's name, for the sentence when the value is wrong.
    pub name: &'static str,
}

/// One line of `config show`.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The key, dotted.
    pub key: String,
    /// The value; secrets masked.
    pub value: Value,
    /// Where it came from.
    pub origin: Origin,
}

/// Every key with the value in force and its origin.
#[derive(Debug, Clone)]
pub struct Layers {
    values: BTreeMap<String, (Value, Origin)>,
}

impl Layers {
    /// Lays the defaults, `file`, `env` and `flags` over each other; later wins.
    ///
    /// # Errors
    /// When the file cannot be read, a key is unknown or a value is not what its key takes.
    pub fn read(
        file: Option<&Path>,
        env: impl IntoIterator<Item = (String, String)>,
        flags: &[Flag],
    ) -> Result<Self, ConfigError> {
        let mut layers = Self { values: BTreeMap::new() };
        let mut problems = Vec::new();
        let defaults = parse(DEFAULTS, &Origin::Default)?;
        layers.lay_table(&defaults, &Origin::Default, &mut problems);
        if let Some(path) = file {
            let text = std::fs::read_to_string(path).map_err(|error| {
                ConfigError::one(format!(
                    "The configuration file {} cannot be read: {error}.",
                    path.display()
                ))
            })?;
            let origin = Origin::File(path.to_owned());
            layers.lay_table(&parse(&text, &origin)?, &origin, &mut problems);
        }
        for (name, key, text) in in_force(env) {
            layers.lay_text(&key, &text, Origin::Environment(name), &mut problems);
        }
        for flag in flags {
            layers.lay_text(flag.key, &flag.value, Origin::Flag(flag.name), &mut problems);
        }
        if problems.is_empty() { Ok(layers) } else { Err(ConfigError { problems }) }
    }

    /// The typed tree.
    ///
    /// # Errors
    /// When values contradict each other.
    pub fn config(&self) -> Result<Config, ConfigError> {
        let mut root = Table::new();
        // Has no key by default, and must be there all the same.
        let _ = nested(&mut root, "intake.board_base_urls.");
        for (key, (value, _)) in &self.values {
            let name = key.rsplit('.').next().unwrap_or(key);
            if let Some(table) = nested(&mut root, key) {
                table.insert(name.to_owned(), value.clone());
            }
        }
        let config: Config = root.try_into().map_err(|error: toml::de::Error| {
            ConfigError::one(format!("The configuration is not usable: {}.", error.message()))
        })?;
        rules::check(&config, self)?;
        Ok(config)
    }

    /// Every key in order, secrets masked, each with where it came from.
    #[must_use]
    pub fn show(&self) -> Vec<Shown> {
        self.values
            .iter()
            .map(|(key, (value, origin))| {
                let value = match (keys::takes(key), value) {
                    (Some(takes), Value::String(text)) if takes.is_secret() => {
                        Value::String(Secret::new(text.clone()).masked())
                    }
                    _ => value.clone(),
                };
                Shown { key: key.clone(), value, origin: origin.clone() }
            })
            .collect()
    }

    /// `key (5, set by …)`, for a sentence about values that contradict each other; a secret without its value.
    pub(crate) fn with_origin(&self, key: &str) -> String {
        match self.values.get(key) {
            Some((_, origin)) if keys::takes(key).is_some_and(Takes::is_secret) => {
                format!("{key} (set by {origin})")
            }
            Some((value, origin)) => format!("{key} ({value}, set by {origin})"),
            None => key.to_owned(),
        }
    }

    fn lay_table(&mut self, table: &Table, origin: &Origin, problems: &mut Vec<String>) {
        for (key, value) in leaves(table) {
            match keys::takes(&key) {
                Some(takes) if takes.accepts(value) => {
                    self.values.insert(key, (value.clone(), origin.clone()));
                }
                Some(takes) => problems.push(bad(&key, takes, origin, &value.to_string())),
                None if keys::is_section(&key) && value.is_table() => {}
                None if keys::is_section(&key) => {
                    problems.push(format!("{key} in {origin} is a section: write its keys below [{key}]."));
                }
                None => problems.push(unknown(&key, origin)),
            }
        }
    }

    fn lay_text(&mut self, key: &str, text: &str, origin: Origin, problems: &mut Vec<String>) {
        let Some(takes) = keys::takes(key) else {
            problems.push(unknown(key, &origin));
            return;
        };
        match takes.parse(text) {
            Some(value) => {
                self.values.insert(key.to_owned(), (value, origin));
            }
            None => problems.push(bad(key, takes, &origin, &format!("{text:?}"))),
        }
    }
}

/// Every leaf of `table` with its dotted key; an empty table is a leaf, so that a mistyped section shows.
pub(crate) fn leaves(table: &Table) -> Vec<(String, &Value)> {
    fn walk<'a>(prefix: &str, table: &'a Table, found: &mut Vec<(String, &'a Value)>) {
        for (name, value) in table {
            let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            match value {
                Value::Table(inner) if !inner.is_empty() => walk(&key, inner, found),
                Value::Table(_) if keys::is_section(&key) => {}
                _ => found.push((key, value)),
            }
        }
    }
    let mut found = Vec::new();
    walk("", table, &mut found);
    found
}

/// The environment's values that are ours and not empty: name, key, text. Conventional names come first,
/// so that our own, which can only be meant for us, win over them.
fn in_force(env: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String, String)> {
    let mut found: Vec<(bool, String, String, String)> = env
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .filter_map(|(name, text)| {
            if let Some(rest) = name.strip_prefix(PREFIX) {
                let key = rest.to_ascii_lowercase().replace("__", ".");
                return Some((true, name, key, text));
            }
            let (_, key) = CONVENTIONAL.iter().find(|(conventional, _)| *conventional == name)?;
            Some((false, name, (*key).to_owned(), text))
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, name, key, text)| (name, key, text)).collect()
}

/// The table that holds the last name of `key`, made where it is missing.
fn nested<'a>(root: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    let Some((sections, _)) = key.rsplit_once('.') else {
        return Some(root);
    };
    sections.split('.').try_fold(root, |table, section| {
        table.entry(section).or_insert_with(|| Value::Table(Table::new())).as_table_mut()
    })
}

fn parse(text: &str, origin: &Origin) -> Result<Table, ConfigError> {
    text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let line = text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
        let message = error.message().replace('\n', ", ");
        ConfigError::one(format!("{origin} is not TOML at line {line}: {message}."))
    })
}

fn unknown(key: &str, origin: &Origin) -> String {
    let hint = match keys::nearest(key) {
        Some(near) => format!("did you mean {near}?"),
        None => "`resume-optimizer config show` lists all keys.".to_owned(),
    };
    format!("There is no configuration key {key} (set by {origin}); {hint}")
}

fn bad(key: &str, takes: Takes, origin: &Origin, given: &str) -> String {
    if takes.is_secret() {
        return format!(
            "{key} (set by {origin}) takes {takes}; its value is something else and not repeated here."
        );
    }
    let shown: String = given.chars().take(80).collect();
    format!("{key} (set by {origin}) takes {takes}; it is {shown}.")
}
