//! The queue as text: tables for people, one line for whoever follows along.

use std::fmt::Write;

use crate::queue::{Counts, Failed, Listed, Status};

/// Characters of an error in a list; `queue show` has all of it.
const ERROR_CHARS: usize = 80;

/// A table of the states; the rate where one is known.
pub(in crate::cli::queue) fn status(status: &Status, completed_per_second: Option<f64>) -> String {
    let mut rows: Vec<(&str, String)> =
        states(&status.tasks).into_iter().map(|(state, tasks)| (state, tasks.to_string())).collect();
    rows.push(("paused", if status.paused { "yes" } else { "no" }.to_owned()));
    rows.push(("longest wait", waited(status)));
    if let Some(rate) = completed_per_second {
        rows.push(("completed/s", format!("{rate:.1}")));
    }
    rows.iter().map(|(label, value)| format!("{label:<14}{value:>10}\n")).collect()
}

/// The same on one line.
pub(in crate::cli::queue) fn status_line(status: &Status, completed_per_second: Option<f64>) -> String {
    let mut parts: Vec<String> =
        states(&status.tasks).into_iter().map(|(state, tasks)| format!("{tasks} {state}")).collect();
    parts.push(if status.paused { "paused" } else { "not paused" }.to_owned());
    parts.push(format!("longest wait {}", waited(status)));
    if let Some(rate) = completed_per_second {
        parts.push(format!("{rate:.1} completed/s"));
    }
    parts.join(", ") + "\n"
}

/// A table of tasks.
pub(in crate::cli::queue) fn list(tasks: &[Listed]) -> String {
    let mut rows = vec![["ID", "KIND", "STATE", "ATTEMPT", "AGE", "GROUP", "ERROR"].map(str::to_owned)];
    rows.extend(tasks.iter().map(|task| {
        [
            task.id.clone(),
            clean(&task.kind),
            task.state.clone(),
            format!("{}/{}", task.attempt, task.max_attempts),
            age(task.age_seconds),
            task.group.as_deref().map_or_else(|| "-".to_owned(), clean),
            cut(&error(task).unwrap_or_default()),
        ]
    }));
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |row: &[String; 7]| {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// A task with its attempts that did not succeed.
pub(in crate::cli::queue) fn task(task: &Listed, history: &[Failed]) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: Option<String>| {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{label:<14}{value}");
        }
    };
    line("id", Some(task.id.clone()));
    line("kind", Some(clean(&task.kind)));
    line("state", Some(task.state.clone()));
    line("attempts", Some(format!("{} of {}", task.attempt, task.max_attempts)));
    line("age", Some(age(task.age_seconds)));
    line("starts in", task.due_seconds.filter(|seconds| *seconds > 0).map(age));
    line("group", task.group.as_deref().map(clean));
    line("unique key", task.unique_key.as_deref().map(clean));
    line("error", error(task));
    for failed in history {
        let why = failed.error.as_deref().map(|error| format!(": {}", clean(error))).unwrap_or_default();
        let what = format!("{}, {} ago{why}", failed.outcome, age(failed.age_seconds));
        line(&format!("attempt {}", failed.attempt), Some(what));
    }
    text
}

fn states(tasks: &Counts) -> [(&'static str, u64); 5] {
    [
        ("queued", tasks.queued),
        ("running", tasks.running),
        ("completed", tasks.completed),
        ("dead", tasks.dead),
        ("cancelled", tasks.cancelled),
    ]
}

fn waited(status: &Status) -> String {
    // Saturates, whatever a broken clock says.
    age(status.oldest_seconds as i64)
}

/// Seconds in their largest unit.
fn age(seconds: i64) -> String {
    match seconds.max(0) {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

fn error(task: &Listed) -> Option<String> {
    match (&task.error_kind, &task.last_error) {
        (None, None) => None,
        (Some(word), None) | (None, Some(word)) => Some(clean(word)),
        (Some(kind), Some(error)) => Some(clean(&format!("{kind}: {error}"))),
    }
}

/// Part of it may be a stranger's: no line breaks, and nothing that a terminal would obey.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn cut(text: &str) -> String {
    if text.chars().count() <= ERROR_CHARS {
        return text.to_owned();
    }
    text.chars().take(ERROR_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use crate::cli::queue::shown::{age, clean, cut};

    #[test]
    fn an_age_is_said_in_its_largest_unit() {
        let check = |seconds, expected: &str| assert_eq!(age(seconds), expected);
        check(-3, "0 s");
        check(119, "119 s");
        check(120, "2 min");
        check(7_199, "119 min");
        check(7_200, "2 h");
        check(172_800, "2 d");
        check(i64::MAX, "106751991167300 d");
    }

    #[test]
    fn an_error_stays_on_its_line_and_tells_the_terminal_nothing() {
        assert_eq!(clean("one\ntwo\u{1b}[2J"), "one two [2J");
        assert_eq!(cut(&"ä".repeat(80)).chars().count(), 80);
        assert_eq!(cut(&"ä".repeat(81)), format!("{}…", "ä".repeat(79)));
    }
}
