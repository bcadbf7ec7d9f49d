//! `parse`: what is read from a resume, and what an applicant tracking system would trip over.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use chrono::Utc;

use crate::cache::Cache;
use crate::cli::failure::Failure;
use crate::cli::{input, output, settings};
use crate::domain::outcome::Parsed;
use crate::domain::report::ReaderView;
use crate::pipeline::Pipeline;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The resume: a PDF, DOCX, ODT, RTF, HTML, Markdown, LaTeX, text or JSON Resume file
    resume: PathBuf,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Reads it and prints what was found.
pub(crate) fn run(args: &Args, file: Option<&Path>) -> Result<(), Failure> {
    let config = settings::config(file, &[])?;
    let bytes = input::file(&args.resume, config.files.max_bytes)?;
    let parsed = settings::runtime()?.block_on(async {
        let pipeline = Pipeline::new(&config, Cache::in_memory(&config.cache)).map_err(Failure::failed)?;
        let today = Utc::now().date_naive();
        let parsed = pipeline.parse(bytes, &input::name(&args.resume), today).await;
        parsed.map_err(|error| input::blame(&args.resume, &error))
    })?;
    if args.json { output::json(&parsed) } else { output::text(&as_text(&parsed)) }
}

fn as_text(parsed: &Parsed) -> String {
    let resume = &parsed.resume.resume;
    let basics = resume.basics.clone().unwrap_or_default();
    let mut text = String::new();
    let mut line = |label: &str, value: String| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{label:<14}{value}");
        }
    };
    line("name", basics.name.unwrap_or_else(|| "(not found)".to_owned()));
    line("e-mail", basics.email.unwrap_or_else(|| "(not found)".to_owned()));
    line("phone", basics.phone.unwrap_or_default());
    for work in &resume.work {
        line(
            "work",
            joined([&work.position, &work.name, &dates(work.start_date.as_ref(), work.end_date.as_ref())]),
        );
    }
    for school in &resume.education {
        line("education", joined([&school.study_type, &school.area, &school.institution]));
    }
    let skills: Vec<&str> = resume
        .skills
        .iter()
        .flat_map(|group| group.name.iter().chain(&group.keywords))
        .map(String::as_str)
        .collect();
    line("skills", skills.join(", "));
    for section in &resume.sections {
        line("section", section.heading.clone().unwrap_or_else(|| "(without a heading)".to_owned()));
    }
    for finding in parsed.readability.iter().filter(|finding| !finding.passed) {
        line("trips over", format!("{} {}", finding.message, finding.mend));
    }
    for view in &parsed.readers {
        line("reader", as_row(view));
    }
    for note in &parsed.notes {
        line("note", note.clone());
    }
    text
}

/// Fields of one row that are named; `--json` has all of them.
const NAMED: usize = 5;

/// What a reader keeps, and the first fields that it loses.
fn as_row(view: &ReaderView) -> String {
    let named: Vec<&str> = view.lost.iter().take(NAMED).map(|lost| lost.field.as_str()).collect();
    let lost = match view.lost.len() {
        0 => String::new(),
        count if count > NAMED => format!(", loses {} and {} more", named.join(", "), count - NAMED),
        _ => format!(", loses {}", named.join(", ")),
    };
    format!("{:<14}{} of {} fields{lost}", view.reader.as_str(), view.kept, view.asked)
}

fn dates(start: Option<&impl ToString>, end: Option<&impl ToString>) -> Option<String> {
    let start = start?.to_string();
    Some(format!("{start} to {}", end.map_or_else(|| "now".to_owned(), ToString::to_string)))
}

fn joined<const N: usize>(parts: [&Option<String>; N]) -> String {
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
}
