//! `analyze`: how a resume meets a posting, writing nothing.

use std::fmt::Write;
use std::path::Path;

use crate::cache::Cache;
use crate::cli::failure::Failure;
use crate::cli::input::Pair;
use crate::cli::{output, settings};
use crate::domain::outcome::Analysis;
use crate::domain::report::RequirementStatus;
use crate::pipeline::Pipeline;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pair: Pair,
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// Analyzes and prints the report.
pub(crate) fn run(args: &Args, file: Option<&Path>) -> Result<(), Failure> {
    let config = settings::config(file, &[])?;
    let order = args.pair.order(&config, None)?;
    let analysis = settings::runtime()?.block_on(async {
        let pipeline = Pipeline::new(&config, Cache::in_memory(&config.cache)).map_err(Failure::failed)?;
        pipeline.analyze(order).await.map_err(|error| args.pair.blame(&error))
    })?;
    if args.json { output::json(&analysis) } else { output::text(&as_text(&analysis)) }
}

fn as_text(analysis: &Analysis) -> String {
    let report = &analysis.report;
    let mut text = String::new();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(
        text,
        "match {:.0}, readable {:.0}, writing {:.0} of 100",
        report.score, analysis.readable, analysis.writing
    );
    for requirement in &report.requirements {
        let status = match requirement.status {
            RequirementStatus::Demonstrated => "shown",
            RequirementStatus::Listed => "listed",
            RequirementStatus::Related => "related",
            RequirementStatus::Missing => "missing",
        };
        let _ = writeln!(text, "{status:<9}{}", requirement.text);
        if let Some(evidence) = requirement.evidence.first() {
            let _ = writeln!(text, "         \u{201c}{}\u{201d} ({})", evidence.quote, evidence.section);
        }
    }
    for finding in analysis.readability.iter().filter(|finding| !finding.passed) {
        let _ = writeln!(text, "reading: {} {}", finding.message, finding.mend);
    }
    for gap in &report.gaps {
        let _ = writeln!(text, "question: {}", gap.question);
    }
    text
}
