//! Positions: which words of an entry's head are the employer, the title and the place.

use serde::Serialize;

use crate::domain::resume::{PartialDate, Volunteer, Work};
use crate::engine::understand::resume::dates::{Dates, take_dates};
use crate::engine::understand::resume::entries::{Entry, Head, Segment, entries, read_head};
use crate::engine::understand::resume::evidence::{company, title};
use crate::engine::understand::resume::keep::{Bag, missing};
use crate::engine::understand::resume::locations::{follow_cells, follow_commas, take_places};
use crate::engine::understand::resume::roles::{Roles, assign, split_commas, votes};
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::add_paragraph;

/// A position before it is work or volunteering.
#[derive(Debug, Clone, Default)]
pub(crate) struct Position {
    /// The employer as printed.
    pub(crate) employer: Option<String>,
    /// The title as printed.
    pub(crate) title: Option<String>,
    location: Option<String>,
    url: Option<String>,
    dates: Option<Dates>,
    printed: Option<String>,
    summary: Option<String>,
    highlights: Vec<String>,
    /// How many rows name it.
    head_rows: usize,
    /// The employer stands on a row of its own above the title.
    banner: bool,
    rows: Vec<Row>,
}

/// The dates of an entry as JSON Resume has them: a single date is where it ends.
pub(crate) fn ends(dates: Option<&Dates>) -> (Option<PartialDate>, Option<PartialDate>) {
    let Some(dates) = dates else {
        return (None, None);
    };
    (dates.start, if dates.open { None } else { dates.end })
}

/// The positions of a section.
pub(crate) fn positions(rows: &[Row]) -> Vec<Position> {
    let mut entries = entries(rows);
    entries.iter_mut().for_each(lift_title);
    let mut heads: Vec<Head> = entries.iter().map(read_head).collect();
    take_places(&mut heads);
    let before = votes(&heads, lean);
    for head in &mut heads {
        split_commas(head, title, company, &before);
    }
    take_places(&mut heads);
    follow_cells(&mut heads);
    follow_commas(&mut heads, lean);
    let votes = votes(&heads, lean);
    let positions =
        entries.into_iter().zip(&heads).map(|(entry, head)| position(entry, head, &votes)).collect();
    let mut positions = under_banners(positions);
    if !positions.iter().any(Position::is_dated) {
        positions.iter_mut().for_each(name_deed);
    }
    for position in &mut positions {
        keep_all(position);
    }
    positions
}

/// Where nothing in a section is dated, the line over a description says what was done, unless its words are an
/// employer's.
fn name_deed(position: &mut Position) {
    if position.title.is_none() && position.employer.as_deref().is_some_and(|text| company(text) <= 0.0) {
        position.title = position.employer.take();
    }
}

/// How much a text leans to being a title rather than an employer.
fn lean(text: &str) -> f32 {
    title(text) - company(text)
}

/// Under a heading that is only a date, the first bullet names the position.
fn lift_title(entry: &mut Entry) {
    let bare = entry.head.iter().all(|row| row.cells.iter().all(|cell| take_dates(cell).rest.is_empty()));
    let named = entry.body.first().is_some_and(|row| {
        let text = row.text();
        let count = text.split_whitespace().count();
        count <= 12
            && !text.trim_end().ends_with('.')
            && (title(&text) >= 1.6 || (entry.body.len() == 1 && count <= 6))
    });
    if bare && named {
        let row = entry.body.remove(0);
        entry.head.push(Row { item: None, ..row });
    }
}

fn position(entry: Entry, head: &Head, votes: &[((usize, usize, usize), f32, usize)]) -> Position {
    let Roles { first: title, second: employer } = assign(head, &entry.head, lean, votes);
    let row_of = |role: &Option<(Segment, String)>| role.as_ref().map(|(segment, _)| segment.row);
    let banner = matches!((row_of(&employer), row_of(&title)), (Some(above), Some(below)) if above < below);
    let mut position = Position {
        employer: employer.map(|(_, text)| text),
        title: title.map(|(_, text)| text),
        location: head.location.clone(),
        url: head.url.clone(),
        dates: head.dates.clone(),
        printed: head.printed.clone(),
        head_rows: entry.head.len(),
        banner,
        ..Position::default()
    };
    let mut listed = false;
    for row in &entry.body {
        listed |= row.item.is_some();
        if listed {
            position.highlights.push(row.text());
        } else {
            add_paragraph(&mut position.summary, &row.text());
        }
    }
    position.rows = entry.head.into_iter().chain(entry.body).collect();
    position
}

/// Several roles under one employer: each role is a position of its own there.
fn under_banners(positions: Vec<Position>) -> Vec<Position> {
    let mut result: Vec<Position> = Vec::new();
    let mut waiting: Option<Position> = None;
    let mut under: Option<(String, Option<String>, usize)> = None;
    for mut position in positions {
        if let Some(banner) = waiting.take() {
            if position.employer.is_none() && position.title.is_some() {
                position.employer = banner.employer;
                position.location = position.location.or(banner.location);
                position.url = position.url.or(banner.url);
                position.head_rows += banner.head_rows;
                position.banner = true;
                position.rows.splice(0..0, banner.rows);
            } else {
                result.push(banner);
            }
        }
        let free = position.title.as_deref().is_some_and(|title| {
            let title = title.to_lowercase();
            ["freelance", "self-employed", "independent", "selbst", "autónomo", "indépendant"]
                .iter()
                .any(|word| title.contains(word))
        });
        match &under {
            Some((employer, location, rows))
                if position.employer.is_none()
                    && position.title.is_some()
                    && position.head_rows < *rows
                    && !free =>
            {
                position.employer = Some(employer.clone());
                position.location = position.location.or_else(|| location.clone());
            }
            _ => {
                under = position
                    .employer
                    .clone()
                    .filter(|_| position.banner)
                    .map(|employer| (employer, position.location.clone(), position.head_rows));
            }
        }
        let empty = position.highlights.is_empty() && position.summary.is_none();
        if position.employer.is_some() && position.title.is_none() && empty {
            waiting = Some(position);
        } else {
            result.push(position);
        }
    }
    result.extend(waiting);
    result
}

fn keep_all(position: &mut Position) {
    let mut bag = Bag::of(&position.clone().into_work());
    let lost = missing(&position.rows, &mut bag);
    let mut summary = None;
    for text in lost {
        add_paragraph(&mut summary, &text);
    }
    if let Some(after) = position.summary.take() {
        add_paragraph(&mut summary, &after);
    }
    position.summary = summary;
}

impl Position {
    /// As a paid position.
    pub(crate) fn into_work(self) -> Work {
        let (start_date, end_date) = ends(self.dates.as_ref());
        Work {
            name: self.employer,
            position: self.title,
            location: self.location,
            url: self.url,
            start_date,
            end_date,
            summary: self.summary,
            highlights: self.highlights,
            dates: self.printed,
            ..Work::default()
        }
    }

    /// As an unpaid one.
    pub(crate) fn into_volunteer(self) -> Volunteer {
        let (start_date, end_date) = ends(self.dates.as_ref());
        Volunteer {
            organization: self.employer,
            position: self.title,
            location: self.location,
            url: self.url,
            start_date,
            end_date,
            summary: self.summary,
            highlights: self.highlights,
            dates: self.printed,
        }
    }

    fn is_dated(&self) -> bool {
        self.dates.is_some()
    }

    /// Whether it is the work of somebody somewhere: dated, or with the words of a title or an employer.
    pub(crate) fn is_employment(&self) -> bool {
        let text = |field: &Option<String>| field.clone().unwrap_or_default();
        self.is_dated() || title(&text(&self.title)) >= 1.0 || company(&text(&self.employer)) >= 1.0
    }

    /// Whether anything but running text was found.
    pub(crate) fn is_named(&self) -> bool {
        self.employer.is_some() || self.title.is_some()
    }
}

/// Keeps what the fields of an entry did not take.
pub(crate) fn lost(rows: &[Row], entry: &impl Serialize) -> Vec<String> {
    missing(rows, &mut Bag::of(entry))
}
