//! `error.log`: today's errors under one name, earlier days beside it, the oldest deleted.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};

const NAME: &str = "error.log";

/// A file that is renamed to `error.log.DATE` when its day (UTC) is over.
pub(crate) struct ErrorFile {
    dir: PathBuf,
    keep: usize,
    day: NaiveDate,
    file: File,
}

impl ErrorFile {
    /// Opens today's file in `dir`, which is made where it is missing; keeps `keep` files of earlier days.
    pub(crate) fn open(dir: &Path, keep: usize) -> io::Result<Self> {
        let today = Utc::now().date_naive();
        fs::create_dir_all(dir)?;
        let file = open_for(dir, today, keep)?;
        Ok(Self { dir: dir.to_owned(), keep, day: today, file })
    }
}

impl Write for ErrorFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let today = Utc::now().date_naive();
        if today != self.day {
            self.file = open_for(&self.dir, today, self.keep)?;
            self.day = today;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Today's file, after putting an older one aside. Several processes may share the folder: whoever comes
/// first renames, the others find a file of today and append to it.
fn open_for(dir: &Path, today: NaiveDate, keep: usize) -> io::Result<File> {
    let path = dir.join(NAME);
    let written: Option<DateTime<Utc>> =
        fs::metadata(&path).and_then(|about| about.modified()).ok().map(Into::into);
    if let Some(day) = written.map(|at| at.date_naive()).filter(|day| *day < today) {
        let aside = dir.join(format!("{NAME}.{day}"));
        if !aside.exists() {
            fs::rename(&path, aside)?;
        }
        prune(dir, keep)?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

fn prune(dir: &Path, keep: usize) -> io::Result<()> {
    let mut aside: Vec<PathBuf> = fs::read_dir(dir)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.and_then(|name| name.strip_prefix("error.log.")?.parse::<NaiveDate>().ok()).is_some()
        })
        .collect();
    // The dates in the names sort by age.
    aside.sort();
    let surplus = aside.len().saturating_sub(keep);
    for path in aside.into_iter().take(surplus) {
        fs::remove_file(path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::fs::{self, File};
    use std::io::Write;
    use std::time::{Duration, SystemTime};

    use crate::telemetry::error_file::ErrorFile;

    #[test]
    fn yesterdays_errors_are_put_aside_and_the_oldest_deleted() {
        let dir = tempfile::tempdir().unwrap();
        for day in 1..=3 {
            fs::write(dir.path().join(format!("error.log.2020-01-0{day}")), "old").unwrap();
        }
        fs::write(dir.path().join("error.log.notes"), "not ours").unwrap();
        let yesterday = File::create(dir.path().join("error.log")).unwrap();
        yesterday.set_modified(SystemTime::now() - Duration::from_secs(86_400)).unwrap();

        let mut file = ErrorFile::open(dir.path(), 2).unwrap();
        file.write_all(b"new\n").unwrap();

        let mut names: Vec<String> = fs::read_dir(dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        assert_eq!(fs::read_to_string(dir.path().join("error.log")).unwrap(), "new\n");
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(
            names.contains(&"error.log.2020-01-03".to_owned())
                && names.contains(&"error.log.notes".to_owned())
        );
    }

    #[test]
    fn a_file_of_today_is_appended_to() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            ErrorFile::open(dir.path(), 2).unwrap().write_all(b"line\n").unwrap();
        }
        assert_eq!(fs::read_to_string(dir.path().join("error.log")).unwrap(), "line\nline\n");
    }
}
