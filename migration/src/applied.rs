//! Which migrations a database has, those among them that this program does not know.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, EntityTrait as _, QueryOrder as _};
use sea_orm_migration::{IntoSchemaManagerConnection, SchemaManager, seaql_migrations};

/// Names of the migrations that were applied, oldest first; none where there is no schema yet. Changes nothing.
///
/// The migrator's own functions take a name that they do not know for a mistake. Here it is a newer version's, which
/// brought the schema up while this one still runs.
///
/// # Errors
/// When the database does not answer.
pub async fn applied<'c, C>(db: &'c C) -> Result<Vec<String>, DbErr>
where
    C: ConnectionTrait,
    &'c C: IntoSchemaManagerConnection<'c>,
{
    if !SchemaManager::new(db).has_table("seaql_migrations").await? {
        return Ok(Vec::new());
    }
    let rows =
        seaql_migrations::Entity::find().order_by_asc(seaql_migrations::Column::Version).all(db).await?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}
