//! One cancellation token for the process, tripped by SIGTERM and Ctrl-C.
//!
//! Whoever works for long holds a clone and asks it between steps, or waits for it beside its work. The
//! first signal asks everybody to finish; the second one ends the process at once. Imports nothing of ours.

use std::io;
use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The wish to stop, shared by everything in the process.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    token: CancellationToken,
}

impl Shutdown {
    /// One that only [`Shutdown::trip`] trips: for tests, and for tools that end by themselves.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that SIGTERM and Ctrl-C trip.
    ///
    /// # Errors
    /// When the system does not let the process listen for signals.
    pub fn on_signals() -> io::Result<Self> {
        let shutdown = Self::new();
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        tokio::spawn(listen(shutdown.clone(), terminate, interrupt));
        Ok(shutdown)
    }

    /// Asks everybody to finish.
    pub fn trip(&self) {
        self.token.cancel();
    }

    /// Whether everybody was asked to finish.
    #[must_use]
    pub fn is_tripped(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Returns once everybody was asked to finish.
    pub async fn tripped(&self) {
        self.token.cancelled().await;
    }

    /// The token itself, for what wants to derive a shorter-lived one from it.
    #[must_use]
    pub fn token(&self) -> &CancellationToken {
        &self.token
    }
}

async fn listen(shutdown: Shutdown, mut terminate: Signal, mut interrupt: Signal) {
    next(&mut terminate, &mut interrupt).await;
    tracing::info!("stopping: finishing what is running; a second signal stops at once");
    shutdown.trip();
    next(&mut terminate, &mut interrupt).await;
    // Leases end by themselves and writes are transactions, so that nothing is lost by leaving like this.
    process::exit(1);
}

async fn next(terminate: &mut Signal, interrupt: &mut Signal) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::shutdown::Shutdown;

    #[tokio::test]
    async fn every_clone_hears_of_it() {
        let shutdown = Shutdown::new();
        let clone = shutdown.clone();
        assert!(!clone.is_tripped());
        shutdown.trip();
        clone.tripped().await;
        assert!(clone.is_tripped());
    }
}
