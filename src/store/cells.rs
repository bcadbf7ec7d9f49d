//! A row as one line of JSON, the same whichever database it comes from or goes to.
//!
//! Identifiers are texts, times RFC 3339, bytes Base64, JSON is JSON, to the letter. What is NULL is left out: `null`
//! is a value that JSON can have. Numbers in JSON are never read as floating point, which would change some.

use std::collections::HashMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use sea_orm::{DbErr, QueryResult, TryGetable, Value};
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::store::shape::{Column, Kind, Table};
use crate::store::{Backend, StoreError};

/// The last year that RFC 3339 can write.
const LAST_YEAR: i32 = 9999;

/// One row, read and understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub(in crate::store) cells: Vec<Cell>,
}

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::store) enum Cell {
    Null,
    Uuid(Uuid),
    /// Of [`Kind::Time`] and [`Kind::Instant`].
    Time(DateTime<Utc>),
    /// As it is written, in one line.
    Json(String),
    Integer(i64),
    Boolean(bool),
    Text(String),
    Bytes(Vec<u8>),
}

impl Table {
    /// The row that this line tells.
    ///
    /// # Errors
    /// [`StoreError::Line`] where it is none of this table; the sentence has nothing of what is in it.
    pub fn parse(&self, line: &str) -> Result<Row, StoreError> {
        let wrong = |what: String| StoreError::Line { table: self.name.clone(), what };
        let mut given: HashMap<String, &RawValue> =
            serde_json::from_str(line).map_err(|_| wrong("it is no JSON object".to_owned()))?;
        let cells = self
            .columns
            .iter()
            .map(|column| match given.remove(&column.name) {
                None => Ok(Cell::Null),
                Some(value) => Cell::parse(column.kind, value.get())
                    .ok_or_else(|| wrong(format!("{} holds something else", column.name))),
            })
            .collect::<Result<_, _>>()?;
        match given.into_keys().next() {
            None => Ok(Row { cells }),
            Some(_) => Err(wrong("it has a column that the table lacks".to_owned())),
        }
    }

    /// The line that tells this row of a query for its columns, in order.
    pub(in crate::store) fn line(&self, row: &QueryResult, backend: Backend) -> Result<String, StoreError> {
        let mut line = String::from("{");
        for (index, column) in self.columns.iter().enumerate() {
            let odd = || StoreError::Odd(format!("{}.{}", self.name, column.name));
            let cell = Cell::read(row, index, column.kind, backend)?.ok_or_else(odd)?;
            if cell == Cell::Null {
                continue;
            }
            if line.len() > 1 {
                line.push(',');
            }
            cell.write(column, &mut line).ok_or_else(odd)?;
        }
        line.push('}');
        Ok(line)
    }

    /// What a query for [`Table::line`] asks for.
    pub(in crate::store) fn selection(&self, backend: Backend) -> String {
        let ask = |column: &Column| {
            let name = &column.name;
            match (backend, column.kind) {
                (Backend::Postgres, Kind::Json) => format!("\"{name}\"::text"),
                (Backend::Postgres, Kind::Integer) => format!("\"{name}\"::bigint"),
                // As a number: what is no moment, such as infinity, is refused by the database.
                (Backend::Postgres, Kind::Time | Kind::Instant) => {
                    format!("(extract(epoch FROM \"{name}\") * 1000000)::bigint")
                }
                _ => format!("\"{name}\""),
            }
        };
        let columns: Vec<String> = self.columns.iter().map(ask).collect();
        format!("SELECT {} FROM \"{}\"", columns.join(", "), self.name)
    }
}

impl Cell {
    /// From a row of the database; `None` where it is not of its kind.
    fn read(row: &QueryResult, index: usize, kind: Kind, backend: Backend) -> Result<Option<Self>, DbErr> {
        fn of<T: TryGetable>(row: &QueryResult, index: usize) -> Result<Option<T>, DbErr> {
            row.try_get_by_index::<Option<T>>(index)
        }
        let some = |cell: Option<Self>| Some(cell.unwrap_or(Self::Null));
        Ok(match (kind, backend) {
            (Kind::Uuid, _) => some(of(row, index)?.map(Self::Uuid)),
            (Kind::Integer, _) => some(of(row, index)?.map(Self::Integer)),
            (Kind::Boolean, _) => some(of(row, index)?.map(Self::Boolean)),
            (Kind::Text, _) => some(of(row, index)?.map(Self::Text)),
            (Kind::Bytes, _) => some(of(row, index)?.map(Self::Bytes)),
            (Kind::Json, _) => some(of(row, index)?.map(Self::Json)),
            (Kind::Time, Backend::Sqlite) => match of::<String>(row, index)? {
                None => Some(Self::Null),
                Some(text) => time(&text).map(Self::Time),
            },
            (Kind::Instant, Backend::Sqlite) => match of::<i64>(row, index)? {
                None => Some(Self::Null),
                Some(millis) => DateTime::from_timestamp_millis(millis).map(Self::Time),
            },
            (Kind::Time | Kind::Instant, Backend::Postgres) => match of::<i64>(row, index)? {
                None => Some(Self::Null),
                Some(micros) => DateTime::from_timestamp_micros(micros).map(Self::Time),
            },
        })
    }

    /// As a member of the line; `None` where the line cannot have it.
    fn write(&self, column: &Column, line: &mut String) -> Option<()> {
        line.push_str(&text(&column.name)?);
        line.push(':');
        match self {
            Self::Null => line.push_str("null"),
            Self::Uuid(id) => write!(line, "\"{id}\"").ok()?,
            Self::Time(at) if (0..=LAST_YEAR).contains(&at.year()) => {
                write!(line, "\"{}\"", rfc3339(*at)).ok()?;
            }
            Self::Time(_) => return None,
            Self::Json(json) => {
                serde_json::from_str::<&RawValue>(json).ok()?;
                // One row is one line. Within its texts JSON has no line breaks, so that these are between its parts.
                line.push_str(json.replace(['\n', '\r'], " ").trim());
            }
            Self::Integer(number) => write!(line, "{number}").ok()?,
            Self::Boolean(truth) => write!(line, "{truth}").ok()?,
            Self::Text(value) => line.push_str(&text(value)?),
            Self::Bytes(bytes) => write!(line, "\"{}\"", STANDARD.encode(bytes)).ok()?,
        }
        Some(())
    }

    /// From a member of a line; `None` where it is of another kind.
    fn parse(kind: Kind, json: &str) -> Option<Self> {
        fn of<T: DeserializeOwned>(json: &str) -> Option<T> {
            serde_json::from_str(json).ok()
        }
        if json == "null" && kind != Kind::Json {
            return Some(Self::Null);
        }
        Some(match kind {
            Kind::Uuid => Self::Uuid(of(json)?),
            Kind::Time | Kind::Instant => Self::Time(time(&of::<String>(json)?)?),
            Kind::Json => Self::Json(json.to_owned()),
            Kind::Integer => Self::Integer(of(json)?),
            Kind::Boolean => Self::Boolean(of(json)?),
            Kind::Text => Self::Text(of(json)?),
            Kind::Bytes => Self::Bytes(STANDARD.decode(of::<String>(json)?).ok()?),
        })
    }

    /// As SQLite keeps it.
    pub(in crate::store) fn for_sqlite(self, kind: Kind) -> Value {
        match self {
            Self::Null => Value::String(None),
            Self::Uuid(id) => Value::Bytes(Some(id.as_bytes().to_vec())),
            Self::Time(at) if kind == Kind::Instant => at.timestamp_millis().into(),
            Self::Time(at) => rfc3339(at).into(),
            Self::Json(text) | Self::Text(text) => text.into(),
            Self::Integer(number) => number.into(),
            Self::Boolean(truth) => truth.into(),
            Self::Bytes(bytes) => Value::Bytes(Some(bytes)),
        }
    }

    /// As a text that PostgreSQL reads by its type.
    pub(in crate::store) fn for_postgres(self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Uuid(id) => Some(id.to_string()),
            Self::Time(at) => Some(rfc3339(at)),
            Self::Json(json) => Some(without_nul(&json)),
            Self::Integer(number) => Some(number.to_string()),
            Self::Boolean(truth) => Some(truth.to_string()),
            // PostgreSQL keeps no NUL in a text; in ours it means nothing.
            Self::Text(text) => Some(text.replace('\0', "")),
            Self::Bytes(bytes) => {
                Some(bytes.iter().fold(String::from("\\x"), |hex, byte| hex + &format!("{byte:02x}")))
            }
        }
    }
}

/// A time as the store writes it into SQLite.
fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc))
}

fn text(value: &str) -> Option<String> {
    serde_json::to_string(value).ok()
}

/// JSON without the escapes of NUL, which PostgreSQL keeps in no JSON either.
fn without_nul(json: &str) -> String {
    const NUL: &str = "\\u0000";
    if !json.contains(NUL) {
        return json.to_owned();
    }
    let mut kept = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, after)) = rest.split_once('\\') {
        kept.push_str(before);
        if let Some(after) = after.strip_prefix("u0000") {
            rest = after;
            continue;
        }
        // An escaped backslash is a whole: what follows it is no escape.
        let mut letters = after.chars();
        kept.push('\\');
        kept.extend(letters.next());
        rest = letters.as_str();
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::store::cells::{Cell, without_nul};
    use crate::store::shape::{Column, Kind, Table};

    fn table() -> Table {
        let column = |name: &str, kind| Column { name: name.to_owned(), kind };
        Table {
            name: "t".to_owned(),
            columns: vec![column("at", Kind::Time), column("doc", Kind::Json), column("n", Kind::Integer)],
        }
    }

    /// The line is refused, and the sentence says why and nothing of what is in it.
    #[track_caller]
    fn refused(line: &str, part: &str) {
        let error = table().parse(line).unwrap_err().to_string();
        assert!(error.contains(part) && !error.contains("secret"), "{error}");
    }

    #[test]
    fn a_line_is_a_row_of_its_table_or_refused() {
        let row = table().parse(r#"{"doc":null,"n":-9223372036854775808}"#).unwrap();
        // NULL is left out; `null` is a JSON that says nothing.
        assert_eq!(row.cells, [Cell::Null, Cell::Json("null".to_owned()), Cell::Integer(i64::MIN)]);
        refused("secret", "no JSON object");
        refused(r#"{"at":"secret"}"#, "at holds something else");
        refused(r#"{"n":1.5}"#, "n holds something else");
        refused(r#"{"n":9223372036854775808}"#, "n holds something else");
        refused(r#"{"secret":1}"#, "a column that the table lacks");
    }

    #[test]
    fn numbers_in_json_stay_as_they_are_written() {
        let line = r#"{"doc":{"a":0.1234567890123456789,"b":123456789012345678901234567890,"c":1.0}}"#;
        let row = table().parse(line).unwrap();
        let [_, Cell::Json(json), _] = row.cells.as_slice() else { unreachable!("three columns") };
        assert_eq!(format!("{{\"doc\":{json}}}"), line);
    }

    #[test]
    fn nul_is_taken_out_of_json_and_nothing_else() {
        for (json, kept) in [
            (r#""a\u0000b""#, r#""ab""#),
            (r#""a\\u0000b""#, r#""a\\u0000b""#),
            (r#""\\\u0000\n\u0001""#, r#""\\\n\u0001""#),
            (r#"["\u0000"]"#, r#"[""]"#),
        ] {
            assert_eq!(without_nul(json), kept);
        }
    }
}
