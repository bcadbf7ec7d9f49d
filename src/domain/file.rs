//! An uploaded file: its facts, not its bytes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::id::{FileId, UserId};

/// An uploaded resume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct File {
    /// Its identifier.
    pub id: FileId,
    /// Whose it is.
    #[serde(skip, default = "nobody")]
    pub user_id: UserId,
    /// The name it was uploaded under, without folders.
    pub filename: String,
    /// SHA-256 of the bytes, hexadecimal; unique per user.
    pub content_hash: String,
    /// Size in bytes.
    pub file_size: u64,
    /// By content, not by name.
    pub content_type: String,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
}

fn nobody() -> UserId {
    UserId(uuid::Uuid::nil())
}
