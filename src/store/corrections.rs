//! Resumes as their owners corrected them: one a file at most, gone with it.

use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::OnConflict,
};

use crate::domain::correction::Correction;
use crate::domain::id::{FileId, UserId};
use crate::domain::resume::Resume;
use crate::store::{Access, StoreError, files, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "resume_corrections")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub file_id: Uuid,
        pub user_id: Uuid,
        #[sea_orm(column_type = "JsonBinary")]
        pub resume: Json,
        pub corrected_at: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

/// The correction of that file.
///
/// # Errors
/// When the database does not answer, or it was written by a version that this one can't read.
pub async fn find(
    db: &impl Access,
    owner: UserId,
    file_id: FileId,
) -> Result<Option<Correction>, StoreError> {
    let query = Entity::find_by_id(file_id.0).filter(Column::UserId.eq(owner.0));
    query.one(&db.reads()).await?.map(correction).transpose()
}

/// Keeps a correction of that file, in the place of the one before.
///
/// # Errors
/// [`StoreError::Orphan`] when the owner has no such file; when the database does not answer.
pub async fn set(
    db: &impl Access,
    owner: UserId,
    file_id: FileId,
    resume: Resume,
) -> Result<Correction, StoreError> {
    files::find(db, owner, file_id).await?.ok_or(StoreError::Orphan)?;
    let at = now();
    let row = ActiveModel {
        file_id: Set(file_id.0),
        user_id: Set(owner.0),
        resume: Set(serde_json::to_value(&resume).map_err(|_| UNREADABLE)?),
        corrected_at: Set(at),
    };
    let instead =
        OnConflict::column(Column::FileId).update_columns([Column::Resume, Column::CorrectedAt]).to_owned();
    Entity::insert(row).on_conflict(instead).exec_without_returning(&db.writes()).await?;
    Ok(Correction { resume, corrected_at: at })
}

/// Deletes the correction of that file; says whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &impl Access, owner: UserId, file_id: FileId) -> Result<bool, StoreError> {
    let deleted = Entity::delete_many()
        .filter(Column::UserId.eq(owner.0))
        .filter(Column::FileId.eq(file_id.0))
        .exec(&db.writes())
        .await?;
    Ok(deleted.rows_affected > 0)
}

const UNREADABLE: StoreError = StoreError::Unreadable("resume_corrections.resume");

fn correction(row: Model) -> Result<Correction, StoreError> {
    let resume = serde_json::from_value(row.resume).map_err(|_| UNREADABLE)?;
    Ok(Correction { resume, corrected_at: row.corrected_at })
}
