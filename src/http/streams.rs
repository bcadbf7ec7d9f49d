//! Who watches jobs: so many streams at once for the process, and so many of them for one account.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::domain::id::UserId;
use crate::http::problem::Problem;
use crate::service::ServiceError;

/// After this one of an account's streams has probably ended.
const RETRY_AFTER_SECONDS: u64 = 5;

/// The streams of one server, shared by its threads.
#[derive(Debug)]
pub(crate) struct Streams {
    free: Arc<Semaphore>,
    of: Mutex<HashMap<UserId, usize>>,
    most_of_one: usize,
}

/// One open stream, which counts until this is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    streams: Arc<Streams>,
    owner: UserId,
    _free: OwnedSemaphorePermit,
}

impl Streams {
    /// So many for everybody together, and so many for one account.
    pub(crate) fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(most)), of: Mutex::default(), most_of_one })
    }

    /// A place for one more stream of this account.
    ///
    /// # Errors
    /// `rate_limited` when the account has enough of them open, `unavailable` when everybody together has.
    pub(crate) fn open(self: &Arc<Self>, owner: UserId) -> Result<Slot, Problem> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        let open = of.entry(owner).or_default();
        if *open >= self.most_of_one {
            return Err(Problem::watching_too_many(RETRY_AFTER_SECONDS));
        }
        let free = Arc::clone(&self.free).try_acquire_owned().map_err(|_| full());
        match free {
            Ok(free) => {
                *open += 1;
                Ok(Slot { streams: Arc::clone(self), owner, _free: free })
            }
            Err(error) => {
                if *open == 0 {
                    of.remove(&owner);
                }
                Err(error.into())
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut of = self.streams.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = of.get_mut(&self.owner) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                of.remove(&self.owner);
            }
        }
    }
}

fn full() -> ServiceError {
    let detail =
        "Too many people watch their jobs right now; ask for the job itself, or try again in a moment.";
    ServiceError::Unavailable { detail: detail.to_owned(), source: None }
}

#[cfg(test)]
mod tests {
    use actix_web::ResponseError as _;

    use crate::domain::id::UserId;
    use crate::http::streams::Streams;

    #[test]
    fn an_account_has_its_share_and_everybody_together_theirs() {
        let streams = Streams::new(3, 2);
        let (mira, nils) = (UserId::new(), UserId::new());
        let first = streams.open(mira);
        let _second = streams.open(mira);
        assert_eq!(streams.open(mira).map_err(|problem| problem.status_code().as_u16()).err(), Some(429));
        let _third = streams.open(nils);
        assert_eq!(streams.open(nils).map_err(|problem| problem.status_code().as_u16()).err(), Some(503));
        drop(first);
        assert!(streams.open(mira).is_ok());
        assert!(streams.open(nils).is_ok(), "the place of a stream that was closed is free again");
    }
}
