//! Dates as resumes print them: months in nine languages, ranges, "present", seasons, half-known years.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::domain::resume::PartialDate;
use crate::engine::understand::resume::calendar::{
    AFTER, ALSO, BEFORE, BEFORE_RANGE, DURATION, HAN_UNTIL_NOW, OPEN_END, PRESENT, SEASONS, TO, TO_NOW,
    UNTIL_NOW, YEARS, month_number, months_pattern,
};
use crate::engine::understand::resume::text::{pattern, trim_marks, without};

static TOKEN: LazyLock<Regex> = LazyLock::new(|| {
    let month = months_pattern();
    let year = r"(?:19|20)\d{2}";
    let blank = blank_pattern();
    pattern(&format!(
        r"(?ix)
        (?P<blank>{blank})
        | (?P<hanyear>{year})\s*年(?:\s*(?P<hanmonth>\d{{1,2}})\s*月(?:\s*\d{{1,2}}\s*[日号])?)?
        | \b(?P<n1>\d{{1,2}})[./-](?P<n2>\d{{1,2}})[./-](?P<n3>{year})\b
        | \b(?P<isoyear>{year})\s?[-–./]\s?(?P<isomonth>\d{{1,2}})(?:[-./](?P<isoday>\d{{1,2}}))?\b
        | \b(?P<nummonth>0?[1-9]|1[0-2])\s?[./-]\s?(?P<numyear>{year})\b
        | \b(?:\d{{1,2}}(?:st|nd|rd|th|\.|er|º)?\s+(?:de\s+)?)?(?P<month>{month})\b\.?(?:,|\s|-|–|/|\bde\b|\bdel\b|\bof\b)*(?:\d{{1,2}}(?:st|nd|rd|th)?\s*,\s*)?(?P<monthyear>{year}\b|['’‘]\d{{2}}\b|20xx\b|\d{{2}}\b)
        | \b(?P<shortmonth>0?[1-9]|1[0-2])/(?P<shortnumber>\d{{2}})\b
        | \b(?P<pointmonth>0[1-9]|1[0-2])\.(?P<pointnumber>\d{{2}})\b
        | \b(?-i:(?P<roman>XI{{0,2}}|IX|IV|VI{{0,3}}|I{{1,3}}))(?:\.|\s)\s?(?P<romanyear>{year})\b
        | \b(?P<season>{SEASONS})\.?(?:,|\s|/|\bde\b|\bof\b)*(?P<seasonyear>{year})(?:/\d{{2}}(?:\d{{2}})?)?\b
        | \b(?P<year>{year})\b
        | \b(?P<vague>(?:19|20)xx)\b
        | (?P<short>['’‘]\d{{2}})\b
        | \b(?P<lone>{month})\b\.?
        | (?:\b(?P<until>{UNTIL_NOW})\b|(?P<hanuntil>{HAN_UNTIL_NOW}))
        | (?:\b(?P<present>{PRESENT})\b|(?P<hanpresent>现在|目前|今))
        "
    ))
});
static BLANK: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("(?i){}", blank_pattern())));
static RANGE: LazyLock<Regex> = LazyLock::new(|| pattern(TO));
static RANGE_TO_NOW: LazyLock<Regex> = LazyLock::new(|| pattern(TO_NOW));
static OPEN_DASH: LazyLock<Regex> = LazyLock::new(|| pattern(OPEN_END));
static LIST: LazyLock<Regex> = LazyLock::new(|| pattern(ALSO));
static PREFIX: LazyLock<Regex> = LazyLock::new(|| pattern(BEFORE));
static RANGE_PREFIX: LazyLock<Regex> = LazyLock::new(|| pattern(BEFORE_RANGE));
/// What makes of "03.19" or "Mar 19" a day, an hour or a share, and no month with its year.
static NO_SHORT_YEAR: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)^(?:[./:]\d|\s*,?\s*(?:19|20)\d{2}\b|\s*(?:uhr|h|am|pm)\b|\s*%)"));
static SUFFIX: LazyLock<Regex> = LazyLock::new(|| pattern(AFTER));
static LENGTH: LazyLock<Regex> = LazyLock::new(|| pattern(DURATION));
static OPEN_START: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?:since|from|seit|ab|depuis|desde|dal|sinds|vanaf|od|自)\b"));

/// What stands where a template was not filled in.
fn blank_pattern() -> String {
    format!(r"\b(?:{YEARS})\s?[-–—]\s?(?:{YEARS})\b|年\s?[-–—]\s?年")
}

/// How sure it is that the words are a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Certainty {
    /// A year alone: also a product, a street number, a count.
    Year,
    /// A month, a season, a range.
    Certain,
}

/// A date or a range found in a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dates {
    /// First byte.
    pub(crate) start_at: usize,
    /// Byte after the last.
    pub(crate) end_at: usize,
    /// As printed, with the words that belong to it ("expected").
    pub(crate) printed: String,
    /// Where it begins; for a single date nothing.
    pub(crate) start: Option<PartialDate>,
    /// Where it ends, or the single date.
    pub(crate) end: Option<PartialDate>,
    /// It still goes on.
    pub(crate) open: bool,
    /// Two ends, or a beginning that is still open.
    pub(crate) range: bool,
    /// How sure it is.
    pub(crate) certainty: Certainty,
}

impl Dates {
    /// The first month or year that is known.
    pub(crate) fn first(&self) -> Option<PartialDate> {
        self.start.or(self.end)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Value {
    Date(Option<PartialDate>, Option<PartialDate>),
    Month(u8),
    Short(u16),
    Present,
    /// "to date": a word for "until" is part of it.
    UntilNow,
}

#[derive(Debug, Clone, Copy)]
struct Token {
    start: usize,
    end: usize,
    value: Value,
    certain: bool,
    form: Form,
}

/// How a date is written that is one only beside another.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Form {
    /// In a form that needs no other.
    Plain,
    /// "03/19", "Mar 19": a day as well, unless both ends of a range are written so.
    TwoDigits,
    /// "X 2019": the month in Roman numerals, which are much else. The token has the year alone; before it, from this byte
    /// on, stands the month.
    Roman(usize, u8),
}

/// Whether day or month stands first in "01/09/2019".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// As in the United States.
    MonthFirst,
    /// As nearly everywhere else.
    DayFirst,
}

/// Bytes of a text in which dates are looked for: no head of an entry is as long, and what each date costs grows with
/// the text around it.
const MAX_DATED: usize = 2000;

/// Every date and range of a text, in its order; of a long text, those at its beginning.
pub(crate) fn find_dates(text: &str) -> Vec<Dates> {
    find_dates_in(text, Order::MonthFirst)
}

/// The same in a document that writes days so.
pub(crate) fn find_dates_in(text: &str, order: Order) -> Vec<Dates> {
    let text = text.get(..text.floor_char_boundary(MAX_DATED)).unwrap_or(text);
    // Most lines have no number, and so no date; to look for all the forms of one costs far more than to see that.
    if !text.contains(char::is_numeric) && !BLANK.is_match(text) {
        return Vec::new();
    }
    let tokens: Vec<Token> = TOKEN.captures_iter(text).filter_map(|found| token(&found, order)).collect();
    let mut found: Vec<Dates> = Vec::new();
    let mut rest = tokens.iter().copied().peekable();
    while let Some(token) = rest.next() {
        let next = rest.peek().copied().filter(|next| are_ends(text, &token, next));
        let dates = match next.and_then(|next| ranged(token, next)) {
            Some(range) => {
                rest.next();
                Some(range)
            }
            None => single(text, token),
        };
        let Some(dates) = dates.map(|dates| with_words(text, dates)) else {
            continue;
        };
        match found.last_mut() {
            Some(last) if between(text, last.end_at, dates.start_at, &LIST) => merge(text, last, &dates),
            _ => found.push(dates),
        }
    }
    found
}

/// Whether what stands between two dates makes them the ends of a range.
fn are_ends(text: &str, from: &Token, to: &Token) -> bool {
    let start = if let Form::Roman(start, _) = to.form { start } else { to.start };
    match to.value {
        Value::UntilNow => between(text, from.end, to.start, &RANGE_TO_NOW),
        Value::Present => {
            between(text, from.end, to.start, &RANGE_TO_NOW)
                && text.get(from.end..to.start).is_some_and(|gap| !gap.trim().is_empty())
        }
        _ if to.form == Form::TwoDigits && between(text, to.end, text.len(), &NO_SHORT_YEAR) => false,
        _ => between(text, from.end, to.start, &RANGE) || between(text, from.end, start, &RANGE),
    }
}

fn between(text: &str, start: usize, end: usize, what: &Regex) -> bool {
    text.get(start..end).is_some_and(|gap| what.is_match(gap))
}

fn token(found: &Captures<'_>, order: Order) -> Option<Token> {
    let whole = found.get(0)?;
    let group = |name: &str| found.name(name).map(|group| group.as_str());
    let number = |name: &str| group(name).and_then(|digits| digits.parse::<u16>().ok());
    let mut form = Form::Plain;
    let mut start = whole.start();
    let (value, certain) = if let Some(year) = number("hanyear") {
        (date(year, number("hanmonth")), true)
    } else if let Some(year) = number("n3") {
        (date(year, Some(month_of(number("n1")?, number("n2")?, whole.as_str(), order))), true)
    } else if let Some(year) = number("isoyear") {
        (year_and_number(year, number("isomonth")?, group("isoday").is_some())?, true)
    } else if let Some(year) = number("numyear") {
        (date(year, number("nummonth")), true)
    } else if let Some(name) = group("month") {
        let written = group("monthyear")?;
        // `may 10` is a verb and a number far more often than a date.
        if written.len() == 2 && !whole.as_str().contains(['-', '/', '–']) {
            form = Form::TwoDigits;
        }
        (dated_month(name, written), true)
    } else if let Some(month) = number("shortmonth").or_else(|| number("pointmonth")) {
        form = Form::TwoDigits;
        let year = short_year(group("shortnumber").or_else(|| group("pointnumber"))?)?;
        (date(year, Some(month)), true)
    } else if let Some(name) = group("roman") {
        let year = found.name("romanyear")?;
        form = Form::Roman(whole.start(), roman(name)?);
        start = year.start();
        (date(number("romanyear")?, None), false)
    } else if let Some(year) = number("seasonyear") {
        (date(year, None), true)
    } else if let Some(year) = number("year") {
        (date(year, None), false)
    } else if group("vague").is_some() || group("blank").is_some() {
        (Value::Date(None, None), true)
    } else if let Some(short) = group("short") {
        (Value::Short(short_year(short)?), false)
    } else if let Some(name) = group("lone") {
        (Value::Month(month_number(name)?), false)
    } else if group("until").or_else(|| group("hanuntil")).is_some() {
        (Value::UntilNow, false)
    } else {
        (Value::Present, false)
    };
    Some(Token { start, end: whole.end(), value, certain, form })
}

/// The number of a month in Roman numerals.
fn roman(name: &str) -> Option<u8> {
    let months = ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
    months.iter().position(|month| *month == name).and_then(|at| u8::try_from(at + 1).ok())
}

fn date(year: u16, month: Option<u16>) -> Value {
    let month = month.and_then(|month| u8::try_from(month).ok()).filter(|month| (1..=12).contains(month));
    Value::Date(Some(PartialDate { year, month, day: None }), None)
}

fn dated_month(name: &str, written: &str) -> Value {
    let month = month_number(name).map(u16::from);
    match written.parse::<u16>().ok().filter(|year| *year > 99).or_else(|| short_year(written)) {
        Some(year) => date(year, month),
        None => Value::Date(None, None),
    }
}

/// `2018-06` is a month, `2018-19` and `2018/19` are two years.
fn year_and_number(year: u16, number: u16, has_day: bool) -> Option<Value> {
    if (1..=12).contains(&number) {
        return Some(date(year, Some(number)));
    }
    let later = year - year % 100 + number;
    let close = later > year && later - year < 60 && !has_day;
    let end = PartialDate { year: later, month: None, day: None };
    close.then_some(Value::Date(Some(PartialDate { year, month: None, day: None }), Some(end)))
}

/// The month of `a/b/year`: written day first with points, and as the document has it in the rest of the doubtful cases.
fn month_of(a: u16, b: u16, printed: &str, order: Order) -> u16 {
    let is_day_first = printed.contains('.') || order == Order::DayFirst;
    if a > 12 || (is_day_first && b <= 12) { b } else { a }
}

fn short_year(written: &str) -> Option<u16> {
    // `20XX` is a year that was left open, not 2020.
    if written.contains(char::is_alphabetic) {
        return None;
    }
    let number: u16 = written.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()?;
    (number < 100).then_some(if number > 60 { 1900 + number } else { 2000 + number })
}

fn ranged(from: Token, to: Token) -> Option<Dates> {
    let (from, to) = alike(from, to)?;
    let (end, open) = match to.value {
        Value::Date(date, later) => (later.or(date), false),
        Value::Short(year) => (Some(PartialDate { year, month: None, day: None }), false),
        Value::Present | Value::UntilNow => (None, true),
        Value::Month(_) => return None,
    };
    let start = match from.value {
        Value::Date(date, _) => date,
        Value::Short(year) => Some(PartialDate { year, month: None, day: None }),
        Value::Month(month) => end.map(|end| PartialDate { month: Some(month), ..end }),
        Value::Present | Value::UntilNow => return None,
    };
    if start.is_none() && matches!(from.value, Value::Month(_)) {
        return None;
    }
    Some(Dates {
        start_at: from.start,
        end_at: to.end,
        printed: String::new(),
        start,
        end,
        open,
        range: true,
        certainty: Certainty::Certain,
    })
}

/// The latest year that two digits are read as between two ends: "09.15 - 09.45" are hours.
const LATEST: u16 = 2039;

/// The two ends as months and years, where they are only because both are written alike.
fn alike(from: Token, to: Token) -> Option<(Token, Token)> {
    let is_now = matches!(to.value, Value::Present | Value::UntilNow);
    match (from.form, to.form) {
        (Form::TwoDigits, Form::TwoDigits) => {
            let (Value::Date(Some(start), _), Value::Date(Some(end), _)) = (from.value, to.value) else {
                return None;
            };
            (start <= end && end.year <= LATEST).then_some((from, to))
        }
        (Form::TwoDigits, _) => is_now.then_some((from, to)),
        (_, Form::TwoDigits) => None,
        (Form::Roman(..), Form::Roman(..)) => Some((with_month(from), with_month(to))),
        _ => Some((from, to)),
    }
}

fn with_month(token: Token) -> Token {
    match (token.form, token.value) {
        (Form::Roman(start, month), Value::Date(Some(year), later)) => {
            let value = Value::Date(Some(PartialDate { month: Some(month), ..year }), later);
            Token { start, value, ..token }
        }
        _ => token,
    }
}

fn single(text: &str, token: Token) -> Option<Dates> {
    let Value::Date(date, later) = token.value else {
        return None;
    };
    if token.form == Form::TwoDigits {
        return None;
    }
    let mut certainty = if token.certain { Certainty::Certain } else { Certainty::Year };
    let mut range = later.is_some();
    let (mut start, mut end) = if range { (date, later) } else { (None, date) };
    let mut end_at = token.end;
    let dash = text.get(token.end..).filter(|_| !range).and_then(|after| OPEN_DASH.find(after));
    if let Some(dash) = dash {
        (start, end, range, certainty) = (date, None, true, Certainty::Certain);
        end_at += dash.as_str().trim_end_matches(|c: char| c == ')' || c.is_whitespace()).len();
    }
    Some(Dates {
        start_at: token.start,
        end_at,
        printed: String::new(),
        start,
        end,
        open: dash.is_some(),
        range,
        certainty,
    })
}

/// Takes "expected", "since" and the like into the printed form.
fn with_words(text: &str, mut dates: Dates) -> Dates {
    if let Some(found) = text.get(..dates.start_at).and_then(|before| PREFIX.find(before)) {
        // Not the tail of another word: the "ab" of "Lab".
        let clean = text.get(..found.start()).is_none_or(|before| !before.ends_with(char::is_alphanumeric));
        if clean {
            if !dates.range && OPEN_START.is_match(found.as_str()) {
                (dates.start, dates.end, dates.open, dates.range) = (dates.end, None, true, true);
            }
            dates.start_at = found.start();
            dates.certainty = Certainty::Certain;
        }
    }
    if dates.range
        && let Some(found) = text.get(..dates.start_at).and_then(|before| RANGE_PREFIX.find(before))
    {
        dates.start_at = found.start();
    }
    if let Some(found) = text.get(dates.end_at..).and_then(|after| SUFFIX.find(after)) {
        dates.end_at += found.end();
        dates.certainty = Certainty::Certain;
    }
    dates.printed = text.get(dates.start_at..dates.end_at).unwrap_or_default().trim().replace('\u{ad}', "-");
    dates
}

fn merge(text: &str, last: &mut Dates, next: &Dates) {
    last.end_at = next.end_at;
    last.printed = text.get(last.start_at..last.end_at).unwrap_or_default().trim().replace('\u{ad}', "-");
    let all = [last.start, last.end, next.start, next.end];
    last.start = all.into_iter().flatten().min();
    last.end = all.into_iter().flatten().max();
    last.open |= next.open;
    if last.open {
        last.end = None;
    }
    last.range = true;
    last.certainty = last.certainty.max(next.certainty);
}

/// What a text says besides its dates and durations.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Undated {
    /// The rest, without the marks that held the dates.
    pub(crate) rest: String,
    /// The dates that were taken out.
    pub(crate) dates: Vec<Dates>,
    /// Durations that were taken out, as printed.
    pub(crate) durations: Vec<String>,
}

/// Takes the dates out of the line of an entry. A year alone counts only at an end or in brackets.
pub(crate) fn take_dates(text: &str) -> Undated {
    let mut result = Undated { rest: text.to_owned(), ..Undated::default() };
    for dates in find_dates(text).into_iter().rev() {
        let before = text.get(..dates.start_at).unwrap_or_default().trim_end();
        let after = text.get(dates.end_at..).unwrap_or_default().trim_start();
        let at_end = after.is_empty()
            || after.starts_with([')', ']', '|', ',', '·', '•', ';', '）'])
            || LENGTH.find(after).is_some_and(|found| found.start() == 0);
        let at_start = before.is_empty() && !after.starts_with(['+', '%', '’', '\'', '-']);
        if dates.certainty == Certainty::Certain || at_end || at_start {
            result.rest = without(&result.rest, dates.start_at, dates.end_at);
            result.dates.insert(0, dates);
        }
    }
    if text.len() <= MAX_DATED && (!result.dates.is_empty() || is_duration(text)) {
        while let Some(found) = LENGTH.find(&result.rest).filter(|found| !found.is_empty()) {
            let (start, end, printed) = (found.start(), found.end(), trim_marks(found.as_str()).to_owned());
            let edge = result.rest.get(..start).is_none_or(|before| trim_marks(before).is_empty())
                || result.rest.get(end..).is_none_or(|after| trim_marks(after).is_empty());
            if !edge {
                break;
            }
            result.durations.push(printed);
            result.rest = without(&result.rest, start, end);
        }
    }
    for empty in ["( )", "()", "[ ]", "[]", "（ ）", "（）", "(  )"] {
        result.rest = result.rest.replace(empty, " ");
    }
    result.rest =
        trim_marks(&result.rest).split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    result
}

/// Whether nothing but dates and durations stands in the text.
pub(crate) fn is_only_dates(text: &str) -> bool {
    let taken = take_dates(text);
    !taken.dates.is_empty() && taken.rest.is_empty()
}

/// Whether the text is a length of time alone ("2 years 10 months").
pub(crate) fn is_duration(text: &str) -> bool {
    let text = text.trim();
    LENGTH.find(text).is_some_and(|found| found.start() == 0 && found.end() == text.len())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]
    use super::find_dates;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown: Vec<String> = find_dates(text)
            .into_iter()
            .map(|dates| {
                let show = |date: Option<crate::domain::resume::PartialDate>| {
                    date.map(|date| date.to_string()).unwrap_or_default()
                };
                format!("{}..{}{}", show(dates.start), show(dates.end), if dates.open { "open" } else { "" })
            })
            .collect();
        assert_eq!(shown.join(" "), expected, "{text}");
    }

    #[test]
    fn ranges_are_read_in_every_usual_form() {
        check("Jan 2020 - Present", "2020-01..open");
        check("June 2023 – present", "2023-06..open");
        check("Sep. 2013, Mar. 2011 - Oct. 2011", "2011-03..2013-09");
        check("06/2018 – 08/2020", "2018-06..2020-08");
        check("2018.06-2019.03", "2018-06..2019-03");
        check("2012-2014", "2012..2014");
        check("2018/19", "2018..2019");
        check("May – Aug 2019", "2019-05..2019-08");
        check("Sep '18 to Dec '19", "2018-09..2019-12");
        check("Summer 2012 and 2013", "2012..2013");
        check("Since 2019", "2019..open");
        check("March 20XX – December 20XX", "..");
        check("January 20XX - Current", "..open");
        check("2016 bis heute", "2016..open");
        check("03/19 – 05/21", "2019-03..2021-05");
        check("03.19 - 05.21", "2019-03..2021-05");
        check("Mar 19 – Jun 21", "2019-03..2021-06");
        check("03/19 – heute", "2019-03..open");
        check("X 2019 – V 2021", "2019-10..2021-05");
        check("Mai 2019 bis einschl. Juni 2020", "2019-05..2020-06");
    }

    #[test]
    fn a_dash_after_which_nothing_stands_is_an_open_end() {
        check("2019 –", "2019..open");
        check("Clerk (03/2019 - )", "2019-03..open");
        check("2019 – Bergen", "..2019");
    }

    #[test]
    fn what_goes_on_may_say_until_in_words_of_its_own() {
        for text in [
            "2019 to date",
            "2019 till date",
            "2019 – till date",
            "2019 à ce jour",
            "2019 jusqu'à ce jour",
            "2019 jusqu’à aujourd’hui",
            "2019 hasta la actualidad",
            "2019 a la actualidad",
            "de 2019 a la actualidad",
            "2019 ad oggi",
            "2019 – ad oggi",
            "2019 fino ad oggi",
            "2019 até à data",
            "2019 até ao presente",
            "2019 bis dato",
            "2019 – dato",
            "2019 – nadal",
            "2019年至今",
            "vanaf 2019",
        ] {
            check(text, "2019..open");
        }
    }

    #[test]
    fn languages_are_read() {
        check("März 2019 – heute", "2019-03..open");
        check("janvier 2018 à décembre 2020", "2018-01..2020-12");
        check("enero de 2018 - actualidad", "2018-01..open");
        check("março de 2018 até o momento", "2018-03..open");
        check("marzo 2018 – in corso", "2018-03..open");
        check("mei 2018 - heden", "2018-05..open");
        check("październik 2018 - obecnie", "2018-10..open");
        check("2017年9月 - 至今", "2017-09..open");
        check("2017年9月至2019年6月", "2017-09..2019-06");
    }

    #[test]
    fn what_is_no_date_stays() {
        check("Served 2M+ requests in may cases", "");
        check("C++20 and port 8080", "");
        check("present at the meeting", "");
        check("Python 3.10 – 3.12", "");
        check("Open 09.30 - 10.45 Uhr", "");
        check("Mar 19 – Jun 21, 2020", "..2020-06");
        check("Analyst II 2019 – 2020", "2019..2020");
        check("Budget 2019 actual", "..2019");
    }

    #[test]
    fn printed_words_stay_with_their_date() {
        let found = find_dates("Expected May 2026");
        assert_eq!(found.first().unwrap().printed, "Expected May 2026");
        assert_eq!(find_dates("2010-2014 (expected)").first().unwrap().printed, "2010-2014 (expected)");
    }
}
