//! What becomes of tasks when processes, connections and the database itself go away: with real processes.
//!
//! `worker` is a process that does tasks, `rig` the database around it with a ledger of what happened, `proxy` the
//! network between the two. Each test is one fault; with `FAULT_TESTS=long` it is a longer and a harder one, and
//! `scripts/fault-tests` shows their figures in a table.

mod deeds;
mod proxy;
mod rig;
mod worker;

mod clocks;
mod crowd;
mod database;
mod disk;
mod file;
mod fire;
mod forgotten;
mod groups;
mod kills;
mod leaving;
mod limits;
mod network;
mod stranded;
mod versions;

/// Whether the longer and harder forms are wanted.
fn long() -> bool {
    std::env::var("FAULT_TESTS").is_ok_and(|form| form == "long")
}

/// One of these, by the form that is wanted.
fn either<T>(short: T, long_form: T) -> T {
    if long() { long_form } else { short }
}

/// Says what was measured, for the table.
fn figures(fault: &str, said: &str) {
    eprintln!("{fault}: {said}");
}
