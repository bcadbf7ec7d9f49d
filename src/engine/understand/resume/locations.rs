//! Where jobs and studies were: the places in the heads of a section's entries, told from the names beside them.

use std::collections::HashSet;

use crate::engine::understand::resume::entries::{Head, Segment};
use crate::engine::understand::resume::evidence::{company, degree, school, title};
use crate::engine::understand::resume::places::{
    is_american_state, is_city, is_place, may_be_place, split_place,
};
use crate::engine::understand::resume::roles::{Spot, spot};
use crate::engine::understand::resume::text::trim_marks;

/// What the entries above one in its section say about a place in it.
#[derive(Debug, Default)]
struct Above {
    /// Places that they have.
    places: HashSet<String>,
    /// One of them names an employer over its roles, so that a role below needs to name none.
    has_banner: bool,
}

/// Moves the places out of the heads of a section.
pub(crate) fn take_places(heads: &mut [Head]) {
    let mut above = Above::default();
    for head in heads {
        take_place(head, &above);
        above.has_banner |= is_banner(head);
        above.places.extend(head.location.clone());
    }
}

fn take_place(head: &mut Head, above: &Above) {
    if head.location.is_none()
        && head.segments.len() > 1
        && let Some(at) = (0..head.segments.len()).rev().find(|at| is_place_alone(&head.segments, *at, above))
    {
        let place = head.segments.remove(at);
        head.location_at = Some(spot(&place));
        head.location = Some(place.text);
    }
    if head.location.is_none() {
        for segment in head.segments.iter_mut().rev() {
            if let Some((before, place)) = split_place(&segment.text) {
                segment.is_cut_from_place = segment.text.ends_with(&format!(", {place}"));
                segment.text = before;
                head.location = Some(place);
                break;
            }
        }
    }
}

/// Whether a text is what somebody did or learnt, and nobody's name.
fn says_role(text: &str) -> bool {
    title(text) >= 1.5 && title(text) > company(text) || degree(text) > school(text)
}

/// Whether a head begins with a name in a row without a role, and has at most the role below.
fn is_banner(head: &Head) -> bool {
    head.segments.first().is_some_and(|first| {
        let is_alone = head.segments.iter().all(|other| other.row > first.row || !says_role(&other.text));
        let has_role_below =
            || head.segments.iter().any(|other| other.row > first.row && says_role(&other.text));
        !first.is_cut_from_place && is_alone && (head.segments.len() == 1 || has_role_below())
    })
}

/// Whether a segment is a place and has no name in it.
fn is_place_alone(segments: &[Segment], at: usize, above: &Above) -> bool {
    segments.get(at).is_some_and(|segment| {
        let other = match segments {
            [first, _] if at == 1 => Some(first),
            [_, second] if at == 0 => Some(second),
            _ => None,
        };
        is_place(&segment.text)
            && !begins_with_role(&segment.text)
            && (above.places.contains(&segment.text) || !names_somebody(segment, other, above))
    })
}

/// "Analyst, Nordlys, Oslo": a title, its employer and the place of both.
fn begins_with_role(text: &str) -> bool {
    text.split_once([',', '，'])
        .is_some_and(|(first, rest)| rest.contains([',', '，']) && title(first) >= 1.5 && !is_place(first))
}

/// Whether a place begins with a name that is none: in "YMCA, Pomona, CA" and "Nordlys, Oslo" beside nothing but a title
/// (`other`), and wherever what stands before a place has the words of an employer or a school.
fn names_somebody(segment: &Segment, other: Option<&Segment>, above: &Above) -> bool {
    let Some((first, rest)) = segment.text.split_once([',', '，']) else {
        return false;
    };
    let is_known = || (company(first) > 0.0 || school(first) >= 1.0) && is_place(rest);
    let is_missing = other.is_some_and(|other| is_somebody_missing(segment, other, rest, above));
    (is_missing || is_known()) && !is_place(first) && !first.contains(|c: char| c.is_ascii_digit())
}

/// Whether a head of two segments lacks a name unless the one that is a place has it. A suburb before its city (`rest`)
/// looks the same, so that nobody else may be the name.
fn is_somebody_missing(segment: &Segment, other: &Segment, rest: &str, above: &Above) -> bool {
    let is_right_of_other = segment.row == other.row && (segment.cell, segment.nth) > (other.cell, other.nth);
    if is_right_of_other && above.has_banner {
        return false;
    }
    let is_role = says_role(&other.text);
    let is_nobody = company(&other.text) <= 0.0 && school(&other.text) <= 0.0;
    // Hardly anybody writes a suburb before a city and its state; before a city and its country many do.
    if let Some((_, last)) = rest.rsplit_once([',', '，']) {
        let is_state = is_american_state(last.split_whitespace().next().unwrap_or_default());
        return is_role || is_nobody && (is_state || !is_right_of_other);
    }
    is_city(rest) && (is_role || is_nobody && !is_right_of_other)
}

/// Fewest segments of a head that has a place besides a title and an employer.
const MIN_SEGMENTS: usize = 3;

/// Where some entries of a section have a place in a cell of its own, the others have theirs there, though nobody has
/// listed it.
pub(crate) fn follow_cells(heads: &mut [Head]) {
    let known: Vec<Spot> = heads.iter().filter_map(|head| head.location_at).collect();
    for head in heads.iter_mut().filter(|head| head.location.is_none()) {
        let is_place = |segment: &Segment| known.contains(&spot(segment)) && may_be_place(&segment.text);
        if head.segments.len() >= MIN_SEGMENTS
            && let Some(at) = head.segments.iter().position(is_place)
        {
            head.location = Some(head.segments.remove(at).text);
        }
    }
}

/// The same where their names end in a place after a comma. Not of studies: what follows a school may be its field. `lean`
/// says how much a text leans to being what was done there, and not where.
pub(crate) fn follow_commas(heads: &mut [Head], lean: fn(&str) -> f32) {
    let is_cut = |head: &&Head| head.segments.iter().any(|segment| segment.is_cut_from_place);
    let cut = heads.iter().filter(is_cut).count();
    let open: Vec<(usize, usize)> = heads
        .iter()
        .enumerate()
        .filter(|(_, head)| head.location.is_none())
        .filter_map(|(nth, head)| Some((nth, unlisted_place(head, lean)?)))
        .collect();
    if cut < open.len() {
        return;
    }
    for (nth, at) in open {
        if let Some(head) = heads.get_mut(nth)
            && let Some(segment) = head.segments.get_mut(at)
            && let Some((name, place)) = segment.text.rsplit_once([',', '，'])
        {
            head.location = Some(trim_marks(place).to_owned());
            segment.text = trim_marks(name).to_owned();
        }
    }
}

/// The one segment of a head that is a name and may end in a place. Another one has to be the title: "Barback, Tiger
/// Lounge" has both.
fn unlisted_place(head: &Head, lean: fn(&str) -> f32) -> Option<usize> {
    let is_named = |segment: &Segment| {
        segment.row < 3
            && lean(&segment.text) <= 0.0
            && segment.text.rsplit_once([',', '，']).is_some_and(|(name, place)| {
                !name.contains([',', '，']) && may_be_place(place) && !trim_marks(name).is_empty()
            })
    };
    let mut found = head.segments.iter().enumerate().filter(|(_, segment)| is_named(segment));
    let (at, _) = found.next()?;
    let has_title = head
        .segments
        .iter()
        .enumerate()
        .any(|(other, segment)| other != at && title(&segment.text) >= 1.5 && lean(&segment.text) > 0.0);
    (has_title && found.next().is_none()).then_some(at)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::engine::read::{Limits, read};
    use crate::engine::understand::resume::understand;

    /// Employers, titles and places of the jobs.
    #[track_caller]
    fn check(jobs: &str, expected: &[[&str; 3]]) {
        let text = format!("Ada Example\nada@example.org\n\nEXPERIENCE\n\n{jobs}\n");
        let found = understand(&read(text.as_bytes(), "resume.txt", &Limits::default()).unwrap()).work;
        let found: Vec<_> = found
            .iter()
            .map(|job| [&job.name, &job.position, &job.location].map(|it| it.clone().unwrap_or_default()))
            .collect();
        assert_eq!(found, expected, "{jobs}");
    }

    #[test]
    fn a_suburb_beside_a_later_role_is_no_employer() {
        for place in ["Kings Cross, London", "Kings Cross, London, UK"] {
            for second in [place, &place.replace("Kings Cross", "Soho")] {
                check(
                    &format!(
                        "Nordlys\nSoftware Engineer      {place}      2019 – 2021\n- Built the index\n\nAnalyst      \
                         {second}      2017 – 2019\n- Kept the reports\n"
                    ),
                    &[["Nordlys", "Software Engineer", place], ["Nordlys", "Analyst", second]],
                );
            }
        }
    }

    #[test]
    fn a_suburb_beside_its_employer_is_no_employer() {
        for place in ["Koramangala, Bangalore", "Koramangala, Bangalore, India"] {
            check(&format!("Nordlys | {place}\n2014 – 2015\n- Built the index\n"), &[["Nordlys", "", place]]);
        }
    }

    #[test]
    fn an_employer_beside_every_title_is_one() {
        check(
            "Editor      Fjordbuss, Dublin      2019 – 2021\n- Edited\n\nWriter      Klettwerk, Oslo      2016 – 2019\n- Wrote\n",
            &[["Fjordbuss", "Editor", "Dublin"], ["Klettwerk", "Writer", "Oslo"]],
        );
        check(
            "Swim Coach      YMCA, Pomona, CA      2012 – 2014\n- Taught\n",
            &[["YMCA", "Swim Coach", "Pomona, CA"]],
        );
    }

    #[test]
    fn a_title_before_its_employer_and_city_is_no_place() {
        let job = "Analyst, Nordlys, Oslo\n2019 – 2021\n- Kept the reports\n";
        check(&format!("{job}\n{job}"), &[["Nordlys", "Analyst", "Oslo"]; 2]);
    }

    #[test]
    fn what_an_employer_does_is_no_place() {
        check(
            "Analyst\nMarlow Finch, London\n2019 – 2021\n- Kept the models\n\nIntern\nHarbor Stanley, Fixed Income\n2018 – \
             2019\n- Kept the reports\n",
            &[["Marlow Finch", "Analyst", "London"], ["Harbor Stanley, Fixed Income", "Intern", ""]],
        );
        check(
            "Waiter\nBlue Heron, London\n2019 – 2021\n- Served\n\nBarback, Tiger Lounge\n2018 – 2019\n- Cleaned\n",
            &[["Blue Heron", "Waiter", "London"], ["", "Barback, Tiger Lounge", ""]],
        );
    }
}
