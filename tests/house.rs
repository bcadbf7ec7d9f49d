//! The house rules rustc cannot see: floors, rooms, stages, file headers, file sizes, the map.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic; that is how it reports"
)]

use std::{fs, path::Path};

#[path = "../build.rs"]
#[allow(dead_code, clippy::print_stdout, reason = "its `main` is for cargo, and speaks to it")]
mod build;

/// Every top-level module, lowest floor first, and what it may import.
///
/// A row may name only rows above it, so the table is itself the proof that no cycle exists.
#[rustfmt::skip] // a table reads best as one row per line
const FLOORS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &[]),
    ("shutdown", &[]),
    ("telemetry", &["config"]),
    ("cache", &["config"]),
    ("blobs", &["domain", "config"]),
    ("engine", &["domain"]),
    ("store", &["domain", "config"]),
    ("queue", &["config", "shutdown", "telemetry", "store"]),
    ("intake", &["domain", "config", "engine"]),
    ("sandbox", &["domain", "config", "engine"]),
    ("pipeline", &["domain", "config", "engine", "cache", "intake", "sandbox"]),
    ("app", &["domain", "config", "shutdown", "telemetry", "store", "cache", "blobs", "queue", "pipeline"]),
    ("backup", &["domain", "config", "shutdown", "store", "blobs", "queue", "app"]),
    ("service", &["domain", "config", "engine", "store", "cache", "blobs", "queue", "pipeline", "app"]),
    ("worker", &["domain", "config", "shutdown", "telemetry", "engine", "store", "cache", "blobs", "queue", "pipeline", "app"]),
    ("http", &["domain", "config", "shutdown", "telemetry", "app", "service"]),
    ("cli", &["domain", "config", "shutdown", "telemetry", "engine", "sandbox", "store", "cache", "blobs", "queue", "pipeline", "app", "backup", "service", "worker", "http"]),
];

/// The engine's stages see the words and the lexicon, never each other.
const STAGES: &[&str] = &["read", "understand", "matching", "writing", "tailor", "verify", "render"];

/// Heavy crates and the folders that may name them.
const ROOMS: &[(&str, &[&str])] = &[
    ("toml", &["config"]),
    ("tracing_subscriber", &["telemetry"]),
    ("metrics_exporter_prometheus", &["telemetry"]),
    ("opentelemetry", &["telemetry"]),
    ("sea_orm", &["store", "queue"]),
    ("sqlx", &["store", "queue"]),
    ("actix_web", &["http"]),
    ("redis", &["cache"]),
    ("moka", &["cache"]),
    ("object_store", &["blobs"]),
    ("reqwest", &["intake", "telemetry", "blobs"]),
    ("jsonwebtoken", &["service"]),
    ("bcrypt", &["service"]),
    ("landlock", &["sandbox"]),
    ("seccompiler", &["sandbox"]),
    ("clap", &["cli"]),
];

/// Longest a file may grow, its `#[cfg(test)]` tail aside.
const MAX_LINES: usize = 500;

/// One source file: `path` is relative to `src/`, `code` has no comments and no tests.
struct Source {
    path: String,
    text: String,
    code: String,
}

impl Source {
    fn top(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }

    fn stage(&self) -> Option<&'static str> {
        let rest = self.path.strip_prefix("engine/")?;
        STAGES.iter().copied().find(|stage| rest.split(['/', '.']).next() == Some(*stage))
    }
}

fn sources() -> Vec<Source> {
    fn walk(dir: &Path, found: &mut Vec<Source>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let code = text
                    .split("#[cfg(test)]")
                    .next()
                    .unwrap()
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .collect::<Vec<_>>()
                    .join("\n");
                let path = path.strip_prefix("src").unwrap().to_str().unwrap().to_owned();
                // A file of tests alone may do what tests do.
                let code =
                    if path.ends_with("tests.rs") || path.contains("/tests/") { String::new() } else { code };
                found.push(Source { path, text, code });
            }
        }
    }
    let mut found = Vec::new();
    walk(Path::new("src"), &mut found);
    found
}

/// The names that directly follow `prefix`, looking inside `{a, b::{c}}` groups.
fn names_after<'a>(code: &'a str, prefix: &str) -> Vec<&'a str> {
    fn ident(text: &str) -> &str {
        let text = text.trim_start();
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
        &text[..end]
    }
    let mut names = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let rest = &code[at + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            names.push(ident(rest));
            continue;
        };
        let (mut depth, mut start) = (0, 0);
        for (at, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' if depth > 0 => {}
                ',' | '}' => {
                    names.push(ident(&group[start..]));
                    start = at + 1;
                    if c == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
    }
    names
}

/// Fails once, listing every breach.
#[track_caller]
fn none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}\n", breaches.join("\n"));
}

#[test]
fn imports_only_go_down() {
    let mut breaches = Vec::new();
    for (row, (module, allowed)) in FLOORS.iter().enumerate() {
        for name in *allowed {
            if !FLOORS[..row].iter().any(|(lower, _)| lower == name) {
                breaches.push(format!("FLOORS: `{module}` lists `{name}`, which is not on a lower row"));
            }
        }
    }
    for source in sources() {
        if source.path == "lib.rs" || source.path == "main.rs" {
            continue;
        }
        let Some((_, allowed)) = FLOORS.iter().find(|(module, _)| *module == source.top()) else {
            breaches.push(format!("src/{}: `{}` has no row in FLOORS", source.path, source.top()));
            continue;
        };
        for name in names_after(&source.code, "crate::") {
            if name != source.top() && !allowed.contains(&name) {
                breaches.push(format!("src/{}: `{}` may not import `{name}`", source.path, source.top()));
            }
        }
        if source.code.contains("super::") {
            breaches.push(format!("src/{}: spell it `crate::`, so this test can see it", source.path));
        }
    }
    none(&breaches);
}

#[test]
fn stages_do_not_know_each_other() {
    let mut breaches = Vec::new();
    for source in sources() {
        let Some(stage) = source.stage() else {
            continue;
        };
        for name in names_after(&source.code, "crate::engine::") {
            if name != stage && STAGES.contains(&name) {
                breaches.push(format!("src/{}: stage `{stage}` may not import `{name}`", source.path));
            }
        }
    }
    none(&breaches);
}

#[test]
fn crates_stay_in_their_rooms() {
    let mut breaches = Vec::new();
    for source in sources() {
        for (name, rooms) in ROOMS {
            if !rooms.contains(&source.top()) && source.code.contains(&format!("{name}::")) {
                breaches.push(format!("src/{}: `{name}` lives in {rooms:?}", source.path));
            }
        }
    }
    none(&breaches);
}

#[test]
fn the_engine_is_a_function() {
    const OUTSIDE: &[&str] =
        &["std::fs", "std::net", "std::env", "std::process", "std::time", "SystemTime", "tokio"];
    const CLOCKS: &[&str] =
        &["Utc::now", "Local::now", "Instant::now", "now_v7", "rand::", "async fn", ".await"];
    let mut breaches = Vec::new();
    for source in sources().iter().filter(|source| source.top() == "engine") {
        for word in OUTSIDE.iter().chain(CLOCKS) {
            if source.code.contains(word) {
                breaches.push(format!("src/{}: the engine knows no `{word}`", source.path));
            }
        }
    }
    none(&breaches);
}

#[test]
fn files_introduce_themselves_and_stay_short() {
    let mut breaches = Vec::new();
    for source in sources() {
        if !source.text.starts_with("//! ") {
            breaches.push(format!("src/{}: open with one `//!` sentence", source.path));
        }
        let lines = source.text.split("#[cfg(test)]").next().unwrap().lines().count();
        if lines > MAX_LINES {
            breaches.push(format!("src/{}: {lines} lines, the limit is {MAX_LINES}", source.path));
        }
    }
    none(&breaches);
}

#[test]
fn the_map_names_every_room() {
    let map = fs::read_to_string("ARCHITECTURE.md").unwrap();
    none(
        &FLOORS
            .iter()
            .filter(|(module, _)| !map.contains(&format!("`{module}`")))
            .map(|(module, _)| format!("ARCHITECTURE.md does not mention `{module}`"))
            .collect::<Vec<_>>(),
    );
}

/// What is kept of the engine's work is kept under a name of what it is made of: a source that is not in it would
/// leave old readings in the cache after an update.
#[test]
fn the_name_of_the_engine_is_of_all_that_it_is_made_of() {
    let mut breaches = Vec::new();
    let is_named = |path: &str| build::SOURCES.iter().any(|source| path.starts_with(source));
    let (_, imports) = FLOORS.iter().find(|(module, _)| *module == "engine").unwrap();
    for module in imports.iter().chain(&["engine", "pipeline"]) {
        if !is_named(&format!("src/{module}")) {
            breaches.push(format!("build.rs: SOURCES lacks src/{module}"));
        }
    }
    for source in sources().iter().filter(|source| source.path.starts_with("engine/")) {
        for embed in ["include_str!(\"", "include_bytes!(\""] {
            for (at, _) in source.code.match_indices(embed) {
                let path = source.code[at + embed.len()..].split('"').next().unwrap();
                if !is_named(path.trim_start_matches("../")) {
                    breaches
                        .push(format!("build.rs: SOURCES lacks {path}, which src/{} embeds", source.path));
                }
            }
        }
    }
    none(&breaches);
    assert_eq!(build::fingerprint(Path::new(".")).unwrap(), env!("ENGINE_SOURCES"));
}

#[test]
fn another_byte_or_name_of_a_source_is_another_name_of_the_engine() {
    let dir = tempfile::tempdir().unwrap();
    let files = build::SOURCES.map(|source| match Path::new(source).extension() {
        Some(_) => dir.path().join(source),
        None => dir.path().join(source).join("inner/one.rs"),
    });
    for file in &files {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, "before").unwrap();
    }
    let name = || build::fingerprint(dir.path()).unwrap();
    let before = name();
    for file in &files {
        fs::write(file, "after").unwrap();
        assert_ne!(name(), before, "{}", file.display());
        fs::write(file, "before").unwrap();
        assert_eq!(name(), before);
    }
    let file = dir.path().join("src/engine/inner/one.rs");
    fs::write(file.with_file_name(".one.rs.swp"), "open in an editor").unwrap();
    assert_eq!(name(), before);
    fs::rename(&file, file.with_file_name("two.rs")).unwrap();
    assert_ne!(name(), before);
}

/// What took something away from programs of the release before, which still run while a new one is rolled out: the
/// migration, the statement, and the release that did it, which is one after the last that used it.
const CONTRACTED: &[(&str, &str, &str)] = &[
    // Indexes that others take the place of, in the release that made them.
    ("m20260101_000004_queue_lines", "DROP INDEX IDX_QUEUE_TASKS_CLAIM", "0.1.0"),
    ("m20260101_000004_queue_lines", "DROP INDEX IDX_QUEUE_TASKS_GROUP", "0.1.0"),
];

/// The statements of a migration's way up that take something away from whoever knows the tables as they were.
fn contractions(source: &str) -> Vec<String> {
    // What is about the way down has a name that says so.
    let mut up = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once("const DOWN") {
        up += before;
        rest = after.split_once("\";").unwrap().1;
    }
    up += rest;
    let up = up.split("async fn down").next().unwrap();
    let code: Vec<&str> = up.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join(" ").to_uppercase().replace('"', ";");
    let statements: Vec<String> =
        code.split(';').map(|part| part.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let made = |word: &str| {
        statements.iter().any(|statement| statement.starts_with(&format!("CREATE TABLE {word} ")))
    };
    let takes = |statement: &str| {
        let words = |pattern: &str| regex::Regex::new(pattern).unwrap().is_match(statement);
        words(r"\bDROP\b|\bRENAME\b|\bSET NOT NULL\b|\bALTER (COLUMN )?\w+ (SET DATA )?TYPE\b|^TRUNCATE\b")
            || words(r"\bDROP_\w+|\bRENAME_\w+|\bMODIFY_COLUMN\b")
            || (words(r"\bADD COLUMN\b.*\bNOT NULL\b") && !words(r"\bDEFAULT\b"))
            || words(r"\bADD (CONSTRAINT|CHECK|UNIQUE|FOREIGN|PRIMARY)\b")
    };
    statements
        .iter()
        .filter(|statement| {
            // Nobody knows yet what the same migration makes.
            let table = statement.strip_prefix("ALTER TABLE ").and_then(|rest| rest.split(' ').next());
            takes(statement) && !table.is_some_and(made)
        })
        .cloned()
        .collect()
}

#[test]
fn migrations_take_nothing_away_from_programs_that_still_run() {
    let mut breaches = Vec::new();
    let mut listed = CONTRACTED.to_vec();
    for entry in fs::read_dir("migration/src").unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        for statement in contractions(&fs::read_to_string(&path).unwrap()) {
            let before = listed.len();
            listed.retain(|(migration, known, _)| *migration != name || *known != statement);
            if listed.len() == before {
                breaches.push(format!(
                    "migration/src/{name}.rs: `{statement}`: expand now, and contract a release later, in CONTRACTED"
                ));
            }
        }
    }
    breaches
        .extend(listed.iter().map(|(name, statement, _)| format!("CONTRACTED: {name} has no `{statement}`")));
    none(&breaches);
}

#[test]
fn what_takes_something_away_is_seen() {
    let taken = |up: &str| {
        contractions(&format!("const UP: &str = \"\n{up}\n\";\nconst DOWN: &str = \"DROP TABLE x;\";\n"))
    };
    for up in [
        "DROP TABLE users;",
        "ALTER TABLE users DROP COLUMN role;",
        "ALTER TABLE users RENAME COLUMN role TO part;",
        "ALTER TABLE users ALTER COLUMN role SET NOT NULL;",
        "alter table users\n    alter role type integer;",
        "ALTER TABLE users ADD COLUMN part TEXT NOT NULL;",
        "ALTER TABLE users ADD CONSTRAINT part CHECK (role <> '');",
    ] {
        assert_eq!(taken(up).len(), 1, "{up}");
    }
    for up in [
        "CREATE TABLE parts (id UUID NOT NULL); ALTER TABLE parts ADD CONSTRAINT a FOREIGN KEY (id) REFERENCES users (id);",
        "ALTER TABLE users ADD COLUMN part TEXT; ALTER TABLE users ADD COLUMN size INTEGER NOT NULL DEFAULT 0;",
        "CREATE INDEX a ON users (role); UPDATE users SET role = 'user';",
    ] {
        assert_eq!(taken(up), Vec::<String>::new(), "{up}");
    }
    assert_eq!(
        contractions("async fn up() { manager.drop_table(x) } async fn down() { manager.drop_table(x) }")
            .len(),
        1
    );
}
