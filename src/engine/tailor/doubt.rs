//! Doubt: lists whose parts may have been read wrongly, or belong to the part before them, keep their order.

use crate::domain::resume::Project;
use crate::engine::words::{fold, words};

/// Whether a text in a list of skills is a label or a level: the words after it belong to it.
pub(crate) fn is_label(text: &str) -> bool {
    const LEVELS: &[&str] = &[
        "familiar",
        "proficient",
        "advanced",
        "basic",
        "basics",
        "intermediate",
        "beginner",
        "beginners",
        "expert",
        "competent",
        "experienced",
        "fluent",
        "elementary",
        "novice",
        "strong",
        "good",
        "working",
        "knowledge",
        "familiarity",
        "proficiency",
        "exposure",
        "learning",
        "level",
        "skills",
        "with",
        "in",
        "of",
        "and",
        "knowledgeable",
        "comfortable",
    ];
    // As the first of several words these open a list; "Advanced Excel" and "Basic" in "Visual Basic" name a skill.
    const OPENING: &[&str] = &[
        "familiar",
        "familiarity",
        "proficient",
        "proficiency",
        "competent",
        "experienced",
        "fluent",
        "intermediate",
        "beginner",
        "exposure",
        "comfortable",
    ];
    const CHINESE: &[&str] =
        &["精通", "熟练", "熟悉", "掌握", "了解", "一般", "超过", "低于", "以上", "以下"];
    let said: Vec<String> = words(text).iter().map(|word| fold(word.text)).collect();
    let is_opening = said.first().is_some_and(|first| OPENING.contains(&first.as_str()));
    let is_level = !said.is_empty() && said.iter().all(|word| LEVELS.contains(&word.as_str()));
    text.contains([':', '\u{ff1a}'])
        || CHINESE.iter().any(|level| text.contains(level))
        || is_opening
        || is_level
        || is_amount(&said)
}

/// "Over 1000 lines".
fn is_amount(said: &[String]) -> bool {
    let begins_with_digit = |word: &String| word.starts_with(|letter: char| letter.is_ascii_digit());
    match said {
        [first, second, ..] if matches!(first.as_str(), "over" | "under" | "above" | "below") => {
            begins_with_digit(second)
        }
        [first, than, third, ..] if matches!(first.as_str(), "more" | "less" | "fewer") && than == "than" => {
            begins_with_digit(third)
        }
        _ => false,
    }
}

/// Whether a project may be no project but a line of the one before it.
pub(crate) fn are_projects_doubtful(projects: &[Project]) -> bool {
    let is_told = |project: &Project| {
        !project.highlights.is_empty()
            || project.description.as_ref().is_some_and(|text| !text.trim().is_empty())
    };
    let any_told = projects.iter().any(is_told);
    projects.iter().any(|project| {
        let is_bare = project.highlights.is_empty()
            && project.start_date.is_none()
            && project.end_date.is_none()
            && project.dates.is_none();
        project.name.as_deref().is_none_or(|name| is_line(name, is_bare)) || (any_told && !is_told(project))
    })
}

/// Whether a name reads like a bullet or a sentence.
fn is_line(name: &str, is_bare: bool) -> bool {
    const LONGEST: usize = 8;
    const PAST: &[&str] = &[
        "built", "made", "wrote", "led", "ran", "won", "drove", "grew", "held", "taught", "set", "began",
        "chose", "did", "found", "gave", "got", "kept", "learnt", "sold", "took", "used", "won", "rewrote",
        "oversaw",
    ];
    let name = name.trim();
    let words = words(name);
    let is_past = words
        .first()
        .map(|word| fold(word.text))
        .is_some_and(|first| PAST.contains(&first.as_str()) || (first.len() > 4 && first.ends_with("ed")));
    let begins = name.starts_with(|letter: char| {
        "-*+\u{2022}\u{2023}\u{2043}\u{2219}\u{25aa}\u{25cf}\u{25e6}\u{b7}\u{2013}\u{2014}\u{2212}"
            .contains(letter)
    });
    words.is_empty()
        || begins
        || name.ends_with(['.', '\u{3002}'])
        || words.len() > LONGEST
            && !words.iter().any(|word| word.text.chars().any(crate::engine::words::is_ideograph))
        || (is_past && is_bare && words.len() > 1)
}

#[cfg(test)]
mod tests {
    use crate::domain::resume::Project;
    use crate::engine::tailor::doubt::{are_projects_doubtful, is_label};

    #[test]
    fn labels_and_levels_are_no_skills() {
        for text in [
            "Over 1000 lines:",
            "Over 1000 lines",
            "Familiar",
            "Familiar with Docker",
            "Proficient",
            "Advanced",
            "Basic",
            "Basic knowledge of",
            "Languages: Java",
            "熟练 Python",
            "超过 5000 行",
            "了解",
        ] {
            assert!(is_label(text), "{text}");
        }
        for text in ["Visual Basic", "Advanced Excel", "Docker", "Machine learning", "分布式系统", "C++"]
        {
            assert!(!is_label(text), "{text}");
        }
    }

    #[test]
    fn a_project_that_reads_like_a_line_raises_doubt() {
        let project = |name: &str, highlights: &[&str]| Project {
            name: Some(name.into()),
            highlights: highlights.iter().map(|text| (*text).to_owned()).collect(),
            ..Project::default()
        };
        let plain = project("Garden log", &["Kept a diary."]);
        for name in [
            "- Charts with Python",
            "\u{2022} Charts",
            "Charts made with Python.",
            "Charts of tides and currents for all of the northern harbours",
        ] {
            assert!(are_projects_doubtful(&[plain.clone(), project(name, &["Drew."])]), "{name}");
        }
        assert!(are_projects_doubtful(&[
            project("Tide charts", &[]),
            project("Built charts with Python", &[])
        ]));
        assert!(are_projects_doubtful(&[plain.clone(), project("Tide charts", &[])]));
        assert!(!are_projects_doubtful(&[plain, project("Tide charts", &["Drew."])]));
        assert!(!are_projects_doubtful(&[project("Garden log", &[]), project("Tide charts", &[])]));
    }
}
