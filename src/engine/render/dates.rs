//! Dates as a resume prints them.

use crate::domain::resume::PartialDate;
use crate::engine::render::language::Words;

/// When something was, as given: the printed form where there is one, else first and last date.
#[derive(Debug, Clone, Copy)]
pub(crate) struct When<'a> {
    /// The dates as the source prints them.
    pub(crate) printed: Option<&'a str>,
    /// First date.
    pub(crate) start: Option<PartialDate>,
    /// Last date.
    pub(crate) end: Option<PartialDate>,
    /// What a missing last date means.
    pub(crate) open: Open,
}

/// What it means that a last date is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    /// It goes on.
    Ongoing,
    /// Nothing is known.
    Unknown,
}

impl When<'_> {
    /// The dates in words; empty when nothing is known.
    pub(crate) fn text(&self, words: &Words) -> String {
        if let Some(printed) = self.printed.filter(|printed| !printed.trim().is_empty()) {
            return printed.to_owned();
        }
        match (self.start, self.end) {
            (Some(start), Some(end)) if start == end => date(start, words),
            (Some(start), Some(end)) => format!("{} – {}", date(start, words), date(end, words)),
            (Some(start), None) if self.open == Open::Ongoing => {
                format!("{} – {}", date(start, words), words.present)
            }
            (Some(only), None) | (None, Some(only)) => date(only, words),
            (None, None) => String::new(),
        }
    }
}

/// One date: `2021`, `Mar 2021`, `5 Mar 2021`.
pub(crate) fn date(date: PartialDate, words: &Words) -> String {
    let month = date.month.and_then(|month| words.months.get(usize::from(month).checked_sub(1)?));
    match (month, date.day) {
        (None, _) => date.year.to_string(),
        (Some(month), None) => format!("{month} {}", date.year),
        (Some(month), Some(day)) => format!("{day} {month} {}", date.year),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use crate::engine::render::dates::{Open, When};
    use crate::engine::render::language::words;

    #[test]
    fn dates_are_printed_as_given_or_else_as_months_and_years() {
        for (printed, start, end, open, expected) in [
            (Some("Winter 2019/20"), "2019-12", "2020-02", Open::Ongoing, "Winter 2019/20"),
            (Some(" "), "2019-12", "", Open::Ongoing, "Dec 2019 – Present"),
            (None, "2019-12", "", Open::Unknown, "Dec 2019"),
            (None, "2019", "2021", Open::Ongoing, "2019 – 2021"),
            (None, "2021-03", "2021-03", Open::Ongoing, "Mar 2021"),
            (None, "", "2021-03-05", Open::Ongoing, "5 Mar 2021"),
            (None, "", "", Open::Ongoing, ""),
        ] {
            let parse = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
            let when = When { printed, start: parse(start), end: parse(end), open };
            assert_eq!(when.text(words("en")), expected);
        }
    }
}
