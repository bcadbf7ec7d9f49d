//! The audit log: who did what to an account, and from where.

use std::net::IpAddr;

use uuid::Uuid;

use crate::app::App;
use crate::domain::audit::{Action, Actor};
use crate::domain::id::UserId;
use crate::service::ServiceError;
use crate::service::auth::client_mark;
use crate::store::Access;
use crate::store::audit::{self, NewEvent};

/// Where a request comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Who asks.
    pub actor: Actor,
    /// The client's address, where it came over the network.
    pub client: Option<IpAddr>,
    /// The request's id.
    pub trace_id: Option<String>,
}

impl Origin {
    /// An operator at the command line.
    #[must_use]
    pub fn operator() -> Self {
        Self { actor: Actor::Operator, client: None, trace_id: None }
    }

    /// The same place, once it is known who asks.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Self {
        Self { actor, ..self.clone() }
    }
}

/// Adds a line, as part of what is done where that is a transaction.
///
/// Of the address only a mark is kept, which is the same for the same client: an audit log that outlives accounts must
/// not say where people live.
pub(in crate::service) async fn note(
    app: &App,
    db: &impl Access,
    origin: &Origin,
    action: Action,
    user_id: Option<UserId>,
    subject_id: Option<Uuid>,
) -> Result<(), ServiceError> {
    let client = origin.client.map(|address| client_mark(address, &app.config.auth));
    let trace_id = origin.trace_id.clone();
    let event = NewEvent { action, actor: origin.actor, user_id, subject_id, client, trace_id };
    Ok(audit::append(db, event).await?)
}
