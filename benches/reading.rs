//! What reading a document in a process of its own adds to reading it here.
//!
//! `cargo bench --bench reading -- FILE…`: each file is read by turns in a child process and in this one; without files,
//! the quickstart's resume. Each result is a line of JSON: `{"group": "reading", "case": …, "metric": …, "value": …}`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic; that is how it reports"
)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use bytes::Bytes;
use resume_optimizer::config::Config;
use resume_optimizer::engine::read::{Limits, Purpose, read};
use resume_optimizer::sandbox::{self, Reader};
use serde_json::json;

/// Readings of one file each way.
const ROUNDS: usize = 21;

fn main() -> ExitCode {
    // The reader starts this program again.
    if sandbox::is_child() {
        return sandbox::child_main();
    }
    let given: Vec<PathBuf> =
        std::env::args_os().skip(1).filter(|word| word != "--bench").map(PathBuf::from).collect();
    let files = if given.is_empty() { vec![PathBuf::from("docs/quickstart/resume.pdf")] } else { given };
    let reader = Reader::new(std::env::current_exe().unwrap(), &Config::defaults().unwrap().reader);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let mut added: Vec<f64> =
        files.iter().filter_map(|file| runtime.block_on(measure(&reader, file))).collect();
    report("all", "files", f64::from(u32::try_from(added.len()).unwrap()));
    report("all", "added_p50_ms", median(&mut added));
    ExitCode::SUCCESS
}

/// Milliseconds that the child adds at the median; nothing for a file that cannot be read.
async fn measure(reader: &Reader, file: &Path) -> Option<f64> {
    let bytes = Bytes::from(std::fs::read(file).unwrap());
    let name = file.file_name().unwrap().to_string_lossy().into_owned();
    read(&bytes, &name, &Limits::default()).ok()?;
    let (mut here, mut apart) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        read(&bytes, &name, &Limits::default()).unwrap();
        here.push(milliseconds(began));
        let began = Instant::now();
        reader.read(Purpose::Resume, bytes.clone(), &name).await.unwrap();
        apart.push(milliseconds(began));
    }
    let (here, apart) = (median(&mut here), median(&mut apart));
    report(&name, "here_p50_ms", here);
    report(&name, "apart_p50_ms", apart);
    Some(apart - here)
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn report(case: &str, metric: &str, value: f64) {
    let value = (value * 1e3).round() / 1e3;
    println!("{}", json!({ "group": "reading", "case": case, "metric": metric, "value": value }));
}
