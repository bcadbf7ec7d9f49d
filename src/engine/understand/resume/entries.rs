//! A section cut into its entries: which lines name an entry and which describe it.

use crate::engine::understand::resume::dates::{
    Certainty, Dates, Undated, find_dates, is_duration, is_only_dates, take_dates,
};
use crate::engine::understand::resume::entry_labels::{Label, Labels, is_part, is_time_label, labelled};
use crate::engine::understand::resume::evidence::{company, title};
use crate::engine::understand::resume::pieces::pieces;
use crate::engine::understand::resume::places::is_place;
use crate::engine::understand::resume::roles::{MAX_SEGMENTS, is_hint};
use crate::engine::understand::resume::row::Row;

/// One entry of a section.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    /// The lines that name it: employer, title, place, dates.
    pub(crate) head: Vec<Row>,
    /// The lines that describe it.
    pub(crate) body: Vec<Row>,
}

/// A piece of an entry's head.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    /// Its words.
    pub(crate) text: String,
    /// The row of the head that it stands in.
    pub(crate) row: usize,
    /// The cell of that row.
    pub(crate) cell: usize,
    /// Its place in the cell.
    pub(crate) nth: usize,
    /// What parted it from the segment before in the same cell.
    pub(crate) separator: &'static str,
    /// A place stood behind it, after a comma.
    pub(crate) is_cut_from_place: bool,
    /// What the label before it says that it is.
    pub(crate) label: Option<Label>,
}

impl Segment {
    /// A segment at a row, a cell and a place in the cell.
    fn new(
        text: String,
        (row, cell, nth): (usize, usize, usize),
        separator: &'static str,
        label: Option<Label>,
    ) -> Self {
        Self { text, row, cell, nth, separator, is_cut_from_place: false, label }
    }
}

/// What the head of an entry says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Head {
    /// Everything but dates and places, in order.
    pub(crate) segments: Vec<Segment>,
    /// For whom something was done, where the segments may name the employer.
    pub(crate) clients: Vec<Segment>,
    /// The entry's dates.
    pub(crate) dates: Option<Dates>,
    /// Dates as printed, durations after them.
    pub(crate) printed: Option<String>,
    /// Place as printed.
    pub(crate) location: Option<String>,
    /// Where that stood by itself: row, cell, place in the cell.
    pub(crate) location_at: Option<(usize, usize, usize)>,
    /// Further dates that were found, as printed.
    pub(crate) more_dates: Vec<String>,
    /// First web address linked from the head.
    pub(crate) url: Option<String>,
    /// The head row that held the dates.
    pub(crate) dated_row: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Head,
    Dated,
    Body,
}

/// Whether a row carries a date in the way an entry's head does.
fn is_dated(row: &Row) -> bool {
    row.cells.iter().any(|cell| {
        let taken = take_dates(cell);
        let certain = taken.dates.iter().any(|dates| dates.certainty == Certainty::Certain);
        let words = taken.rest.split_whitespace().count();
        let alone = taken.rest.is_empty() || row.cells.len() > 1 || words <= 10 || ends_with_range(row);
        !taken.dates.is_empty() && alone && (certain || words <= 8)
    })
}

/// Whether dates stand to the right of it.
fn has_dated_aside(row: &Row) -> bool {
    row.asides.iter().any(|aside| is_only_dates(aside))
}

/// Most words of a head that stands on one line: a long title, a long employer, a place and dates.
const MAX_HEAD_WORDS: usize = 40;

/// "Vice President of … | Harbor Bank | Oslo | 2012 – 2014": as long as a sentence, but the dates end it as they end a head.
fn ends_with_range(row: &Row) -> bool {
    let text = row.text();
    text.split_whitespace().count() <= MAX_HEAD_WORDS
        && find_dates(&text).last().is_some_and(|dates| {
            let rest = text.get(dates.end_at..).unwrap_or_default();
            dates.range
                && dates.certainty == Certainty::Certain
                && !rest.contains(char::is_alphanumeric)
                && !rest.contains('.')
        })
}

fn shape(row: &Row) -> Shape {
    let only = row.cells.iter().all(|cell| is_only_dates(cell) || is_duration(cell));
    if row.item.is_some() && !only {
        return Shape::Body;
    }
    let prose = row.is_prose() && !ends_with_range(row);
    if is_dated(row) && !prose {
        return Shape::Dated;
    }
    if row.cells.len() == 1 && is_part(&row.text()) {
        return Shape::Body;
    }
    if row.heading.is_some() && !prose {
        return Shape::Head;
    }
    let text = row.text();
    let lower = text.starts_with(char::is_lowercase) && !row.bold && row.cells.len() == 1;
    if prose || lower || text.trim_end().ends_with([':', '：']) && !row.bold {
        Shape::Body
    } else {
        Shape::Head
    }
}

/// Whether a row of few words ends as a sentence does, and not as an abbreviation.
fn is_short_sentence(row: &Row) -> bool {
    let text = row.text();
    let last = text.split_whitespace().last().unwrap_or_default();
    row.cells.len() == 1
        && !row.bold
        && text.split_whitespace().count() >= 3
        && last.ends_with('.')
        && last.starts_with(char::is_lowercase)
        && last.chars().count() > 4
}

/// A run of rows: heads, then what describes them.
#[derive(Debug, Default)]
struct Cluster {
    heads: Vec<(Row, bool)>,
    body: Vec<Row>,
}

impl Cluster {
    fn dates(&self) -> usize {
        self.heads.iter().filter(|(_, dated)| *dated).count()
    }

    fn aside_dated(&self) -> bool {
        self.body.iter().any(has_dated_aside)
    }

    /// Whether a row goes on with the head though lines with labels stand between them: "Environment: Java" over
    /// "Duration: 2019 – 2020", or over dates alone. The latest line tells soonest that something else does.
    fn is_continued_by(&self, row: &Row, labels: &Labels) -> bool {
        let is_open = !row.gap && row.item.is_none() && !self.heads.is_empty() && self.dates() == 0;
        is_open
            && (is_when_and_where(row) || labels.goes_on(row, self.heads.iter().map(|(head, _)| head)))
            && self.body.iter().rev().all(|row| labels.describes(row, false) && !has_dated_aside(row))
    }
}

/// Whether a row has dates, and nothing else but a place.
fn is_when_and_where(row: &Row) -> bool {
    let has_dates = |cell: &String| is_only_dates(cell);
    row.cells.iter().any(has_dates)
        && row.cells.iter().all(|cell| has_dates(cell) || is_duration(cell) || is_place(cell))
}

/// Most words of a row that only names something.
const MAX_NAME_WORDS: usize = 12;

/// The rows with those bullets taken away that a template sets before the name of each entry: over a line that is no
/// bullet and has the entry's dates.
fn without_name_bullets(rows: &[Row]) -> Vec<Row> {
    let has_dates = |row: &Row| is_dated(row) || has_dated_aside(row);
    let outermost = rows.iter().filter_map(|row| row.item).min();
    let names = |pair: &[Row]| match pair {
        [row, next] => {
            let text = row.text();
            row.item.is_some()
                && row.item == outermost
                && next.item.is_none()
                && has_dates(next)
                && !has_dates(row)
                && text.split_whitespace().count() <= MAX_NAME_WORDS
                && !text.trim_end().ends_with(['.', ';', ','])
        }
        _ => false,
    };
    let named: Vec<usize> =
        rows.windows(2).enumerate().filter(|(_, pair)| names(pair)).map(|(at, _)| at).collect();
    let outer = rows.iter().filter(|row| row.item.is_some() && row.item == outermost).count();
    let placed = |at: &usize| {
        rows.get(*at)
            .is_some_and(|row| row.cells.iter().skip(1).chain(&row.asides).any(|cell| is_place(cell)))
    };
    // Where most bullets have no dated line after them, those that do are the last ones of their entries, unless they
    // have a place beside them as names have.
    let named =
        if named.len() * 10 >= outer * 7 { named } else { named.into_iter().filter(placed).collect() };
    let mut rows = rows.to_vec();
    if named.len() >= 2 || named == [0] {
        for at in named {
            if let Some(row) = rows.get_mut(at) {
                (row.item, row.gap) = (None, true);
            }
        }
    }
    rows
}

/// The rows of a section of bullets alone: those that have dates and a title, as heads have, are the heads of the others.
fn with_bullet_heads(rows: Vec<Row>) -> Vec<Row> {
    let outermost = rows.iter().filter_map(|row| row.item).min();
    let names = |row: &Row| {
        let text = row.text();
        row.item == outermost
            && title(&text) >= 1.5
            && (ends_with_range(row) || has_dated_aside(row))
            && text.split_whitespace().count() <= MAX_NAME_WORDS + 4
    };
    let is_first = rows.first().is_some_and(names);
    if !is_first || rows.iter().any(|row| row.item.is_none()) {
        return rows;
    }
    rows.into_iter().map(|row| if names(&row) { Row { item: None, gap: true, ..row } } else { row }).collect()
}

/// "Clerk, Vireo Labs (2012 – 2014) Kept the books.": the name and the dates of an entry, then what it was about.
pub(crate) fn part_sentence(row: &Row) -> Vec<Row> {
    let whole = || vec![row.clone()];
    if row.item.is_some() || row.cells.len() != 1 || !row.is_prose() {
        return whole();
    }
    let text = row.text();
    let is_range = |dates: &Dates| dates.range && dates.certainty == Certainty::Certain;
    let Some(dates) = find_dates(&text).into_iter().find(is_range) else {
        return whole();
    };
    let end = text.get(dates.end_at..).map_or(dates.end_at, |after| {
        dates.end_at + after.chars().take_while(|c| matches!(c, ')' | ']')).map(char::len_utf8).sum::<usize>()
    });
    let (Some(name), Some(rest)) = (text.get(..end), text.get(end..)) else {
        return whole();
    };
    let words = name.split_whitespace().count();
    let is_sentence =
        rest.trim_start().starts_with(char::is_uppercase) && rest.split_whitespace().count() >= 3;
    if is_sentence && words <= MAX_NAME_WORDS + 4 {
        let mut described = row.with_text(rest.trim());
        described.gap = false;
        vec![row.with_text(name.trim()), described]
    } else {
        whole()
    }
}

/// Cuts the rows of a section into entries.
pub(crate) fn entries(rows: &[Row]) -> Vec<Entry> {
    let rows: Vec<Row> = rows.iter().flat_map(part_sentence).collect();
    let clusters = clusters(&with_bullet_heads(without_name_bullets(&rows)));
    let clusters = fold_subheads(clusters);
    let dated = clusters.iter().any(|cluster| cluster.dates() > 0 || cluster.aside_dated());
    let offset = offset(&clusters);
    let mut entries = Vec::new();
    for cluster in clusters {
        let starts = starts(&cluster, offset, dated);
        let mut body = Some(cluster.body);
        let mut parts: Vec<Entry> = Vec::new();
        for (nth, (row, _)) in cluster.heads.into_iter().enumerate() {
            if starts.contains(&nth) || parts.is_empty() {
                parts.push(Entry::default());
            }
            if let Some(entry) = parts.last_mut() {
                entry.head.push(row);
            }
        }
        match parts.last_mut() {
            Some(entry) => entry.body = body.take().unwrap_or_default(),
            None => parts.push(Entry { head: Vec::new(), body: body.take().unwrap_or_default() }),
        }
        entries.extend(parts);
    }
    entries
}

fn clusters(rows: &[Row]) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    let labels = Labels::of(rows);
    for row in rows {
        let fresh = clusters.last().is_none_or(|cluster| !cluster.body.is_empty());
        let after_dates = !fresh
            && clusters.last().and_then(|cluster| cluster.heads.last()).is_some_and(|(_, dated)| *dated);
        if fresh && let Some(last) = clusters.last_mut().filter(|last| last.is_continued_by(row, &labels)) {
            last.heads.push((row.clone(), shape(row) == Shape::Dated));
            continue;
        }
        let is_described = fresh && !clusters.is_empty();
        let describes = labels.describes(row, is_described) || after_dates && is_short_sentence(row);
        let shape = match shape(row) {
            Shape::Head if describes => Shape::Body,
            shape => shape,
        };
        if shape == Shape::Body {
            if clusters.is_empty() {
                clusters.push(Cluster::default());
            }
            if let Some(cluster) = clusters.last_mut() {
                cluster.body.push(row.clone());
            }
            continue;
        }
        if fresh {
            clusters.push(Cluster::default());
        }
        if let Some(cluster) = clusters.last_mut() {
            cluster.heads.push((row.clone(), shape == Shape::Dated));
        }
    }
    clusters
}

/// A short undated line among the bullets of a dated section describes; it opens nothing.
fn fold_subheads(clusters: Vec<Cluster>) -> Vec<Cluster> {
    let dated = clusters.iter().filter(|cluster| cluster.dates() > 0 || cluster.aside_dated()).count();
    let mostly = dated * 2 > clusters.len();
    let bold = clusters
        .iter()
        .filter(|cluster| {
            cluster.heads.first().is_some_and(|(row, _)| row.bold || row.runs.iter().any(|run| run.bold))
        })
        .count()
        * 2
        > clusters.len();
    let mut folded: Vec<Cluster> = Vec::new();
    for cluster in clusters {
        let plain = cluster.heads.iter().all(|(row, _)| !row.runs.iter().any(|run| run.bold));
        let undated = cluster.dates() == 0 && !cluster.aside_dated();
        let lesser = mostly
            && undated
            && cluster.heads.len() == 1
            && ((bold && plain) || cluster.heads.iter().all(|(row, _)| !row.gap && !row.bold));
        match folded.last_mut() {
            Some(last) if lesser => {
                last.body.extend(cluster.heads.into_iter().map(|(row, _)| row));
                last.body.extend(cluster.body);
            }
            _ => folded.push(cluster),
        }
    }
    folded
}

/// How many rows stand before the dates in most entries.
fn offset(clusters: &[Cluster]) -> Option<usize> {
    let mut counts: Vec<(usize, usize)> = Vec::new();
    for cluster in clusters.iter().filter(|cluster| cluster.dates() == 1) {
        if let Some(at) = cluster.heads.iter().position(|(_, dated)| *dated) {
            match counts.iter_mut().find(|(offset, _)| *offset == at) {
                Some((_, count)) => *count += 1,
                None => counts.push((at, 1)),
            }
        }
    }
    counts
        .into_iter()
        .max_by_key(|(offset, count)| (*count, std::cmp::Reverse(*offset)))
        .map(|(offset, _)| offset)
}

/// Where entries begin among the head rows of a cluster.
fn starts(cluster: &Cluster, offset: Option<usize>, dated_section: bool) -> Vec<usize> {
    let dated: Vec<usize> =
        cluster.heads.iter().enumerate().filter(|(_, (_, dated))| *dated).map(|(at, _)| at).collect();
    let mut starts = vec![0];
    if !dated_section {
        starts.extend(
            cluster.heads.iter().enumerate().filter(|(at, (row, _))| *at > 0 && row.gap).map(|(at, _)| at),
        );
        return starts;
    }
    let Some(first) = dated.first() else {
        return starts;
    };
    let offset = offset.unwrap_or(*first);
    for pair in dated.windows(2) {
        let (Some(before), Some(at)) = (pair.first(), pair.last()) else {
            continue;
        };
        let gap =
            (before + 1..=*at).rev().find(|row| cluster.heads.get(*row).is_some_and(|(row, _)| row.gap));
        let wanted = at.saturating_sub(offset).max(before + 1);
        starts.push(gap.unwrap_or(wanted));
    }
    starts
}

/// Reads the head of an entry. Notes to the right of its body belong to it.
pub(crate) fn read_head(entry: &Entry) -> Head {
    let mut head = Head::default();
    let mut found: Vec<(Dates, usize)> = Vec::new();
    let mut durations = Vec::new();
    for (nth, row) in entry.head.iter().enumerate() {
        head.url = head.url.or_else(|| row.link());
        for (cell, pieces) in pieces(row).into_iter().enumerate() {
            let mut count = 0;
            for (separator, piece) in pieces {
                let Undated { rest, dates, durations: lengths } = take_dates(&piece);
                // "Ridge College, 2014, with honours" has one comma without its date.
                let rest = rest.replace(",,", ",").replace(", ,", ",");
                found.extend(dates.into_iter().map(|dates| (dates, nth)));
                durations.extend(lengths);
                if rest.is_empty() || is_duration(&rest) || is_time_label(&rest) {
                    continue;
                }
                let found = labelled(&rest);
                let (label, text) = match found.map(|found| (found.meaning, found.rest)) {
                    Some((Label::Place, place)) if head.location.is_none() => {
                        head.location = Some(place.to_owned());
                        continue;
                    }
                    Some((Label::Place | Label::Time | Label::Detail, _)) | None => (None, rest),
                    Some((label, text)) => (Some(label), text.to_owned()),
                };
                let place = (nth, cell, count);
                head.segments.push(Segment::new(text, place, separator, label));
                count += 1;
            }
        }
    }
    let asides = entry.head.iter().chain(&entry.body).flat_map(|row| row.asides.iter());
    for aside in asides {
        let taken = take_dates(aside);
        found.extend(taken.dates.into_iter().map(|dates| (dates, entry.head.len())));
        durations.extend(taken.durations);
        if head.location.is_none() && is_place(&taken.rest) {
            head.location = Some(taken.rest);
        }
    }
    set_dates(&mut head, found, &durations);
    set_clients_apart(&mut head);
    head
}

/// A client beside an employer is not where somebody worked, nor is its place: "Client: Example Bank, Oslo".
fn set_clients_apart(head: &mut Head) {
    let is_client = |segment: &Segment| segment.label == Some(Label::Client);
    // "Clerk, Vireo" may be cut into the two; "Project: Example" names neither.
    let may_be_employer = |segment: &Segment| {
        let is_title = title(&segment.text) >= 1.5 && company(&segment.text) < 1.0;
        !is_hint(segment) && !segment.text.contains(": ") && (!is_title || segment.text.contains(','))
    };
    if head.segments.iter().any(is_client) && head.segments.iter().take(MAX_SEGMENTS).any(may_be_employer) {
        (head.clients, head.segments) = std::mem::take(&mut head.segments).into_iter().partition(is_client);
    }
}

/// The last range wins over what stands before it: under a banner it is the role's own.
fn set_dates(head: &mut Head, found: Vec<(Dates, usize)>, durations: &[String]) {
    let best = found
        .iter()
        .enumerate()
        .rev()
        .max_by_key(|(at, (dates, _))| (dates.certainty, dates.range, *at))
        .map(|(at, _)| at);
    let mut printed: Vec<String> = Vec::new();
    for (at, (dates, row)) in found.into_iter().enumerate() {
        if Some(at) == best {
            printed.insert(0, dates.printed.clone());
            head.dated_row = Some(row);
            head.dates = Some(dates);
        } else {
            head.more_dates.push(dates.printed);
        }
    }
    printed.extend(durations.iter().cloned());
    if !printed.is_empty() {
        head.printed = Some(printed.join(" · "));
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::domain::resume::Resume;
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    fn resume(text: &str) -> Resume {
        let text = format!("Ada Example\nada@example.org\n\n{text}");
        understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap())
    }

    #[test]
    fn lines_with_labels_do_not_cut_the_head_of_an_entry() {
        let found = resume(
            "PROJECTS\n\nInventory System\nRole: Developer\nTeam Size: 6\nEnvironment: Java, Spring\nDuration: Jan 2019 – \
             Dec 2020\nDescription: Stock control for 40 stores.\n\nTicket Desk\nTechnologies: Go, Redis\n2017 – \
             2018\nDescription: Tickets for a harbor.\n",
        )
        .projects;
        let shown: Vec<_> =
            found.iter().map(|project| (project.name.as_deref(), project.dates.as_deref())).collect();
        assert_eq!(
            shown,
            [
                (Some("Inventory System"), Some("Jan 2019 – Dec 2020")),
                (Some("Ticket Desk"), Some("2017 – 2018"))
            ]
        );
        assert_eq!(found.last().unwrap().keywords, ["Go", "Redis"]);
    }

    #[test]
    fn a_client_after_the_tools_belongs_to_the_entry() {
        let found = resume(
            "EXPERIENCE\n\nSoftware Engineer\nEnvironment: Java, Spring\nClient: Nordlys\nDuration: 2019 – 2020\n- Built \
             it\n\nTest Engineer\nEnvironment: Java, Spring\nClient: Harbor\nDuration: 2017 – 2019\n- Tested it\n",
        )
        .work;
        let shown: Vec<_> = found.iter().map(|job| (job.name.as_deref(), job.position.as_deref())).collect();
        assert_eq!(
            shown,
            [(Some("Nordlys"), Some("Software Engineer")), (Some("Harbor"), Some("Test Engineer"))]
        );
        assert!(found.iter().all(|job| job.dates.is_some()));
    }

    #[test]
    fn entries_that_begin_with_a_label_stay_apart() {
        let found = resume(
            "PROJECTS\n\nClient: Nordlys\nEnvironment: Java\nRole: Developer\nClient: Harbor\nEnvironment: Go\nRole: \
             Tester\n",
        )
        .projects;
        let names: Vec<_> = found.iter().filter_map(|project| project.name.as_deref()).collect();
        assert_eq!(names, ["Nordlys", "Harbor"]);
    }
}
