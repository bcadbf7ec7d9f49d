//! Lines that say themselves what they are: "Environment: Java", "Client: Example Bank", "Role: Developer".

use std::collections::HashSet;

use crate::engine::understand::resume::row::Row;
use crate::engine::understand::resume::text::{fold, is_han, is_listed};

/// What a label says about the text after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// What somebody was or got: a title, a degree.
    First,
    /// With whom: an employer, a school.
    Second,
    /// What somebody did there; the title where nothing else is one.
    Task,
    /// For whom it was done; the employer where nobody else is one.
    Client,
    /// Where.
    Place,
    /// When.
    Time,
    /// More about an entry; never its name.
    Detail,
}

const TASKS: &str = "role|project role|role in project|rolle|projektrolle";
const CLIENTS: &str = "client|client name|end client|customer|customer name|kunde|auftraggeber";
const FIRSTS: &str = "position|title|job title|designation|degree|funktion|stelle|poste|fonction|intitule du poste|puesto|cargo|funcao|ruolo|posizione|mansione|functie|stanowisko|职位|职务|岗位|担任角色|abschluss|diplome|titulacion|titolo di studio|学位";
const SECONDS: &str = "company|company name|employer|organization|organisation|firm|firma|arbeitgeber|unternehmen|entreprise|employeur|societe|empresa|azienda|datore di lavoro|werkgever|bedrijf|pracodawca|公司|单位|institution|school|university|college|hochschule|universitat|schule|ecole|universidad|universidade|universita|学校|院校";
const PLACES: &str = "location|place|ort|standort|lieu|lugar|ubicacion|local|luogo|sede|plaats|miejsce|地点";
const TIMES: &str = "duration|period|time period|dates|tenure|zeitraum|dauer|periode|duree|periodo|duracion|duracao|durata|okres|时间";
const DETAILS: &str = "environment|technical environment|technology|technologies|technologies used|technology used|technology stack|tech|tech stack|technical stack|stack|tools|tools used|tools and technologies|tools & technologies|built with|skills|skills used|key skills|keywords|languages|frameworks|platform|platforms|operating system|database|databases|responsibilities|key responsibilities|duties|tasks|achievements|key achievements|achievement|accomplishments|highlights|description|project description|job description|objective|summary|overview|scope|team size|team|methodology|reason for leaving|link|links|website|url|github|demo|live demo|source code|repository|thesis|dissertation|supervisor|advisor|manager|reporting to|reports to|activities|awards|honors|honours|relevant coursework|coursework|electives|specialization|umgebung|umfeld|aufgaben|tatigkeiten|technologien|werkzeuge|teamgrosse|schwerpunkt|schwerpunkte|erfolge|projekte|thema|betreuer|abschlussarbeit|bachelorarbeit|masterarbeit|diplomarbeit|environnement|environnement technique|missions|mission|realisations|taches|outils|memoire|projet|entorno|tecnologias|funciones|logros|tareas|herramientas|responsabilidades|responsabilites|responsabilita|atividades|ambiente|tecnologie|strumenti|attivita|taken|verantwoordelijkheden|werkzaamheden|obowiazki|narzedzia|技术栈|关键词|职责|主要职责|工作职责|工作内容|项目描述|项目简介|项目职责|描述|业绩|主要业绩|技术|开发环境|责任描述|个人职责";

/// Those of them that are no name even without a colon.
const PARTS: &str = "achievements|key achievements|selected achievements|major achievements|accomplishments|key accomplishments|selected accomplishments|responsibilities|key responsibilities|main responsibilities|roles and responsibilities|roles & responsibilities|duties|duties and responsibilities|duties & responsibilities|key contributions|key highlights|key results|aufgaben|tatigkeiten|erfolge|missions|realisations|funciones|logros|responsabilidades|responsabilites|responsabilita|obowiazki|osiagniecia";

/// Most words of a label.
const MAX_WORDS: usize = 3;

/// A text parted at the colon after its first words; neither part is empty.
fn parted(text: &str) -> Option<(&str, &str)> {
    let (label, rest) = text.trim().split_once([':', '：'])?;
    let is_colon = rest.starts_with(char::is_whitespace) || text.contains('：') || label.ends_with(is_han);
    let (label, rest) = (label.trim(), rest.trim());
    let words = label.split_whitespace().count();
    let is_label = (1..=MAX_WORDS).contains(&words)
        && label.starts_with(char::is_alphabetic)
        && !label.contains(|c: char| c.is_ascii_digit());
    (is_colon && is_label && !rest.is_empty()).then_some((label, rest))
}

/// A text that a known label begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Labelled<'t> {
    /// What the label says.
    pub(crate) meaning: Label,
    /// The label as printed.
    pub(crate) label: &'t str,
    /// The text after it.
    pub(crate) rest: &'t str,
}

/// The label at the beginning of a text and what follows it, where it is a known one.
pub(crate) fn labelled(text: &str) -> Option<Labelled<'_>> {
    let (label, rest) = parted(text)?;
    Some(Labelled { meaning: meaning(label)?, label, rest })
}

fn meaning(label: &str) -> Option<Label> {
    let known = [
        (TASKS, Label::Task),
        (CLIENTS, Label::Client),
        (FIRSTS, Label::First),
        (SECONDS, Label::Second),
        (PLACES, Label::Place),
        (TIMES, Label::Time),
        (DETAILS, Label::Detail),
    ];
    known.into_iter().find(|(list, _)| is_listed(list, label)).map(|(_, meaning)| meaning)
}

/// Whether a text is a label over what describes an entry: "Key Achievements", "Environment:".
pub(crate) fn is_part(text: &str) -> bool {
    let label = text.trim_end_matches([':', '：', ' ']);
    is_listed(PARTS, label) || label.len() < text.trim_end().len() && is_listed(DETAILS, label)
}

/// Whether a text is what stands before dates: "Duration".
pub(crate) fn is_time_label(text: &str) -> bool {
    is_listed(TIMES, text.trim_end_matches([':', '：', ' ']))
}

/// The labels of a section's rows.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    /// By which its first row is labelled: entries begin with it.
    opener: Option<String>,
    /// Those that nobody knows and that come again.
    repeated: HashSet<String>,
}

fn folded_label(row: &Row) -> Option<String> {
    let text = row.text();
    (row.item.is_none() && row.heading.is_none()).then(|| parted(&text).map(|(label, _)| fold(label)))?
}

impl Labels {
    pub(crate) fn of(rows: &[Row]) -> Self {
        let opener = rows.first().and_then(folded_label);
        let mut seen: HashSet<String> = HashSet::new();
        let mut repeated: HashSet<String> = HashSet::new();
        for label in rows.iter().filter_map(folded_label).filter(|label| Some(label) != opener.as_ref()) {
            if seen.contains(&label) {
                repeated.insert(label);
            } else {
                seen.insert(label);
            }
        }
        repeated.retain(|label| meaning(label).is_none());
        Self { opener, repeated }
    }

    /// Whether an undated row describes: by its label, or by one that says no name where the entry is already described.
    pub(crate) fn describes(&self, row: &Row, is_described: bool) -> bool {
        let Some(label) = folded_label(row).filter(|label| Some(label) != self.opener.as_ref()) else {
            return false;
        };
        match meaning(&label) {
            Some(Label::Detail) => true,
            Some(Label::Second | Label::Client) => false,
            Some(_) => is_described,
            None => !row.bold && self.repeated.contains(&label),
        }
    }

    /// Whether a row says by its label more of what the heads name, and none of them has said it.
    pub(crate) fn goes_on<'r>(&self, row: &Row, mut heads: impl Iterator<Item = &'r Row>) -> bool {
        let label = folded_label(row).filter(|label| Some(label) != self.opener.as_ref());
        let Some(label) = label.filter(|label| meaning(label).is_some_and(|said| said != Label::Detail))
        else {
            return false;
        };
        !heads.any(|head| folded_label(head).as_ref() == Some(&label))
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::understand::resume::entry_labels::{Label, labelled};

    #[test]
    fn a_label_is_a_few_words_before_a_colon() {
        for (text, expected) in [
            ("Environment: Java 17, Oracle", Some((Label::Detail, "Java 17, Oracle"))),
            ("Client: Example Bank", Some((Label::Client, "Example Bank"))),
            ("Employer: Example Bank", Some((Label::Second, "Example Bank"))),
            ("Role : Developer", Some((Label::Task, "Developer"))),
            ("Job Title: Developer", Some((Label::First, "Developer"))),
            ("技术栈：Go、Redis", Some((Label::Detail, "Go、Redis"))),
            ("技术栈:Go、Redis", Some((Label::Detail, "Go、Redis"))),
            ("https://example.org", None),
            ("Responsibilities:", None),
            ("Globex: Engineer", None),
        ] {
            let found = labelled(text).map(|found| (found.meaning, found.rest));
            assert_eq!(found, expected, "{text}");
        }
    }
}
