//! Renders SQL with PostgreSQL's type names for the database at hand.

use sea_orm_migration::prelude::{ConnectionTrait, DbErr, SchemaManager};
use sea_orm_migration::sea_orm::{DbBackend, Statement};

/// What each of our type names is on PostgreSQL and on SQLite.
///
/// `INSTANT` is for the queue, which compares times with the database's own clock in SQL: milliseconds since
/// 1970 on SQLite. `TIMESTAMPTZ` is for times that the program sets: RFC 3339 in UTC on SQLite, which sorts as text.
const TYPES: &[(&str, &str, &str)] = &[
    ("UUID", "UUID", "BLOB"),
    ("TIMESTAMPTZ", "TIMESTAMPTZ", "TEXT"),
    ("INSTANT", "TIMESTAMPTZ", "INTEGER"),
    ("JSONB", "JSONB", "TEXT"),
    ("BIGINT", "BIGINT", "INTEGER"),
    ("BYTEA", "BYTEA", "BLOB"),
];

/// By which an SQLite database says that it is a blueprint: its application id, "blue" in ASCII.
const BLUEPRINT: i32 = 0x626c_7565;

/// What statements are rendered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Postgres,
    Sqlite,
    /// SQLite with our own type names, which it takes as they are.
    Blueprint,
}

/// Makes this empty SQLite database a blueprint: migrations leave their own type names in its catalog, which a SQLite
/// database that is for data does not know any more.
///
/// # Errors
/// Whatever the database refuses.
pub async fn blueprint(database: &impl ConnectionTrait) -> Result<(), DbErr> {
    database.execute_unprepared(&format!("PRAGMA application_id = {BLUEPRINT}")).await.map(|_| ())
}

/// Runs statements, separated by semicolons, after rendering their types.
///
/// # Errors
/// Whatever the database refuses.
pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let rendered = render(sql, dialect(manager).await?);
    manager.get_connection().execute_unprepared(&rendered).await.map(|_| ())
}

/// Whether the database at hand is PostgreSQL.
pub(crate) fn is_postgres(manager: &SchemaManager<'_>) -> bool {
    manager.get_connection().get_database_backend() == DbBackend::Postgres
}

async fn dialect(manager: &SchemaManager<'_>) -> Result<Dialect, DbErr> {
    if is_postgres(manager) {
        return Ok(Dialect::Postgres);
    }
    let statement = Statement::from_string(DbBackend::Sqlite, "PRAGMA application_id");
    let row = manager.get_connection().query_one_raw(statement).await?;
    let id = row.map(|row| row.try_get_by_index::<i32>(0)).transpose()?;
    Ok(if id == Some(BLUEPRINT) { Dialect::Blueprint } else { Dialect::Sqlite })
}

fn render(sql: &str, dialect: Dialect) -> String {
    let mut rendered = String::with_capacity(sql.len());
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut rest = sql;
    while let Some(letter) = rest.chars().next() {
        let end = if is_word(letter) {
            rest.find(|other| !is_word(other)).unwrap_or(rest.len())
        } else {
            letter.len_utf8()
        };
        let (word, after) = rest.split_at(end);
        let known = TYPES.iter().find(|(name, _, _)| *name == word);
        rendered.push_str(match (known, dialect) {
            (None, _) | (_, Dialect::Blueprint) => word,
            (Some((_, postgres, _)), Dialect::Postgres) => postgres,
            (Some((_, _, sqlite)), Dialect::Sqlite) => sqlite,
        });
        rest = after;
    }
    rendered
}

#[cfg(test)]
mod tests {
    use crate::dialect::{Dialect, render};

    #[test]
    fn types_are_whole_words() {
        let sql = "id UUID, at INSTANT, UUIDS TEXT";
        assert_eq!(render(sql, Dialect::Postgres), "id UUID, at TIMESTAMPTZ, UUIDS TEXT");
        assert_eq!(render(sql, Dialect::Sqlite), "id BLOB, at INTEGER, UUIDS TEXT");
        assert_eq!(render(sql, Dialect::Blueprint), sql);
    }
}
