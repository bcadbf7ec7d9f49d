//! Accounts.

use sea_orm::{ActiveValue::Set, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use crate::domain::id::UserId;
use crate::domain::user::{Role, Tier, User};
use crate::store::{Access, Page, PageRequest, StoreError, now};

mod entity {
    #![expect(unreachable_pub, reason = "the derive wants the row to be pub; the module is private")]

    use chrono::{DateTime, Utc};
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub email: String,
        pub email_key: String,
        pub password_hash: String,
        pub first_name: Option<String>,
        pub last_name: Option<String>,
        pub subscription_tier: String,
        pub role: String,
        pub is_active: bool,
        pub created_at: DateTime<Utc>,
        pub updated_at: DateTime<Utc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// As given; unique without regard to case.
    pub email: String,
    /// What the password is checked against.
    pub password_hash: String,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// What the account may do.
    pub role: Role,
}

/// An account and what its password is checked against.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// The stored hash.
    pub password_hash: String,
}

/// Makes an account.
///
/// # Errors
/// [`StoreError::EmailTaken`] when another one has the address, in whatever case.
pub async fn create(db: &impl Access, new: NewUser) -> Result<User, StoreError> {
    let at = now();
    let row = ActiveModel {
        id: Set(UserId::new().0),
        email_key: Set(email_key(&new.email)),
        email: Set(new.email),
        password_hash: Set(new.password_hash),
        first_name: Set(new.first_name),
        last_name: Set(new.last_name),
        subscription_tier: Set(Tier::default().as_str().to_owned()),
        role: Set(new.role.as_str().to_owned()),
        is_active: Set(true),
        created_at: Set(at),
        updated_at: Set(at),
    };
    user(Entity::insert(row).exec_with_returning(&db.writes()).await?)
}

/// The account of that identifier.
///
/// # Errors
/// When the database does not answer.
pub async fn find(db: &impl Access, id: UserId) -> Result<Option<User>, StoreError> {
    Entity::find_by_id(id.0).one(&db.reads()).await?.map(user).transpose()
}

/// The account of that address, in whatever case, with its password hash.
///
/// # Errors
/// When the database does not answer.
pub async fn find_by_email(db: &impl Access, email: &str) -> Result<Option<Credentials>, StoreError> {
    // No account has such an address, and PostgreSQL takes no zero in a text.
    if email.chars().any(char::is_control) {
        return Ok(None);
    }
    let row = Entity::find().filter(Column::EmailKey.eq(email_key(email))).one(&db.reads()).await?;
    row.map(credentials).transpose()
}

/// The account with its password hash.
///
/// # Errors
/// When the database does not answer.
pub async fn find_credentials(db: &impl Access, id: UserId) -> Result<Option<Credentials>, StoreError> {
    Entity::find_by_id(id.0).one(&db.reads()).await?.map(credentials).transpose()
}

/// Every account, newest first; for operators.
///
/// # Errors
/// When the database does not answer.
pub async fn list(db: &impl Access, request: PageRequest) -> Result<Page<User>, StoreError> {
    let rows = request.apply(Entity::find(), Column::CreatedAt, Column::Id).all(&db.reads()).await?;
    let users = rows.into_iter().map(user).collect::<Result<Vec<_>, _>>()?;
    Ok(request.page(users, |user| (user.created_at, user.id.0)))
}

/// Keeps whoever else writes for this account waiting until the transaction ends: quotas that are counted under
/// it hold. Says whether the account is there.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &crate::store::Tx, id: UserId) -> Result<bool, StoreError> {
    // SQLite has one writer, which the transaction is already; the clause is not written there.
    let query = Entity::find_by_id(id.0).select_only().column(Column::Id).lock_exclusive();
    Ok(query.into_tuple::<uuid::Uuid>().one(&tx.reads()).await?.is_some())
}

/// Changes the person's names.
///
/// # Errors
/// When the database does not answer.
pub async fn set_names(
    db: &impl Access,
    id: UserId,
    first_name: Option<String>,
    last_name: Option<String>,
) -> Result<Option<User>, StoreError> {
    let names =
        ActiveModel { first_name: Set(first_name), last_name: Set(last_name), ..ActiveModel::default() };
    change(db, id, names).await
}

/// Changes the address.
///
/// # Errors
/// [`StoreError::EmailTaken`] when another account has it, in whatever case.
pub async fn set_email(db: &impl Access, id: UserId, email: String) -> Result<Option<User>, StoreError> {
    let key = email_key(&email);
    change(db, id, ActiveModel { email: Set(email), email_key: Set(key), ..ActiveModel::default() }).await
}

/// Changes what the password is checked against.
///
/// # Errors
/// When the database does not answer.
pub async fn set_password_hash(db: &impl Access, id: UserId, hash: String) -> Result<bool, StoreError> {
    let row = ActiveModel { password_hash: Set(hash), ..ActiveModel::default() };
    Ok(change(db, id, row).await?.is_some())
}

/// Changes which quotas apply.
///
/// # Errors
/// When the database does not answer.
pub async fn set_tier(db: &impl Access, id: UserId, tier: Tier) -> Result<Option<User>, StoreError> {
    let row = ActiveModel { subscription_tier: Set(tier.as_str().to_owned()), ..ActiveModel::default() };
    change(db, id, row).await
}

/// Lets the account sign in.
///
/// # Errors
/// When the database does not answer.
pub async fn activate(db: &impl Access, id: UserId) -> Result<Option<User>, StoreError> {
    change(db, id, ActiveModel { is_active: Set(true), ..ActiveModel::default() }).await
}

/// Keeps the account from signing in.
///
/// # Errors
/// When the database does not answer.
pub async fn deactivate(db: &impl Access, id: UserId) -> Result<Option<User>, StoreError> {
    change(db, id, ActiveModel { is_active: Set(false), ..ActiveModel::default() }).await
}

/// Deletes the account and everything that is its own; says whether it was there.
///
/// # Errors
/// When the database does not answer.
pub async fn delete(db: &impl Access, id: UserId) -> Result<bool, StoreError> {
    Ok(Entity::delete_by_id(id.0).exec(&db.writes()).await?.rows_affected > 0)
}

async fn change(db: &impl Access, id: UserId, mut row: ActiveModel) -> Result<Option<User>, StoreError> {
    row.updated_at = Set(now());
    let rows =
        Entity::update_many().set(row).filter(Column::Id.eq(id.0)).exec_with_returning(&db.writes()).await?;
    rows.into_iter().next().map(user).transpose()
}

/// The address as it is compared.
#[must_use]
pub fn email_key(email: &str) -> String {
    email.trim().to_lowercase()
}

fn user(row: Model) -> Result<User, StoreError> {
    Ok(User {
        id: UserId(row.id),
        email: row.email,
        first_name: row.first_name,
        last_name: row.last_name,
        subscription_tier: Tier::parse(&row.subscription_tier)
            .ok_or(StoreError::Unreadable("users.subscription_tier"))?,
        role: Role::parse(&row.role).ok_or(StoreError::Unreadable("users.role"))?,
        is_active: row.is_active,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn credentials(mut row: Model) -> Result<Credentials, StoreError> {
    let password_hash = std::mem::take(&mut row.password_hash);
    Ok(Credentials { user: user(row)?, password_hash })
}
