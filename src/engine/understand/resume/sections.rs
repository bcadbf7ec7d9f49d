//! The document cut into sections at its headings, by what they say and how they are set.

use std::collections::HashMap;

use crate::domain::source::Part;
use crate::engine::understand::resume::dates::find_dates;
use crate::engine::understand::resume::headings::{Fit, Kind, classify};
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::subheadings::note_subheadings;
use crate::engine::understand::resume::uncover::uncover_work;

/// A section of the source.
#[derive(Debug, Clone)]
pub(crate) struct Chapter {
    /// What it is about.
    pub(crate) kind: Kind,
    /// Its heading as printed; `None` for the head of the document.
    pub(crate) heading: Option<String>,
    /// Headings within it.
    pub(crate) subheadings: Vec<String>,
    /// Its rows, the heading left out.
    pub(crate) rows: Vec<Row>,
}

/// How a heading is set: what can be compared from line to line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Style {
    level: u8,
    caps: bool,
    bold: bool,
    /// Half points.
    size: i32,
}

impl Style {
    fn of(row: &Row) -> Self {
        Self {
            level: row.heading.unwrap_or(0),
            caps: row.is_caps(),
            bold: row.bold,
            size: half_points(row.size),
        }
    }

    /// Whether a line in this style looks like a lesser heading than one in `other`.
    fn is_below(self, other: Self) -> bool {
        if self.level > 0 && other.level > 0 {
            return self.level > other.level;
        }
        self.size < other.size
            || (self.size == other.size
                && ((other.caps && !self.caps)
                    || (other.bold && !self.bold)
                    || (other.level > 0 && self.level == 0)))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "type sizes are small numbers")]
fn half_points(size: f32) -> i32 {
    (size.clamp(0.0, 1000.0) * 2.0).round() as i32
}

/// Looks and counts of the whole document that a single line is judged by.
struct Looks {
    /// The style of most headings that the tables know.
    heading: Option<Style>,
    /// Whether few other lines are set like that.
    distinct: bool,
    /// The size of most text, half points.
    body: i32,
}

fn looks(rows: &[Row]) -> Looks {
    let mut sizes: HashMap<i32, usize> = HashMap::new();
    for row in rows {
        *sizes.entry(half_points(row.size)).or_default() += row.text().chars().count();
    }
    let body = sizes.into_iter().max_by_key(|(size, count)| (*count, *size)).map_or(0, |(size, _)| size);
    let known: Vec<&Row> = rows
        .iter()
        .filter(|row| may_be_heading(row) && matches!(classify(&row.text()), Some((_, Fit::Exact))))
        .collect();
    let mut styles: Vec<(Style, usize)> = Vec::new();
    for row in &known {
        let style = Style::of(row);
        match styles.iter_mut().find(|(other, _)| *other == style) {
            Some((_, count)) => *count += 1,
            None => styles.push((style, 1)),
        }
    }
    // Of two styles that are used alike, the greater one is the sections'.
    let heading = styles
        .iter()
        .max_by_key(|(style, count)| (*count, style.size, style.caps, style.bold))
        .map(|(style, _)| *style);
    let same = |style: Style| rows.iter().filter(|row| row.item.is_none() && Style::of(row) == style).count();
    let distinct = heading.is_some_and(|style| {
        let hits = styles.iter().find(|(other, _)| *other == style).map_or(0, |(_, count)| *count);
        let special = style.level > 0 || style.caps || style.bold || style.size > body;
        special && hits >= 2 && hits * 5 >= same(style) * 2
    });
    Looks { heading, distinct, body }
}

/// Whether a row has the shape of a heading: short, alone, no sentence, no date, no address.
pub(crate) fn may_be_heading(row: &Row) -> bool {
    let text = row.text();
    let count = text.split_whitespace().count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let spaced = count >= 4 && text.split_whitespace().all(|word| word.chars().count() == 1);
    (row.cells.len() == 1 || spaced)
        && row.item.is_none()
        && row.asides.is_empty()
        && (count <= 7 || spaced)
        && text.chars().count() <= 60
        && letters >= 2
        && !text.contains(['@', '|', '•', '·', ';'])
        && !text.contains("://")
        && !text.trim_end().ends_with(['.', ',', '。'])
        && find_dates(&text).is_empty()
}

/// What a row opens, if it is a heading.
fn opened(row: &Row, looks: &Looks, current: Kind, is_below_contacts: bool) -> Option<Kind> {
    if !may_be_heading(row) {
        return None;
    }
    let style = Style::of(row);
    let found = classify(&row.text());
    let alike = looks.heading.is_some_and(|heading| heading == style);
    let lesser = looks.heading.is_some_and(|heading| style.is_below(heading));
    let marked = row.heading.is_some()
        || row.bold
        || style.caps
        || style.size > looks.body
        || row.text().trim_end().ends_with([':', '：']);
    match found {
        // Inside the skills, "Languages" in lesser type is a group; inside an entry, "Awards" is its own list.
        Some((kind, Fit::Exact)) if lesser && looks.distinct => {
            let outside = !matches!(
                current,
                Kind::Skills
                    | Kind::Education
                    | Kind::Other
                    | Kind::Work
                    | Kind::Projects
                    | Kind::Awards
                    | Kind::Contact
            );
            (outside && marked && kind != Kind::Contact).then_some(kind)
        }
        Some((kind, Fit::Exact)) => (alike || marked || row.gap).then_some(kind),
        Some((kind, Fit::Loose)) if alike && looks.distinct => Some(kind),
        Some((kind, Fit::Loose))
            if row
                .heading
                .is_some_and(|level| looks.heading.is_none_or(|heading| heading.level == level)) =>
        {
            Some(kind)
        }
        Some((kind, Fit::Loose)) if looks.heading.is_none() && marked && row.gap => Some(kind),
        _ if alike && looks.distinct && current != Kind::Head => Some(Kind::Other),
        // Before the first known heading only larger type than the text shows a heading of its own words.
        _ if alike && looks.distinct && (row.gap || is_below_contacts) && style.level != 1 => {
            Some(Kind::Other)
        }
        _ => None,
    }
}

/// A heading set before its text on the same line: "Skills: Rust, Go", or a label column.
fn run_in(row: &Row, looks: &Looks, current: Kind) -> Option<(Kind, String, Vec<Row>)> {
    if row.item.is_some() || row.heading.is_some() {
        return None;
    }
    let label = row.cells.first()?;
    if row.cells.len() > 1 && row.gap {
        let lead_bold = row.runs.iter().filter(|run| run.cell == 0).all(|run| run.bold) && !row.bold;
        let (kind, fit) = classify(label)?;
        let group = current == Kind::Skills && kind != Kind::Education && kind != Kind::Work;
        let plain = looks.heading.is_none()
            || lead_bold
            || looks.heading.is_some_and(|heading| {
                !heading.bold && heading.size == half_points(row.size) && !heading.caps
            });
        if fit == Fit::Exact && !group && plain && label.split_whitespace().count() <= 3 {
            let mut rest = row.clone();
            rest.cells.remove(0);
            rest.runs.retain(|run| run.cell > 0);
            for run in &mut rest.runs {
                run.cell -= 1;
            }
            return Some((kind, label.clone(), vec![rest]));
        }
        return None;
    }
    let (label, text) = label.split_once([':', '：'])?;
    let (kind, fit) = classify(label)?;
    let inside = matches!(
        current,
        Kind::Skills | Kind::Education | Kind::Work | Kind::Projects | Kind::Other | Kind::Volunteer
    );
    let fits = fit == Fit::Exact
        && row.gap
        && !inside
        && row.cells.len() == 1
        && !text.trim().is_empty()
        && !matches!(kind, Kind::Contact | Kind::Other);
    fits.then(|| (kind, label.trim().to_owned(), vec![row.with_text(text.trim())]))
}

/// Cuts the rows into chapters. The first one is the head, which may be empty.
pub(crate) fn chapters(rows: Vec<Row>) -> Vec<Chapter> {
    let all = looks(&rows);
    // A side column is often set smaller than the text: its headings are told by what stands beside them there.
    let columns = rows.iter().any(|row| row.part == Part::Sidebar).then(|| {
        let (side, body): (Vec<Row>, Vec<Row>) =
            rows.iter().cloned().partition(|row| row.part == Part::Sidebar);
        (looks(&side), looks(&body))
    });
    let mut chapters =
        vec![Chapter { kind: Kind::Head, heading: None, subheadings: Vec::new(), rows: Vec::new() }];
    let mut furniture = Vec::new();
    // Whether an address stands among the rows of the head so far.
    let mut has_contacts = false;
    // The two columns of a page go on where they stopped, whichever was read first.
    let (mut body, mut side) = (0, None);
    for row in rows {
        if matches!(row.part, Part::Header | Part::Footer) {
            furniture.push(row);
            continue;
        }
        let beside = row.part == Part::Sidebar;
        let own = columns.as_ref().map(|(side, body)| if beside { side } else { body });
        let looks = own.filter(|own| own.distinct).unwrap_or(&all);
        let current = if beside { side } else { Some(body) };
        let kind = current
            .and_then(|at: usize| chapters.get(at))
            .map_or(Kind::Contact, |chapter: &Chapter| chapter.kind);
        let next = if let Some(opened) = opened(&row, looks, kind, has_contacts && chapters.len() == 1) {
            Some(Chapter {
                kind: opened,
                heading: Some(row.text()),
                subheadings: Vec::new(),
                rows: Vec::new(),
            })
        } else if let Some((opened, heading, rows)) = run_in(&row, looks, kind) {
            Some(Chapter { kind: opened, heading: Some(heading), subheadings: Vec::new(), rows })
        } else if let Some(chapter) = current.and_then(|at| chapters.get_mut(at)) {
            has_contacts = has_contacts || chapter.kind == Kind::Head && row.all().contains('@');
            chapter.rows.push(row);
            None
        } else {
            // A side column without a heading of its own starts with contacts.
            Some(Chapter { kind: Kind::Contact, heading: None, subheadings: Vec::new(), rows: vec![row] })
        };
        if let Some(chapter) = next {
            let at = chapters.len();
            chapters.push(chapter);
            if beside {
                side = Some(at);
            } else {
                body = at;
            }
        }
    }
    if let Some(head) = chapters.first_mut() {
        head.rows.extend(furniture);
    }
    chapters.iter_mut().for_each(note_subheadings);
    uncover_work(chapters)
}

#[cfg(test)]
mod tests {
    use crate::domain::source::{
        Area, Layout, Line, LineKind, PageSize, Part, SourceFormat, SourceText, Span,
    };
    use crate::engine::understand::resume::understand;

    fn line(text: &str, size: f32, part: Part, block: u32) -> Line {
        let span = Span { text: text.to_owned(), bold: size > 10.0, italic: false, size, link: None };
        let area = Area { page: 1, left: 50.0, top: 50.0, right: 500.0, bottom: 60.0 };
        Line {
            spans: vec![span],
            kind: LineKind::Text,
            number: None,
            block,
            area: Some(area),
            paragraph: 0,
            part,
        }
    }

    fn document(lines: Vec<Line>) -> SourceText {
        SourceText {
            format: SourceFormat::Pdf,
            lines,
            raw: Vec::new(),
            pages: vec![PageSize { width: 595.0, height: 842.0 }],
            layout: Layout::default(),
            structured: Vec::new(),
            notes: Vec::new(),
            title: None,
        }
    }

    #[test]
    fn a_heading_within_a_section_is_no_entry() {
        let texts = [
            ("EXPERIENCE", 14.0),
            ("Vocational", 12.0),
            ("Clerk, Vireo Labs, 2012 – 2014", 10.0),
            ("Filed letters.", 10.0),
            ("Miscellaneous ........................", 12.0),
            ("Cook, Harbor Inn, 2010 – 2011", 10.0),
            ("EDUCATION", 14.0),
            ("Ridge University, 2009", 10.0),
        ];
        let lines =
            texts.into_iter().zip(1..).map(|((text, size), block)| line(text, size, Part::Body, block));
        let resume = understand(&document(lines.collect()));
        let titles: Vec<_> = resume.work.iter().filter_map(|job| job.position.as_deref()).collect();
        assert_eq!(titles, ["Clerk", "Cook"]);
        let within = resume.section_order.iter().filter(|heading| heading.level == Some(2));
        let within: Vec<_> = within.filter_map(|heading| heading.heading.as_deref()).collect();
        assert_eq!(within, ["Vocational", "Miscellaneous"]);
    }

    #[test]
    fn a_side_column_in_smaller_type_has_headings_of_its_own() {
        let body = [
            ("SUMMARY", 14.0),
            ("Plans wind farms.", 10.0),
            ("EXPERIENCE", 14.0),
            ("Clerk, 2012 – 2014", 10.0),
        ];
        let side =
            [("EDUCATION", 11.0), ("Ridge University", 9.0), ("SKILLS", 11.0), ("Rust", 9.0), ("Helm", 9.0)];
        let all =
            body.map(|line| (line, Part::Body)).into_iter().chain(side.map(|line| (line, Part::Sidebar)));
        let lines = all.zip(1..).map(|(((text, size), part), block)| line(text, size, part, block)).collect();
        let resume = understand(&document(lines));
        let names: Vec<_> = resume.skills.iter().filter_map(|skill| skill.name.as_deref()).collect();
        assert_eq!(names, ["Rust", "Helm"]);
        assert_eq!(resume.education.len(), 1);
        assert!(resume.sections.is_empty(), "{:?}", resume.sections);
    }
}
