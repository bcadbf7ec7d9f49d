//! Positions: employer, title and years, right in one entry.

use resume_optimizer::domain::resume::{PartialDate, Resume};

use crate::normal::normal;
use crate::pairs::{count, is_right, joined, likeness, names, nearest, pair, unpaired};
use crate::score::{Metric, Score};
use crate::truth::{TrueJob, Truth};

/// Scores positions. What the truth does not know of one is not asked. Some documents have unpaid positions among the
/// experience of their truth: those in our `volunteer` may be the right ones, and are never too many.
pub(crate) fn score(score: &mut Score, truth: &Truth, resume: &Resume) {
    let Some(expected) = &truth.experience else { return };
    let had = jobs(resume);
    let employer = |job: &TrueJob, ours: &Job| is_right(job.employer.as_deref(), ours.employer.as_deref());
    let title = |job: &TrueJob, ours: &Job| is_right(job.title.as_deref(), ours.title.as_deref());
    let years = |job: &TrueJob, ours: &Job| are_years_right(job.dates.as_deref(), ours.start, ours.end);
    let whole = pair(expected, &had, |job, ours| employer(job, ours) && title(job, ours) && years(job, ours));
    let titled = pair(expected, &had, |job, ours| employer(job, ours) && title(job, ours));
    // Where the truth knows no employer there is none to ask for.
    let with_employer: Vec<&TrueJob> = expected.iter().filter(|job| job.employer.is_some()).collect();
    let named = pair(&with_employer, &had, |job, ours| employer(job, ours));
    for (metric, given, pairs) in [
        (Metric::Jobs, Metric::JobsGiven, &whole),
        (Metric::JobsWithTitle, Metric::JobsWithTitleGiven, &titled),
        (Metric::Employers, Metric::EmployersGiven, &named),
    ] {
        let is_asked = |at: usize| had.get(at).is_some_and(|job| job.is_paid) || pairs.contains(&Some(at));
        let ours = (0..had.len()).filter(|at| is_asked(*at)).count();
        count(score, (metric, given), pairs, if truth.is_full() { Some(ours) } else { None });
    }
    // What is left on both sides, each beside what is most like it.
    let mut left: Vec<&Job> = unpaired(&had, &whole);
    for (job, _) in expected.iter().zip(&whole).filter(|(_, at)| at.is_none()) {
        let likeness = |ours: &Job| {
            let alike = |a: &Option<String>, b: &Option<String>| likeness(a.as_deref(), b.as_deref());
            alike(&job.employer, &ours.employer)
                + alike(&job.title, &ours.title)
                + f64::from(u8::from(years(job, ours)))
        };
        let near = nearest(&mut left, |ours| likeness(ours));
        let shown = near.map(|ours| {
            let wrong = [
                (!employer(job, ours), "employer"),
                (!title(job, ours), "title"),
                (!years(job, ours), "years"),
            ];
            format!("{} (wrong: {})", ours.shown(), names(&wrong))
        });
        score.miss("job", job.shown(), shown.unwrap_or_default());
    }
    for ours in left.iter().filter(|ours| ours.is_paid && truth.is_full()) {
        score.miss("job too many", "", ours.shown());
    }
}

/// One of our positions.
struct Job {
    employer: Option<String>,
    title: Option<String>,
    start: Option<u16>,
    end: Option<u16>,
    dates: Option<String>,
    is_paid: bool,
}

fn jobs(resume: &Resume) -> Vec<Job> {
    let year = |date: Option<PartialDate>| date.map(|date| date.year);
    let paid = resume.work.iter().map(|work| Job {
        employer: work.name.clone(),
        title: work.position.clone(),
        start: year(work.start_date),
        end: year(work.end_date),
        dates: work.dates.clone(),
        is_paid: true,
    });
    let unpaid = resume.volunteer.iter().map(|work| Job {
        employer: work.organization.clone(),
        title: work.position.clone(),
        start: year(work.start_date),
        end: year(work.end_date),
        dates: work.dates.clone(),
        is_paid: false,
    });
    paid.chain(unpaid).collect()
}

/// Words for "still".
const OPEN: &[&str] = &[
    "present",
    "current",
    "now",
    "today",
    "ongoing",
    "heute",
    "aujourd",
    "actualidad",
    "actualmente",
    "presente",
    "atual",
    "oggi",
    "heden",
    "obecnie",
    "至今",
    "现在",
];

/// Whether our years are the printed ones: the first and the last, no last one while it goes on, none where none is
/// printed (`20XX`, `year–year`). A single year may stand at either end or at both.
fn are_years_right(printed: Option<&str>, start: Option<u16>, end: Option<u16>) -> bool {
    let Some(printed) = printed.map(normal) else { return true };
    let years: Vec<u16> = printed
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .filter_map(|digits| digits.parse().ok())
        .filter(|year| (1900..2100).contains(year))
        .collect();
    let (first, last) = (years.iter().min().copied(), years.iter().max().copied());
    if OPEN.iter().any(|word| printed.contains(word)) {
        return start == first && end.is_none();
    }
    match years.len() {
        0 => start.is_none() && end.is_none(),
        1 => (start.is_some() || end.is_some()) && start.or(first) == first && end.or(first) == first,
        _ => start == first && end == last,
    }
}

impl TrueJob {
    fn shown(&self) -> String {
        joined(&[self.employer.as_deref(), self.title.as_deref(), self.dates.as_deref()])
    }
}

impl Job {
    fn shown(&self) -> String {
        let shown = |year: Option<u16>| year.map(|year| year.to_string()).unwrap_or_default();
        let years = format!("{}..{}", shown(self.start), shown(self.end));
        joined(&[self.employer.as_deref(), self.title.as_deref(), self.dates.as_deref(), Some(&years)])
    }
}
