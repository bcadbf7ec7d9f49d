//! Turns at what a server has room for a few of: so many at once for everybody together, and so many of them for one
//! client. Whoever comes when there is no room waits.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// The turns of one server, shared by its threads.
#[derive(Debug)]
pub(crate) struct Turns {
    all: Arc<Semaphore>,
    of: Mutex<HashMap<IpAddr, Arc<Semaphore>>>,
    most_of_one: usize,
}

/// A turn, or the wish for one; it counts until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    client: IpAddr,
    permits: Vec<OwnedSemaphorePermit>,
}

impl Turns {
    /// So many for everybody together, and so many for one client.
    pub(crate) fn new(most: usize, most_of_one: usize) -> Arc<Self> {
        Arc::new(Self { all: Arc::new(Semaphore::new(most)), of: Mutex::default(), most_of_one })
    }

    /// A turn for this client, as soon as there is one: first of its own, so that who waits for those keeps nobody
    /// else waiting.
    ///
    /// # Errors
    /// Never while the server runs: the turns are not closed before.
    pub(crate) async fn take(self: &Arc<Self>, client: IpAddr) -> Result<Turn, AcquireError> {
        let own = {
            let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(of.entry(client).or_insert_with(|| Arc::new(Semaphore::new(self.most_of_one))))
        };
        // Before anybody is waited for: whoever gives up waiting is forgotten as well.
        let mut turn = Turn { turns: Arc::clone(self), client, permits: Vec::with_capacity(2) };
        turn.permits.push(own.acquire_owned().await?);
        turn.permits.push(Arc::clone(&self.all).acquire_owned().await?);
        Ok(turn)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.permits.clear();
        let mut of = self.turns.of.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody has a turn or waits for one: else every client that ever came would stay in memory.
        if of.get(&self.client).is_some_and(|own| Arc::strong_count(own) == 1) {
            of.remove(&self.client);
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::net::IpAddr;

    use futures_util::FutureExt as _;

    use crate::http::turns::Turns;

    #[tokio::test]
    async fn a_client_has_its_share_and_everybody_together_theirs() {
        let turns = Turns::new(3, 2);
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let first = turns.take(one).await.unwrap();
        let second = turns.take(one).await.unwrap();
        assert!(turns.take(one).now_or_never().is_none(), "its share is taken");
        let third = turns.take(other).await.unwrap();
        assert!(turns.take(other).now_or_never().is_none(), "all are taken");
        drop(first);
        assert!(turns.take(other).now_or_never().is_some(), "the place of who left is free again");
        drop((second, third));
        assert!(turns.of.lock().unwrap().is_empty(), "nobody is remembered who has none");
    }
}
