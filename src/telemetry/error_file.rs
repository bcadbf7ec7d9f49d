//! `error.log`: the newest errors under one name, earlier ones beside it, the oldest deleted.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};

const NAME: &str = "error.log";

/// A file that is put aside as `error.log.DATE` when its day (UTC) is over or it is full; further ones of a day are
/// `error.log.DATE.000002` and so on.
pub(crate) struct ErrorFile {
    folder: Folder,
    day: NaiveDate,
    file: File,
}

impl ErrorFile {
    /// Opens today's file in `dir`, which is made where it is missing. The first line after it has `max_bytes` begins
    /// another one; `keep` files that were put aside are kept.
    pub(crate) fn open(dir: &Path, keep: usize, max_bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let folder = Folder { path: dir.to_owned(), keep, max_bytes };
        let (file, day) = folder.open(Utc::now().date_naive())?;
        Ok(Self { folder, day, file })
    }
}

impl Write for ErrorFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let today = Utc::now().date_naive();
        // By what is open, not by the name: another process may have put it aside and given the name to a new file.
        if today != self.day || self.file.metadata()?.len() >= self.folder.max_bytes {
            (self.file, self.day) = self.folder.open(today)?;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Where the files are, and how much of them there may be. Several processes may share it.
struct Folder {
    path: PathBuf,
    keep: usize,
    max_bytes: u64,
}

impl Folder {
    /// The file to append to and its day, after putting one aside that is done with.
    fn open(&self, today: NaiveDate) -> io::Result<(File, NaiveDate)> {
        if self.done_with(today).is_some() {
            self.put_aside(today)?;
        }
        let file = OpenOptions::new().create(true).append(true).open(self.path.join(NAME))?;
        let day = day_of(&file.metadata()?)?;
        Ok((file, day))
    }

    /// The day of `error.log` where that is over, or the file full.
    fn done_with(&self, today: NaiveDate) -> Option<NaiveDate> {
        let about = fs::metadata(self.path.join(NAME)).ok()?;
        let day = day_of(&about).ok()?;
        (day < today || about.len() >= self.max_bytes).then_some(day)
    }

    fn put_aside(&self, today: NaiveDate) -> io::Result<()> {
        let lock = File::open(&self.path)?;
        // Two processes at it would rename each other's new file. Whoever comes second goes on with the file as it is,
        // and looks again at the next line. Where there are no locks, a disk that fills would be worse than that.
        if let Err(TryLockError::WouldBlock) = lock.try_lock() {
            return Ok(());
        }
        let Some(day) = self.done_with(today) else {
            return Ok(());
        };
        let mut aside = self.aside()?;
        let last = aside.iter().rev().find(|one| one.day == day);
        let next = Aside { day, number: last.map_or(1, |last| last.number.saturating_add(1)) };
        fs::rename(self.path.join(NAME), self.path.join(next.name()))?;
        aside.insert(next);
        self.prune(&aside)
    }

    /// What was put aside, oldest first.
    fn aside(&self) -> io::Result<BTreeSet<Aside>> {
        let names = fs::read_dir(&self.path)?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter_map(|name| Aside::parse(&name)).collect())
    }

    fn prune(&self, aside: &BTreeSet<Aside>) -> io::Result<()> {
        let surplus = aside.len().saturating_sub(self.keep);
        let mut pruned = Ok(());
        // One that cannot be deleted must not keep the others.
        for old in aside.iter().take(surplus) {
            if let Err(error) = fs::remove_file(self.path.join(old.name()))
                && error.kind() != io::ErrorKind::NotFound
            {
                pruned = Err(error);
            }
        }
        pruned
    }
}

/// The day (UTC) on which a file was last written.
fn day_of(about: &fs::Metadata) -> io::Result<NaiveDate> {
    Ok(DateTime::<Utc>::from(about.modified()?).date_naive())
}

/// A file that was put aside, ordered by age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Aside {
    day: NaiveDate,
    /// From 1 on, within its day.
    number: u64,
}

impl Aside {
    /// Names sort by age as well: the first of a day has none of the digits that the others end with.
    fn name(self) -> String {
        match self.number {
            1 => format!("{NAME}.{}", self.day),
            number => format!("{NAME}.{}.{number:06}", self.day),
        }
    }

    /// Exactly what [`Aside::name`] makes: nothing else in the folder is ours to delete.
    fn parse(name: &str) -> Option<Self> {
        let rest = name.strip_prefix(NAME)?.strip_prefix('.')?;
        let (day, number) = rest.split_once('.').unwrap_or((rest, "1"));
        let aside = Self { day: day.parse().ok()?, number: number.parse().ok()? };
        (aside.name() == name).then_some(aside)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::fs::{self, File};
    use std::io::Write;
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use crate::telemetry::error_file::ErrorFile;

    /// More than any of the tests writes.
    const ROOM: u64 = 1_000_000;

    /// What the folder has, by name: `error.log` itself comes first.
    fn files(dir: &Path) -> Vec<(String, String)> {
        let mut files: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| {
                (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    }

    /// What was written, oldest first.
    fn lines(dir: &Path) -> String {
        let mut files = files(dir);
        files.rotate_left(1);
        files.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn yesterdays_errors_are_put_aside_and_the_oldest_deleted() {
        let dir = tempfile::tempdir().unwrap();
        for day in 1..=3 {
            fs::write(dir.path().join(format!("error.log.2020-01-0{day}")), "old").unwrap();
        }
        let strangers = ["error.log.2020-01-01.2", "error.log.2020-1-1", "error.log.notes"];
        for name in strangers {
            fs::write(dir.path().join(name), "not ours").unwrap();
        }
        let yesterday = File::create(dir.path().join("error.log")).unwrap();
        yesterday.set_modified(SystemTime::now() - Duration::from_secs(86_400)).unwrap();

        let mut file = ErrorFile::open(dir.path(), 2, ROOM).unwrap();
        file.write_all(b"new\n").unwrap();

        let names: Vec<String> = files(dir.path()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(fs::read_to_string(dir.path().join("error.log")).unwrap(), "new\n");
        assert_eq!(names.len(), 6, "{names:?}");
        assert!(names.contains(&"error.log.2020-01-03".to_owned()), "{names:?}");
        assert!(strangers.iter().all(|name| names.contains(&(*name).to_owned())), "{names:?}");
    }

    #[test]
    fn a_file_of_today_is_appended_to() {
        let dir = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            ErrorFile::open(dir.path(), 2, ROOM).unwrap().write_all(b"line\n").unwrap();
        }
        assert_eq!(fs::read_to_string(dir.path().join("error.log")).unwrap(), "line\nline\n");
    }

    #[test]
    fn a_day_full_of_errors_stays_within_its_bound_and_keeps_the_newest() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = ErrorFile::open(dir.path(), 3, 40).unwrap();
        for number in 0..200 {
            file.write_all(format!("error {number:03}\n").as_bytes()).unwrap();
        }
        // Four lines fill a file.
        let newest: String = (184..200).map(|number| format!("error {number:03}\n")).collect();
        assert_eq!((files(dir.path()).len(), lines(dir.path())), (4, newest));
        // Also by a process that starts after them.
        ErrorFile::open(dir.path(), 3, 40).unwrap().write_all(b"error 200\n").unwrap();
        assert_eq!(files(dir.path()).len(), 4);
        assert_eq!(fs::read_to_string(dir.path().join("error.log")).unwrap(), "error 200\n");
    }

    #[test]
    fn a_day_that_began_with_parts_goes_on_counting_them() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["2020-01-01", "2020-01-01.000009", "2020-01-01.000010"] {
            fs::write(dir.path().join(format!("error.log.{name}")), "old").unwrap();
        }
        let last = File::create(dir.path().join("error.log")).unwrap();
        last.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_880_000)).unwrap();
        drop(ErrorFile::open(dir.path(), 2, ROOM).unwrap());
        let names: Vec<String> = files(dir.path()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["error.log", "error.log.2020-01-01.000010", "error.log.2020-01-01.000011"]);
    }

    #[test]
    fn processes_that_share_a_folder_lose_none_of_each_others_lines() {
        let dir = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let mut file = ErrorFile::open(dir.path(), 1000, 60).unwrap();
                scope.spawn(move || {
                    for number in 0..100 {
                        file.write_all(format!("{writer} {number:03}\n").as_bytes()).unwrap();
                    }
                });
            }
        });
        let written = lines(dir.path());
        for writer in 0..4 {
            let own = written.lines().filter(|line| line.starts_with(&writer.to_string()));
            assert_eq!(own.count(), 100);
        }
        assert!(files(dir.path()).len() > 2, "{:?}", files(dir.path()));
    }

    #[test]
    fn while_another_puts_it_aside_the_file_goes_on_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = ErrorFile::open(dir.path(), 2, 6).unwrap();
        let other = File::open(dir.path()).unwrap();
        other.lock().unwrap();
        file.write_all(b"first\n").unwrap();
        file.write_all(b"second\n").unwrap();
        assert_eq!(files(dir.path()), [("error.log".to_owned(), "first\nsecond\n".to_owned())]);
        drop(other);
        file.write_all(b"third\n").unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("error.log")).unwrap(), "third\n");
        assert_eq!(lines(dir.path()), "first\nsecond\nthird\n");
    }
}
