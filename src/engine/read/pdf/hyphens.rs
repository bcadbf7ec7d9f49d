//! Words parted at the end of a line, made whole again on the line where they begin.

use std::collections::HashSet;

use crate::domain::source::{Line, LineKind, Span};

/// First parts of compounds that are written with a hyphen wherever they stand.
const COMPOUND_STARTS: &[&str] = &[
    "all", "anti", "back", "best", "client", "cloud", "co", "cost", "cross", "customer", "data", "day",
    "decision", "end", "ex", "event", "fast", "five", "four", "front", "full", "half", "hands", "high", "in",
    "inter", "large", "left", "long", "low", "machine", "mid", "mission", "mobile", "multi", "near", "new",
    "non", "object", "off", "on", "one", "open", "out", "part", "peer", "point", "post", "pre", "problem",
    "pro", "real", "results", "right", "role", "self", "semi", "server", "service", "short", "single", "six",
    "small", "state", "sub", "team", "test", "third", "three", "time", "top", "two", "user", "value", "web",
    "well", "world", "year",
];

/// How hyphens at line ends are to be understood in this document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habits {
    /// The program that set the text parts words at will.
    pub(crate) parts_words: bool,
    /// Soft hyphens also stand inside lines, in place of hyphens.
    pub(crate) soft_as_hard: bool,
}

/// Joins parted words. Lines stay lines: only the rest of the word moves up.
pub(crate) fn join(lines: &mut Vec<Line>, habits: Habits) {
    let words = known_words(lines);
    let mut rest = lines.as_mut_slice();
    while let Some((line, following)) = rest.split_first_mut() {
        if let Some(next) = following.first_mut() {
            join_two(line, next, &words, habits);
        }
        rest = following;
    }
    for line in lines.iter_mut() {
        // A soft hyphen that nothing follows was a hyphen for its author.
        for span in &mut line.spans {
            if span.text.contains('\u{ad}') {
                span.text = span.text.replace('\u{ad}', "-");
            }
        }
    }
    lines.retain(|line| !line.spans.is_empty());
}

fn join_two(line: &mut Line, next: &mut Line, words: &HashSet<String>, habits: Habits) {
    let Some(last) = line.spans.last_mut() else { return };
    let soft = last.text.ends_with('\u{ad}');
    let Some(head) = last.text.strip_suffix(['\u{ad}', '-', '\u{2010}']) else { return };
    let together = next.kind == LineKind::Continuation
        || soft && next.block == line.block && next.kind == LineKind::Text;
    let start = head.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_lowercase();
    let Some(first) = next.spans.first_mut() else { return };
    let (end, rest) = first.text.split_once(' ').unwrap_or((first.text.as_str(), ""));
    if !together || start.is_empty() || !end.starts_with(char::is_lowercase) {
        return;
    }
    let letters: String = end.chars().take_while(|c| c.is_alphabetic()).collect();
    let keeps = keeps_hyphen(&start, &letters.to_lowercase(), words, soft, habits);
    let head = head.to_owned();
    last.text = format!("{head}{}{end}", if keeps { "-" } else { "" });
    first.text = rest.to_owned();
    if first.text.is_empty() {
        next.spans.remove(0);
        if let Some(Span { text, .. }) = next.spans.first_mut() {
            *text = text.trim_start_matches(' ').to_owned();
        }
    }
    next.kind = LineKind::Continuation;
}

fn keeps_hyphen(start: &str, end: &str, words: &HashSet<String>, soft: bool, habits: Habits) -> bool {
    if words.contains(&format!("{start}-{end}")) {
        return true;
    }
    if words.contains(&format!("{start}{end}")) {
        return false;
    }
    if soft && !habits.soft_as_hard {
        return false;
    }
    let compound = COMPOUND_STARTS.contains(&start) || words.contains(start) && words.contains(end);
    compound || !habits.parts_words
}

/// All words and hyphenated compounds that stand inside lines, the parted ones left out.
fn known_words(lines: &[Line]) -> HashSet<String> {
    let mut known = HashSet::new();
    let mut goes_on = false;
    for line in lines {
        let text = line.text().to_lowercase();
        let parted = text.ends_with(['-', '\u{ad}', '\u{2010}']);
        let tokens: Vec<&str> =
            text.split(|c: char| !(c.is_alphanumeric() || c == '-')).filter(|t| !t.is_empty()).collect();
        let whole = tokens.len() - usize::from(parted && !tokens.is_empty());
        for token in tokens.iter().take(whole).skip(usize::from(goes_on)) {
            let token = token.trim_matches('-');
            known.insert(token.to_owned());
            known.extend(token.split('-').map(str::to_owned));
        }
        goes_on = parted;
    }
    known
}

#[cfg(test)]
mod tests {
    use crate::domain::source::{Line, LineKind, Part, Span};
    use crate::engine::read::pdf::hyphens::{Habits, join};

    fn line(text: &str, kind: LineKind) -> Line {
        let span = Span { text: text.to_owned(), bold: false, italic: false, size: 10.0, link: None };
        Line { spans: vec![span], kind, number: None, block: 0, area: None, paragraph: 0, part: Part::Body }
    }

    #[track_caller]
    fn check(texts: &[&str], habits: Habits, expected: &[&str]) {
        let mut lines: Vec<Line> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| line(text, if index == 0 { LineKind::Text } else { LineKind::Continuation }))
            .collect();
        join(&mut lines, habits);
        assert_eq!(lines.iter().map(Line::text).collect::<Vec<_>>(), expected);
    }

    const BROWSER: Habits = Habits { parts_words: false, soft_as_hard: false };
    const TEX: Habits = Habits { parts_words: true, soft_as_hard: false };

    #[test]
    fn parted_words_are_whole_again() {
        check(&["Wrote docu-", "mentation for all"], TEX, &["Wrote documentation", "for all"]);
        check(&["Wrote docu\u{ad}", "mentation for all"], BROWSER, &["Wrote documentation", "for all"]);
        check(&["about Consul and Con-", "sul, daily"], BROWSER, &["about Consul and Consul,", "daily"]);
        check(&["Wrote docu-", "mentation"], TEX, &["Wrote documentation"]);
    }

    #[test]
    fn compounds_keep_their_hyphen() {
        check(&["a cloud-", "native platform"], BROWSER, &["a cloud-native", "platform"]);
        check(&["a cross-", "functional team"], TEX, &["a cross-functional", "team"]);
        check(&["a user-facing and user-", "facing"], TEX, &["a user-facing and user-facing"]);
    }

    #[test]
    fn dashes_and_ranges_stay() {
        check(&["from 2019 -", "today"], TEX, &["from 2019 -", "today"]);
        check(&["ISO-", "9001"], TEX, &["ISO-", "9001"]);
        check(&["Anglo-", "American"], TEX, &["Anglo-", "American"]);
    }
}
