//! Keys for scripts: known by their hash alone, shown by their first letters.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _,
};

use crate::domain::api_key::{ApiKey, Scope};
use crate::domain::id::{ApiKeyId, UserId};
use crate::store::{Access, StoreError, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "api_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Uuid,
        pub name: String,
        pub key_hash: String,
        pub prefix: String,
        pub scope: String,
        pub created_at: DateTime<Utc>,
        pub expires_at: Option<DateTime<Utc>>,
        pub last_used_at: Option<DateTime<Utc>>,
        pub audited_at: Option<DateTime<Utc>>,
        pub audited_client: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

/// A key to be kept: its hash, never itself.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of the key, hexadecimal.
    pub key_hash: String,
    /// Its first letters, by which its owner tells it from the others.
    pub prefix: String,
    /// What it may do.
    pub scope: Scope,
    /// Until when it is valid; absent means until it is deleted.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Whose key it is, and which.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Whose.
    pub user_id: UserId,
    /// Which.
    pub key: ApiKey,
    /// When the audit log last told of its use, and from where that came.
    pub audited: Option<(DateTime<Utc>, Option<String>)>,
}

/// Keeps a key of this account.
///
/// # Errors
/// When the database does not answer, or the account is gone.
pub async fn insert(db: &impl Access, owner: UserId, new: NewApiKey) -> Result<ApiKey, StoreError> {
    let row = ActiveModel {
        id: Set(ApiKeyId::new().0),
        user_id: Set(owner.0),
        name: Set(new.name),
        key_hash: Set(new.key_hash),
        prefix: Set(new.prefix),
        scope: Set(new.scope.as_str().to_owned()),
        created_at: Set(now()),
        expires_at: Set(new.expires_at),
        last_used_at: Set(None),
        audited_at: Set(None),
        audited_client: Set(None),
    };
    key(Entity::insert(row).exec_with_returning(&db.writes()).await?)
}

/// Every key of the account, newest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &impl Access, owner: UserId) -> Result<Vec<ApiKey>, StoreError> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(owner.0))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .all(&db.reads())
        .await?;
    rows.into_iter().map(key).collect()
}

/// How many keys the account has.
///
/// # Errors
/// When the database does not answer.
pub async fn count(db: &impl Access, owner: UserId) -> Result<u64, StoreError> {
    Ok(Entity::find().filter(Column::UserId.eq(owner.0)).count(&db.reads()).await?)
}

/// Whose key has this hash, while it is valid.
///
/// # Errors
/// When the database does not answer.
pub async fn holder(db: &impl Access, key_hash: &str) -> Result<Option<Holder>, StoreError> {
    let row = Entity::find().filter(Column::KeyHash.eq(key_hash)).one(&db.reads()).await?;
    let at = now();
    row.filter(|row| row.expires_at.is_none_or(|until| at < until))
        .map(|mut row| {
            let client = row.audited_client.take();
            let audited = row.audited_at.map(|at| (at, client));
            Ok(Holder { user_id: UserId(row.user_id), key: key(row)?, audited })
        })
        .transpose()
}

/// Notes that the key was used now.
///
/// # Errors
/// When the database does not answer.
pub async fn note_use(db: &impl Access, owner: UserId, id: ApiKeyId) -> Result<(), StoreError> {
    Entity::update_many()
        .set(ActiveModel { last_used_at: Set(Some(now())), ..ActiveModel::default() })
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::Id.eq(id.0))
        .exec(&db.writes())
        .await?;
    Ok(())
}

/// Notes that the audit log tells of the key's use now, from that client; says whether it should: of several that ask at
/// once, one hears yes.
///
/// # Errors
/// When the database does not answer.
pub async fn note_audit(
    db: &impl Access,
    holder: &Holder,
    client: Option<String>,
) -> Result<bool, StoreError> {
    let before = holder.audited.as_ref().map(|(at, _)| *at);
    let row =
        ActiveModel { audited_at: Set(Some(now())), audited_client: Set(client), ..ActiveModel::default() };
    let noted = Entity::update_many()
        .set(row)
        .filter(Column::UserId.eq(holder.user_id.0))
        .filter(Column::Id.eq(holder.key.id.0))
        .filter(match before {
            Some(before) => Column::AuditedAt.eq(before),
            None => Column::AuditedAt.is_null(),
        })
        .exec(&db.writes())
        .await?;
    Ok(noted.rows_affected > 0)
}

/// Deletes a key of this account; says whether it was there.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &impl Access, owner: UserId, id: ApiKeyId) -> Result<bool, StoreError> {
    let deleted = Entity::delete_many()
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::Id.eq(id.0))
        .exec(&db.writes())
        .await?;
    Ok(deleted.rows_affected > 0)
}

/// Deletes every key of the account.
///
/// # Errors
/// When the database does not answer.
pub async fn delete_all(db: &impl Access, owner: UserId) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many().filter(Column::UserId.eq(owner.0)).exec(&db.writes()).await?;
    Ok(deleted.rows_affected)
}

fn key(row: Model) -> Result<ApiKey, StoreError> {
    Ok(ApiKey {
        id: ApiKeyId(row.id),
        name: row.name,
        prefix: row.prefix,
        scope: Scope::parse(&row.scope).ok_or(StoreError::Unreadable("api_keys.scope"))?,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    })
}
