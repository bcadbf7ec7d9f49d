//! `queue status --watch`: the queue once a second, in place on a terminal, line by line elsewhere.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::spawn_blocking;
use tokio::time::MissedTickBehavior;

use crate::cli::failure::Failure;
use crate::cli::output;
use crate::cli::queue::{Desk, shown};
use crate::config::Config;
use crate::queue::Status;
use crate::shutdown::Shutdown;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// Times what a look took until the next one, at least.
const COST: u32 = 9;

/// One look at the queue.
#[derive(Debug, Serialize)]
struct Look {
    #[serde(flatten)]
    status: Status,
    /// Since the look before this one; none at the first, and when tasks were pruned meanwhile.
    completed_per_second: Option<f64>,
}

/// How a look is written.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Over the one before.
    InPlace,
    /// A line each.
    Lines,
    /// An object each, on one line.
    Json,
}

/// Looks until Ctrl-C or SIGTERM, or until nobody reads any more.
pub(in crate::cli::queue) async fn watch(config: Config, json: bool) -> Result<(), Failure> {
    let shutdown = Shutdown::on_signals()
        .map_err(|error| Failure::failed(format!("The system does not pass signals on: {error}.")))?;
    let form = match json {
        true => Form::Json,
        false if io::stdout().is_terminal() => Form::InPlace,
        false => Form::Lines,
    };
    tokio::select! {
        watched = looks(config, form) => watched,
        // A write may hang in a full pipe, a statement in a busy database: neither is waited for.
        () = shutdown.tripped() => Ok(()),
    }
}

async fn looks(config: Config, form: Form) -> Result<(), Failure> {
    let desk = Desk::open(config).await?;
    let mut ticks = tokio::time::interval(PAUSE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut before: Option<(Instant, u64)> = None;
    let mut drawn = 0;
    loop {
        ticks.tick().await;
        let began = Instant::now();
        let status = desk.queue.status().await.map_err(Failure::failed)?;
        // Where there are many millions of tasks, counting them takes its time: a tenth of it at most.
        ticks.reset_after(PAUSE.max(began.elapsed() * COST));
        let (now, completed) = (Instant::now(), status.tasks.completed);
        let completed_per_second = before.and_then(|before| rate(before, (now, completed)));
        before = Some((now, completed));
        let text = written(&Look { status, completed_per_second }, form, drawn)?;
        drawn = text.lines().count();
        spawn_blocking(move || output::text(&text)).await.map_err(Failure::failed)??;
    }
}

fn rate(before: (Instant, u64), now: (Instant, u64)) -> Option<f64> {
    let completed = u32::try_from(now.1.checked_sub(before.1)?).ok()?;
    let seconds = now.0.duration_since(before.0).as_secs_f64();
    // To a thousandth: the rest is the clock's.
    (seconds > 0.0).then(|| (f64::from(completed) / seconds * 1000.0).round() / 1000.0)
}

/// What goes to stdout for this look, after one of `drawn` lines.
fn written(look: &Look, form: Form, drawn: usize) -> Result<String, Failure> {
    match form {
        Form::Json => serde_json::to_string(look).map(|line| line + "\n").map_err(Failure::failed),
        Form::Lines => Ok(shown::status_line(&look.status, look.completed_per_second)),
        Form::InPlace => {
            // A rate from the start, so that the table does not grow under its reader.
            let table = shown::status(&look.status, Some(look.completed_per_second.unwrap_or(0.0)));
            Ok(over(&table, drawn))
        }
    }
}

/// The text in the place of the `drawn` lines before it: what stays the same is written over itself and not cleared
/// first, which would flicker.
fn over(text: &str, drawn: usize) -> String {
    let up = if drawn == 0 { String::new() } else { format!("\u{1b}[{drawn}A\r") };
    // To the end of the line: a number that became shorter leaves nothing behind.
    text.lines().fold(up, |text, line| text + line + "\u{1b}[K\n")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use crate::cli::queue::watch::{over, rate};

    #[test]
    fn a_table_is_drawn_over_the_one_before() {
        assert_eq!(over("a 1\nb 2\n", 0), "a 1\u{1b}[K\nb 2\u{1b}[K\n");
        assert_eq!(over("a 1\nb 2\n", 2), "\u{1b}[2A\ra 1\u{1b}[K\nb 2\u{1b}[K\n");
    }

    #[test]
    fn a_rate_is_what_was_completed_in_the_time_between() {
        let began = Instant::now();
        let check = |before, now, seconds, expected| {
            assert_eq!(rate((began, before), (began + Duration::from_secs(seconds), now)), expected);
        };
        check(10, 25, 2, Some(7.5));
        check(10, 10, 1, Some(0.0));
        check(10, 12, 0, None);
        check(10, 3, 1, None);
    }
}
