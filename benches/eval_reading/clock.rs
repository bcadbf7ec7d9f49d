//! Time and memory of reading, in this process.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use resume_optimizer::domain::reading::Reading;
use resume_optimizer::domain::source::SourceText;
use resume_optimizer::engine::read::{Limits, ReadError, read};
use resume_optimizer::engine::understand::resume::{reading, understand};

use crate::truth::Case;

/// Readings of one file for its median.
const ROUNDS: usize = 7;

/// How long files are read on two threads.
const WHILE: Duration = Duration::from_secs(4);

/// From bytes to a resume, as the service does it.
pub(crate) fn read_resume(bytes: &[u8], name: &str) -> Result<(SourceText, Reading), ReadError> {
    let source = read(bytes, name, &Limits::default())?;
    let reading = reading(&source, understand(&source));
    Ok((source, reading))
}

/// The name of a file without its folders.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What was measured, of the files that can be read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Speed {
    /// Milliseconds a page of each file, at the median of its readings, in order.
    pub(crate) page_milliseconds: Vec<f64>,
    /// The file with the slowest pages.
    pub(crate) slowest: String,
    /// Files a second on two threads.
    pub(crate) files_per_second: f64,
}

/// Reads each file some times, and then all of them again and again on two threads.
pub(crate) fn measure(cases: &[&Case]) -> Speed {
    let files: Vec<(String, Vec<u8>)> =
        cases.iter().map(|case| (file_name(&case.path), std::fs::read(&case.path).unwrap())).collect();
    let mut pages: Vec<(f64, &str)> =
        files.iter().map(|(name, bytes)| (page_time(bytes, name), name.as_str())).collect();
    pages.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    Speed {
        slowest: pages.last().map(|(_, name)| (*name).to_owned()).unwrap_or_default(),
        page_milliseconds: pages.into_iter().map(|(time, _)| time).collect(),
        files_per_second: files_per_second(&files),
    }
}

/// Milliseconds a page. A format without pages counts as one page.
fn page_time(bytes: &[u8], name: &str) -> f64 {
    let mut pages = 1;
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let began = Instant::now();
            let (source, resume) = read_resume(bytes, name).unwrap();
            let took = began.elapsed();
            std::hint::black_box(resume);
            pages = source.pages.len().max(1);
            took.as_secs_f64() * 1e3
        })
        .collect();
    median(&mut times) / f64::from(u32::try_from(pages).unwrap())
}

fn files_per_second(files: &[(String, Vec<u8>)]) -> f64 {
    if files.is_empty() {
        return 0.0;
    }
    let (next, began) = (AtomicUsize::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while began.elapsed() < WHILE {
                    let at = next.fetch_add(1, Ordering::Relaxed) % files.len();
                    let (name, bytes) = files.get(at).unwrap();
                    std::hint::black_box(read_resume(bytes, name).unwrap());
                }
            });
        }
    });
    f64::from(u32::try_from(next.into_inner()).unwrap()) / began.elapsed().as_secs_f64()
}

/// The middle one; sorts them.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// Forgets the largest size that this process ever had. Linux only; elsewhere nothing happens.
pub(crate) fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// The largest size of this process in MB, the whole of it, since it was last forgotten.
pub(crate) fn peak_megabytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1e3)
}
