//! A worker's exchange with the table: what is done for what is next.

use std::collections::HashSet;
use std::time::Duration;

use uuid::Uuid;

use crate::queue::NAME;
use crate::queue::sql::{Exchange, millis};
use crate::queue::table::{Lease, Table, count, lease, leases, task};
use crate::queue::task::{Claimed, Priority, QueueError, Spot};

/// What is wanted of the queue: tasks of these kinds.
#[derive(Debug, Clone)]
pub(in crate::queue) struct Want {
    /// Whether completions wait for nobody and claims go by themselves, as they do when others are in the way.
    pub apart: bool,
    /// Slots that are free, to which each task whose completion is written adds one; nothing is claimed for `None`.
    pub free: Option<usize>,
    /// As [`crate::queue::sql::kinds`] makes it.
    pub kinds: serde_json::Value,
    pub lease: Duration,
    /// Where in the line of normal priority to begin.
    pub from: Spot,
}

/// What came of an exchange.
#[derive(Debug, Default)]
pub(in crate::queue) struct Exchanged {
    /// Those of the done whose completion was written.
    pub completed: Vec<Lease>,
    /// What this process now holds.
    pub claimed: Vec<Claimed>,
    /// Whether more may be ready than were claimed.
    pub more: bool,
    /// Whether others were in the way.
    pub crowded: bool,
    /// Whether the claims are not on the disk yet: [`Table::flush`] waits for that.
    pub hasty: bool,
}

impl Table {
    /// Writes that these are completed, and claims as many tasks as are wanted, or all that are ready, highest
    /// priority first: one transaction, since each commit waits for the disk, unless others are in the way.
    pub(in crate::queue) async fn exchange(
        &self,
        done: &[Lease],
        want: &Want,
    ) -> Result<Exchanged, QueueError> {
        let mut exchanged = match &self.sql().exchange {
            Exchange::AtOnce { around, claim, .. } if want.apart || done.is_empty() => {
                self.exchange_apart(around, claim, done, want).await?
            }
            Exchange::AtOnce { waiting, around, claim, .. } => {
                match self.exchange_at_once(waiting, done, want).await {
                    Err(error) if error.is_busy() => {
                        let exchanged = self.exchange_apart(around, claim, done, want).await?;
                        Exchanged { crowded: true, ..exchanged }
                    }
                    exchanged => exchanged?,
                }
            }
            Exchange::InSteps { complete, claim } => {
                self.exchange_in_steps(complete, claim, done, want).await?
            }
        };
        let room = want.free.map(|free| free + exchanged.completed.len());
        exchanged.more |= room.is_some_and(|room| exchanged.claimed.len() >= room);
        exchanged.crowded |= exchanged.completed.len() < done.len();
        Ok(exchanged)
    }

    /// Completes by one statement, which waits for no row, and claims by another. A claim may have to wait for a row that
    /// somebody else claimed and is completing, in spite of `SKIP LOCKED` (when it has to lock the newer version of a row
    /// that it still sees as waiting); but then for one who waits for nobody: of many workers, none wait in a ring.
    async fn exchange_apart(
        &self,
        around: &'static str,
        claim: &'static str,
        done: &[Lease],
        want: &Want,
    ) -> Result<Exchanged, QueueError> {
        let mut completed = Vec::new();
        if !done.is_empty() {
            let write = Want { free: None, ..want.clone() };
            completed = self.exchange_at_once(around, done, &write).await?.completed;
        }
        let Some(free) = want.free else {
            return Ok(Exchanged { completed, ..Exchanged::default() });
        };
        let all = Want { free: Some(free + completed.len()), ..want.clone() };
        match self.exchange_at_once(claim, &[], &all).await {
            Ok(claims) => Ok(Exchanged { completed, hasty: !claims.claimed.is_empty(), ..claims }),
            // What was written is told all the same; and who waited in vain claims the next time.
            Err(error) if error.is_busy() || !completed.is_empty() => {
                Ok(Exchanged { completed, more: true, crowded: true, ..Exchanged::default() })
            }
            Err(error) => Err(error),
        }
    }

    async fn exchange_at_once(
        &self,
        sql: &'static str,
        done: &[Lease],
        want: &Want,
    ) -> Result<Exchanged, QueueError> {
        let values = [
            leases(done),
            NAME.into(),
            want.free.map(count).into(),
            self.owner.into(),
            millis(want.lease).into(),
            want.kinds.clone().into(),
            want.from.line_us.into(),
            want.from.id.into(),
        ];
        let mut exchanged = Exchanged::default();
        for row in self.all(self.db(), sql, values).await? {
            if row.try_get_by_index::<Option<Uuid>>(0)?.is_some() {
                exchanged.claimed.push(task(&row)?);
            } else if let Some(ids) = row.try_get::<Option<Vec<u8>>>("", "completed")? {
                exchanged.completed = named(done, &ids);
            }
        }
        Ok(exchanged)
    }

    async fn exchange_in_steps(
        &self,
        complete: &'static str,
        claim: &'static str,
        done: &[Lease],
        want: &Want,
    ) -> Result<Exchanged, QueueError> {
        let tx = self.db().begin().await?;
        let mut exchanged = Exchanged::default();
        if !done.is_empty() {
            for row in self.all(&tx, complete, [leases(done), self.owner.into()]).await? {
                exchanged.completed.push(lease(&row)?);
            }
        }
        let room = want.free.map_or(0, |free| free + exchanged.completed.len());
        for priority in Priority::ALL {
            let free = room.saturating_sub(exchanged.claimed.len());
            if free == 0 {
                break;
            }
            let values = [
                NAME.into(),
                priority.level().into(),
                count(free).into(),
                self.owner.into(),
                millis(want.lease).into(),
                want.kinds.clone().into(),
            ];
            for row in self.all(&tx, claim, values).await? {
                exchanged.claimed.push(task(&row)?);
            }
        }
        tx.commit().await?;
        Ok(exchanged)
    }

    /// Waits for the disk on behalf of claims that did not: from then on a server that crashes still knows of them.
    pub(in crate::queue) async fn flush(&self) -> Result<(), QueueError> {
        if let Exchange::AtOnce { flush, .. } = &self.sql().exchange {
            self.execute(self.db(), flush, []).await?;
        }
        Ok(())
    }
}

/// Those of the leases whose tasks have these identifiers, one after the other. Of a task with several, the last is held.
fn named(done: &[Lease], ids: &[u8]) -> Vec<Lease> {
    let ids: HashSet<&[u8]> = ids.chunks(size_of::<Uuid>()).collect();
    let mut named: Vec<Lease> =
        done.iter().filter(|lease| ids.contains(lease.id.0.as_bytes().as_slice())).copied().collect();
    named.sort_unstable();
    named.reverse();
    named.dedup_by_key(|lease| lease.id);
    named
}
