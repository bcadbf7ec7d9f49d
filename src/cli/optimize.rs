//! `optimize`: the main job, once, without a server or a database.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::cache::Cache;
use crate::cli::failure::Failure;
use crate::cli::input::Pair;
use crate::cli::progress::Bar;
use crate::cli::{output, settings};
use crate::domain::job::DocumentFormat;
use crate::domain::outcome::Outcome;
use crate::domain::report::RequirementStatus;
use crate::engine::render::{DEFAULT_TEMPLATE, TEMPLATES, file_stem, render};
use crate::pipeline::Pipeline;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pair: Pair,
    /// Folder for the documents [default: this one]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Documents to write, by comma [default: pdf,docx,md]
    #[arg(long, value_delimiter = ',', value_name = "FORMATS", value_parser = formats())]
    format: Vec<DocumentFormat>,
    /// Look of the documents
    #[arg(long, value_name = "NAME", default_value = DEFAULT_TEMPLATE, value_parser = PossibleValuesParser::new(TEMPLATES))]
    template: String,
    /// Print the whole result as JSON
    #[arg(long)]
    json: bool,
}

fn formats() -> impl clap::builder::TypedValueParser<Value = DocumentFormat> {
    PossibleValuesParser::new(DocumentFormat::ALL.map(DocumentFormat::extension))
        .try_map(|name| DocumentFormat::parse(&name).ok_or("there is no such format"))
}

/// Optimizes, writes the documents and prints what came out.
pub(crate) fn run(mut args: Args, file: Option<&Path>) -> Result<(), Failure> {
    let config = settings::config(file, &[])?;
    let order = args.pair.order(&config, Some(args.template.clone()))?;
    if args.format.is_empty() {
        args.format = DocumentFormat::USUAL.to_vec();
    }
    let mut seen = Vec::new();
    args.format.retain(|format| {
        !seen.contains(format) && {
            seen.push(*format);
            true
        }
    });
    let bar = Bar::new();
    let outcome = settings::runtime()?.block_on(async {
        let pipeline = Pipeline::new(&config, Cache::in_memory(&config.cache)).map_err(Failure::failed)?;
        let outcome = pipeline.optimize(order, bar.follow()).await;
        outcome.map_err(|error| args.pair.blame(&error))
    })?;
    drop(bar);
    let written = write_documents(&args, &outcome)?;
    if args.json { output::json(&outcome) } else { output::text(&as_text(&outcome, &written)) }
}

/// Writes every document, or none: rendering comes first.
fn write_documents(args: &Args, outcome: &Outcome) -> Result<Vec<PathBuf>, Failure> {
    let folder = args.out.clone().unwrap_or_else(|| PathBuf::from("."));
    let company = args.pair.company().or(outcome.posting.company.as_deref());
    let stem = file_stem(&outcome.resume, company);
    let mut documents = Vec::new();
    for format in &args.format {
        let path = folder.join(format!("{stem}.{}", format.extension()));
        refuse_input(args, &path)?;
        documents.push((path, render(&outcome.resume, *format, &args.template).map_err(Failure::failed)?));
    }
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failure::failed(format!(
            "The folder {} cannot be made: {error}; choose another with --out.",
            folder.display()
        ))
    })?;
    for (path, bytes) in &documents {
        save(&folder, path, bytes).map_err(|error| {
            Failure::failed(format!(
                "{} cannot be written: {error}; choose another folder with --out.",
                path.display()
            ))
        })?;
    }
    Ok(documents.into_iter().map(|(path, _)| path).collect())
}

/// What a person gave is not overwritten, even when it has the name that its result would get.
fn refuse_input(args: &Args, path: &Path) -> Result<(), Failure> {
    let same = |given: &Path| matches!((given.canonicalize(), path.canonicalize()), (Ok(a), Ok(b)) if a == b);
    if same(args.pair.resume()) || args.pair.posting_file().is_some_and(same) {
        return Err(Failure::failed(format!(
            "{} is what you gave and would be overwritten; choose another folder with --out.",
            path.display()
        )));
    }
    Ok(())
}

/// Written aside and put in place whole, so that nobody sees half a document.
fn save(folder: &Path, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".resume-optimizer-")
        .permissions(permissions())
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// As a program makes files by default: the umask takes away what the person does not want.
#[cfg(unix)]
fn permissions() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o666)
}

fn as_text(outcome: &Outcome, written: &[PathBuf]) -> String {
    let scores = &outcome.scores;
    let shown = outcome
        .requirements
        .iter()
        .filter(|requirement| {
            matches!(requirement.status, RequirementStatus::Demonstrated | RequirementStatus::Listed)
        })
        .count();
    let mut text = String::new();
    let mut row = |name: &str, before: f32, after: f32, what: &str| {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(text, "{name:<9}{before:>3.0} -> {after:<3.0} of 100  {what}");
    };
    row(
        "match",
        scores.matching.before,
        scores.matching.after,
        &format!("{shown} of {} requirements shown", outcome.requirements.len()),
    );
    row("readable", scores.readable.before, scores.readable.after, "by machines");
    row("writing", scores.writing.before, scores.writing.after, "of the bullets");
    let _ = writeln!(
        text,
        "{} edits, {} refused, {} questions only you can answer; --json prints them all",
        outcome.edits.len(),
        outcome.refused.len(),
        outcome.gaps.len()
    );
    if !outcome.certificate.passed {
        let _ = writeln!(
            text,
            "not every word of the resume was found again in the documents; --json lists those lost"
        );
    }
    for path in written {
        let _ = writeln!(text, "wrote {}", path.display());
    }
    text
}
