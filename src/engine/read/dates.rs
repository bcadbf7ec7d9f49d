//! As much of dates as a reader must know: a line with a range of them opens an entry, whatever else it looks like.

use std::sync::LazyLock;

use regex::Regex;

/// Words for a time that has not ended.
const NOW: &str = r"(?:(?:la|el|le|à|ao?|al?|ad|o|ce|to)\s+)?(?:present|current|now\b|today|ongoing|heute|jetzt|aktuell|aujourd|présent|actual|presente|hoy\b|atual|hoje|oggi|heden|nu\b|obecnie|至今|现在|目前|今|היום|כיום|הווה|الآن|الحاضر|date\b|dato\b|data\b|jour\b|actualidad\b|fecha\b|nadal\b)";

static IS_NOW: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&format!(r"(?i)^(?:{NOW})\w*$")).ok());

/// Two ends of a time, of which the first is a year: `2019 – 2021`, `2018/19`, `03/2019 to today`, `since May 2020`.
static RANGE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let year = r"(?:19|20)\d\d";
    let month = r"(?:\p{L}+\.?\s+(?:de\s+)?|\d{1,2}[./]){0,2}";
    let to = r"(?:\s*[-–—‒−~～/\u{ad}]+\s*|\s+(?:to|until|till|bis|jusqu['’](?:à|au)|au|à|a|al|ao|até|hasta|fino|tot|do|إلى|עד)\s+|\s*[至到]\s*)";
    let until_now = r"\s+(?:to\s+date|à\s+ce\s+jour|ad\s+oggi)\b";
    let since = "since|seit|depuis|desde|dal|sinds|vanaf|od|מאז|منذ";
    Regex::new(&format!(
        r"(?i)\b{year}(?:年(?:\d{{1,2}}月)?)?{to}(?:{month}{year}\b|['’]?\d\d\b|{NOW})|\b{year}{until_now}|\b(?:{since})\s+{month}{year}\b"
    ))
    .ok()
});

/// A name of a month, or whatever else is numbered and dated, before a year: `März 2020`, `Preis 2019`.
static BEFORE_YEAR: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\p{L}+\.?,?\s+(?:de\s+)?(?:19|20)\d\d\b").ok());

/// Whether a text has the two ends of a time.
pub(crate) fn has_range(text: &str) -> bool {
    RANGE.as_ref().is_some_and(|range| range.is_match(text))
}

/// Whether a text says no more than that a time has not ended.
pub(crate) fn is_now(text: &str) -> bool {
    IS_NOW.as_ref().is_some_and(|now| now.is_match(text))
}

/// Whether a number in a text may be a year.
pub(crate) fn has_year(text: &str) -> bool {
    let is_year = |word: &str| word.len() == 4 && (word.starts_with("19") || word.starts_with("20"));
    text.split(|c: char| !c.is_ascii_digit()).any(is_year)
}

/// A year at the beginning of a text, after a comma in it, and at its end.
static YEAR_FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\(?(?:19|20)\d\d\b").ok());
static YEAR_INSIDE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r",\s(?:19|20)\d\d\b").ok());
static YEAR_LAST: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\s,(/](?:19|20)\d\d\)?\s*$").ok());

/// Whether two texts, one after the other, both begin or both end with a year, as the lines of a list do.
pub(crate) fn are_dated_alike(text: &str, next: &str) -> bool {
    let has = |year: &Option<Regex>, text: &str| year.as_ref().is_some_and(|year| year.is_match(text));
    let both = |year| has(year, text) && has(year, next);
    // "…, 2014, with distinction" after a line that its year ends.
    let goes_on = has(&YEAR_LAST, text) && has(&YEAR_INSIDE, next);
    let opens = next.trim_start().starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    opens && (both(&YEAR_FIRST) || both(&YEAR_LAST) || goes_on)
}

/// Whether a year follows the first word.
pub(crate) fn opens_before_year(text: &str) -> bool {
    BEFORE_YEAR.as_ref().is_some_and(|dated| dated.is_match(text))
}

#[cfg(test)]
mod tests {
    use crate::engine::read::dates::{are_dated_alike, has_range, opens_before_year};

    #[test]
    fn a_range_has_two_ends() {
        for text in [
            "FC Köln, Trainer, 2019 – 2021",
            "Acme\t03/2019 - 05/2020",
            "May 2018 to Jun 2020",
            "2018/19",
            "2019-Present",
            "seit 2019",
            "Since March 2020",
            "2017年至今",
            "2019 to date",
            "2019 à ce jour",
            "2019 a la actualidad",
            "2019 fino ad oggi",
            "2019 – היום",
        ] {
            assert!(has_range(text), "{text}");
        }
        for text in ["Wrote it in 2019", "2019, 2021", "20 – 30 people", "1.2019", "Version 2019-rc"] {
            assert!(!has_range(text), "{text}");
        }
    }

    #[test]
    fn lines_of_a_list_have_their_year_at_the_same_end() {
        assert!(are_dated_alike(
            "BSc in Biology, Ridge College, 2016",
            "MSc in Biology, Harbor College, 2019"
        ));
        assert!(are_dated_alike("2016 BSc, Ridge College", "2019: MSc, Harbor College"));
        assert!(are_dated_alike(
            "BSc in Biology, Ridge College, 2016",
            "Baccalauréat, Lycée Torelli, 2014, mention Bien"
        ));
        assert!(!are_dated_alike("Ran the lab from 2016", "and won a prize in 2019"));
        assert!(!are_dated_alike("Ran the lab, 2016", "2019 MSc, Harbor College"));
    }

    #[test]
    fn a_year_after_one_word_dates_it() {
        assert!(opens_before_year("März 2020"));
        assert!(opens_before_year("Preis, 2019"));
        assert!(!opens_before_year("Led a team in 2019"));
    }
}
