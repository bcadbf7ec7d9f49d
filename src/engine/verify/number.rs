//! Numbers in a text: their value, unit and bound, however they are written.

use crate::engine::words::{Word, fold, is_function_word, stem, words};

/// Whether a number is said to be exact, exceeded, or only approached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    /// "30"
    Exact,
    /// "30+", "over 30", "at least 30"
    More,
    /// "up to 30", "about 30", "nearly 30"
    Loose,
}

/// A number as a text claims it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Number {
    /// As it stands there.
    pub(crate) text: String,
    /// First byte of the word that it stands in.
    pub(crate) start: usize,
    /// Its amount with the scale worked in: 2000000 for "2M".
    value: f64,
    /// `%`, a currency sign, `x`, or letters written on to it: `ms`, `GB`.
    unit: Option<String>,
    bound: Bound,
    /// The stem of the word that follows, where that is no function word: what is counted.
    counted: Option<String>,
}

impl Number {
    /// Whether a source text that has `other`, and these stems, bears this number out.
    pub(crate) fn is_borne_out_by(&self, other: &Self, stems: &[String]) -> bool {
        let same_value = (self.value - other.value).abs() <= self.value.abs() * 1e-9;
        let same_unit = match (&self.unit, &other.unit) {
            (Some(one), Some(other)) => one == other,
            (None, None) => true,
            // "30 ms" and "30ms", "5 percent" and "5%": the unit may be a word of its own on the other side.
            (Some(unit), None) => stems.contains(unit),
            (None, Some(unit)) => self.counted.as_ref() == Some(unit),
        };
        let same_bound = match (self.bound, other.bound) {
            (one, other) if one == other => true,
            // "More than 30" is also 30; the other way round, or out of "up to 30", it would say more.
            (Bound::Exact, Bound::More) => true,
            _ => false,
        };
        let same_thing = self.counted.as_ref().is_none_or(|counted| {
            other.counted.as_ref() == Some(counted)
                || stems.contains(counted)
                || Some(counted) == other.unit.as_ref()
        });
        same_value && same_unit && same_bound && same_thing
    }
}

/// All numbers of a text, in digits or words.
pub(crate) fn numbers(text: &str) -> Vec<Number> {
    let words = words(text);
    let mut found = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| words.get(before));
        let Some((mut value, mut unit, plus)) = in_digits(word.text).or_else(|| in_letters(word.text)) else {
            continue;
        };
        // "two hundred": the second word scales the first and is no number by itself.
        if scale(word.text).is_some()
            && before.is_some_and(|before| in_digits(before.text).or(in_letters(before.text)).is_some())
        {
            continue;
        }
        let mut after = words.get(index + 1);
        if let Some(factor) = after.and_then(|after| scale(after.text)) {
            value *= factor;
            after = words.get(index + 2);
        }
        let behind = text.get(word.end..).unwrap_or_default().trim_start();
        let percent =
            after.is_some_and(|after| matches!(fold(after.text).as_str(), "percent" | "pct" | "prozent"));
        if behind.starts_with('%') || behind.starts_with('\u{ff05}') || percent {
            unit = Some("%".into());
        } else if let Some(currency) = currency_before(text, word.start) {
            unit = Some(currency.to_string());
        }
        let has_plus = plus || behind.starts_with('+');
        let counted = after
            .filter(|after| !percent && is_beside(text, word, after) && !is_function_word(&fold(after.text)))
            .filter(|after| in_digits(after.text).is_none())
            .map(|after| stem(after.text));
        found.push(Number {
            text: word.text.to_owned(),
            start: word.start,
            value,
            unit,
            bound: if has_plus { Bound::More } else { bound_before(text, word.start) },
            counted,
        });
    }
    found
}

/// Whether nothing but blanks, a hyphen, a plus or a percent sign stands between two words.
fn is_beside(text: &str, word: &Word<'_>, after: &Word<'_>) -> bool {
    text.get(word.end..after.start)
        .is_some_and(|between| between.chars().all(|letter| " \u{a0}-+%".contains(letter)))
}

/// The number that a word of digits says, with the unit that is written on to it and whether a plus follows.
fn in_digits(word: &str) -> Option<(f64, Option<String>, bool)> {
    if !word.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let end = word
        .find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ',')
        .unwrap_or(word.len());
    let (digits, rest) = word.split_at_checked(end)?;
    let (rest, plus) = rest.strip_suffix('+').map_or((rest, false), |rest| (rest, true));
    let is_grouped = |mark: char| {
        let mut groups = digits.split(mark);
        groups.next().is_some_and(|first| first.len() <= 3)
            && groups.clone().count() > 0
            && groups.all(|group| group.len() == 3)
    };
    let plain = if is_grouped(',') {
        digits.replace(',', "")
    } else if digits.matches('.').count() > 1 && is_grouped('.') {
        digits.replace('.', "")
    } else {
        digits.replace(',', ".")
    };
    let value: f64 = plain.trim_end_matches('.').parse().ok()?;
    let (factor, unit) = match rest {
        "" => (1.0, None),
        "k" | "K" => (1e3, None),
        "m" | "M" | "mm" | "MM" | "mn" => (1e6, None),
        "b" | "B" | "bn" => (1e9, None),
        "x" | "X" => (1.0, Some("x".to_owned())),
        other => (1.0, Some(stem(other))),
    };
    Some((value * factor, unit, plus))
}

/// The number that a word of letters says. "One" is left out: it is a pronoun more often than a number.
fn in_letters(word: &str) -> Option<(f64, Option<String>, bool)> {
    let times = |value| Some((value, Some("x".to_owned()), false));
    let value = match fold(word).as_str() {
        "two" => 2.0,
        "three" => 3.0,
        "four" => 4.0,
        "five" => 5.0,
        "six" => 6.0,
        "seven" => 7.0,
        "eight" => 8.0,
        "nine" => 9.0,
        "ten" => 10.0,
        "eleven" => 11.0,
        "twelve" | "dozen" | "dozens" => 12.0,
        "fifteen" => 15.0,
        "twenty" => 20.0,
        "thirty" => 30.0,
        "forty" => 40.0,
        "fifty" => 50.0,
        "sixty" => 60.0,
        "seventy" => 70.0,
        "eighty" => 80.0,
        "ninety" => 90.0,
        "hundred" | "hundreds" => 100.0,
        "thousand" | "thousands" => 1e3,
        "million" | "millions" => 1e6,
        "billion" | "billions" => 1e9,
        "twice" | "double" | "doubled" | "doubling" | "twofold" => return times(2.0),
        "triple" | "tripled" | "tripling" | "threefold" => return times(3.0),
        "quadruple" | "quadrupled" | "fourfold" => return times(4.0),
        "tenfold" => return times(10.0),
        "half" | "halved" | "halving" => return times(0.5),
        _ => return None,
    };
    Some((value, None, false))
}

fn scale(word: &str) -> Option<f64> {
    match fold(word).as_str() {
        "hundred" => Some(1e2),
        "thousand" => Some(1e3),
        "million" => Some(1e6),
        "billion" => Some(1e9),
        _ => None,
    }
}

fn currency_before(text: &str, at: usize) -> Option<char> {
    let before = text.get(..at)?.trim_end().chars().next_back()?;
    "$\u{20ac}\u{a3}\u{a5}\u{20b9}".contains(before).then_some(before)
}

fn bound_before(text: &str, at: usize) -> Bound {
    const MORE: &[&str] = &["over", "least", "exceeding", "above", "surpassing", "beyond"];
    const LOOSE: &[&str] = &[
        "about",
        "around",
        "approximately",
        "approx",
        "nearly",
        "almost",
        "roughly",
        "circa",
        "ca",
        "under",
        "below",
        "to",
    ];
    let before = text.get(..at).unwrap_or_default();
    if before.trim_end().ends_with('~') {
        return Bound::Loose;
    }
    let last: Vec<String> = words(before).iter().rev().take(2).map(|word| fold(word.text)).collect();
    let [first, rest @ ..] = last.as_slice() else {
        return Bound::Exact;
    };
    let second = rest.first().map_or("", String::as_str);
    match first.as_str() {
        "than" if second == "more" || second == "greater" => Bound::More,
        "than" if second == "less" || second == "fewer" => Bound::Loose,
        // "up to 30" approaches it; "from 20 to 30" names it.
        "to" if second != "up" => Bound::Exact,
        word if MORE.contains(&word) => Bound::More,
        word if LOOSE.contains(&word) => Bound::Loose,
        _ => Bound::Exact,
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::verify::number::numbers;
    use crate::engine::words::stems;

    fn check(new: &str, source: &str, expected: bool) {
        let in_source = numbers(source);
        let stems = stems(source);
        let borne_out = numbers(new)
            .iter()
            .all(|number| in_source.iter().any(|other| number.is_borne_out_by(other, &stems)));
        assert_eq!(borne_out, expected, "{new} / {source}: {:?} {in_source:?}", numbers(new));
    }

    #[test]
    fn the_same_number_may_be_written_otherwise() {
        check("2M users", "2 million users", true);
        check("1200 users", "1,200 users", true);
        check("five engineers", "a team of 5 engineers", true);
        check("30 percent", "30%", true);
        check("30 ms", "30ms", true);
        check("a 5-person team", "a team of 5 persons", true);
        check("served 300 clients", "served 300+ clients", true);
        check("two hundred parcels", "200 parcels", true);
    }

    #[test]
    fn another_number_unit_or_bound_is_another_claim() {
        check("45%", "40%", false);
        check("40 people", "40%", false);
        check("40%", "40 people", false);
        check("30 s", "30 ms", false);
        check("$5M", "5M users", false);
        check("\u{20ac}5M", "$5M", false);
        check("5 years", "5 engineers", false);
        check("over 30", "30", false);
        check("30+ users", "30 users", false);
        check("by 30%", "by up to 30%", false);
        check("doubled sales", "raised sales", false);
        check("in 2020", "in 2019", false);
    }

    #[test]
    fn letters_before_digits_make_a_name() {
        assert!(numbers("S3, EC2, B2B and K8s").is_empty());
    }
}
