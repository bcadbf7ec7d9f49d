//! The rows of the table, with the bars of the issue, and how they are printed.

use serde_json::json;

use crate::clock::Speed;
use crate::score::{Metric, Score};

/// What a figure has to reach.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bar {
    /// At least so much.
    Least(f64),
    /// At most so much.
    Most(f64),
}

impl Bar {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::Least(least) => value >= least,
            Self::Most(most) => value <= most,
        }
    }
}

/// One line of the table.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    name: &'static str,
    counts: Option<(usize, usize)>,
    value: Option<f64>,
    unit: Unit,
    bar: Option<Bar>,
    peers: Peers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Share,
    Percent,
    Plain,
}

/// Which bars hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bars {
    /// All of them, and what the peers reach on the PDFs of the corpus.
    AllBesidePeers,
    /// All of them.
    All,
    /// Those for other languages than English.
    OtherLanguages,
}

/// Figures of OpenResume and OfflineCV on the same PDFs: found of asked, measured with their own programs.
type Peers = Option<[f64; 2]>;

/// A share of found in asked: its name, what is counted, the bar, the bar in other languages than English, the peers.
type Share = (&'static str, Metric, Option<f64>, Option<f64>, Peers);

#[rustfmt::skip] // a table reads best as one row per line
const SHARES: &[Share] = &[
    ("resumes read", Metric::Read, Some(1.0), Some(1.0), None),
    ("unreadable files refused", Metric::Refused, Some(1.0), None, None),
    ("full name", Metric::FullName, Some(1.0), Some(0.95), Some([0.731, 0.865])),
    ("e-mail", Metric::Email, Some(1.0), Some(0.95), Some([1.0, 1.0])),
    ("phone", Metric::Phone, Some(0.98), None, Some([0.619, 0.571])),
    ("links", Metric::Links, Some(0.98), None, None),
    ("sections", Metric::Sections, Some(0.97), Some(0.95), None),
    ("skills", Metric::Skills, Some(0.95), None, Some([0.943, 0.971])),
    ("  skills, where a section lists them", Metric::SkillsListed, None, None, None),
    ("  skills, in any field", Metric::SkillsAnywhere, None, None, None),
];

/// Entries right: the names of recall, precision and F1, what is counted of the truth and of ours, the bar for F1, the
/// peers' recall.
type Entries = ([&'static str; 3], Metric, Metric, Option<f64>, Peers);

#[rustfmt::skip] // a table reads best as one row per line
const ENTRIES: &[Entries] = &[
    (["jobs: recall", "jobs: precision", "jobs: F1"], Metric::Jobs, Metric::JobsGiven, Some(0.95), Some([0.508, 0.808])),
    (["  employer, title: recall", "  employer, title: precision", "  employer, title: F1"],
        Metric::JobsWithTitle, Metric::JobsWithTitleGiven, None, None),
    (["  employer: recall", "  employer: precision", "  employer: F1"],
        Metric::Employers, Metric::EmployersGiven, None, None),
    (["schools with degrees: recall", "schools with degrees: precision", "schools with degrees: F1"],
        Metric::Schools, Metric::SchoolsGiven, Some(0.93), Some([0.395, 0.765])),
    (["  institution: recall", "  institution: precision", "  institution: F1"],
        Metric::Institutions, Metric::InstitutionsGiven, None, None),
];

/// Words lost: the name, what is counted, the most that may be lost.
const LOST: &[(&str, Metric, Option<f64>)] = &[
    ("words of pdftotext lost", Metric::WordsLost, Some(0.005)),
    ("  of these, not even once there", Metric::WordsNowhere, None),
    ("words of our own lines lost", Metric::LinesLost, Some(0.0)),
];

/// The rows of a group of documents. What nothing is asked of has no row.
pub(crate) fn rows(score: &Score, bars: Bars) -> Vec<Row> {
    let mut rows = Vec::new();
    let peers = |peers: Peers| peers.filter(|_| bars == Bars::AllBesidePeers);
    let all = |bar: Option<f64>| bar.filter(|_| bars != Bars::OtherLanguages);
    let mut push = |name, metric, unit, bar, peers| {
        let count = score.count(metric);
        let value = count.ratio();
        rows.extend(value.map(|_| Row {
            name,
            counts: Some((count.found, count.asked)),
            value,
            unit,
            bar,
            peers,
        }));
    };
    for (name, metric, bar, other, theirs) in SHARES {
        let bar = if bars == Bars::OtherLanguages { *other } else { *bar };
        push(*name, *metric, Unit::Share, bar.map(Bar::Least), peers(*theirs));
    }
    for (name, metric, bar) in LOST {
        push(*name, *metric, Unit::Percent, all(*bar).map(Bar::Most), None);
    }
    for ([recall, precision, f1], truth, ours, bar, theirs) in ENTRIES {
        let (of_truth, of_ours) = (score.count(*truth), score.count(*ours));
        let plain =
            |name, counts, value, bar, peers| Row { name, counts, value, unit: Unit::Share, bar, peers };
        let Some(found) = of_truth.ratio() else { continue };
        rows.push(plain(recall, Some((of_truth.found, of_truth.asked)), Some(found), None, peers(*theirs)));
        rows.push(plain(precision, Some((of_ours.found, of_ours.asked)), of_ours.ratio(), None, None));
        let right = of_ours.ratio().unwrap_or_default();
        let mean = if found + right > 0.0 { 2.0 * found * right / (found + right) } else { 0.0 };
        rows.push(plain(f1, None, Some(mean), all(*bar).map(Bar::Least), None));
    }
    rows
}

/// The rows of time and memory.
pub(crate) fn speed_rows(speed: &Speed, peak_megabytes: Option<f64>) -> Vec<Row> {
    let row = |name, value, bar| Row { name, counts: None, value, unit: Unit::Plain, bar, peers: None };
    let times = &speed.page_milliseconds;
    vec![
        row("milliseconds a page, median", times.get(times.len() / 2).copied(), Some(Bar::Most(15.0))),
        row("milliseconds a page, slowest file", times.last().copied(), None),
        row("resumes a second on 2 threads", Some(speed.files_per_second), Some(Bar::Least(60.0))),
        row("peak memory of the process, MB", peak_megabytes, Some(Bar::Most(100.0))),
    ]
}

impl Row {
    /// Whether it reaches the bar; nothing where there is none.
    pub(crate) fn is_ok(&self) -> Option<bool> {
        Some(self.bar?.holds(self.value?))
    }

    fn figure(&self, value: f64) -> String {
        match self.unit {
            Unit::Share => format!("{value:.3}"),
            Unit::Percent => format!("{:.2} %", value * 100.0),
            Unit::Plain => format!("{value:.1}"),
        }
    }

    fn cells(&self) -> [String; 8] {
        let bar = match self.bar {
            Some(Bar::Least(least)) => format!("≥ {}", self.figure(least)),
            Some(Bar::Most(most)) => format!("≤ {}", self.figure(most)),
            None => String::new(),
        };
        let ok = self.is_ok().map(|ok| if ok { "ok" } else { "no" }).unwrap_or_default();
        let [found, asked] =
            self.counts.map(|(found, asked)| [found.to_string(), asked.to_string()]).unwrap_or_default();
        let [first, second] = self.peers.map(|peers| peers.map(|peer| self.figure(peer))).unwrap_or_default();
        let value = self.value.map(|value| self.figure(value)).unwrap_or_default();
        [self.name.to_owned(), found, asked, value, bar, ok.to_owned(), first, second]
    }

    /// The row as an object.
    pub(crate) fn to_json(&self, group: &str) -> serde_json::Value {
        let rounded = |value: f64| (value * 1e5).round() / 1e5;
        let (least, most) = match self.bar {
            Some(Bar::Least(least)) => (Some(least), None),
            Some(Bar::Most(most)) => (None, Some(most)),
            None => (None, None),
        };
        json!({
            "group": group,
            "metric": self.name.trim(),
            "found": self.counts.map(|(found, _)| found),
            "asked": self.counts.map(|(_, asked)| asked),
            "value": self.value.map(rounded),
            "at_least": least,
            "at_most": most,
            "ok": self.is_ok(),
            "openresume": self.peers.map(|[first, _]| first),
            "offlinecv": self.peers.map(|[_, second]| second),
        })
    }
}

/// The rows under each other, aligned.
pub(crate) fn text(title: &str, rows: &[Row]) -> String {
    let has_peers = rows.iter().any(|row| row.peers.is_some());
    let has_counts = rows.iter().any(|row| row.counts.is_some());
    let value = if has_counts { "ratio" } else { "value" };
    let head = ["", "found", "asked", value, "bar", "", "OpenResume", "OfflineCV"].map(str::to_owned);
    let lines: Vec<[String; 8]> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let shown = if has_peers { 8 } else { 6 };
    let mut text = format!("{title}\n");
    for cells in &lines {
        let mut line = String::from(" ");
        let columns =
            cells.iter().take(shown).enumerate().filter(|(column, _)| has_counts || !matches!(column, 1 | 2));
        for (column, cell) in columns {
            let width =
                lines.iter().filter_map(|cells| cells.get(column)).map(|cell| cell.chars().count()).max();
            let gap = " ".repeat(width.unwrap_or_default() - cell.chars().count());
            line += &if column == 0 { format!(" {cell}{gap}") } else { format!("  {gap}{cell}") };
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}
