//! Human languages: which one a posting asks for and how well, against what the resume states.

use crate::engine::words::{Tongue, find_phrase, fold, words};

/// Languages by their names in English, their own and neighbouring tongues.
const NAMES: &[&[&str]] = &[
    &["english", "englisch", "anglais", "inglés", "ingles", "英语", "英文", "inglese", "engels"],
    &["german", "deutsch", "allemand", "alemán", "德语", "tedesco", "duits"],
    &["french", "französisch", "français", "francés", "法语", "francese", "frans"],
    &["spanish", "spanisch", "espagnol", "español", "西班牙语", "castellano", "spagnolo"],
    &["chinese", "mandarin", "chinesisch", "chinois", "chino", "中文", "普通话", "汉语"],
    &["cantonese", "粤语"],
    &["italian", "italienisch", "italien", "italiano", "意大利语"],
    &["portuguese", "portugiesisch", "portugais", "portugués", "português", "葡萄牙语"],
    &["dutch", "niederländisch", "néerlandais", "holandés", "nederlands"],
    &["polish", "polnisch", "polonais", "polaco", "polski"],
    &["russian", "russisch", "russe", "ruso", "русский", "俄语"],
    &["ukrainian", "ukrainisch", "українська"],
    &["czech", "tschechisch", "tchèque", "čeština"],
    &["swedish", "schwedisch", "suédois", "svenska"],
    &["danish", "dänisch", "danois", "dansk"],
    &["norwegian", "norwegisch", "norvégien", "norsk"],
    &["finnish", "finnisch", "finnois", "suomi"],
    &["turkish", "türkisch", "turc", "türkçe"],
    &["arabic", "arabisch", "arabe", "árabe", "العربية", "阿拉伯语"],
    &["hebrew", "hebräisch", "hébreu", "עברית"],
    &["hindi", "हिन्दी"],
    &["urdu"],
    &["bengali"],
    &["tamil"],
    &["telugu"],
    &["punjabi"],
    &["japanese", "japanisch", "japonais", "japonés", "日本語", "日语"],
    &["korean", "koreanisch", "coréen", "coreano", "한국어", "韩语"],
    &["vietnamese", "vietnamesisch", "tiếng việt"],
    &["thai"],
    &["indonesian", "bahasa indonesia"],
    &["greek", "griechisch", "grec", "ελληνικά"],
    &["romanian", "rumänisch", "roumain", "română"],
    &["hungarian", "ungarisch", "hongrois", "magyar"],
    &["catalan", "català", "katalanisch"],
    &["tagalog", "filipino"],
    &["swahili"],
    &["welsh", "cymraeg"],
    &["irish", "gaeilge"],
    &["american sign language", "asl", "british sign language", "bsl", "sign language"],
];

/// Ranks 1 to 7 on the scale of the Common European Framework, with 7 for a mother tongue.
const FLUENCY: &[(u8, &[&str])] = &[
    (
        7,
        &[
            "native",
            "mother tongue",
            "bilingual",
            "muttersprache",
            "muttersprachler",
            "muttersprachlich",
            "langue maternelle",
            "nativo",
            "nativa",
            "materna",
            "母语",
            "first language",
        ],
    ),
    (6, &["c2", "near native", "mastery", "annähernd muttersprachlich"]),
    (
        5,
        &[
            "c1",
            "fluent",
            "fluently",
            "fluency",
            "full professional",
            "verhandlungssicher",
            "fließend",
            "fliessend",
            "courant",
            "couramment",
            "fluido",
            "流利",
            "精通",
            "excellent",
            "sehr gut",
            "proficient",
        ],
    ),
    (
        4,
        &[
            "b2",
            "professional working",
            "professional",
            "business",
            "advanced",
            "upper intermediate",
            "good",
            "gute",
            "gut",
            "avancé",
            "avanzado",
            "熟练",
            "working knowledge",
            "strong",
            "proficiency",
        ],
    ),
    (3, &["b1", "intermediate", "conversational", "intermédiaire", "intermedio"]),
    (2, &["a2", "limited working", "elementary", "pre intermediate"]),
    (1, &["a1", "basic", "basics", "beginner", "grundkenntnisse", "notions", "débutant", "básico", "入门"]),
];

/// The languages that a text names, as indices into the table of names.
pub(crate) fn named(text: &str) -> Vec<usize> {
    let plain = plain(text);
    let is_named =
        |names: &&[&str]| names.iter().any(|name| find_phrase(&plain, &self::plain(name)).is_some());
    NAMES.iter().enumerate().filter(|(_, names)| is_named(names)).map(|(index, _)| index).collect()
}

/// How well a text says that a language is known, 1 to 7; `None` where it does not say.
pub(crate) fn fluency(text: &str) -> Option<u8> {
    let plain = plain(text);
    let limited = ["limited", "pre"].iter().any(|word| plain.iter().any(|other| other == word));
    FLUENCY
        .iter()
        .filter(|(rank, _)| !(limited && *rank > 2))
        .find(|(_, names)| names.iter().any(|name| find_phrase(&plain, &self::plain(name)).is_some()))
        .map(|(rank, _)| *rank)
}

/// The language's index for a tongue that a text can be told to be written in.
pub(crate) fn of_tongue(tongue: Tongue) -> Option<usize> {
    let name = match tongue {
        Tongue::English => "english",
        Tongue::German => "german",
        Tongue::French => "french",
        Tongue::Spanish => "spanish",
        Tongue::Chinese => "chinese",
        Tongue::Unknown => return None,
    };
    named(name).first().copied()
}

fn plain(text: &str) -> Vec<String> {
    words(text).iter().map(|word| fold(word.text)).collect()
}

#[cfg(test)]
mod tests {
    use crate::engine::matching::language::{fluency, named};

    #[test]
    fn a_language_is_known_by_any_of_its_names() {
        assert_eq!(named("Fluent in German and English"), named("English, Deutsch"));
        assert_eq!(named("英语流利"), named("English"));
        assert!(named("Python").is_empty());
    }

    #[test]
    fn fluency_is_ranked() {
        let check = |text, expected| assert_eq!(fluency(text), expected, "{text}");
        check("Native or bilingual", Some(7));
        check("Limited working proficiency", Some(2));
        check("Professional working proficiency", Some(4));
        check("verhandlungssicher", Some(5));
        check("B2", Some(4));
        check("Grundkenntnisse", Some(1));
        check("German", None);
    }
}
