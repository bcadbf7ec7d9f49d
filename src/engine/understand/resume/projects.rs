//! Projects: a name, what it is made of, when, and what was done.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::resume::Project;
use crate::engine::understand::resume::contacts::urls;
use crate::engine::understand::resume::entries::{Entry, entries, read_head};
use crate::engine::understand::resume::positions::{ends, lost};
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::skills::items;
use crate::engine::understand::resume::text::{add_paragraph, pattern, some};

static STACK: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^(?:technologies|technology|tech(?:nical)?\s+stack|tech|stack|tools|built\s+with|skills|keywords|(?:technical\s+)?environment|technologien|umgebung|environnement(?:\s+technique)?|entorno|technologies\s+utilisées|tecnologías|tecnologias|tecnologie|技术栈|关键词)(?:\s+used)?\s*[:：]\s*",
    )
});

/// The projects of a section.
pub(crate) fn projects(rows: &[Row]) -> Vec<Project> {
    let entries = entries(&with_addresses(rows));
    let bare = !entries.iter().any(|entry| !entry.head.is_empty());
    if bare {
        // Bullets alone: each is a project.
        return rows.iter().map(listed).collect();
    }
    entries.iter().map(project).collect()
}

/// The rows without those that are an address alone: it is a link of the row above, and parts no name from what it names.
fn with_addresses(rows: &[Row]) -> Vec<Row> {
    let mut kept: Vec<Row> = Vec::new();
    for row in rows {
        let text = row.text();
        let is_address = row.item.is_none()
            && row.asides.is_empty()
            && urls(&text).first().is_some_and(|url| url.text.len() == text.trim().len());
        match kept.last_mut() {
            Some(above) if is_address && above.item.is_none() && above.link().is_none() => {
                let target = row.link().unwrap_or_else(|| text.trim().to_owned());
                above.links.push((text, target));
            }
            _ => kept.push(row.clone()),
        }
    }
    kept
}

fn listed(row: &Row) -> Project {
    let lead: String = row.runs.iter().take_while(|run| run.bold).map(|run| run.text.as_str()).collect();
    let lead = lead.trim().trim_end_matches([':', '-', '–', '—']).trim();
    let mut project = Project { url: row.link(), ..Project::default() };
    let text = row.text();
    let named = if lead.is_empty() || row.bold {
        text.split_once(": ")
            .or_else(|| text.split_once(" – "))
            .or_else(|| text.split_once(" - "))
            .map(|(name, _)| name)
    } else {
        Some(lead)
    };
    match named.filter(|name| name.split_whitespace().count() <= 8 && text.starts_with(name)) {
        Some(name) => {
            project.name = some(name);
            project.description = text
                .get(name.len()..)
                .and_then(|rest| some(rest.trim_start_matches([':', '-', '–', '—', ' '])));
        }
        None => project.name = some(&text),
    }
    for aside in &row.asides {
        add_paragraph(&mut project.description, aside);
    }
    project
}

fn project(entry: &Entry) -> Project {
    let head = read_head(entry);
    let (start_date, end_date) = ends(head.dates.as_ref());
    let mut project = Project {
        start_date,
        end_date,
        dates: head.printed.clone(),
        url: head.url.clone(),
        ..Project::default()
    };
    for segment in &head.segments {
        let words = items(&segment.text);
        let found = urls(&segment.text);
        if project.name.is_none() {
            project.name = Some(segment.text.clone());
        } else if let Some(url) = found.first().filter(|url| url.text.len() + 4 > segment.text.len()) {
            project.url = project.url.or_else(|| Some(url.text.clone()));
        } else if words.len() >= 3 && words.iter().all(|word| word.split_whitespace().count() <= 4) {
            project.keywords.extend(words);
        } else {
            add_paragraph(&mut project.description, &segment.text);
        }
    }
    let mut listed = false;
    for row in &entry.body {
        let text = row.text();
        if let Some(found) = STACK.find(&text) {
            project.keywords.extend(items(text.get(found.end()..).unwrap_or_default()));
            continue;
        }
        listed |= row.item.is_some();
        if listed {
            project.highlights.push(text);
        } else {
            add_paragraph(&mut project.description, &text);
        }
    }
    let rows: Vec<Row> = entry.head.iter().chain(&entry.body).cloned().collect();
    for text in lost(&rows, &project) {
        add_paragraph(&mut project.description, &text);
    }
    project
}
