//! What the audit log knows of: acts that matter to the safety of an account.

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// An account was made.
    SignedUp,
    /// Somebody signed in.
    SignedIn,
    /// A password was wrong, or there is no such account.
    SignInFailed,
    /// A sign-in was ended.
    SignedOut,
    /// A spent refresh token came again, and its sign-in was ended.
    TokenReused,
    /// The password was changed, and every sign-in ended.
    PasswordChanged,
    /// The address was changed.
    EmailChanged,
    /// A key was made.
    ApiKeyCreated,
    /// A key was used, for the first time or after a while.
    ApiKeyUsed,
    /// A key was deleted.
    ApiKeyDeleted,
    /// A file was deleted.
    FileDeleted,
    /// What was read of a file was corrected.
    ResumeCorrected,
    /// A correction was taken back.
    CorrectionDeleted,
    /// A job was deleted.
    JobDeleted,
    /// Everything of an account was handed out.
    AccountExported,
    /// An account was erased.
    AccountDeleted,
    /// Another tier was given.
    TierSet,
    /// The account may sign in again.
    Activated,
    /// The account may not sign in any more.
    Deactivated,
    /// An operator gave a new password.
    PasswordReset,
    /// An operator let a task of the account wait again.
    TaskRetried,
    /// An operator called a task of the account off.
    TaskCancelled,
    /// An operator let nothing start.
    QueuePaused,
    /// An operator let the queue go on.
    QueueResumed,
    /// An operator deleted ended tasks.
    QueuePruned,
    /// An operator put the content of a backup into the database.
    BackupRestored,
}

impl Action {
    /// The name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignedUp => "signed_up",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::TokenReused => "token_reused",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged => "email_changed",
            Self::ApiKeyCreated => "api_key_created",
            Self::ApiKeyUsed => "api_key_used",
            Self::ApiKeyDeleted => "api_key_deleted",
            Self::FileDeleted => "file_deleted",
            Self::ResumeCorrected => "resume_corrected",
            Self::CorrectionDeleted => "correction_deleted",
            Self::JobDeleted => "job_deleted",
            Self::AccountExported => "account_exported",
            Self::AccountDeleted => "account_deleted",
            Self::TierSet => "tier_set",
            Self::Activated => "activated",
            Self::Deactivated => "deactivated",
            Self::PasswordReset => "password_reset",
            Self::TaskRetried => "task_retried",
            Self::TaskCancelled => "task_cancelled",
            Self::QueuePaused => "queue_paused",
            Self::QueueResumed => "queue_resumed",
            Self::QueuePruned => "queue_pruned",
            Self::BackupRestored => "backup_restored",
        }
    }
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Whoever is signed in to the account.
    Person,
    /// A script with one of the account's keys.
    ApiKey,
    /// An operator, on the command line.
    Operator,
    /// Nobody known.
    Stranger,
}

impl Actor {
    /// The name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::ApiKey => "api_key",
            Self::Operator => "operator",
            Self::Stranger => "stranger",
        }
    }
}
