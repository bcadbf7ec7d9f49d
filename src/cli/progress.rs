//! A progress bar on stderr, where that is a terminal.

use std::io::{self, IsTerminal};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::backup;
use crate::pipeline::Progress;

/// Where the bar ends.
const WHOLE: u64 = 100;

/// The bar of one run; gone when it is dropped.
#[derive(Debug)]
pub(crate) struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// A bar at its start; draws nothing where nobody looks.
    pub(crate) fn new() -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(WHOLE), target);
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}") {
            bar.set_style(style);
        }
        Self { bar }
    }

    /// Moves the bar with the parts of a backup or a restore.
    pub(crate) fn follow_parts(&self) -> backup::Progress {
        let bar = self.bar.clone();
        Arc::new(move |percent, part| {
            bar.set_position(u64::from(percent));
            bar.set_message(part.to_owned());
        })
    }

    /// Moves the bar with the pipeline's steps.
    pub(crate) fn follow(&self) -> Progress {
        let bar = self.bar.clone();
        Arc::new(move |step| {
            bar.set_position(u64::from(step.percent()));
            bar.set_message(step.message());
        })
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
