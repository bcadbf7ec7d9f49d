//! Tasks by the clock: each tick of a schedule puts one task into the queue, however many processes look.
//!
//! There is no leader. Every worker looks each second what the database's clock says; of those that find a tick due,
//! the one that moves the schedule's last tick forward puts the task in, in the same transaction.

use std::collections::HashMap;
use std::str::FromStr as _;
use std::time::Duration;

use chrono::{DateTime, Utc};
use croner::Cron;

use crate::queue::Shared;
use crate::queue::call::{CALL, bounded};
use crate::queue::registry::Registry;
use crate::queue::table::Table;
use crate::queue::task::{NewTask, QueueError};

/// Between two looks at the clock.
const LOOK: Duration = Duration::from_secs(1);

/// What is put into the queue when.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its name, and the unique key of its tasks: while one is open, no second one is put in.
    pub name: &'static str,
    /// Which handler does them.
    pub kind: &'static str,
    /// What of a tick that nobody was there for.
    pub missed: Missed,
    cron: Cron,
}

/// What becomes of ticks at which no worker was alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// However many they are, one task makes up for them.
    RunOnce,
    /// One that is longer ago than this is left out.
    Skip(Duration),
}

impl Schedule {
    /// One that ticks as a cron expression of five fields says, in UTC.
    ///
    /// # Errors
    /// When it is no cron expression.
    pub fn new(
        name: &'static str,
        cron: &str,
        kind: &'static str,
        missed: Missed,
    ) -> Result<Self, QueueError> {
        let cron = Cron::from_str(cron)
            .map_err(|error| QueueError::Schedule { name, reason: format!("{cron:?}: {error}") })?;
        Ok(Self { name, kind, missed, cron })
    }

    /// The last tick that is not after this moment.
    fn due(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.cron.find_previous_occurrence(&now, true).ok()
    }
}

/// Looks at the clock until it is dropped.
pub(in crate::queue) async fn watch(shared: &Shared, table: &Table, registry: &Registry) {
    if registry.schedules().is_empty() {
        return std::future::pending().await;
    }
    let mut known = false;
    loop {
        let ticked = async {
            if !known {
                // A new schedule does not make up for the time before it was there.
                for schedule in registry.schedules() {
                    table.execute(table.db(), table.sql().add_schedule, [schedule.name.into()]).await?;
                }
            }
            tick(shared, table, registry.schedules()).await
        };
        match bounded(CALL, ticked).await {
            Ok(()) => known = true,
            Err(error) => {
                tracing::warn!(exception = %error, "the schedules were not looked at; trying again");
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Puts in what is due.
pub(in crate::queue) async fn tick(
    shared: &Shared,
    table: &Table,
    schedules: &[Schedule],
) -> Result<(), QueueError> {
    let mut last: HashMap<String, (i64, i64)> = HashMap::new();
    for row in table.all(table.db(), table.sql().schedules, []).await? {
        last.insert(row.try_get("", "name")?, (row.try_get("", "last_ms")?, row.try_get("", "now_ms")?));
    }
    for schedule in schedules {
        let Some((last, now)) = last.get(schedule.name) else {
            continue;
        };
        let Some(now) = DateTime::from_timestamp_millis(*now) else {
            continue;
        };
        let Some(due) = schedule.due(now).filter(|due| due.timestamp_millis() > *last) else {
            continue;
        };
        let late = (now - due).to_std().unwrap_or_default();
        fire(shared, table, schedule, due, late).await?;
    }
    Ok(())
}

async fn fire(
    shared: &Shared,
    table: &Table,
    schedule: &Schedule,
    due: DateTime<Utc>,
    late: Duration,
) -> Result<(), QueueError> {
    let tx = table.db().begin().await?;
    let values = [schedule.name.into(), due.timestamp_millis().into()];
    if table.execute(&tx, table.sql().tick, values).await? == 0 {
        // Somebody else was faster.
        tx.rollback().await?;
        return Ok(());
    }
    let left_out = matches!(schedule.missed, Missed::Skip(most) if late > most);
    if !left_out {
        let payload = serde_json::json!({ "tick": due.to_rfc3339() });
        let task = NewTask::new(schedule.kind, payload).unique(&schedule.name);
        table.enqueue(&tx, &[task], shared.policy.max_attempts).await?;
    }
    tx.commit().await?;
    tracing::debug!(schedule = schedule.name, left_out, "a schedule ticked");
    shared.bell.ring_tasks();
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use chrono::DateTime;

    use crate::queue::schedule::{Missed, Schedule};

    #[test]
    fn the_last_tick_is_found_to_the_second() {
        let check = |cron: &str, now: &str, due: &str| {
            let schedule = Schedule::new("test", cron, "test", Missed::RunOnce).unwrap();
            let found = schedule.due(DateTime::parse_from_rfc3339(now).unwrap().to_utc()).unwrap();
            assert_eq!(found, DateTime::parse_from_rfc3339(due).unwrap(), "{cron} at {now}");
        };
        check("0 2 * * *", "2026-11-24T02:00:00Z", "2026-11-24T02:00:00Z");
        check("0 2 * * *", "2026-11-24T01:59:59.999Z", "2026-11-23T02:00:00Z");
        check("* * * * *", "2026-11-24T12:34:56.789Z", "2026-11-24T12:34:00Z");
        check("0 2 29 2 *", "2026-11-24T00:00:00Z", "2024-02-29T02:00:00Z");
    }

    #[test]
    fn what_is_no_cron_expression_is_refused_by_name() {
        let error = Schedule::new("nightly", "at night", "test", Missed::RunOnce).unwrap_err().to_string();
        assert!(error.contains("nightly") && error.contains("at night"), "{error}");
    }
}
