//! How well resumes are read: what the reader finds in real documents beside what is true of them.
//!
//! `cargo bench --bench eval-reading -- FOLDER… [--files] [--json]`, or `scripts/eval-reading`. A folder has documents and
//! a `truth.json`, or folders that do; the format is in the corpus's own README. Each resume is read in this process and
//! scored; `--files` lists what was missed, `--json` prints lines of JSON instead of a table.
//!
//! Texts are equal after the normalisation in `normal.rs`, whole and not in part. What counts as right is said where it is
//! scored: `contacts.rs`, `sections.rs`, `skills.rs`, `jobs.rs`, `schools.rs`, `words.rs`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic; that is how it reports"
)]

mod truth;
mod normal;
mod words;
mod score;
mod contacts;
mod sections;
mod skills;
mod pairs;
mod jobs;
mod schools;
mod clock;
mod table;

use std::path::PathBuf;

use resume_optimizer::domain::reading::Reading;
use serde_json::json;

use crate::clock::{file_name, forget_peak, measure, peak_megabytes, read_resume};
use crate::score::{Metric, Score, score, texts};
use crate::table::{Bars, Row, rows, speed_rows, text};
use crate::truth::{Case, cases};
use crate::words::{loss, pdftotext};

/// The most lost words that are listed for one file.
const MAX_SHOWN: usize = 40;

fn main() {
    let (mut folders, mut lists_files, mut as_json) = (Vec::new(), false, false);
    for word in std::env::args().skip(1) {
        match word.as_str() {
            "--bench" => {}
            "--files" => lists_files = true,
            "--json" => as_json = true,
            folder => folders.push(PathBuf::from(folder)),
        }
    }
    let cases: Vec<Case> = folders.iter().flat_map(|folder| cases(folder)).collect();
    let read: Vec<Read<'_>> = cases.iter().filter_map(Read::of).collect();
    if lists_files {
        read.iter().for_each(|read| read.print(as_json));
    }
    for (title, bars, is_in) in GROUPS {
        let mut total = Score::default();
        read.iter().filter(|read| is_in(read.case)).for_each(|read| total.merge(&read.score));
        print(title, &rows(&total, *bars), as_json);
    }
    for (title, extension) in [("Speed, PDF", "pdf"), ("Speed, DOCX (a file counts as a page)", "docx")] {
        let is_in = |read: &&Read<'_>| read.is_accepted && read.case.extension() == extension;
        let accepted: Vec<&Case> = read.iter().filter(is_in).map(|read| read.case).collect();
        if accepted.is_empty() {
            continue;
        }
        let speed = measure(&accepted);
        let peak = read.iter().filter(is_in).filter_map(|read| read.peak).max_by(f64::total_cmp);
        print(title, &speed_rows(&speed, peak), as_json);
        if lists_files && !as_json {
            println!("  slowest: {}\n", speed.slowest);
        }
    }
}

/// A group of documents: the title, the bars, and which ones.
type Group = (&'static str, Bars, fn(&Case) -> bool);

const GROUPS: &[Group] = &[
    ("PDF", Bars::AllBesidePeers, |case| case.extension() == "pdf"),
    ("PDF in two columns", Bars::All, |case| case.extension() == "pdf" && case.truth.is_two_columns()),
    ("DOCX", Bars::All, |case| case.extension() == "docx"),
    ("Other languages than English", Bars::OtherLanguages, |case| case.truth.is_foreign()),
];

/// A document, read and scored.
struct Read<'a> {
    case: &'a Case,
    score: Score,
    is_accepted: bool,
    /// The largest size of this process while it was read, in MB.
    peak: Option<f64>,
}

impl<'a> Read<'a> {
    /// Nothing for documents that are no resumes: letters, templates.
    fn of(case: &'a Case) -> Option<Self> {
        if !case.truth.is_scored() && !case.truth.is_unreadable() {
            return None;
        }
        let bytes = std::fs::read(&case.path).unwrap();
        forget_peak();
        // A panic is a failure of one document, not of this program.
        let result = std::panic::catch_unwind(|| read_resume(&bytes, &file_name(&case.path)));
        let peak = peak_megabytes();
        let (reason, read) = match result {
            Ok(Ok(read)) => (String::new(), Some(read)),
            Ok(Err(error)) => (error.to_string(), None),
            Err(_) => ("the reader panicked".to_owned(), None),
        };
        let is_accepted = read.is_some();
        if case.truth.is_unreadable() {
            let mut score = Score::default();
            let is_refused = !is_accepted && reason != "the reader panicked";
            score.check(Metric::Refused, is_refused);
            if !is_refused {
                score.miss("refusal", "refused with a reason", reason);
            }
            return Some(Self { case, score, is_accepted: false, peak });
        }
        let (lines, reading) = read.map_or_else(Default::default, |(source, reading)| {
            (source.lines.iter().map(|line| line.text() + "\n").collect::<String>(), reading)
        });
        let mut score = score(&case.truth, &reading.resume);
        score.check(Metric::Read, is_accepted);
        if !is_accepted {
            score.miss("reading", "a resume", reason);
        }
        count_words(&mut score, case, &lines, &reading);
        Some(Self { case, score, is_accepted, peak })
    }

    fn print(&self, as_json: bool) {
        if !as_json && !self.score.misses.is_empty() {
            println!("{}", self.case.truth.file);
        }
        for miss in &self.score.misses {
            if as_json {
                let file = &self.case.truth.file;
                println!(
                    "{}",
                    json!({ "file": file, "metric": miss.metric, "expected": miss.expected, "had": miss.had })
                );
            } else {
                println!("  {:<16} {}  →  {}", miss.metric, one_line(&miss.expected), one_line(&miss.had));
            }
        }
        if !as_json && !self.score.misses.is_empty() {
            println!();
        }
    }
}

/// Counts the words that are lost on the way from the file, and from our own lines, to the resume.
fn count_words(score: &mut Score, case: &Case, lines: &str, reading: &Reading) {
    let json = serde_json::to_value(reading).unwrap();
    let ours = texts(&json);
    let list = |score: &mut Score, name: &'static str, lost: &[String]| {
        if !lost.is_empty() {
            let more = if lost.len() > MAX_SHOWN { " …" } else { "" };
            let shown = lost.iter().take(MAX_SHOWN).map(String::as_str).collect::<Vec<_>>().join(" ");
            score.miss(name, shown + more, format!("{} lost", lost.len()));
        }
    };
    if let Some(text) = pdftotext(&case.path).filter(|_| case.extension() == "pdf") {
        let words = loss(&text, &ours);
        score.add(Metric::WordsLost, words.lost.len(), words.asked);
        score.add(Metric::WordsNowhere, words.nowhere.len(), words.asked);
        list(score, "pdftotext words", &words.lost);
    }
    let words = loss(lines, &ours);
    score.add(Metric::LinesLost, words.lost.len(), words.asked);
    list(score, "our own words", &words.lost);
}

fn print(title: &str, rows: &[Row], as_json: bool) {
    if rows.is_empty() {
        return;
    }
    if as_json {
        rows.iter().for_each(|row| println!("{}", row.to_json(title)));
    } else {
        println!("{}", text(title, rows));
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
