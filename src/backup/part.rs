//! The file that an archive is until it is whole: held by whoever writes it, cleared away after those who were killed.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use tempfile::NamedTempFile;

/// Letters and digits between the name of the archive and the ending.
const RANDOM: usize = 6;
const ENDING: &str = ".part";

/// Makes the part of the archive `name` in `folder`, and deletes those that runs for the same archive left when they
/// were killed; says of each that could not be deleted which it is and why. Only its owner may read it: it is as secret
/// as all that is in it.
pub(in crate::backup) fn create(folder: &Path, name: &OsStr) -> io::Result<(NamedTempFile, Vec<String>)> {
    let mut beginning = OsString::from(".");
    beginning.push(name);
    let mut is_held = false;
    let part = tempfile::Builder::new()
        .prefix(&beginning)
        .suffix(ENDING)
        .rand_bytes(RANDOM)
        .make_in(folder, |path| hold(path, &mut is_held))?;
    // Where ours cannot be held, as on a share over the network without locks, others' are not held either, and whether
    // somebody still writes them cannot be told.
    let left = if is_held { clear(folder, &beginning) } else { Vec::new() };
    Ok((part, left))
}

/// A new file that is locked, where the system has locks, as long as it is open: the lock ends with the process however
/// that ends.
fn hold(path: &Path, is_held: &mut bool) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    *is_held = match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::Error(_)) => false,
        // Another run came between the two steps and takes it for left: another name is tried.
        Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::AlreadyExists.into()),
    };
    // It may have come and gone as well. It deletes under the lock: who has that and still finds the name keeps it.
    if path.exists() { Ok(file) } else { Err(io::ErrorKind::AlreadyExists.into()) }
}

/// Deletes the parts that nobody holds. A folder that cannot be listed is no warning: the archive itself cannot be seen
/// onto the disk in it, which is said at the end.
fn clear(folder: &Path, beginning: &OsStr) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let parts = entries.filter(|entry| {
        // Of the entry itself: a link of such a name is not ours.
        is_part(&entry.file_name(), beginning) && entry.file_type().is_ok_and(|kind| kind.is_file())
    });
    parts
        .filter_map(|part| {
            let path = part.path();
            match delete_unheld(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Some(format!("{}: {error}", path.display()))
                }
                _ => None,
            }
        })
        .collect()
}

/// Whether only a part of the archive can have this name, and not one of another archive.
fn is_part(name: &OsStr, beginning: &OsStr) -> bool {
    let random = name
        .as_encoded_bytes()
        .strip_prefix(beginning.as_encoded_bytes())
        .and_then(|rest| rest.strip_suffix(ENDING.as_bytes()));
    random.is_some_and(|random| random.len() == RANDOM && random.iter().all(u8::is_ascii_alphanumeric))
}

fn delete_unheld(path: &Path) -> io::Result<()> {
    // To write: over NFS, nobody else can lock it for himself alone.
    let file = OpenOptions::new().write(true).open(path)?;
    match file.try_lock() {
        // Under the lock: see `hold`.
        Ok(()) => fs::remove_file(path),
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::fs::{self, File};
    use std::io;
    use std::path::Path;

    use crate::backup::part::{create, hold};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_nobody_holds_goes_and_everything_else_stays() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for left in [".all.zip0aZ9bY.part", ".all.zipAAAAAA.part"] {
            fs::write(at(left), "half of an archive").unwrap();
        }
        let (held, _) = create(dir.path(), "all.zip".as_ref()).unwrap();
        assert_eq!(names(dir.path()), [held.path().file_name().unwrap().to_str().unwrap()]);

        let strangers = [
            ".all.zip.part",
            ".all.zip0aZ9b.part",
            ".all.zip0aZ9bYy.part",
            ".all.zip0aZ-bY.part",
            ".all.zip0aZ9b\u{e9}.part",
            ".all.zip0aZ9bY.part.old",
            ".ball.zip0aZ9bY.part",
            ".other.zip0aZ9bY.part",
            "all.zip",
            "all.zip0aZ9bY.part",
        ];
        for name in strangers {
            fs::write(at(name), "somebody's").unwrap();
        }
        fs::create_dir(at(".all.zipFolder.part")).unwrap();
        std::os::unix::fs::symlink(at("all.zip"), at(".all.zipLinked.part")).unwrap();
        let before = names(dir.path());
        let (second, left) = create(dir.path(), "all.zip".as_ref()).unwrap();
        assert!(left.is_empty() && held.path().exists(), "{left:?}");
        drop(second);
        assert_eq!(names(dir.path()), before);
        for name in strangers {
            assert_eq!(fs::read_to_string(at(name)).unwrap(), "somebody's", "{name}");
        }
    }

    #[test]
    fn a_part_is_not_taken_for_left_while_it_is_begun() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path();
        // Each one looks for what is left while the others are between making theirs and holding it.
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(move || {
                        for _ in 0..50 {
                            let (part, left) = create(folder, "all.zip".as_ref()).unwrap();
                            assert!(part.path().exists() && left.is_empty(), "{left:?}");
                        }
                    })
                })
                .collect();
            for run in runs {
                run.join().unwrap();
            }
        });
        assert_eq!(names(folder), Vec::<String>::new());
    }

    #[test]
    fn a_name_that_somebody_has_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".all.zipAAAAAA.part");
        File::create(&path).unwrap();
        let mut is_held = false;
        assert_eq!(hold(&path, &mut is_held).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    }
}
