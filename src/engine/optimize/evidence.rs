//! Evidence of the outcome: only the person's own words, and no requirement is met by a text that an edit wrote.

use serde_json::Value;

use crate::domain::report::{Evidence, MatchReport, RequirementMatch, RequirementStatus};
use crate::domain::resume::Resume;
use crate::domain::tailoring::{Decision, Edit, EditOp};
use crate::engine::places::{section, to_json};
use crate::engine::tailor;

/// The edits that leave the resume in its owner's words: orders, and what the owner confirmed.
pub(crate) fn in_own_words(edits: &[Edit]) -> Vec<Edit> {
    edits.iter().filter(|edit| edit.op == EditOp::Reorder || tailor::is_from_fact(edit)).cloned().collect()
}

/// The report on the tailored resume, with the evidence that `own`, the report on the owner's words alone, has. What
/// only a text of ours would meet, or show rather than list, stays as it is in `own`; then the score does too.
pub(crate) fn from_own_words(
    after: MatchReport,
    own: MatchReport,
    tailored: &Resume,
    source: &Resume,
    edits: &[Edit],
) -> MatchReport {
    let texts = Texts { tailored: to_json(tailored), source: to_json(source), edits };
    let is_raised = |after: &RequirementMatch, own: &RequirementMatch| {
        let is_met = own.status == RequirementStatus::Missing && after.status != own.status;
        is_met || (after.status == RequirementStatus::Demonstrated && own.status != after.status)
    };
    let pairs = || after.requirements.iter().zip(&own.requirements);
    let any_raised = pairs().any(|(after, own)| is_raised(after, own));
    let requirements = pairs()
        .map(|(after, own)| {
            let kept = if is_raised(after, own) { own } else { after };
            RequirementMatch { evidence: texts.evidence(own), ..kept.clone() }
        })
        .collect();
    let measured = if any_raised { own } else { after.clone() };
    MatchReport {
        requirements,
        keywords: after.keywords,
        score: measured.score,
        parts: measured.parts,
        gaps: measured.gaps,
    }
}

struct Texts<'a> {
    tailored: Value,
    source: Value,
    edits: &'a [Edit],
}

impl Texts<'_> {
    /// The evidence of `own` as it stands in the tailored resume. A text that an edit replaced where it stood is
    /// quoted as it now reads, and only where nothing else is left.
    fn evidence(&self, own: &RequirementMatch) -> Vec<Evidence> {
        let mut kept: Vec<Evidence> = Vec::new();
        for evidence in &own.evidence {
            let found = match self.confirmed(evidence) {
                Some(fact) => Some(fact),
                None => self.stands(evidence).then(|| evidence.clone()),
            };
            kept.extend(found.filter(|found| !kept.contains(found)));
        }
        if kept.is_empty() {
            kept.extend(own.evidence.iter().filter_map(|evidence| self.as_it_reads(evidence)));
        }
        kept
    }

    fn as_it_reads(&self, evidence: &Evidence) -> Option<Evidence> {
        let text = |json: &Value| Some(json.pointer(&evidence.item)?.as_str()?.trim().to_owned());
        text(&self.source)?;
        Some(Evidence { quote: text(&self.tailored)?, ..evidence.clone() })
    }

    fn stands(&self, evidence: &Evidence) -> bool {
        let text = self.tailored.pointer(&evidence.item).and_then(Value::as_str);
        text.is_some_and(|text| text.contains(&evidence.quote))
    }

    /// The fact itself, for a skill that was listed because of it: the name of the skill is not the owner's words.
    fn confirmed(&self, evidence: &Evidence) -> Option<Evidence> {
        if evidence.section != "skills" || self.source_says(evidence) {
            return None;
        }
        let listed = |edit: &&Edit| {
            edit.decision == Decision::Accepted
                && tailor::is_from_fact(edit)
                && section(&edit.target) == evidence.section
                && [Some(&edit.after), edit.after.get("name")]
                    .into_iter()
                    .flatten()
                    .any(|after| after.as_str() == Some(evidence.quote.as_str()))
        };
        self.edits.iter().find(listed)?.evidence.first().cloned()
    }

    /// Whether the source lists it, wherever: orders may have moved it.
    fn source_says(&self, evidence: &Evidence) -> bool {
        let quote = Value::String(evidence.quote.clone());
        let Some(Value::Array(groups)) = self.source.get("skills") else { return false };
        groups.iter().any(|group| {
            group.get("name") == Some(&quote)
                || group.get("keywords").and_then(Value::as_array).is_some_and(|words| words.contains(&quote))
        })
    }
}
