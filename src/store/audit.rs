//! The audit log: rows are added, and deleted when their time is over; the database refuses everything else.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
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

use entity::{ActiveModel, Column, Entity, Model};

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
    /// Which one.
    #[serde(skip)]
    pub id: Uuid,
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

/// The account's lines, oldest first: so many of those behind `after`.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    db: &impl Access,
    owner: UserId,
    after: Option<&Event>,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    let mut query = Entity::find().filter(Column::UserId.eq(owner.0));
    if let Some(after) = after {
        let same_moment = Column::At.eq(after.at).and(Column::Id.gt(after.id));
        query = query.filter(Column::At.gt(after.at).or(same_moment));
    }
    let query = query.order_by_asc(Column::At).order_by_asc(Column::Id).limit(u64::from(limit));
    Ok(query.all(&db.reads()).await?.into_iter().map(event).collect())
}

/// Whether one of those was done to the account from this client since then.
///
/// # Errors
/// When the database does not answer.
pub async fn was_done_from(
    db: &impl Access,
    owner: UserId,
    actions: &[Action],
    client: String,
    since: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let query = Entity::find()
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::Action.is_in(actions.iter().map(|action| action.as_str())))
        .filter(Column::Client.eq(client))
        .filter(Column::At.gte(since))
        .order_by_desc(Column::At);
    Ok(query.one(&db.reads()).await?.is_some())
}

fn event(row: Model) -> Event {
    Event {
        id: row.id,
        at: row.at,
        action: row.action,
        actor: row.actor,
        subject_id: row.subject_id,
        client: row.client,
    }
}

/// Deletes lines from before that time, which the database lets happen once they are thirty days old.
///
/// # Errors
/// When the database does not answer, or refuses.
pub async fn delete_before(db: &impl Access, before: DateTime<Utc>) -> Result<u64, StoreError> {
    let deleted = Entity::delete_many().filter(Column::At.lt(before)).exec(&db.writes()).await?;
    Ok(deleted.rows_affected)
}
