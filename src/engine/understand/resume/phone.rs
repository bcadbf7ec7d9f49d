//! Telephone numbers as machines dial them: E.164 (ITU-T), where the country is known.

use crate::domain::resume::{Basics, Location};
use crate::engine::understand::resume::places::is_american_state;
use crate::engine::understand::resume::text::is_listed;

/// The fewest and the most digits of a number with its country code.
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Countries by their folded names and codes, their dialling code, and what is dialled before a number at home.
const COUNTRIES: &[(&str, &str, &str)] = &[
    ("germany|deutschland|allemagne|alemania|de", "49", "0"),
    ("austria|osterreich|at", "43", "0"),
    ("switzerland|schweiz|suisse|svizzera|ch", "41", "0"),
    ("france|frankreich|fr", "33", "0"),
    ("united kingdom|uk|u.k.|england|scotland|wales|gb", "44", "0"),
    ("ireland|ie", "353", "0"),
    ("netherlands|the netherlands|nederland|niederlande|nl", "31", "0"),
    ("belgium|belgique|belgie|belgien|be", "32", "0"),
    ("spain|espana|spanien|es", "34", ""),
    // In Italy the nought is part of the number.
    ("italy|italia|italien|it", "39", ""),
    ("portugal|pt", "351", ""),
    ("poland|polska|polen|pl", "48", ""),
    ("brazil|brasil|br", "55", "0"),
    ("mexico|mx", "52", ""),
    ("india|in", "91", "0"),
    ("china|中国|cn", "86", "0"),
    ("australia|au", "61", "0"),
];

/// Countries of the North American plan, whose numbers have ten digits.
const NORTH_AMERICA: &str = "united states|united states of america|usa|u.s.a.|u.s.|us|canada|kanada|ca";

/// Writes the number of a person beside how it is printed, if it says its country or the person lives in one.
pub(crate) fn add_number(basics: &mut Basics) {
    let Some(printed) = basics.phone.as_deref() else {
        return;
    };
    basics.phone_number = number(printed, basics.location.as_ref());
}

fn number(printed: &str, home: Option<&Location>) -> Option<String> {
    let lower = printed.to_lowercase();
    let dialled = lower.split(['x', '#']).next().unwrap_or_default().split("ext").next().unwrap_or_default();
    let is_international =
        dialled.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '+').starts_with('+');
    // "+49 (0) 30": the nought is for callers at home.
    let dialled = if is_international { dialled.replace("(0)", " ") } else { dialled.to_owned() };
    let digits: String = dialled.chars().filter(char::is_ascii_digit).collect();
    let whole = if is_international {
        digits
    } else if let Some(rest) = digits.strip_prefix("00") {
        rest.to_owned()
    } else {
        national(&digits, home?)?
    };
    let fits = DIGITS.contains(&whole.len()) && !whole.starts_with('0');
    fits.then(|| format!("+{whole}"))
}

fn national(digits: &str, home: &Location) -> Option<String> {
    if is_north_american(home) {
        let ten = if digits.len() == 11 { digits.strip_prefix('1')? } else { digits };
        let opens = |at: usize| ten.as_bytes().get(at).is_some_and(|digit| (b'2'..=b'9').contains(digit));
        return (ten.len() == 10 && opens(0) && opens(3)).then(|| format!("1{ten}"));
    }
    let (_, code, trunk) = COUNTRIES.iter().find(|(names, _, _)| lives_in(home, names))?;
    let rest = if trunk.is_empty() { digits } else { digits.strip_prefix(trunk).unwrap_or(digits) };
    Some(format!("{code}{rest}"))
}

/// The country by its code, or as the last part of an address.
fn lives_in(home: &Location, names: &str) -> bool {
    let last = home.address.as_deref().and_then(|address| address.rsplit(',').next());
    let known = |text: &str| is_listed(names, text);
    match home.country_code.as_deref() {
        Some(code) => known(code),
        // Two letters after a city are a state: "Dover, DE".
        None => last.is_some_and(|last| {
            known(last) && (last.trim().len() > 2 || ["UK", "US"].contains(&last.trim()))
        }),
    }
}

/// By its country, or by a state's two letters after the city.
fn is_north_american(home: &Location) -> bool {
    let after_city = home.address.as_deref().and_then(|address| address.rsplit_once(','));
    // "Austin, TX 78701": a postal code may follow.
    let state = after_city.and_then(|(_, last)| last.split_whitespace().next());
    let region = home.region.as_deref().filter(|_| home.country_code.is_none());
    lives_in(home, NORTH_AMERICA) || region.or(state).is_some_and(is_american_state)
}

#[cfg(test)]
mod tests {
    use crate::domain::resume::Location;
    use crate::engine::understand::resume::phone::number;

    #[track_caller]
    fn check(printed: &str, home: &str, expected: Option<&str>) {
        let address = Some(home.to_owned()).filter(|home| !home.is_empty());
        let home = Location { address, ..Location::default() };
        assert_eq!(number(printed, Some(&home)).as_deref(), expected, "{printed} in {home:?}");
    }

    #[test]
    fn a_number_with_its_country_is_known_everywhere() {
        check("+49 (0) 30 / 901 820", "", Some("+4930901820"));
        check("0041 44 123 45 67", "", Some("+41441234567"));
        check("+1 (555) 010-9999 ext. 12", "", Some("+15550109999"));
        check("+1 234", "", None);
    }

    #[test]
    fn a_number_without_one_is_known_by_where_the_person_lives() {
        check("(512) 555-0142", "Austin, TX", Some("+15125550142"));
        check("030 901820", "Berlin, Germany", Some("+4930901820"));
        check("06 123 45678", "Roma, Italia", Some("+390612345678"));
        check("(123) 456-7890", "Austin, TX", None);
        check("030 901820", "", None);
        check("512 555 0142", "Springdale", None);
        check("302 555 0142", "Dover, DE", Some("+13025550142"));
        check("044 123 45 67", "Zürich, CH", None);
    }
}
