//! Plain text: lines as they stand, gaps as tabs, list marks understood, blank lines as block borders.

use std::sync::LazyLock;

use regex::Regex;

use crate::domain::source::{LineKind, Part, SourceFormat, SourceText};
use crate::engine::read::bullet::{bullet, is_bullet_alone, numbered};
use crate::engine::read::counting::{Opening, counted, opens_entry};
use crate::engine::read::dates::are_dated_alike;
use crate::engine::read::page::{Draft, Style};

/// Columns made with spaces: three or more, or two before something that looks like a year.
static GAP: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(\S)(?: *\t[ \t]*| {3,})(\S)").ok());

/// Characters of a full line, at least and at most, in text that its editor wrapped.
const NARROWEST: usize = 50;
const WIDEST: usize = 120;

/// How wide a tab is taken to be when lines are compared by their indent.
const TAB_WIDTH: usize = 4;

/// Reads plain text.
pub(crate) fn read(text: &str) -> SourceText {
    let mut draft = Draft::new(SourceFormat::Text);
    let mut item: Option<Item> = None;
    let mut depths: Vec<usize> = Vec::new();
    let mut lone_bullet = false;
    // The line above in the same block, in characters, and how wide the text is set.
    let mut above = (0, "");
    let width = text.lines().map(|line| line.trim().chars().count()).max().unwrap_or(0);
    let text = text.replace("\r\n", "\n");
    let lines: Vec<&str> =
        text.split(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']).collect();
    let openings: Vec<Opening<'_>> = lines.iter().map(|line| opening(line)).collect();
    for (line, counts) in lines.into_iter().zip(counted(&openings)) {
        if line.trim().is_empty() || is_rule(line) {
            draft.end_block();
            item = None;
            above = (0, "");
            continue;
        }
        if is_bullet_alone(line) {
            lone_bullet = true;
            continue;
        }
        let indent = indent(line);
        let mark = if counts { numbered(line) } else { bullet(line) };
        let kind = if let Some(found) = mark {
            item = Some(Item { text_column: found.width.max(indent + 1) });
            draft.number_line(found.number);
            push(&mut draft, found.rest);
            LineKind::ListItem(depth(&mut depths, indent))
        } else {
            push(&mut draft, line.trim());
            if std::mem::take(&mut lone_bullet) {
                LineKind::ListItem(depth(&mut depths, indent))
            } else if item.as_ref().is_some_and(|item| indent > 0 && indent + 1 >= item.text_column)
                || is_wrapped(above.0, line.trim(), width)
                    && !opens_entry(line)
                    && !are_dated_alike(above.1, line.trim())
            {
                LineKind::Continuation
            } else {
                item = None;
                depths.clear();
                LineKind::Text
            }
        };
        // A line of two cells is as wide as the page by their gap, not by its words.
        let is_gapped = GAP.as_ref().is_some_and(|gap| gap.is_match(line.trim()));
        above = (if is_gapped { 0 } else { line.trim().chars().count() }, line.trim());
        draft.end_line(kind, Part::Body);
    }
    draft.finish()
}

/// A line with the columns where its number and its words begin.
fn opening(line: &str) -> Opening<'_> {
    let column = |chars: usize| f64::from(u32::try_from(chars).unwrap_or(u32::MAX));
    let indent = indent(line);
    let words = numbered(line).map_or(indent, |found| found.width.max(indent + 1));
    Opening { text: line, edges: (column(indent), column(words)) }
}

/// Whether a line goes on where the one above it was full: its first word would not have fitted there.
fn is_wrapped(above: usize, line: &str, width: usize) -> bool {
    let first = line.split_whitespace().next().map_or(0, |word| word.chars().count());
    width <= WIDEST && above >= NARROWEST && (above + 1 + first) * 10 > width * 9
}

struct Item {
    /// The column where the item's text starts; further lines of it are indented as far.
    text_column: usize,
}

fn push(draft: &mut Draft, text: &str) {
    let gapped = GAP.as_ref().map_or_else(|| text.into(), |gap| gap.replace_all(text, "$1\t$2"));
    draft.push(&gapped, &Style::default());
}

/// A line drawn with characters.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    let mut chars = line.chars();
    let Some(first) = chars.next() else { return true };
    line.chars().count() >= 3 && "-=_*~#–—─━═".contains(first) && chars.all(|c| c == first || c == ' ')
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { TAB_WIDTH } else { 1 }).sum()
}

/// How deep an indent is among the items that are open.
fn depth(open: &mut Vec<usize>, indent: usize) -> u8 {
    while open.last().is_some_and(|last| *last > indent) {
        open.pop();
    }
    if open.last() != Some(&indent) {
        open.push(indent);
    }
    u8::try_from(open.len() - 1).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use crate::domain::source::LineKind;
    use crate::engine::read::text::read;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, LineKind, u32)]) {
        let source = read(text);
        let lines: Vec<(String, LineKind, u32)> =
            source.lines.iter().map(|line| (line.text(), line.kind, line.block)).collect();
        let lines: Vec<(&str, LineKind, u32)> =
            lines.iter().map(|(text, kind, block)| (text.as_str(), *kind, *block)).collect();
        assert_eq!(lines, expected);
    }

    #[test]
    fn blank_lines_part_blocks_under_every_line_end() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["Ada Lovelace", "ada@example.org", "", "Experience"].join(end);
            check(
                &text,
                &[
                    ("Ada Lovelace", LineKind::Text, 0),
                    ("ada@example.org", LineKind::Text, 0),
                    ("Experience", LineKind::Text, 1),
                ],
            );
        }
    }

    #[test]
    fn items_have_depth_and_further_lines() {
        check(
            "- Led a team\n  of five\n  * and its budget\n- Wrote code\nAcme",
            &[
                ("Led a team", LineKind::ListItem(0), 0),
                ("of five", LineKind::Continuation, 0),
                ("and its budget", LineKind::ListItem(1), 0),
                ("Wrote code", LineKind::ListItem(0), 0),
                ("Acme", LineKind::Text, 0),
            ],
        );
    }

    #[test]
    fn wide_gaps_are_tabs_and_rules_are_gaps() {
        check(
            "Acme      2019 - 2021\nBeta\tMay 2018\n-----\nGamma",
            &[
                ("Acme\t2019 - 2021", LineKind::Text, 0),
                ("Beta\tMay 2018", LineKind::Text, 0),
                ("Gamma", LineKind::Text, 1),
            ],
        );
    }

    #[test]
    fn full_lines_go_on() {
        check(
            "Wrote and kept the programs of a machine that nobody had built\nyet, and proved them by hand.\nLondon",
            &[
                ("Wrote and kept the programs of a machine that nobody had built", LineKind::Text, 0),
                ("yet, and proved them by hand.", LineKind::Continuation, 0),
                ("London", LineKind::Text, 0),
            ],
        );
    }

    #[test]
    fn a_line_of_two_cells_is_not_full() {
        check(
            "Ministry of Plain Tables                                     Wellington, New Zealand\nPolicy Adviser\n",
            &[
                ("Ministry of Plain Tables\tWellington, New Zealand", LineKind::Text, 0),
                ("Policy Adviser", LineKind::Text, 0),
            ],
        );
    }

    #[test]
    fn full_lines_with_a_year_at_the_end_are_a_list() {
        check(
            "Bachelor of Science in Biology, Ridge State College, Morrow, 2016\nMaster of Health, Harbor University, 2019",
            &[
                ("Bachelor of Science in Biology, Ridge State College, Morrow, 2016", LineKind::Text, 0),
                ("Master of Health, Harbor University, 2019", LineKind::Text, 0),
            ],
        );
    }

    #[test]
    fn a_bullet_on_a_line_of_its_own_belongs_to_the_next() {
        check("•\nLed a team", &[("Led a team", LineKind::ListItem(0), 0)]);
    }
}
