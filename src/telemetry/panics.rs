//! Panics: a line in the log and one more in the count, wherever they are caught afterwards.

use metrics::counter;

use crate::telemetry::metrics::PANICS;

/// Has every panic of this process logged and counted: once each, when it begins. Whoever catches one and lets it go on
/// does not begin it again.
///
/// Where it happened is logged like any error. What it says is not: it may quote a document.
pub(in crate::telemetry) fn watch() {
    std::panic::set_hook(Box::new(|panic| {
        counter!(PANICS).increment(1);
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a thread panicked");
    }));
}

/// Panics of one test, counted as the service counts them.
#[cfg(test)]
pub(crate) mod counted {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::panic::PanicHookInfo;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use metrics::LocalRecorderGuard;
    use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

    /// There is one hook in a process, and its tests run side by side.
    static ALONE: Mutex<()> = Mutex::new(());

    type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static>;

    /// The count, for as long as it lives: of the thread that it was begun on.
    pub(crate) struct Counted {
        handle: PrometheusHandle,
        before: Option<Hook>,
        _recorder: LocalRecorderGuard<'static>,
        _alone: MutexGuard<'static, ()>,
    }

    /// Begins to count the panics of this thread.
    pub(crate) fn begin() -> Counted {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let recorder: &'static PrometheusRecorder =
            Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
        let counted = Counted {
            handle: recorder.handle(),
            before: Some(std::panic::take_hook()),
            _recorder: metrics::set_default_local_recorder(recorder),
            _alone: alone,
        };
        crate::telemetry::panics::watch();
        counted
    }

    impl Counted {
        /// How many there were.
        pub(crate) fn panics(&self) -> u64 {
            let text = self.handle.render();
            let count = text.lines().find_map(|line| line.strip_prefix("panics_total "));
            count.map_or(0, |count| count.parse().unwrap())
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            // Not while one goes on: the hook cannot be changed then.
            if let Some(before) = self.before.take().filter(|_| !std::thread::panicking()) {
                std::panic::set_hook(before);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::panic, reason = "that is what is tested")]

    use std::panic::{catch_unwind, resume_unwind};

    use crate::telemetry::panics::counted;

    #[test]
    fn a_panic_counts_once_however_often_it_is_caught() {
        let counted = counted::begin();
        assert_eq!(counted.panics(), 0);
        let again = catch_unwind(|| {
            let caught = catch_unwind(|| -> () { panic!("what it says may be somebody's") });
            if let Err(caught) = caught {
                resume_unwind(caught);
            }
        });
        assert!(again.is_err());
        assert_eq!(counted.panics(), 1);
        assert!(catch_unwind(|| panic!("another")).is_err());
        assert_eq!(counted.panics(), 2);
    }
}
