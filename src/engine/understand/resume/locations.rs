//! Where jobs and studies were: the places in the heads of a section's entries, told from the names beside them.

use crate::engine::understand::resume::entries::{Head, Segment};
use crate::engine::understand::resume::evidence::{company, degree, school, title};
use crate::engine::understand::resume::places::{is_city, is_place, may_be_place, split_place};
use crate::engine::understand::resume::roles::{Spot, spot};
use crate::engine::understand::resume::text::trim_marks;

/// Moves the places out of the heads of a section.
pub(crate) fn take_places(heads: &mut [Head]) {
    heads.iter_mut().for_each(take_place);
}

fn take_place(head: &mut Head) {
    if head.location.is_none()
        && head.segments.len() > 1
        && let Some(at) = (0..head.segments.len()).rev().find(|at| is_place_alone(&head.segments, *at))
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

/// Whether a segment is a place and has no name in it.
fn is_place_alone(segments: &[Segment], at: usize) -> bool {
    segments.get(at).is_some_and(|segment| {
        let other = match segments {
            [first, _] if at == 1 => Some(first.text.as_str()),
            [_, second] if at == 0 => Some(second.text.as_str()),
            _ => None,
        };
        is_place(&segment.text) && !names_somebody(&segment.text, other)
    })
}

/// Whether a place begins with a name that is none: in "YMCA, Pomona, CA" and "Nordlys, Oslo" beside nothing but a title
/// (`other`), and wherever what stands before a place has the words of an employer or a school.
fn names_somebody(text: &str, other: Option<&str>) -> bool {
    let Some((first, rest)) = text.split_once([',', '，']) else {
        return false;
    };
    let known = company(first) > 0.0 || school(first) >= 1.0;
    // A suburb before its city looks the same, so that nobody else may be the name.
    let is_missing = other.is_some_and(|other| {
        let says_role = title(other) >= 1.5 && title(other) > company(other) || degree(other) > school(other);
        says_role || company(other) <= 0.0 && school(other) <= 0.0
    });
    let more = rest.contains([',', '，']);
    ((known && is_place(rest)) || ((known || other.is_some()) && more) || (is_missing && is_city(rest)))
        && !is_place(first)
        && !first.contains(|c: char| c.is_ascii_digit())
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

/// The one segment of a head that is a name and may end in a place.
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
    found.next().is_none().then_some(at)
}
