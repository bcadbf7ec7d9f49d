//! The words that dates are written with, in nine languages: months, seasons, "present", and what joins two ends.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::engine::understand::resume::text::fold;

/// Month names and their short forms, by number.
const MONTHS: [&[&str]; 12] = [
    &[
        "january", "januar", "jänner", "janvier", "enero", "janeiro", "gennaio", "januari", "styczeń",
        "stycznia", "jan", "jän", "janv", "ene", "gen", "sty",
    ],
    &[
        "february",
        "februar",
        "février",
        "febrero",
        "fevereiro",
        "febbraio",
        "februari",
        "luty",
        "lutego",
        "feb",
        "févr",
        "fév",
        "fev",
        "lut",
    ],
    &[
        "march", "märz", "maerz", "mars", "marzo", "março", "maart", "marzec", "marca", "mar", "mär", "mrt",
        "mrz",
    ],
    &["april", "avril", "abril", "aprile", "kwiecień", "kwietnia", "apr", "avr", "abr", "kwi"],
    &["may", "mai", "mayo", "maio", "maggio", "mei", "maja", "maj", "mag"],
    &["june", "juni", "juin", "junio", "junho", "giugno", "czerwiec", "czerwca", "jun", "giu", "cze"],
    &["july", "juli", "juillet", "julio", "julho", "luglio", "lipiec", "lipca", "jul", "juil", "lug", "lip"],
    &["august", "août", "agosto", "augustus", "sierpień", "sierpnia", "aug", "ago", "sie"],
    &[
        "september",
        "septembre",
        "septiembre",
        "setiembre",
        "setembro",
        "settembre",
        "wrzesień",
        "września",
        "sept",
        "sep",
        "set",
        "wrz",
    ],
    &[
        "october",
        "oktober",
        "octobre",
        "octubre",
        "outubro",
        "ottobre",
        "październik",
        "października",
        "oct",
        "okt",
        "out",
        "ott",
        "paź",
    ],
    &["november", "novembre", "noviembre", "novembro", "listopad", "listopada", "nov", "lis"],
    &[
        "december",
        "dezember",
        "décembre",
        "diciembre",
        "dezembro",
        "dicembre",
        "grudzień",
        "grudnia",
        "dec",
        "dez",
        "déc",
        "dic",
        "gru",
    ],
];

/// Words for "still going on".
pub(crate) const PRESENT: &str = r"present|presently|current|currently|now|today|ongoing|heute|aktuell|laufend|jetzt|gegenwärtig|dato|aujourd['’]hui|présent|maintenant|actuel|actuellement|en\s+cours|actualidad|actualmente|actual|presente|hoy|la\s+fecha|en\s+curso|atualmente|atual|o\s+momento|hoje|oggi|adesso|attuale|in\s+corso|heden|nu|tegenwoordig|obecnie|nadal|dziś|teraz|chwili\s+obecnej|现在|目前|今";

/// The same with a word for "until" of their own: nothing else need stand between them and the beginning.
pub(crate) const UNTIL_NOW: &str = r"to\s+date|(?:till|until|up\s+to)\s+(?:date|now)|à\s+ce\s+jour|jusqu['’]à\s+(?:ce\s+jour|présent|aujourd['’]hui|maintenant)|bis\s+(?:dato|heute)|(?:hasta|a)\s+la\s+(?:actualidad|fecha)|hasta\s+(?:hoy|ahora)|até\s+(?:à|a)\s+data|até\s+(?:ao?|o)\s+(?:presente|momento)|ad\s+oggi|a\s+tutt['’]oggi|tot\s+(?:heden|nu)|do\s+(?:dziś|dzisiaj|teraz|chwili\s+obecnej)";
/// Such words in Chinese, which stand beside others without a blank.
pub(crate) const HAN_UNTIL_NOW: &str = "至今|迄今";

/// Seasons, terms and quarters.
pub(crate) const SEASONS: &str = r"spring|summer|fall|autumn|winter|frühjahr|frühling|sommer|herbst|printemps|été|automne|hiver|primavera|verano|otoño|invierno|verão|outono|inverno|estate|autunno|lente|zomer|herfst|wiosna|lato|jesień|zima|sommersemester|wintersemester|ss|ws|sose|wise|q[1-4]|h[12]";

/// What a template has where the person should have put a year.
pub(crate) const YEARS: &str = "year|año|année|jahr|anno|ano|jaar|rok|yyyy";

/// What stands between the two ends of a range.
pub(crate) const TO: &str = r"(?i)^\s*(?:[-–—‒−~～‐‑→\u{ad}－―⁃]+|\s(?:to|until|till|through|thru|bis(?:\s+zum|\s+einschl(?:\.|ießlich))?|à|au|jusqu['’](?:à|au)|a|al|ao|à|hasta|até|até|fino\s+a|tot|tot\s+en\s+met|t/m|do)\s|[至到]|\s*[-–—]\s*(?:exp\.?|expected|ca\.?|voraussichtlich)\s*)\s*$";

/// What stands between the beginning and a word for "still going on", where that has no "until" of its own.
pub(crate) const TO_NOW: &str = r"(?i)^(?:\s*[-–—‒−~～‐‑→\u{ad}－―⁃至到]+\s*|\s*)(?:(?:to|until|till|through|thru|bis|jusqu['’]|hasta|até|fino|tot|do)\s*)?(?:(?:la|el|le|l['’]|à|ao?|au|al?|ad|o)\s*)?$";

/// A dash after which nothing follows: the time goes on.
pub(crate) const OPEN_END: &str = r"^\s*[-–—]+\s*(?:$|\))";

/// What stands between two dates of one list ("Summer 2012 and 2013").
pub(crate) const ALSO: &str = r"(?i)^\s*(?:,|;|&|/|\s(?:and|und|et|y|e|en|i)\s)\s*$";

/// Words that belong to the date they precede or follow.
pub(crate) const BEFORE: &str = r"(?i)(?:(?:expected\s+(?:graduation|completion)(?:\s+date)?|graduation(?:\s+date)?|anticipated(?:\s+graduation)?|expected|exp\.?|graduated|grad\.|class\s+of|completed|awarded|since|from|seit|ab|von|depuis|desde|desde\s+o|dal|dal\s+|sinds|vanaf|van|od|issued|obtained|voraussichtlich|自)\s*:?\s*)$";
/// Words that only belong to a time with two ends: "du 03/2019 au 05/2020".
pub(crate) const BEFORE_RANGE: &str = r"(?i)\b(?:de|del|du|dal|vom)\s+$";
/// The same after it.
pub(crate) const AFTER: &str = r"(?i)^\s*[(\[]?\s*(?:expected|anticipated|exp\.|projected|est\.|voraussichtlich|prévu|previsto|预计)\s*[)\]]?";

/// A length of time, which is no fact of its own.
pub(crate) const DURATION: &str = r"(?i)[(\[]?\s*(?:\d{1,2}|one|two|three|four|five|six)\+?\s*(?:years?|yrs?|y|months?|mos?|mths?|weeks?|wks?|jahre?n?|monate?n?|wochen|ans?|mois|años?|meses|mes|anos?|mês|anni|anno|mesi|mese|jaar|maand|maanden|lata?|lat|miesiąc\w*|年|个月)\.?(?:\s*(?:,|and|und|et|y|e|en|i)?\s*\d{1,2}\s*(?:months?|mos?|mths?|monate?n?|mois|meses|mes|mês|mesi|mese|maand|maanden|miesiąc\w*|个月)\.?)?\s*[)\]]?";

/// Every name of a month, the longest first, for a pattern.
pub(crate) fn months_pattern() -> String {
    let mut names: Vec<String> = MONTHS
        .iter()
        .flat_map(|names| names.iter())
        .flat_map(|name| [(*name).to_owned(), fold(name)])
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.dedup();
    names.join("|")
}

/// The number of each month by its folded names: those are looked up again and again.
static NUMBERS: LazyLock<HashMap<String, u8>> = LazyLock::new(|| {
    let mut numbers = HashMap::new();
    for (names, number) in MONTHS.iter().zip(1..) {
        for name in *names {
            numbers.entry(fold(name)).or_insert(number);
        }
    }
    numbers
});

/// The number of a month by its name.
pub(crate) fn month_number(name: &str) -> Option<u8> {
    NUMBERS.get(&fold(name)).copied()
}
