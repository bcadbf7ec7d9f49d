//! Skills: labelled groups, plain lists, columns and chips.

use crate::domain::resume::Skill;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::{some, split_outside_brackets, trim_marks};

/// The skills of a section: a group per label, a skill of its own per unlabelled word.
pub(crate) fn skills(rows: &[Row]) -> Vec<Skill> {
    let mut skills: Vec<Skill> = Vec::new();
    // The label on a line of its own that the next lines belong to.
    let mut under: Option<usize> = None;
    for (nth, row) in rows.iter().enumerate() {
        if let Some((label, rest)) = label(row) {
            let keywords = if rest.is_empty() { Vec::new() } else { items(&rest) };
            skills.push(Skill { name: Some(label), level: None, keywords });
            under = rest.is_empty().then(|| skills.len() - 1);
            continue;
        }
        if is_label_line(row, rows.get(nth + 1)) {
            skills.push(Skill { name: some(trim_marks(&row.text())), ..Skill::default() });
            under = Some(skills.len() - 1);
            continue;
        }
        let words = row_items(row);
        match under.and_then(|at| skills.get_mut(at)) {
            Some(group) => group.keywords.extend(words),
            None => {
                skills.extend(words.into_iter().map(|word| Skill { name: Some(word), ..Skill::default() }));
            }
        }
    }
    skills
}

fn row_items(row: &Row) -> Vec<String> {
    row.cells.iter().chain(&row.asides).flat_map(|cell| items(cell)).collect()
}

/// The words of a list, split at its separators but never inside brackets; a sentence stays whole.
pub(crate) fn items(text: &str) -> Vec<String> {
    let strong = |c: char| matches!(c, '•' | '·' | '|' | '∙' | '⋅' | ';' | '；' | '、' | '▪' | '●' | '\t');
    let sentence = text.split_whitespace().count() >= 9
        && text.trim_end().ends_with('.')
        && text.matches(',').count() < 3;
    if sentence {
        return vec![text.trim().to_owned()];
    }
    let mut found = Vec::new();
    for part in split_outside_brackets(text, strong) {
        for word in split_outside_brackets(&part, |c| matches!(c, ',' | '，')) {
            let word = word.strip_prefix("and ").or_else(|| word.strip_prefix("und ")).unwrap_or(&word);
            let word = trim_list_marks(word);
            if !word.is_empty() {
                found.push(word);
            }
        }
    }
    found
}

/// The point that ends a list goes, the one in "Node.js" or "etc." stays.
fn trim_list_marks(word: &str) -> String {
    let word = word.trim().trim_start_matches(['-', '–', '*']).trim();
    let kept = match word.strip_suffix('.') {
        Some(stem) if !stem.ends_with("etc") && !stem.contains('.') => stem,
        _ => word,
    };
    kept.trim().to_owned()
}

/// "Languages: Rust, Go", a bold label before plain words, or a label column.
fn label(row: &Row) -> Option<(String, String)> {
    let first = row.cells.first()?;
    if row.cells.len() >= 2 {
        let rest: Vec<&str> = row.cells.iter().skip(1).map(String::as_str).collect();
        let listed = rest.iter().any(|cell| cell.contains([',', '•', '·', '、', ';']));
        let bold = !row.bold && row.runs.iter().filter(|run| run.cell == 0).all(|run| run.bold);
        let colon = first.trim_end().ends_with([':', '：']);
        let short = first.split_whitespace().count() <= 5 && !first.contains(',');
        if short && (bold || colon || (listed && rest.len() == 1)) {
            return Some((trim_marks(first).to_owned(), rest.join(", ")));
        }
        // A label with its colon inside the first cell of a wider row.
        if let Some((label, text)) = split_label(first) {
            let rest = std::iter::once(text.as_str())
                .chain(rest)
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(", ");
            return Some((label, rest));
        }
        return None;
    }
    if let Some(found) = split_label(first) {
        return Some(found);
    }
    let lead: String = row.runs.iter().take_while(|run| run.bold).map(|run| run.text.as_str()).collect();
    let rest: String = row.runs.iter().skip_while(|run| run.bold).map(|run| run.text.as_str()).collect();
    let name = trim_marks(&lead);
    let fits = !row.bold
        && !name.is_empty()
        && !name.contains(',')
        && name.split_whitespace().count() <= 5
        && rest.contains([',', '•', '·', ';', '|'])
        && !rest.trim_start().starts_with(',');
    fits.then(|| (name.to_owned(), trim_marks(&rest).to_owned()))
}

fn split_label(text: &str) -> Option<(String, String)> {
    let at = text.find([':', '：'])?;
    let (label, rest) = text.split_at_checked(at)?;
    let rest = rest.trim_start_matches([':', '：']).trim_start_matches('=').trim();
    let open = label.matches('(').count() > label.matches(')').count();
    let fits = label.split_whitespace().count() <= 7
        && !label.contains([',', '•'])
        && !open
        && !rest.starts_with("//");
    (fits && !label.trim().is_empty()).then(|| (trim_marks(label).to_owned(), rest.to_owned()))
}

/// A short line in bold or capitals over plain ones names a group.
fn is_label_line(row: &Row, next: Option<&Row>) -> bool {
    let text = row.text();
    let plain = text.split_whitespace().count() <= 5
        && !text.contains([',', '•', '·', '|', ';'])
        && row.cells.len() == 1
        && row.item.is_none();
    let set_off = |next: &Row| {
        (row.bold && !next.bold)
            || (row.is_caps() && !next.is_caps() && text.len() > 4)
            || row.heading.is_some()
            || row.size > next.size + 0.4
            || next.item.is_some()
    };
    plain && next.is_some_and(set_off)
}

#[cfg(test)]
mod tests {
    use super::items;

    #[test]
    fn lists_are_split_but_not_inside_brackets() {
        assert_eq!(
            items("Rust, AWS (EC2, S3), Node.js; CI/CD • C++."),
            ["Rust", "AWS (EC2, S3)", "Node.js", "CI/CD", "C++"]
        );
        assert_eq!(items("Python, Go, and Rust"), ["Python", "Go", "Rust"]);
    }
}
