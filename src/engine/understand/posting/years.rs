//! How many years of experience a sentence asks for.

use crate::engine::understand::posting::phrase::Phrases;

/// More is the age of a company or of an applicant.
const MAX_YEARS: f32 = 25.0;

/// The least number of years that a sentence asks for: "3-5 years" is 3, "six months" half a year.
pub(crate) fn years(text: &str) -> Option<f32> {
    let phrases = Phrases::of(text);
    let words: Vec<&str> = phrases.words().collect();
    for (at, word) in words.iter().enumerate() {
        let unit = match word.trim_end_matches('\'') {
            "year" | "years" | "yrs" | "yr" | "year's" | "years'" | "jahre" | "jahren" | "ans" | "années"
            | "años" => 1.0,
            "month" | "months" | "month's" | "months'" | "monate" | "mois" | "meses" => 1.0 / 12.0,
            _ => continue,
        };
        let after: Vec<&str> = words.iter().skip(at + 1).take(2).copied().collect();
        // "18 years of age", "25 years old", "2 years ago", "a 3 year contract" ask for no experience.
        let is_age = matches!(
            after.as_slice(),
            ["of", "age"] | ["old" | "ago" | "contract" | "fixed" | "term" | "plan" | "warranty", ..]
        );
        if is_age {
            continue;
        }
        let counted = smallest_before(&words, at)?;
        let found = counted * unit;
        return (found > 0.0 && found <= MAX_YEARS).then_some(found);
    }
    None
}

/// The number before position `at`, or the lower end of a range that ends there.
fn smallest_before(words: &[&str], at: usize) -> Option<f32> {
    let mut smallest: Option<f32> = None;
    for word in words.iter().take(at).rev().take(6) {
        match (number(word), *word) {
            (Some(found), _) => smallest = Some(smallest.map_or(found, |known| known.min(found))),
            (
                None,
                "to" | "or" | "and" | "plus" | "+" | "more" | "full" | "of" | "least" | "a" | "minimum"
                | "bis",
            ) => {}
            (None, _) => break,
        }
    }
    smallest
}

fn number(word: &str) -> Option<f32> {
    let word = word.trim_end_matches('+');
    if let Ok(found) = word.parse::<u8>() {
        return Some(f32::from(found));
    }
    Some(match word {
        "one" | "ein" | "un" | "une" => 1.0,
        "two" | "zwei" | "deux" | "dos" => 2.0,
        "three" | "drei" | "trois" | "tres" => 3.0,
        "four" | "vier" | "quatre" | "cuatro" => 4.0,
        "five" | "fünf" | "cinq" | "cinco" => 5.0,
        "six" | "sechs" | "seis" => 6.0,
        "seven" | "sieben" | "sept" | "siete" => 7.0,
        "eight" | "acht" | "huit" | "ocho" => 8.0,
        "nine" => 9.0,
        "ten" | "zehn" | "dix" | "diez" => 10.0,
        "twelve" => 12.0,
        "fifteen" => 15.0,
        "eighteen" => 18.0,
        "twenty" => 20.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::years;

    #[track_caller]
    fn check(text: &str, expected: Option<f32>) {
        assert_eq!(years(text), expected, "in {text:?}");
    }

    #[test]
    fn years_are_read_in_every_usual_form() {
        check("3+ years of Python", Some(3.0));
        check("3-5 years' experience", Some(3.0));
        check("three to five years in retail", Some(3.0));
        check("a minimum of two (2) years", Some(2.0));
        check("at least 10 yrs", Some(10.0));
        check("5 or more years", Some(5.0));
        check("6 months of experience", Some(0.5));
        check("mindestens 3 Jahre Erfahrung", Some(3.0));
    }

    #[test]
    fn other_years_are_not_experience() {
        check("must be 18 years of age", None);
        check("for over 50 years we have", None);
        check("a 2 year contract", None);
        check("many years of joy", None);
        check("no number", None);
    }
}
