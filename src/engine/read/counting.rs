//! Numbers that open lines: those that count the items of a list, told from ordinals and dates.
//!
//! `1. FC Köln` and `3. März 2020` open like an item. Only lines beside it tell: where items count on from each other,
//! their numbers are marks.

use crate::domain::source::{Line, LineKind};
use crate::engine::read::bullet::numbered;
use crate::engine::read::dates::{has_range, opens_before_year};

/// Most lines from one item of a list to the next: what stands below an item is part of it.
const MAX_ITEM: usize = 10;
/// Edges closer than this are one indent, in points or characters.
const ONE_INDENT: f64 = 2.0;
/// Items of one first word up to which they may all be ordinals: `1. Staatsexamen`, `2. Staatsexamen`.
const FEW: usize = 3;
/// Letters of a noun at least: `On engines`, `On numbers` are titles.
const NOUN: usize = 4;
/// Words of an ordinal's line at most; items that all begin with the same verb are longer.
const SHORT: usize = 10;

/// A line as far as its number goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Opening<'a> {
    pub(crate) text: &'a str,
    /// Where the number begins, and where the words after it do.
    pub(crate) edges: (f64, f64),
}

/// A line that opens with a number.
#[derive(Debug)]
struct Item<'a> {
    line: usize,
    edges: (f64, f64),
    /// What stands around the number.
    frame: (bool, char),
    /// What it may count: `(i)` is the ninth letter and the first Roman number.
    values: [Option<u32>; 2],
    words: &'a str,
    /// It has a range of dates, or is a date.
    is_dated: bool,
}

/// For each line, whether the number that it opens with counts the items of a list.
pub(crate) fn counted(lines: &[Opening<'_>]) -> Vec<bool> {
    let mut counted = vec![false; lines.len()];
    let mut open: Vec<Run<'_>> = Vec::new();
    let mut settle = |run: Run<'_>| {
        if run.is_list() {
            for item in run.items.iter().filter(|item| !item.is_dated) {
                if let Some(counts) = counted.get_mut(item.line) {
                    *counts = true;
                }
            }
        }
    };
    for item in lines.iter().enumerate().filter_map(|(line, opening)| Item::parse(line, opening)) {
        open.extract_if(.., |run| run.last().is_none_or(|last| item.line - last.line > MAX_ITEM))
            .for_each(&mut settle);
        match open.iter_mut().rev().find_map(|run| run.step_to(&item).map(|step| (run, step))) {
            Some((run, step)) => {
                run.step = step;
                run.items.push(item);
            }
            None => open.push(Run { step: 0, items: vec![item] }),
        }
    }
    open.into_iter().for_each(settle);
    counted
}

impl<'a> Item<'a> {
    fn parse(line: usize, opening: &Opening<'a>) -> Option<Self> {
        let found = numbered(opening.text)?;
        let number = found.number?;
        let label = number.trim_matches(['(', ')', '.']);
        let values = match label.parse::<u32>() {
            Ok(value) => [Some(value), None],
            Err(_) => [letter(label), roman(label)],
        };
        Some(Self {
            line,
            edges: opening.edges,
            frame: (number.starts_with('('), number.chars().last()?),
            values,
            words: found.rest,
            is_dated: has_range(found.rest) || opens_before_year(found.rest),
        })
    }

    /// How far it is from `other` to this one, where they count the same thing one by one.
    fn step_from(&self, other: &Self) -> Option<i64> {
        let (here, there) = (self.edges, other.edges);
        let aligned = (here.0 - there.0).abs() < ONE_INDENT || (here.1 - there.1).abs() < ONE_INDENT;
        if !aligned || self.frame != other.frame {
            return None;
        }
        let steps = self
            .values
            .iter()
            .zip(&other.values)
            .filter_map(|(to, from)| Some(i64::from((*to)?) - i64::from((*from)?)));
        steps.into_iter().find(|step| step.abs() == 1)
    }

    fn first_word(&self) -> String {
        self.words.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default().to_lowercase()
    }
}

/// Items that count on from each other, up or, as lists of publications do, down.
#[derive(Debug)]
struct Run<'a> {
    /// 0 while there is one item.
    step: i64,
    items: Vec<Item<'a>>,
}

impl Run<'_> {
    fn last(&self) -> Option<&Item<'_>> {
        self.items.last()
    }

    /// The step by which an item goes on with this run.
    fn step_to(&self, item: &Item<'_>) -> Option<i64> {
        item.step_from(self.last()?).filter(|step| self.step == 0 || self.step == *step)
    }

    /// Two items from the first on are a list, and so are three from anywhere: it began elsewhere.
    fn is_list(&self) -> bool {
        let counting = self.items.iter().filter(|item| !item.is_dated).count();
        let is_start = |item: &Item<'_>| item.values.contains(&Some(1));
        let starts = self.step == 1 && self.items.first().is_some_and(is_start);
        (counting > 2 || counting == 2 && starts) && !self.are_ordinals()
    }

    fn are_ordinals(&self) -> bool {
        let Some(first) = self.items.first().filter(|first| first.frame == (false, '.')) else {
            return false;
        };
        let noun = first.first_word();
        let is_like =
            |item: &Item<'_>| item.first_word() == noun && item.words.split_whitespace().count() <= SHORT;
        self.items.len() <= FEW && noun.chars().count() >= NOUN && self.items.iter().all(is_like)
    }
}

fn letter(label: &str) -> Option<u32> {
    let mut chars = label.chars();
    match (chars.next(), chars.next()) {
        (Some(c @ 'a'..='z'), None) => Some(u32::from(c) - u32::from('a') + 1),
        _ => None,
    }
}

fn roman(label: &str) -> Option<u32> {
    let numbers = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"];
    let at = numbers.iter().position(|number| *number == label)?;
    u32::try_from(at + 1).ok()
}

/// Whether a line opens with a number and has a range of dates: an entry, which goes on with nothing.
pub(crate) fn opens_entry(text: &str) -> bool {
    numbered(text).is_some_and(|found| has_range(found.rest))
}

/// Takes the numbers of lists off lines that are read, whose indent is how deep they are in lists.
pub(crate) fn settle(lines: &mut [Line]) {
    let texts: Vec<String> = lines
        .iter()
        .map(|line| match line.kind {
            LineKind::Text | LineKind::ListItem(_) => line.text(),
            LineKind::Heading(_) | LineKind::Continuation => String::new(),
        })
        .collect();
    let indents = lines.iter().map(|line| match line.kind {
        LineKind::ListItem(depth) => 2.0 * ONE_INDENT * f64::from(depth),
        _ => 0.0,
    });
    let openings: Vec<Opening<'_>> =
        texts.iter().zip(indents).map(|(text, indent)| Opening { text, edges: (indent, indent) }).collect();
    for ((line, text), counts) in lines.iter_mut().zip(&texts).zip(counted(&openings)) {
        if let Some(found) = numbered(text).filter(|_| counts) {
            line.number = found.number.map(str::to_owned);
            if line.kind == LineKind::Text {
                line.kind = LineKind::ListItem(0);
            }
            let mut chars = found.width;
            for span in &mut line.spans {
                let here = span.text.chars().count().min(chars);
                span.text = span.text.chars().skip(here).collect();
                chars -= here;
            }
            line.spans.retain(|span| !span.text.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::read::counting::{Opening, counted};

    /// Lines whose number counts begin with `#` in place of `|`; spaces before the number are its indent.
    #[track_caller]
    fn check(lines: &[&str]) {
        let bare: Vec<&str> = lines.iter().filter_map(|line| line.get(1..)).collect();
        let openings: Vec<Opening<'_>> = bare
            .iter()
            .map(|text| {
                let indent = f64::from(u32::try_from(text.len() - text.trim_start().len()).unwrap_or(0));
                Opening { text, edges: (indent, indent + 3.0) }
            })
            .collect();
        let marked: Vec<String> = counted(&openings)
            .into_iter()
            .zip(&bare)
            .map(|(counts, text)| format!("{}{text}", if counts { '#' } else { '|' }))
            .collect();
        assert_eq!(marked, lines);
    }

    #[test]
    fn numbers_that_count_on_are_marks() {
        check(&["#1. Led a team", "#2. Wrote code", "#3. Sold it"]);
        check(&["#(a) Led a team", "|of five", "#(b) Wrote code"]);
        check(&["#(i) Led a team", "#(ii) Wrote code"]);
        check(&["#1) One", "|  • of it", "#  1) inner", "#  2) inner", "#2) Two"]);
        check(&["#9. Nine", "#10. 30 % more", "#11. Eleven"]);
        check(&["#3. Third paper", "#2. Second paper", "#1. First paper"]);
    }

    #[test]
    fn ordinals_and_dates_are_none() {
        check(&["|1. FC Köln, Trainer, 2019 – 2021"]);
        check(&["|1. FC Köln, Trainer, 2019 – 2021", "|2. Bundesliga, Scout"]);
        check(&["|2. Staatsexamen, Jura", "|1. Staatsexamen, Jura"]);
        check(&["|1. Staatsexamen, Jura", "|2. Staatsexamen, Jura"]);
        check(&["|3. März 2020", "|4. März 2020"]);
        check(&["|1. Led a team", "|   2. Wrote code", "|2) Sold it"]);
        check(&["|1. One", "|3. Three", "|7. Seven"]);
    }

    #[test]
    fn a_dated_item_does_not_break_a_list() {
        check(&["#1. Led a team", "|2. Wrote code, 2019 – 2021", "#3. Sold it"]);
    }

    #[test]
    fn what_stands_far_below_counts_nothing() {
        let mut lines = vec!["|1. About us"];
        lines.extend(["|text"; 12]);
        lines.push("|2. Your tasks");
        check(&lines);
    }
}
