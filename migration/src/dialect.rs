//! Renders SQL with PostgreSQL's type names for the database at hand.

use sea_orm_migration::prelude::{ConnectionTrait as _, DbErr, SchemaManager};
use sea_orm_migration::sea_orm::DbBackend;

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
];

/// Runs statements, separated by semicolons, after rendering their types.
///
/// # Errors
/// Whatever the database refuses.
pub(crate) async fn run(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let database = manager.get_connection();
    let rendered = render(sql, database.get_database_backend());
    database.execute_unprepared(&rendered).await.map(|_| ())
}

/// Whether the database at hand is PostgreSQL.
pub(crate) fn is_postgres(manager: &SchemaManager<'_>) -> bool {
    manager.get_connection().get_database_backend() == DbBackend::Postgres
}

fn render(sql: &str, backend: DbBackend) -> String {
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
        rendered.push_str(match (known, backend) {
            (None, _) => word,
            (Some((_, postgres, _)), DbBackend::Postgres) => postgres,
            (Some((_, _, sqlite)), _) => sqlite,
        });
        rest = after;
    }
    rendered
}

#[cfg(test)]
mod tests {
    use crate::dialect::render;
    use sea_orm_migration::sea_orm::DbBackend;

    #[test]
    fn types_are_whole_words() {
        let sql = "id UUID, at INSTANT, UUIDS TEXT";
        assert_eq!(render(sql, DbBackend::Postgres), "id UUID, at TIMESTAMPTZ, UUIDS TEXT");
        assert_eq!(render(sql, DbBackend::Sqlite), "id BLOB, at INTEGER, UUIDS TEXT");
    }
}
