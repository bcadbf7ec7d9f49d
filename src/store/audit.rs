//! The audit log: rows are added, and deleted when their time is over; the database refuses everything else.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;
use uuid::Uuid;

use crate::domain::audit::{Action, Actor};
use crate::domain::id::UserId;
use crate::store::{Access, StoreError, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub at: DateTime<Utc>,
        pub action: String,
        pub actor: String,
        pub user_id: Option<Uuid>,
        pub subject_id: Option<Uuid>,
        pub client: Option<String>,
        pub trace_id: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// Something that was done.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// What.
    pub action: Action,
    /// By whom.
    pub actor: Actor,
    /// To which account.
    pub user_id: Option<UserId>,
    /// To which of its things.
    pub subject_id: Option<Uuid>,
    /// Where from: the same for the same client, and not its address.
    pub client: Option<String>,
    /// In which request.
    pub trace_id: Option<String>,
}

/// Something that was done, as it is handed out to its account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub action: String,
    /// By whom.
    pub actor: String,
    /// To which thing.
    pub subject_id: Option<Uuid>,
    /// Where from: the same for the same client.
    pub client: Option<String>,
}

/// Adds a line.
///
/// # Errors
/// When the database does not answer.
pub async fn append(db: &impl Access, event: NewEvent) -> Result<(), StoreError> {
    let row = ActiveModel {
        id: Set(Uuid::now_v7()),
        at: Set(now()),
        action: Set(event.action.as_str().to_owned()),
        actor: Set(event.actor.as_str().to_owned()),
        user_id: Set(event.user_id.map(|id| id.0)),
        subject_id: Set(event.subject_id),
        client: Set(event.client),
        trace_id: Set(event.trace_id),
    };
    Entity::insert(row).exec_without_returning(&db.writes()).await?;
    Ok(())
}

/// The account's lines, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &impl Access, owner: UserId) -> Result<Vec<Event>, StoreError> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(owner.0))
        .order_by_asc(Column::At)
        .order_by_asc(Column::Id)
        .all(&db.reads())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| Event {
            at: row.at,
            action: row.action,
            actor: row.actor,
            subject_id: row.subject_id,
            client: row.client,
        })
        .collect())
}

/// Deletes lines from before that time, which the database lets happen once they are thirty days old.
///
/// # Errors
/// When the database does not answer, or refuses.
pub async fn delete_before(db: &impl Access, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many().filter(Column::At.lt(before)).exec(&db.writes()).await?;
    Ok(deleted.rows_affected)
}
