//! Two roles in the head of an entry (title and employer, degree and school), told apart by their words
//! and by where the section's other entries have them.

use crate::engine::understand::resume::entries::{Head, Segment};
use crate::engine::understand::resume::entry_labels::Label;
use crate::engine::understand::resume::evidence::{department, is_bare_form};
use crate::engine::understand::resume::places::is_place;
use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::{is_han, is_upper, trim_marks};

/// Where a segment stands: row, cell, place in the cell.
pub(crate) type Spot = (usize, usize, usize);

/// The lean of a section's segments at a spot: its sum and how many there were.
pub(crate) type Votes = [(Spot, f32, usize)];

/// The segments that were chosen, each with its whole text.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    /// What leans to the positive side: title, degree.
    pub(crate) first: Option<(Segment, String)>,
    /// What leans to the negative side: employer, school.
    pub(crate) second: Option<(Segment, String)>,
}

/// Where a segment stands; what stands further on counts as one spot.
pub(crate) fn spot(segment: &Segment) -> Spot {
    (segment.row.min(3), segment.cell.min(3), segment.nth.min(3))
}

/// How segments lean at each spot of a section.
pub(crate) fn votes(heads: &[Head], lean: fn(&str) -> f32) -> Vec<(Spot, f32, usize)> {
    let mut votes: Vec<(Spot, f32, usize)> = Vec::new();
    for segment in heads.iter().flat_map(|head| &head.segments) {
        let (spot, lean) = (spot(segment), pull(segment, lean).clamp(-2.0, 2.0));
        match votes.iter_mut().find(|(other, _, _)| *other == spot) {
            Some((_, sum, count)) => {
                *sum += lean;
                *count += 1;
            }
            None => votes.push((spot, lean, 1)),
        }
    }
    votes
}

/// How much a segment leans to what its label says that it is.
const SAID: f32 = 3.0;
/// The same where the label says for whom, and as what, something was done: who did it is often named beside that.
const HINTED: f32 = 0.3;

/// How much a segment leans to the positive side, by its label before its words.
fn pull(segment: &Segment, lean: fn(&str) -> f32) -> f32 {
    match segment.label {
        Some(Label::First) => SAID,
        Some(Label::Second) => -SAID,
        Some(Label::Task) => HINTED,
        Some(Label::Client) => -HINTED,
        _ => lean(&segment.text),
    }
}

/// Whether a segment only stands in for a title or an employer.
pub(crate) fn is_hint(segment: &Segment) -> bool {
    matches!(segment.label, Some(Label::Task | Label::Client))
}

/// What the other entries of the section say about a segment's spot.
fn vote(segment: &Segment, own: f32, votes: &Votes) -> f32 {
    let found = votes.iter().find(|(other, _, _)| *other == spot(segment));
    let Some((_, sum, count)) = found.filter(|(_, _, count)| *count > 1) else {
        return 0.0;
    };
    let others = u16::try_from(count - 1).map_or(1.0, f32::from);
    (sum - own.clamp(-2.0, 2.0)) / others
}

/// What is asked of a segment by those that stand beside it.
struct Beside {
    /// Its words are a title's, or those of a degree.
    is_first: bool,
    /// They are an employer's, or a school's.
    is_second: bool,
    may_be_first: bool,
    may_be_second: bool,
}

impl Beside {
    fn of(segment: &Segment, first: fn(&str) -> f32, second: fn(&str) -> f32) -> Self {
        let text = &segment.text;
        let (one, other) = (first(text), second(text));
        let is_free = segment.row < 3 && !department(text);
        let is_named = text.chars().filter(|c| c.is_alphanumeric()).count() >= 2;
        let is_sentence = text.ends_with('.') && other < 1.0;
        Self {
            is_first: one >= 1.5 && one > other,
            is_second: other >= 1.5 && other > one,
            may_be_first: is_free && other - one < 0.5,
            may_be_second: is_free && is_named && one - other < 0.5 && !is_sentence,
        }
    }
}

/// Cuts `Title, Employer` and `Employer, Title` at the comma between them, where one of the two is not yet found.
pub(crate) fn split_commas(head: &mut Head, first: fn(&str) -> f32, second: fn(&str) -> f32, votes: &Votes) {
    let named = || head.segments.iter().enumerate().filter(|(_, segment)| !is_hint(segment));
    let alone = named().filter(|(_, segment)| segment.row < 3).count() == 1;
    // Asked once of each: strangers choose how many there are.
    let beside: Vec<(usize, Beside)> =
        named().map(|(at, segment)| (at, Beside::of(segment, first, second))).collect();
    let count = |is: fn(&Beside) -> bool| beside.iter().filter(|(_, beside)| is(beside)).count();
    let firsts = count(|beside| beside.is_first);
    let seconds = count(|beside| beside.is_second);
    let free_firsts = count(|beside| beside.may_be_first);
    let free_seconds = count(|beside| beside.may_be_second);
    let mut found = None;
    for (at, own) in &beside {
        let Some(segment) = head.segments.get(*at) else {
            continue;
        };
        let has_first = firsts > usize::from(own.is_first);
        let has_second = seconds > usize::from(own.is_second);
        if has_first && has_second
            || (has_second && first(&segment.text) >= 1.5 && !alone && second(&segment.text) < 1.0)
        {
            continue;
        }
        // Where another segment can be the second, only words of its own make the end of this one the second.
        let is_taken = free_seconds > usize::from(own.may_be_second);
        let vote = if is_taken { None } else { Some(vote(segment, 0.0, votes)) };
        found = best_cut(&segment.text, first, second, alone, vote)
            .or_else(|| {
                let is_missing = !has_first && free_firsts <= usize::from(own.may_be_first);
                is_missing.then(|| before_second(&segment.text, second)).flatten()
            })
            .map(|parts| (*at, segment.clone(), parts));
        if found.is_some() {
            break;
        }
    }
    let Some((at, segment, (left, right))) = found else {
        return;
    };
    for later in head
        .segments
        .iter_mut()
        .filter(|later| later.row == segment.row && later.cell == segment.cell && later.nth > segment.nth)
    {
        later.nth += 1;
    }
    if let Some(segment) = head.segments.get_mut(at) {
        segment.text = left;
    }
    head.segments.insert(at + 1, Segment { text: right, nth: segment.nth + 1, separator: ", ", ..segment });
}

/// Whether the full stop at this byte ends words, as in "Shop assistant. Example Stores", and no abbreviation.
fn ends_sentence(text: &str, at: usize) -> bool {
    let last = text.get(..at).unwrap_or_default().split_whitespace().last().unwrap_or_default();
    let next = text.get(at + 1..).and_then(|rest| rest.strip_prefix(' ')).unwrap_or_default();
    let is_word = last.chars().count() > 4 && last.chars().all(char::is_alphabetic);
    is_word && next.starts_with(char::is_uppercase) && !is_upper(last)
}

/// Most places at which a text is cut on trial: what has more is no name.
const MAX_CUTS: usize = 16;

fn best_cut(
    text: &str,
    first: fn(&str) -> f32,
    second: fn(&str) -> f32,
    alone: bool,
    vote: Option<f32>,
) -> Option<(String, String)> {
    let mut depth = 0_i32;
    let mut best: Option<(f32, String, String)> = None;
    let han = text.chars().any(is_han);
    let mut cuts = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '（' => depth += 1,
            ')' | ']' | '）' => depth -= 1,
            _ => {}
        }
        let parts = matches!(c, ',' | '，') || (han && c == ' ') || c == '.' && ends_sentence(text, at);
        if depth > 0 || !parts {
            continue;
        }
        let (Some(left), Some(right)) = (text.get(..at), text.get(at + c.len_utf8()..)) else {
            continue;
        };
        cuts += 1;
        if cuts > MAX_CUTS {
            break;
        }
        let (left, right) = (trim_marks(left), trim_marks(right));
        if left.is_empty()
            || right.is_empty()
            || is_bare_form(right)
            || (department(right) && first(left) >= 1.5)
        {
            continue;
        }
        let (first_left, first_right) = (first(left), first(right));
        let (second_left, second_right) = (second(left), second(right));
        let forward = first_left - second_left + second_right - first_right;
        let back = first_right - second_right + second_left - first_left;
        // A weak word, as "systems", tells nothing where somebody else may be the second.
        let enough = if vote.is_some() { 0.7 } else { 1.0 };
        let known = |one: f32, other: f32| {
            one >= 1.5 && (other >= enough || alone || vote.is_some_and(|vote| vote.abs() > 0.5))
        };
        let mut score = None;
        if known(first_left, second_right) && first_left > second_left {
            score = Some(forward);
        }
        if known(first_right, second_left) && first_right > second_right && back > score.unwrap_or(0.0) {
            score = Some(back);
        }
        // The first comma that does as well as a later one wins: "Globex, Inc." stays whole.
        if let Some(score) = score.filter(|score| *score > 0.4)
            && best.as_ref().is_none_or(|(before, _, _)| score > *before + 0.05)
        {
            best = Some((score, left.to_owned(), right.to_owned()));
        }
    }
    best.map(|(_, left, right)| (left, right))
}

/// Most words of a title that no list has.
const MAX_TITLE_WORDS: usize = 6;

/// "Glass blower, Example Works Ltd": where the end of a text is the second and nothing else can be the first, its beginning
/// is, though no list has it.
fn before_second(text: &str, second: fn(&str) -> f32) -> Option<(String, String)> {
    let (left, right) = text.split_once([',', '，'])?;
    let (left, right) = (trim_marks(left), trim_marks(right));
    let words = left.split_whitespace().count();
    // "Example, Sample & Partner Ltd" is one name.
    let is_firm = words == 1 && right.contains(['&', '+']);
    let is_first = (1..=MAX_TITLE_WORDS).contains(&words)
        && left.starts_with(char::is_uppercase)
        && !left.contains(['(', '.', ':'])
        && !left.contains(|c: char| c.is_ascii_digit())
        && second(left) <= 0.0
        && !is_upper(left)
        && !is_place(left);
    (is_first && second(right) >= 1.5 && !is_bare_form(right) && !is_firm)
        .then(|| (left.to_owned(), right.to_owned()))
}

/// Most segments among which the two are looked for: what stands behind so many names nobody.
pub(crate) const MAX_SEGMENTS: usize = 32;

/// The segments of a head that may be one of the two. For whom something was done is the employer where nobody else may be,
/// as what it was done the title where nothing else is one.
fn named(head: &Head, lean: fn(&str) -> f32) -> impl Iterator<Item = &Segment> {
    let near = || head.segments.iter().filter(|segment| segment.row < 4).take(MAX_SEGMENTS);
    let is_first = |segment: &Segment| !is_hint(segment) && pull(segment, lean) >= 0.5;
    // "Project: Example" is neither.
    let is_second =
        |segment: &Segment| !is_hint(segment) && pull(segment, lean) < 0.5 && !segment.text.contains(": ");
    let (has_first, has_second) = (near().any(is_first), near().any(is_second));
    near().chain(&head.clients).filter(move |segment| match segment.label {
        Some(Label::Task) => !has_first,
        Some(Label::Client) => !has_second,
        _ => true,
    })
}

/// Chooses the two segments. A segment beside a chosen one, parted by a dash alone or by a comma that was cut at in vain,
/// is part of it.
pub(crate) fn assign(head: &Head, rows: &[Row], lean: fn(&str) -> f32, votes: &Votes) -> Roles {
    let candidates: Vec<(&Segment, f32)> = named(head, lean)
        .enumerate()
        .map(|(nth, segment)| {
            // "Manager: N. N." tells about the position and does not name it.
            let labelled = if segment.text.contains(": ") { 0.4 } else { 1.0 };
            // Where nobody else is there, a hint is as good as a word.
            let own = match segment.label {
                Some(Label::Task) => SAID,
                Some(Label::Client) => -SAID,
                Some(Label::First | Label::Second) => pull(segment, lean),
                _ => lean(&segment.text) * labelled,
            };
            // Later segments describe more often than they name.
            let late = if nth > 1 { own.abs().min(0.3) * own.signum() } else { 0.0 };
            (segment, own + 0.7 * vote(segment, pull(segment, lean), votes) - late)
        })
        .collect();
    let mut roles = Roles::default();
    if let [(only, score)] = candidates.as_slice() {
        let chosen = Some(((*only).clone(), only.text.clone()));
        if *score > 0.0 {
            roles.first = chosen;
        } else {
            roles.second = chosen;
        }
        return roles;
    }
    let mut best: Option<(f32, usize, usize)> = None;
    for (one, (_, first)) in candidates.iter().enumerate() {
        for (other, (_, second)) in candidates.iter().enumerate() {
            let far = u16::try_from(one + other).map_or(9.0, f32::from) * 0.2;
            let score = first - second - far;
            if one != other && best.is_none_or(|(before, _, _)| score > before) {
                best = Some((score, one, other));
            }
        }
    }
    let Some((_, one, other)) = best else {
        return roles;
    };
    let pick = |at: usize, not: usize| {
        let (segment, _) = candidates.get(at)?;
        Some((
            (*segment).clone(),
            grown(segment, candidates.get(not).map(|(other, _)| *other), head, rows, lean),
        ))
    };
    roles.first = pick(one, other);
    roles.second = pick(other, one);
    roles
}

/// The text of a segment with its neighbours behind dashes, as printed.
fn grown(
    segment: &Segment,
    other: Option<&Segment>,
    head: &Head,
    rows: &[Row],
    lean: fn(&str) -> f32,
) -> String {
    let side = lean(&segment.text) >= 0.0;
    let dash = |separator: &str| {
        matches!(separator, " – " | " — " | " - " | "—" | " ‒ " | " / " | " at " | " bei " | ", ")
    };
    let mine: Vec<&Segment> =
        head.segments.iter().filter(|near| near.row == segment.row && near.cell == segment.cell).collect();
    let joins = |near: &Segment| {
        other.is_none_or(|other| (other.row, other.cell, other.nth) != (near.row, near.cell, near.nth))
            && (lean(&near.text).abs() < 0.5 || (lean(&near.text) >= 0.0) == side)
    };
    let before =
        mine.iter().find(|near| near.nth + 1 == segment.nth && dash(segment.separator) && joins(near));
    let after = mine.iter().find(|near| near.nth == segment.nth + 1 && dash(near.separator) && joins(near));
    let first = before.map_or(segment.text.as_str(), |near| near.text.as_str());
    let last = after.map_or(segment.text.as_str(), |near| near.text.as_str());
    let cell = rows.get(segment.row).and_then(|row| row.cells.get(segment.cell));
    let whole = cell.and_then(|cell| {
        let start = cell.find(first)?;
        let end = start + cell.get(start..)?.find(last)? + last.len();
        cell.get(start..end)
    });
    whole.map_or_else(|| segment.text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use crate::domain::resume::Work;
    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    fn jobs(text: &str) -> Vec<Work> {
        let text = format!("Ada Example\nada@example.org\n\nEXPERIENCE\n\n{text}");
        understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap()).work
    }

    #[track_caller]
    fn check(text: &str, employer: &str, title: &str) {
        let found = jobs(text);
        let job = found.first().unwrap();
        let shown = [&job.name, &job.position].map(|field| field.clone().unwrap_or_default());
        assert_eq!(shown, [employer, title], "{text}");
        assert_eq!(found.len(), 1, "{text}");
    }

    #[test]
    fn for_whom_and_as_what_something_was_done_gives_way_to_the_employer_and_the_title() {
        let hints = "Client: Nordlys\nRole: Java Developer\n- Built services\n";
        check(
            &format!("Globex Limited, Oslo      Jun 2015 – Aug 2018\nSenior Software Engineer\n{hints}"),
            "Globex Limited",
            "Senior Software Engineer",
        );
        check(
            &format!("Senior Software Engineer, Globex Limited      Jun 2015 – Aug 2018\n{hints}"),
            "Globex Limited",
            "Senior Software Engineer",
        );
        check(&format!("Vireo      Jun 2015 – Aug 2018\n{hints}"), "Vireo", "Java Developer");
        check(
            &format!("Software Engineer      Jun 2015 – Aug 2018\n{hints}"),
            "Nordlys",
            "Software Engineer",
        );
        check(
            "Globex Limited, Oslo      Jun 2015 – Aug 2018\nSoftware Engineer\nClient: Nordlys, Dallas, TX\n- Built it\n",
            "Globex Limited",
            "Software Engineer",
        );
        check(
            "Client: Nordlys, Dallas, TX      2015 – 2018\nSoftware Engineer\n",
            "Nordlys",
            "Software Engineer",
        );
        check("Client: Nordlys      2015 – 2018\nRole: Java Developer\n", "Nordlys", "Java Developer");
        check("Kunde: Nordlys      2015 – 2018\nRolle: Entwickler\n", "Nordlys", "Entwickler");
    }

    #[test]
    fn the_place_of_a_client_is_none_of_the_job() {
        let found = jobs(
            "Globex Limited, Oslo      2015 – 2018\nSoftware Engineer\nClient: Nordlys, Dallas, TX\n- Built it\n",
        );
        assert_eq!(found.first().unwrap().location.as_deref(), Some("Oslo"));
        assert_eq!(found.first().unwrap().summary.as_deref(), Some("Client: Nordlys, Dallas, TX"));
    }

    #[test]
    fn what_gives_way_is_kept() {
        let found = jobs(
            "Globex Limited      Jun 2015 – Aug 2018\nSoftware Engineer\nClient: Nordlys\nRole: Java Developer\n- Built it\n",
        );
        assert_eq!(found.first().unwrap().summary.as_deref(), Some("Client: Nordlys\nRole: Java Developer"));
    }

    #[test]
    fn clients_with_the_words_of_employers_do_not_sway_the_other_jobs() {
        let found = jobs(
            "Vireo      Jun 2015 – Aug 2018\nSoftware Engineer\nClient: Harbor Bank Ltd\nRole: Java Developer\n- Built \
             it\n\nNordlys      Jun 2012 – Aug 2015\nTest Engineer\nClient: Ridge Insurance Ltd\nRole: Tester\n- Tested it\n",
        );
        let names: Vec<_> = found.iter().filter_map(|job| job.name.as_deref()).collect();
        assert_eq!(names, ["Vireo", "Nordlys"]);
    }

    // Each segment once asked all others for their words.
    #[test]
    fn a_line_of_many_names_is_read_soon() {
        let names = "Clerk, Harbor Ltd | ".repeat(5_000);
        assert_eq!(jobs(&format!("Globex Ltd, Clerk, 2012 – 2014\n{names}\n")).len(), 1);
        let commas = "A,".repeat(20_000);
        assert_eq!(jobs(&format!("Globex Ltd | Clerk | 2012 – 2014\n{commas}B\n")).len(), 1);
    }
}
