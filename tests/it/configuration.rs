//! `config show` and `config check`, and what a wrong configuration says.

use tempfile::tempdir;

use crate::support::program::Program;

#[test]
fn the_defaults_are_fine() {
    let dir = tempdir().unwrap();
    Program::new(dir.path()).args(["config", "check"]).run().done();
}

#[test]
fn each_value_is_shown_with_where_it_came_from() {
    let dir = tempdir().unwrap();
    std::fs::write(dir.path().join("config.toml"), "[queue]\nconcurrency = 3\n").unwrap();
    let shown = Program::new(dir.path())
        .args(["config", "show", "--json"])
        .env("DATABASE_URL", "postgres://me:hunter2@db/x")
        .run()
        .json();
    assert_eq!(shown["queue.concurrency"]["value"], 3);
    assert_eq!(shown["queue.concurrency"]["origin"], "config.toml");
    assert_eq!(shown["database.url"]["value"], "postgres://me:***@db/x");
    assert_eq!(shown["database.url"]["origin"], "environment DATABASE_URL");
    assert_eq!(shown["server.port"]["value"], 8000);
    assert_eq!(shown["server.port"]["origin"], "default");
}

#[test]
fn what_is_shown_can_be_a_configuration_file() {
    let dir = tempdir().unwrap();
    let shown = Program::new(dir.path()).args(["config", "show"]).run().done().stdout;
    std::fs::write(dir.path().join("again.toml"), &shown).unwrap();
    Program::new(dir.path()).args(["--config", "again.toml", "config", "check"]).run().done();
}

#[test]
fn a_wrong_configuration_is_one_sentence_and_code_one() {
    let dir = tempdir().unwrap();
    let check = || Program::new(dir.path()).args(["config", "check"]);
    check().env("RESUME_OPTIMIZER__SERVER__PROT", "1").run().refused(1, &["server.prot", "server.port"]);
    check()
        .env("PORT", "eighty")
        .run()
        .refused(1, &["server.port", "environment PORT", "0 to 65535", "eighty"]);
    check().env("DATABASE_URL", "postgres://db/x").run().refused(1, &["JWT_SECRET_KEY"]);
    check().args(["--config", "nowhere.toml"]).run().refused(1, &["nowhere.toml", "cannot be read"]);
}

#[test]
fn wrong_usage_is_code_two() {
    let dir = tempdir().unwrap();
    let run = |args: &[&str]| Program::new(dir.path()).args(args).run().code;
    assert_eq!(run(&["config"]), Some(2));
    assert_eq!(run(&["optimise"]), Some(2));
    assert_eq!(run(&["completions", "cmd.exe"]), Some(2));
    assert_eq!(run(&["--help"]), Some(0));
    assert_eq!(run(&["config", "show", "--help"]), Some(0));
    assert_eq!(run(&["--version"]), Some(0));
}

#[test]
fn packagers_get_completions_and_manual_pages() {
    let dir = tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = Program::new(dir.path()).args(["completions", shell]).run().done().stdout;
        assert!(script.contains("resume-optimizer"), "{shell}");
    }
    assert!(Program::new(dir.path()).arg("man").run().done().stdout.contains(".TH resume-optimizer 1"));
    Program::new(dir.path()).args(["man", "--out", "pages"]).run().done();
    assert!(dir.path().join("pages/resume-optimizer-config.1").is_file());
}
