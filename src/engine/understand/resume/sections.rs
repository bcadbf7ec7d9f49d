//! The document cut into sections at its headings, by what they say and how they are set.

use std::collections::{HashMap, HashSet};

use crate::domain::source::Part;
use crate::engine::understand::resume::contacts::phones;
use crate::engine::understand::resume::dates::find_dates;
use crate::engine::understand::resume::evidence::{company, degree, school, title};
use crate::engine::understand::resume::headings::{Fit, Kind, classify, normal};
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
    /// Whether the headings of the jobs or the studies end with a colon.
    colon: bool,
    /// The size of most text, half points.
    body: i32,
}

fn looks(rows: &[Row]) -> Looks {
    let mut sizes: HashMap<i32, usize> = HashMap::new();
    for row in rows {
        *sizes.entry(half_points(row.size)).or_default() += row.text().chars().count();
    }
    let body = sizes.into_iter().max_by_key(|(size, count)| (*count, *size)).map_or(0, |(size, _)| size);
    // What stands again and again is a label within the jobs, and counts once.
    let mut seen = HashSet::new();
    let known: Vec<&Row> =
        rows.iter().filter(|row| is_known(row) && seen.insert(normal(&row.text()))).collect();
    let opens_entries = |row: &&&Row| {
        classify(&row.text()).is_some_and(|(kind, _)| matches!(kind, Kind::Work | Kind::Education))
    };
    let colon = known.iter().filter(opens_entries).any(|row| ends_with_colon(row));
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
    Looks { heading, distinct, colon, body }
}

/// Whether a row is a heading that the tables know.
fn is_known(row: &Row) -> bool {
    may_be_heading(row) && matches!(classify(&row.text()), Some((_, Fit::Exact)))
}

fn ends_with_colon(row: &Row) -> bool {
    row.text().trim_end().ends_with([':', '：'])
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

/// Whether a row in the type of the headings may be one that the tables do not know: no label with its value, and no text
/// with numbers. A short word in capitals is an abbreviation unless it stands apart.
fn may_be_unknown(row: &Row, looks: &Looks) -> bool {
    let text = row.text();
    let style = Style::of(row);
    let is_set_off = style.level > 0 || style.bold || style.size > looks.body || row.gap;
    let is_label = text.trim_end_matches([':', '：', ' ']).contains([':', '：']);
    let counted = text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ' '));
    // "Further Points 2"
    let counted = match counted.rsplit_once(' ') {
        Some((before, number)) if number.len() == 1 => before,
        _ => counted,
    };
    !is_label
        && !counted.contains(|c: char| c.is_ascii_digit())
        && (is_set_off || text.chars().filter(|c| c.is_alphabetic()).count() > MAX_ABBREVIATION)
}

/// Rows below a label within a job in which the next job begins.
const MAX_ROWS_OF_JOB: usize = 30;
/// Rows of an entry, its first one left out, in which its dates stand.
const MAX_ROWS_TO_DATES: usize = 3;

/// Letters of the longest abbreviation.
const MAX_ABBREVIATION: usize = 4;

/// What stands around a row.
#[derive(Clone, Copy)]
struct Around<'a> {
    /// The section that is open, if one is.
    chapter: Option<&'a Chapter>,
    /// The rows after it.
    next: &'a [Row],
    /// It stands below an address or a number of the head.
    is_below_contacts: bool,
}

impl Around<'_> {
    fn kind(&self) -> Kind {
        self.chapter.map_or(Kind::Contact, |chapter| chapter.kind)
    }

    /// Whether the row is set like the headings but names an entry: a section does not begin with another one, so what
    /// stands in their type right under a heading is an employer or a school, and so are the others like it.
    fn names_entry(&self, row: &Row, looks: &Looks) -> bool {
        let Some(chapter) = self.chapter else {
            return false;
        };
        let has_entries =
            matches!(chapter.kind, Kind::Work | Kind::Education | Kind::Projects | Kind::Volunteer);
        let is_list = matches!(chapter.kind, Kind::Skills | Kind::Awards | Kind::Certificates);
        if !has_entries && !is_list {
            return false;
        }
        // What is set as they are and has none of their dates may be the heading of a section all the same.
        let is_as_first = || {
            let first = chapter.rows.get(1..).unwrap_or_default();
            is_list || is_somebody(row) || !is_dated_soon(first) || is_dated_soon(self.next)
        };
        chapter.rows.is_empty()
            || self.is_under_alike(looks) && is_as_first()
            || has_entries && (is_somebody(row) || self.is_dated_below())
    }

    /// Whether the section that is open begins with a row in the type of the headings.
    fn is_under_alike(&self, looks: &Looks) -> bool {
        let first = self.chapter.and_then(|chapter| chapter.rows.first());
        first.is_some_and(|first| looks.heading == Some(Style::of(first)))
    }

    /// Whether the row is a label over the deeds or the tools of a job, though the tables know it as a heading: it is set
    /// less than the headings are, or has a colon where they have none, and another job follows below it.
    fn labels_entry(&self, row: &Row, kind: Kind, looks: &Looks) -> bool {
        let is_inside = matches!(self.kind(), Kind::Work | Kind::Projects | Kind::Volunteer);
        if !is_inside || !matches!(kind, Kind::Awards | Kind::Skills) {
            return false;
        }
        let is_lesser = looks.heading.is_some_and(|heading| Style::of(row).is_below(heading));
        let is_label = ends_with_colon(row) && !looks.colon;
        (is_lesser || is_label) && (is_label && !row.gap && !looks.distinct || self.has_job_below())
    }

    /// Whether the section that is open goes on with another job before the next heading.
    fn has_job_below(&self) -> bool {
        let is_heading = |row: &&Row| {
            let kind = classify(&row.text()).map(|(kind, _)| kind);
            may_be_heading(row) && kind.is_some_and(|kind| !matches!(kind, Kind::Awards | Kind::Skills))
        };
        let rows = self.next.iter().take(MAX_ROWS_OF_JOB).take_while(|row| !is_heading(row));
        rows.filter(|row| row.item.is_none() && !row.is_prose()).any(|row| has_dates(&row.all()))
    }

    /// Whether the next rows have a title or a degree with dates and nobody beside it.
    fn is_dated_below(&self) -> bool {
        self.next.iter().take(2).take_while(|row| row.item.is_none()).any(|row| {
            let text = row.all();
            let is_named = title(&text) >= 1.6 || degree(&text) > 0.0;
            is_named && company(&text) < 0.7 && school(&text) < 1.0 && has_dates(&text)
        })
    }
}

/// Whether dates stand in the next rows before the next heading that the tables know.
fn is_dated_soon(rows: &[Row]) -> bool {
    let near = rows.iter().take(MAX_ROWS_TO_DATES).take_while(|row| !is_known(row));
    near.map(Row::all).any(|text| !find_dates(&text).is_empty())
}

fn has_dates(text: &str) -> bool {
    find_dates(text).iter().any(|dates| dates.range)
}

/// What a row opens, if it is a heading.
fn opened(row: &Row, looks: &Looks, around: Around<'_>) -> Option<Kind> {
    let current = around.kind();
    if !may_be_heading(row) {
        return None;
    }
    let style = Style::of(row);
    let found = classify(&row.text());
    let alike = looks.heading.is_some_and(|heading| heading == style);
    let lesser = looks.heading.is_some_and(|heading| style.is_below(heading));
    let marked =
        row.heading.is_some() || row.bold || style.caps || style.size > looks.body || ends_with_colon(row);
    match found {
        Some((kind, _)) if around.labels_entry(row, kind, looks) => None,
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
        Some((_, Fit::Loose)) if alike && around.is_under_alike(looks) && is_named_so(&row.text()) => None,
        Some((kind, Fit::Loose)) if alike && looks.distinct => Some(kind),
        Some((kind, Fit::Loose))
            if row
                .heading
                .is_some_and(|level| looks.heading.is_none_or(|heading| heading.level == level)) =>
        {
            Some(kind)
        }
        Some((kind, Fit::Loose)) if looks.heading.is_none() && marked && row.gap => Some(kind),
        _ if !alike || !looks.distinct || !may_be_unknown(row, looks) => None,
        // In the head the name and what the person is are set like that as well, before the contacts and below them.
        _ if current == Kind::Head => {
            (around.is_below_contacts && style.level != 1 && title(&row.text()) < 1.5).then_some(Kind::Other)
        }
        _ => (!around.names_entry(row, looks)).then_some(Kind::Other),
    }
}

/// Whether somebody is named with the word of a heading: "Ironwood Education Services", and not "University Projects".
fn is_named_so(text: &str) -> bool {
    let last = text.split_whitespace().next_back().unwrap_or_default();
    company(text).max(school(text)) >= 1.5 && classify(last).is_none()
}

/// Whether the words are an employer's or a school's.
fn is_somebody(row: &Row) -> bool {
    let text = row.text();
    company(&text) >= 1.5 || school(&text) >= 1.5
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

/// Whether a row holds an address or a number by which somebody is reached.
fn is_contact(row: &Row) -> bool {
    let text = row.all();
    text.contains('@') || !phones(&text).is_empty()
}

/// Whether contacts stand above the first heading that the tables know.
fn has_contacts_above(rows: &[Row]) -> bool {
    rows.iter().filter(|row| row.part == Part::Body).take_while(|row| !is_known(row)).any(is_contact)
}

/// Cuts the rows into chapters. The first one is the head, which may be empty.
pub(crate) fn chapters(rows: &[Row]) -> Vec<Chapter> {
    let all = looks(rows);
    // A side column is often set smaller than the text: its headings are told by what stands beside them there.
    let columns = rows.iter().any(|row| row.part == Part::Sidebar).then(|| {
        let (side, body): (Vec<Row>, Vec<Row>) =
            rows.iter().cloned().partition(|row| row.part == Part::Sidebar);
        (looks(&side), looks(&body))
    });
    let mut chapters =
        vec![Chapter { kind: Kind::Head, heading: None, subheadings: Vec::new(), rows: Vec::new() }];
    let mut furniture = Vec::new();
    // Whether contacts stand among the rows of the head so far, or do not stand there at all.
    let mut has_contacts = !has_contacts_above(rows);
    // The two columns of a page go on where they stopped, whichever was read first.
    let (mut body, mut side) = (0, None);
    let mut rest = rows;
    while let Some((row, next)) = rest.split_first() {
        rest = next;
        let row = row.clone();
        if matches!(row.part, Part::Header | Part::Footer) {
            furniture.push(row);
            continue;
        }
        let beside = row.part == Part::Sidebar;
        let own = columns.as_ref().map(|(side, body)| if beside { side } else { body });
        let looks = own.filter(|own| own.distinct).unwrap_or(&all);
        let current = if beside { side } else { Some(body) };
        let chapter = current.and_then(|at: usize| chapters.get(at));
        let is_first = chapters.len() == 1 && chapter.is_some_and(|head: &Chapter| head.rows.is_empty());
        let is_below_contacts = has_contacts && !is_first;
        let around = Around { chapter, next, is_below_contacts };
        let kind = around.kind();
        let next = if let Some(opened) = opened(&row, looks, around) {
            Some(Chapter {
                kind: opened,
                heading: Some(row.text()),
                subheadings: Vec::new(),
                rows: Vec::new(),
            })
        } else if let Some((opened, heading, rows)) = run_in(&row, looks, kind) {
            Some(Chapter { kind: opened, heading: Some(heading), subheadings: Vec::new(), rows })
        } else if let Some(chapter) = current.and_then(|at| chapters.get_mut(at)) {
            has_contacts = has_contacts || chapter.kind == Kind::Head && is_contact(&row);
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
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::domain::source::{
        Area, Layout, Line, LineKind, PageSize, Part, SourceFormat, SourceText, Span,
    };
    use crate::engine::read::{Limits, read};
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

    #[track_caller]
    fn check(text: &str, name: &str, label: &str, jobs: &[(&str, &str)], schools: &[&str]) {
        let source = read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap();
        let resume = understand(&source);
        let shown = |field: &Option<String>| field.clone().unwrap_or_default();
        let basics = resume.basics.unwrap();
        assert_eq!([shown(&basics.name), shown(&basics.label)], [name, label], "{text}");
        let found: Vec<_> = resume.work.iter().map(|job| (shown(&job.name), shown(&job.position))).collect();
        let jobs: Vec<_> = jobs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        assert_eq!(found, jobs, "{text}");
        let found: Vec<_> = resume.education.iter().map(|study| shown(&study.institution)).collect();
        assert_eq!(found, schools, "{text}");
        assert!(resume.sections.is_empty(), "{:?}", resume.sections);
    }

    #[test]
    fn a_name_in_the_type_of_the_headings_opens_no_section() {
        check(
            "ADA HALVORSEN\nBergen, Norway\nada@example.org\n\nEXPERIENCE\n\nClerk, Vireo Labs\n2012 – 2014\n- Kept \
             the books\n\nEDUCATION\n\nRidge University\nBSc Physics, 2011\n",
            "ADA HALVORSEN",
            "",
            &[("Vireo Labs", "Clerk")],
            &["Ridge University"],
        );
        check(
            "ADA HALVORSEN\nada@example.org\n\nSITE MANAGER\n\nEXPERIENCE\n\nClerk, Vireo Labs\n2012 – 2014\n- Kept \
             the books\n\nEDUCATION\n\nRidge University\nBSc Physics, 2011\n",
            "ADA HALVORSEN",
            "SITE MANAGER",
            &[("Vireo Labs", "Clerk")],
            &["Ridge University"],
        );
    }

    #[test]
    fn employers_and_schools_in_the_type_of_the_headings_open_no_section() {
        check(
            "Ada Halvorsen\nada@example.org\n\nEXPERIENCE\n\nIRONWOOD\nController, 2015 – Present\n- Closed the \
             books\n\nCOBALT\nClerk, 2010 – 2015\n- Kept the books\n\nEDUCATION\n\nRIDGE COLLEGE\nB.S. Accounting, \
             2010\n\nSKILLS\n\nExcel, Word\n",
            "Ada Halvorsen",
            "",
            &[("IRONWOOD", "Controller"), ("COBALT", "Clerk")],
            &["RIDGE COLLEGE"],
        );
        check(
            "Ada Halvorsen\nada@example.org\n\nEXPERIENCE\n\nIRONWOOD\nController, 2015 – Present\n- \
             Closed the books\n\nCOBALT EDUCATION LTD\nClerk, 2010 – 2015\n- Kept the books\n\nSCHOOL \
             EDUCATION\n\nRidge College\nB.S. Accounting, 2010\n\nSKILLS\n\nExcel, Word\n",
            "Ada Halvorsen",
            "",
            &[("IRONWOOD", "Controller"), ("COBALT EDUCATION LTD", "Clerk")],
            &["Ridge College"],
        );
    }

    #[test]
    fn a_heading_that_nobody_knows_stands_below_employers_that_are_set_like_it() {
        let text = "Ada Halvorsen\nada@example.org\n\nEXPERIENCE\n\nIRONWOOD\nController, 2015 – Present\n- Closed the \
                    books\n\nCOBALT\nClerk, 2010 – 2015\n- Kept the books\n\nTEACHING PHILOSOPHY\nEverybody learns \
                    slowly\n\nSECURITY CLEARANCE\nTop Secret, active\n\nEDUCATION\n\nRIDGE COLLEGE\nB.S. Accounting, \
                    2010\n\nSKILLS\n\nExcel, Word\n";
        let resume = understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap());
        let names: Vec<_> = resume.work.iter().filter_map(|job| job.name.as_deref()).collect();
        assert_eq!(names, ["IRONWOOD", "COBALT"]);
        let headings: Vec<_> =
            resume.sections.iter().filter_map(|section| section.heading.as_deref()).collect();
        assert_eq!(headings, ["TEACHING PHILOSOPHY", "SECURITY CLEARANCE"]);
    }

    #[test]
    fn a_label_within_a_job_opens_no_section() {
        for label in ["Key Achievements:", "Achievements:", "Key Achievements", "Skills:"] {
            check(
                &format!(
                    "Ada Halvorsen\nada@example.org\n\nWork Experience\n\nGlobex Ltd – Manager, 2015 – 2019\n{label}\n- Cut \
                     costs by 20%\n\nHarbor Ltd – Clerk, 2012 – 2015\n{label}\n- Kept the books\n\nEducation\n\nRidge \
                     University\nBSc Physics, 2011\n"
                ),
                "Ada Halvorsen",
                "",
                &[("Globex Ltd", "Manager"), ("Harbor Ltd", "Clerk")],
                &["Ridge University"],
            );
        }
    }

    #[test]
    fn a_label_without_a_colon_within_one_job_opens_no_section() {
        check(
            "Ada Halvorsen\nada@example.org\n\nProfessional Experience\n\nGlobex Limited, Oslo      Jun 2015 – Aug \
             2018\nManager\nResponsibilities:\n- Ran the shop\nKey Achievements\n- Cut costs by 20%\n\nHarbor Ltd      2010 – \
             2012\nClerk\nAchievements:\n- Kept the books\n\nEducation\n\nRidge University\nBSc Physics, 2011\n\nTechnical \
             Skills:\nExcel, Word\n",
            "Ada Halvorsen",
            "",
            &[("Globex Limited", "Manager"), ("Harbor Ltd", "Clerk")],
            &["Ridge University"],
        );
    }

    #[test]
    fn a_label_in_the_bold_type_of_the_headings_opens_no_section() {
        let text = "Ada Halvorsen\n\nada@example.org\n\n**Work Experience**\n\n**Globex Ltd – Manager, 2015 – \
                    2019**\n\n**Key Achievements:**\n\n- Cut costs by 20%\n\n**Harbor Ltd – Clerk, 2012 – \
                    2015**\n\n**Achievements:**\n\n- Kept the books\n\n**Cobalt Ltd – Cook, 2010 – 2012**\n\n- Cooked \
                    soups\n\n**Achievements**\n\n- Prize of the town, 2009\n";
        let resume = understand(&read(text.as_bytes(), "resume.md", &Limits::default()).unwrap());
        let names: Vec<_> = resume.work.iter().filter_map(|job| job.name.as_deref()).collect();
        assert_eq!(names, ["Globex Ltd", "Harbor Ltd", "Cobalt Ltd"]);
        assert_eq!(resume.work.first().unwrap().highlights, ["Cut costs by 20%"]);
        assert_eq!(resume.awards.len(), 1);
    }

    #[test]
    fn a_last_section_with_a_colon_of_its_own_is_one() {
        let text = "Ada Halvorsen\nada@example.org\n\nWork Experience\n\nGlobex Ltd – Manager, 2015 – 2019\n- Cut costs by \
                    20%\n\nEducation\n\nRidge University\nBSc Physics, 2011\n\nSkills:\nExcel, Word\n";
        let resume = understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap());
        let names: Vec<_> = resume.skills.iter().filter_map(|skill| skill.name.as_deref()).collect();
        assert_eq!(names, ["Excel", "Word"]);
    }

    #[test]
    fn a_label_and_an_abbreviation_in_capitals_open_no_section() {
        check(
            "Ada Halvorsen\nada@example.org\n\nWORK EXPERIENCE\n\nClerk, Vireo Labs\n2012 – 2014\n- Kept the \
             books\n\nEDUCATION\n\nRidge University\nBSc Physics, 2011\nCGPA: 8.9/10\n\nSKILLS\n\nJava, SQL\nAWS\n",
            "Ada Halvorsen",
            "",
            &[("Vireo Labs", "Clerk")],
            &["Ridge University"],
        );
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
