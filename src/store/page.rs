//! Lists by page: keyset cursors, so that a page neither skips nor repeats what others insert meanwhile.

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike as _, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use uuid::Uuid;

/// Years that rows are made in.
const YEARS: RangeInclusive<i32> = 1970..=9999;

/// Where a page ended: the next one starts behind it. Opaque to whoever carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    created_at: DateTime<Utc>,
    id: Uuid,
}

impl Cursor {
    /// The text that [`Cursor::parse`] reads.
    #[must_use]
    pub fn as_text(&self) -> String {
        let mut bytes = [0_u8; 24];
        let (time, id) = bytes.split_at_mut(8);
        time.copy_from_slice(&self.created_at.timestamp_micros().to_be_bytes());
        id.copy_from_slice(self.id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The cursor of that text, or `None` when it is not one of ours.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (time, id) = bytes.split_at(8);
        let created_at = DateTime::from_timestamp_micros(i64::from_be_bytes(time.try_into().ok()?))?;
        // PostgreSQL knows fewer years than a time in microseconds.
        let is_ours = YEARS.contains(&created_at.year());
        is_ours.then_some(Self { created_at, id: Uuid::from_slice(id).ok()? })
    }
}

/// Which page of a list, newest first.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    /// Entries wanted, 1 to 100.
    pub limit: u32,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// Its entries, newest first.
    pub items: Vec<T>,
    /// Where the next page starts; `None` at the end.
    pub next: Option<Cursor>,
}

impl PageRequest {
    /// Narrows a query to this page and one entry more, which tells whether there is a next one.
    pub(in crate::store) fn apply<E: EntityTrait>(
        self,
        query: Select<E>,
        created_at: impl ColumnTrait,
        id: impl ColumnTrait,
    ) -> Select<E> {
        let query = match self.after {
            None => query,
            Some(after) => query.filter(
                Condition::any()
                    .add(created_at.lt(after.created_at))
                    .add(Condition::all().add(created_at.eq(after.created_at)).add(id.lt(after.id))),
            ),
        };
        query.order_by_desc(created_at).order_by_desc(id).limit(u64::from(self.limit) + 1)
    }

    /// The page, from the rows that the narrowed query found.
    pub(in crate::store) fn page<T>(
        self,
        mut items: Vec<T>,
        key: impl Fn(&T) -> (DateTime<Utc>, Uuid),
    ) -> Page<T> {
        let limit = self.limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| {
            let (created_at, id) = key(last);
            Cursor { created_at, id }
        });
        Page { items, next }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::store::Cursor;

    #[test]
    fn a_cursor_reads_back_and_nothing_else_is_one() {
        let cursor = Cursor { created_at: crate::store::now(), id: uuid::Uuid::now_v7() };
        assert_eq!(Cursor::parse(&cursor.as_text()).unwrap(), cursor);
        let early =
            Cursor { created_at: chrono::DateTime::from_timestamp_micros(-1 << 57).unwrap(), ..cursor };
        for text in ["", "abc", "////", &"A".repeat(33), "é", &early.as_text()] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }
}
