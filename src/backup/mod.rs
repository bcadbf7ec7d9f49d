//! Backup and restore: everything that an installation keeps, in one file that either database takes back.
//!
//! The archive is a ZIP: `manifest.json` says what is in it, `tables/NAME.jsonl` has the rows, one a line, `files/PATH`
//! the uploaded files as they came, `jwt_secret_key` the signing secret that the program made. Rows are read at one
//! moment of the database; the files that they lead to are copied afterwards, when no transaction is open any more. A
//! restore reads the whole archive before it changes anything, and changes the database in one transaction.
//! Imports domain, config, shutdown, store, blobs, queue and app.

mod archive;
mod check;
mod error;
mod make;
mod manifest;
mod part;
mod restore;
mod writer;

use std::sync::Arc;

pub use crate::backup::error::BackupError;
pub use crate::backup::make::{BackedUp, Way, make};
pub use crate::backup::manifest::{Files, Manifest, Missing, bereft};
pub use crate::backup::restore::{Restored, Wanted, restore};

/// Told how far it is: of a hundred, and what is being done.
pub type Progress = Arc<dyn Fn(u8, &str) + Send + Sync>;

/// So many hundredths of the way between these two, when so much of the whole is done.
fn percent(from: u8, to: u8, done: usize, whole: usize) -> u8 {
    let span = usize::from(to.saturating_sub(from));
    let steps = (span * done).checked_div(whole).unwrap_or(span).min(span);
    from.saturating_add(u8::try_from(steps).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use crate::backup::percent;

    #[test]
    fn the_way_is_divided_among_its_parts() {
        assert_eq!((percent(40, 60, 0, 10), percent(40, 60, 5, 10), percent(40, 60, 10, 10)), (40, 50, 60));
        assert_eq!(percent(40, 60, 0, 0), 60);
    }
}
