//! Degrees: the level and field that a posting asks for against the education that a resume states.

use crate::engine::lexicon::{Relation, lexicon};
use crate::engine::words::{find_phrase, is_function_word, stem, stems, words};

/// Levels of education, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// School-leaving certificate, apprenticeship.
    School,
    /// Between school and a first degree: associate degree, HND, BTS, Techniker.
    Short,
    /// First degree.
    Bachelor,
    /// Second degree, including the German Diplom and the French ingénieur.
    Master,
    /// Doctorate.
    Doctor,
}

impl Level {
    /// How a sentence calls it, with its article.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::School => "a school-leaving or vocational certificate",
            Self::Short => "an associate or short-cycle degree",
            Self::Bachelor => "a bachelor's degree",
            Self::Master => "a master's degree",
            Self::Doctor => "a doctorate",
        }
    }
}

/// Words for each level; several words stand for a phrase. Dots are ignored.
const LEVELS: &[(Level, &[&str])] = &[
    (
        Level::Doctor,
        &[
            "phd",
            "doctorate",
            "doctoral",
            "doctor",
            "dphil",
            "edd",
            "dr",
            "promotion",
            "promoviert",
            "doktor",
            "doctorat",
            "docteur",
            "doctorado",
            "博士",
            "juris doctor",
            "jd",
            "md",
        ],
    ),
    (
        Level::Master,
        &[
            "master",
            "masters",
            "msc",
            "meng",
            "mba",
            "mphil",
            "mfa",
            "mtech",
            "mres",
            "llm",
            "ms",
            "ma",
            "magister",
            "diplom",
            "dipl",
            "máster",
            "maestría",
            "maîtrise",
            "ingénieur",
            "mestrado",
            "硕士",
            "研究生",
            "postgraduate",
            "advanced degree",
            "graduate degree",
        ],
    ),
    (
        Level::Bachelor,
        &[
            "bachelor",
            "bachelors",
            "bsc",
            "beng",
            "btech",
            "bcom",
            "bba",
            "bfa",
            "llb",
            "bs",
            "ba",
            "be",
            "ab",
            "licence",
            "licenciatura",
            "licenciado",
            "licenciada",
            "grado",
            "学士",
            "本科",
            "undergraduate degree",
            "undergraduate",
            "university degree",
            "college degree",
            "four year degree",
            "4 year degree",
            "hochschulabschluss",
            "hochschulstudium",
            "studium",
            "studienabschluss",
            "laurea",
            "diplôme universitaire",
            "título universitario",
        ],
    ),
    (
        Level::Short,
        &[
            "associate",
            "associates",
            "associate degree",
            "foundation degree",
            "hnd",
            "hnc",
            "bts",
            "dut",
            "techniker",
            "fachwirt",
            "大专",
            "专科",
            "aas",
        ],
    ),
    (
        Level::School,
        &[
            "high school",
            "ged",
            "secondary school",
            "abitur",
            "baccalauréat",
            "bachillerato",
            "gcse",
            "gcses",
            "a levels",
            "ausbildung",
            "berufsausbildung",
            "apprenticeship",
            "高中",
            "中专",
            "school diploma",
            "school leaving",
        ],
    ),
];

/// Short words that mean a degree only when written in capitals: "MS" or "M.S.", not "ms" or "be".
const CAPITALS_ONLY: &[&str] = &["ms", "ma", "bs", "ba", "be", "ab", "jd", "md", "dr", "dut", "bts"];

/// Products and places that share letters with a degree.
const NOT_AFTER_DEGREE: &[&str] =
    &["office", "excel", "word", "sql", "teams", "project", "access", "dynamics", "outlook"];

/// The levels that a text names, lowest first.
pub(crate) fn levels(text: &str) -> Vec<Level> {
    let raw = words(text);
    let plain: Vec<String> = raw
        .iter()
        .map(|word| word.text.to_lowercase().replace('.', "").replace("'s", "").replace("\u{2019}s", ""))
        .collect();
    let mut found: Vec<Level> = Vec::new();
    for (level, names) in LEVELS {
        let is_named = names.iter().any(|name| {
            // The splitter makes a word of each Chinese character, of the name as of the text.
            let name: Vec<String> = words(name).iter().map(|word| word.text.to_owned()).collect();
            let Some(at) = find_phrase(&plain, &name) else {
                return false;
            };
            let needs_capitals =
                name.first().is_some_and(|word| name.len() == 1 && CAPITALS_ONLY.contains(&word.as_str()));
            let is_capital =
                |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).all(char::is_uppercase);
            let next_is_product =
                plain.get(at + 1).is_some_and(|next| NOT_AFTER_DEGREE.contains(&next.as_str()));
            !next_is_product && (!needs_capitals || raw.get(at).is_some_and(|word| is_capital(word.text)))
        });
        if is_named {
            found.push(*level);
        }
    }
    found.sort_unstable();
    found
}

/// The lowest level that will do for a requirement: a bare "degree" means a first one.
pub(crate) fn asked(text: &str) -> Option<Level> {
    levels(text).first().copied().or_else(|| {
        let stems = stems(text);
        let says = |word: &str| stems.contains(&stem(word));
        if says("degree") || says("graduate") {
            Some(Level::Bachelor)
        } else {
            says("diploma").then_some(Level::School)
        }
    })
}

/// The fields of study that a requirement names, any of which will do; each as its stems.
pub(crate) fn fields(text: &str) -> Vec<Vec<String>> {
    const MARKERS: &[&str] = &[" in ", " of ", " en ", " im ", " der ", " fields such as "];
    const NO_FIELDS: &[&str] = &[
        "relat",
        "field",
        "relev",
        "disciplin",
        "equival",
        "degre",
        "experi",
        "similar",
        "subject",
        "area",
        "studi",
        "requir",
        "prefer",
        "technic",
        "quantit",
        "scienc",
        "art",
        "year",
        "bachelor",
        "master",
        "bs",
        "ms",
        "ba",
        "ma",
        "phd",
        "plus",
        "work",
        "practic",
        "higher",
        "advanc",
        "univers",
        "colleg",
        "accredit",
        "combin",
        "complet",
        "must",
        "minimum",
        "us",
        "desir",
        "strong",
        "ideal",
        "have",
    ];
    let lower = text.to_lowercase();
    // "Bachelor of Science in Biology": what follows the last marker of the clause that has one.
    let Some((at, marker)) = MARKERS
        .iter()
        .filter_map(|marker| lower.rfind(marker).map(|at| (at, *marker)))
        .max_by_key(|(at, _)| *at)
    else {
        return Vec::new();
    };
    let first = MARKERS.iter().filter_map(|marker| lower.find(marker).map(|at| at + marker.len())).min();
    let tail = lower.get(at + marker.len()..).unwrap_or_default();
    let whole = first.and_then(|first| lower.get(first..)).unwrap_or_default();
    let parse = |tail: &str| -> Vec<Vec<String>> {
        let tail = tail.split(['.', ';', '(']).next().unwrap_or_default();
        tail.replace(" or ", ",")
            .replace(" oder ", ",")
            .replace(" ou ", ",")
            .replace(" and/or ", ",")
            .replace('/', ",")
            .split(',')
            .map(|field| {
                let mut stems: Vec<String> = words(field)
                    .iter()
                    .filter(|word| !is_function_word(word.text))
                    .map(|word| stem(word.text))
                    .collect();
                // "computer science" needs its second word; "science" alone is no field.
                if stems.iter().all(|stem| NO_FIELDS.contains(&stem.as_str())) || stems.len() > 4 {
                    stems.clear();
                }
                stems
            })
            .filter(|stems| !stems.is_empty())
            .collect()
    };
    let found = parse(tail);
    if found.is_empty() { parse(whole) } else { found }
}

/// Whether a text names one of the fields, by its words or by the lexicon's terms for it.
pub(crate) fn is_field(text: &str, fields: &[Vec<String>], terms: &[String]) -> bool {
    let have = stems(text);
    if fields.iter().any(|field| field.iter().all(|stem| have.contains(stem))) {
        return true;
    }
    let lexicon = lexicon();
    let mentioned = lexicon.mentions(text);
    terms.iter().any(|term| {
        let wanted = lexicon.find(term);
        let by_words = find_phrase(&have, &stems(term)).is_some();
        by_words
            || wanted.is_some_and(|wanted| {
                mentioned.iter().any(|mention| {
                    mention.term == wanted
                        || matches!(
                            lexicon.relation(mention.term, wanted),
                            Some(Relation::Same | Relation::Narrower)
                        )
                })
            })
    })
}

#[cfg(test)]
mod tests {
    use crate::engine::matching::degree::{Level, asked, fields, is_field};

    fn check(text: &str, expected: Option<Level>) {
        assert_eq!(asked(text), expected, "{text}");
    }

    #[test]
    fn levels_are_read_in_several_languages() {
        check("Bachelor's or Master's degree in Physics", Some(Level::Bachelor));
        check("Master of Science", Some(Level::Master));
        check("Ph.D. in Chemistry", Some(Level::Doctor));
        check("BS/MS in Computer Science", Some(Level::Bachelor));
        check("M.S. in Statistics", Some(Level::Master));
        check("Abgeschlossenes Hochschulstudium der Informatik", Some(Level::Bachelor));
        check("Licenciatura en Economía", Some(Level::Bachelor));
        check("Diplôme d’ingénieur", None);
        check("本科及以上学历", Some(Level::Bachelor));
        check("High school diploma or GED", Some(Level::School));
        check("A degree in engineering", Some(Level::Bachelor));
        check("Good knowledge of MS Office, able to be on call", None);
    }

    #[test]
    fn fields_are_what_follows_in() {
        assert_eq!(
            fields("Bachelor of Science in Computer Science or related field"),
            [["comput", "scienc"]]
        );
        assert_eq!(
            fields("Degree in biology, chemistry or a related discipline"),
            [["biolog"], ["chemistri"]].map(|f| f.map(String::from))
        );
        assert!(fields("Bachelor's degree required").is_empty());
        assert!(is_field("Computer Sciences", &fields("degree in computer science"), &[]));
        assert!(!is_field("Political Science", &fields("degree in computer science"), &[]));
    }
}
