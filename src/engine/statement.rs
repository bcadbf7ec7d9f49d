//! What an owner states beside the resume: whether it can stand there, and whether it claims anything of the owner.

use crate::engine::words::{Word, fold, is_ideograph, words};

/// Words that answer a question and say nothing by themselves.
const ANSWERS: &[&str] =
    &["yes", "no", "yeah", "yep", "nope", "ja", "nein", "oui", "non", "sí", "si", "sim", "não", "tak", "nie"];

/// Denials of English.
const DENIALS: &[&str] = &[
    "no",
    "not",
    "never",
    "nothing",
    "none",
    "neither",
    "nor",
    "nobody",
    "nowhere",
    "without",
    "cannot",
    "failed",
    "fail",
    "fails",
    "failing",
    "lack",
    "lacks",
    "lacked",
    "lacking",
    "unfamiliar",
    "unable",
    "hardly",
    "barely",
    "inexperienced",
    "dont",
    "didnt",
    "havent",
];

/// Denials of German, French, Spanish, Portuguese, Italian, Dutch and Polish. Words that are a month, "still" or "in
/// the" in another of these languages are left out; their sentences have a second one that is here.
const FOREIGN_DENIALS: &[&str] = &[
    "nicht",
    "nichts",
    "nie",
    "niemals",
    "niemand",
    "kein",
    "keine",
    "keinen",
    "keinem",
    "keiner",
    "keines",
    "ohne",
    "weder",
    "gescheitert",
    "durchgefallen",
    "pas",
    "jamais",
    "rien",
    "sans",
    "aucun",
    "aucune",
    "échoué",
    "sin",
    "nunca",
    "jamás",
    "nada",
    "ningún",
    "ninguno",
    "ninguna",
    "tampoco",
    "não",
    "jamais",
    "nenhum",
    "nenhuma",
    "sem",
    "nem",
    "non",
    "senza",
    "nessun",
    "nessuno",
    "nessuna",
    "niente",
    "nulla",
    "fallito",
    "niet",
    "niets",
    "nooit",
    "geen",
    "zonder",
    "gezakt",
    "bez",
    "nigdy",
    "nic",
    "żaden",
    "żadnego",
    "żadnej",
    "brak",
];

const CHINESE_DENIALS: &[&str] = &["没有", "從未", "从未", "不会", "不懂", "不熟", "未曾", "未能"];

/// Denials that praise: what did not happen is the achievement.
const PRAISE: &[&[&str]] = &[
    &["not", "only"],
    &["not", "just"],
    &["no", "code"],
    &["non", "profit"],
    &["non", "profits"],
    &["without", "downtime"],
    &["without", "any", "downtime"],
    &["no", "downtime"],
    &["without", "interruption"],
    &["without", "data", "loss"],
    &["no", "data", "loss"],
    &["without", "losing"],
    &["without", "incident"],
    &["without", "incidents"],
    &["without", "outage"],
    &["without", "outages"],
    &["no", "outages"],
    &["without", "supervision"],
    &["ohne", "ausfall"],
    &["ohne", "unterbrechung"],
    &["sans", "interruption"],
    &["sans", "coupure"],
    &["sin", "interrupciones"],
];

/// Words about a thing that is known from hearsay only, or not yet.
const HEARSAY: &[&[&str]] = &[
    &["read", "about"],
    &["heard", "about"],
    &["heard", "of"],
    &["only", "read"],
    &["only", "heard"],
    &["only", "watched"],
    &["only", "saw"],
    &["only", "seen"],
    &["only", "observed"],
    &["only", "know"],
    &["just", "read"],
    &["just", "heard"],
    &["i", "would", "like"],
    &["i'd", "like"],
    &["i", "want", "to"],
    &["i", "plan", "to"],
    &["i", "hope", "to"],
    &["want", "to", "learn"],
    &["like", "to", "learn"],
    &["plan", "to", "learn"],
    &["willing", "to", "learn"],
    &["eager", "to", "learn"],
    &["keen", "to", "learn"],
    &["nur", "gelesen"],
    &["nur", "gehört"],
];

const OWNERS: &[&str] = &[
    "my", "our", "the", "a", "an", "his", "her", "their", "mein", "meine", "unser", "unsere", "mon", "ma",
    "mes", "notre", "nos", "mi", "mis", "nuestro", "nuestra", "meu", "minha", "meus", "nosso", "nossa",
    "mio", "mia", "mijn", "onze", "ons", "mój", "moja", "nasz",
];

const OTHERS: &[&str] = &[
    "boss",
    "team",
    "teams",
    "teammate",
    "teammates",
    "colleague",
    "colleagues",
    "coworker",
    "coworkers",
    "company",
    "employer",
    "manager",
    "managers",
    "supervisor",
    "friend",
    "friends",
    "department",
    "client",
    "clients",
    "customer",
    "customers",
    "husband",
    "wife",
    "brother",
    "sister",
    "father",
    "mother",
    "mentor",
    "chef",
    "chefin",
    "kollege",
    "kollegin",
    "kollegen",
    "firma",
    "freund",
    "freundin",
    "équipe",
    "collègue",
    "collègues",
    "entreprise",
    "ami",
    "amie",
    "jefe",
    "jefa",
    "equipo",
    "compañero",
    "compañeros",
    "empresa",
    "amigo",
    "amiga",
    "chefe",
    "equipe",
    "colega",
    "colegas",
    "capo",
    "collega",
    "collega's",
    "azienda",
    "amico",
    "baas",
    "bedrijf",
    "vriend",
    "szef",
    "zespół",
    "kolega",
    "koledzy",
];

/// Whether a text can stand in a resume as it is: three words or more beside yes and no, and no question.
#[must_use]
pub fn is_statement(text: &str) -> bool {
    const LEAST: usize = 3;
    let said = words(text).into_iter().filter(|word| !ANSWERS.contains(&fold(word.text).as_str())).count();
    said >= LEAST && !text.contains(['?', '\u{ff1f}', '\u{bf}'])
}

/// Why a statement is no claim of its owner, as a sentence; `None` where it is one. Strict on purpose: who is refused
/// can word it otherwise, while a skill that was denied must never be listed.
#[must_use]
pub fn disclaimer(text: &str) -> Option<String> {
    let words = words(text);
    let folded: Vec<String> = words.iter().map(|word| fold(word.text)).collect();
    if let Some(said) = hearsay(&folded).or_else(|| denial(text, &words, &folded)) {
        return Some(format!(
            "The fact says what is not so, or not yet (\u{201c}{said}\u{201d}); a resume says what you did, in words without it."
        ));
    }
    let other = other(text, &words, &folded)?;
    Some(format!(
        "The fact is about somebody else (\u{201c}{other}\u{201d}); a resume says what you did yourself."
    ))
}

fn begins_with(folded: &[String], phrase: &[&str]) -> bool {
    folded.len() >= phrase.len() && folded.iter().zip(phrase).all(|(word, wanted)| word == wanted)
}

fn hearsay(folded: &[String]) -> Option<String> {
    let rests = (0..folded.len()).filter_map(|at| folded.get(at..));
    rests
        .into_iter()
        .find_map(|rest| HEARSAY.iter().find(|phrase| begins_with(rest, phrase)))
        .map(|phrase| phrase.join(" "))
}

fn denial(text: &str, words: &[Word<'_>], folded: &[String]) -> Option<String> {
    if let Some(said) = CHINESE_DENIALS.iter().find(|said| text.contains(**said)) {
        return Some((*said).to_owned());
    }
    for (at, (word, said)) in words.iter().zip(folded).enumerate() {
        let rest = folded.get(at..).unwrap_or_default();
        if PRAISE.iter().any(|phrase| begins_with(rest, phrase)) {
            continue;
        }
        // "No. 1" counts; Portuguese "no" means "in the"; "SEM" and "NI" are names.
        let is_number = said == "no"
            && rest.get(1).is_some_and(|next| next.starts_with(|letter: char| letter.is_ascii_digit()));
        let is_name = word.text.chars().count() > 1 && !word.text.chars().any(char::is_lowercase);
        let is_english =
            DENIALS.contains(&said.as_str()) && !is_number && !(said == "no" && is_portuguese(folded));
        let is_short = said.ends_with("n't") || said.starts_with("n'");
        let is_foreign = FOREIGN_DENIALS.contains(&said.as_str()) && !is_name;
        if is_english || is_short || is_foreign {
            return Some(word.text.to_owned());
        }
    }
    None
}

fn is_portuguese(folded: &[String]) -> bool {
    const MARKS: &[&str] = &["em", "dos", "das", "com", "uma", "ao", "pela", "pelo", "para"];
    folded.iter().any(|word| {
        MARKS.contains(&word.as_str()) && word != "para"
            || word.contains(['ã', 'õ'])
            || (word.len() > 4 && word.ends_with("ei"))
    })
}

/// The words that name somebody else as the one who did it.
fn other(text: &str, words: &[Word<'_>], folded: &[String]) -> Option<String> {
    const TURNS: &[&str] = &["but", "while", "whereas", "although", "because", "and", "that", "since"];
    const DOES: &[&str] = &[
        "used", "uses", "knows", "knew", "did", "does", "has", "had", "was", "is", "ran", "built", "wrote",
        "owned",
    ];
    for (at, said) in folded.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| words.get(at).zip(folded.get(at)));
        let begins = before.is_none_or(|(before, _)| {
            let between = words.get(at).and_then(|word| text.get(before.end..word.start)).unwrap_or_default();
            between.contains([',', ';', ':', '.', '!', '(', '\n', '\u{2013}', '\u{2014}'])
        });
        let turns = before.is_some_and(|(_, before)| TURNS.contains(&before.as_str()));
        let rest = folded.get(at..).unwrap_or_default();
        let is_person = match said.as_str() {
            "he" | "she" | "someone" | "somebody" | "everyone" => begins || turns,
            "they" => at == 0 || turns,
            _ => false,
        };
        if is_person {
            return words.get(at).map(|word| word.text.to_owned());
        }
        if let Some(length) = somebody(rest) {
            let next = rest.get(length).map(String::as_str).unwrap_or_default();
            let is_subject =
                begins || turns || (matches!(said.as_str(), "my" | "our") && DOES.contains(&next));
            let clause = words.get(at).and_then(|word| text.get(word.start..)).unwrap_or_default();
            let clause = clause.split([',', ';', '.']).next().unwrap_or_default();
            let with_owner =
                clause.split_whitespace().any(|word| matches!(word, "I" | "me" | "ich" | "je" | "yo"));
            let is_title =
                matches!(next, "lead" | "leader" | "leadership" | "management" | "service" | "support");
            if is_subject && !with_owner && !is_title {
                return words
                    .get(at..at + length)
                    .map(|said| said.iter().map(|word| word.text).collect::<Vec<_>>().join(" "));
            }
        }
    }
    None
}

/// How many words "my boss" and "our former manager" are.
fn somebody(folded: &[String]) -> Option<usize> {
    let is_owner = folded.first().is_some_and(|word| OWNERS.contains(&word.as_str()));
    let at = (1..=2).find(|at| folded.get(*at).is_some_and(|word| OTHERS.contains(&word.as_str())))?;
    (is_owner && !folded.iter().take(at + 1).any(|word| word.chars().any(is_ideograph))).then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use crate::engine::statement::{disclaimer, is_statement};

    #[test]
    fn a_bare_answer_or_a_question_is_no_statement() {
        for text in [
            "Yes",
            "No.",
            "yes, I have",
            "Kafka",
            "Ja, etwas",
            "Does gRPC count as a skill?",
            "¿Cuenta gRPC aquí",
        ] {
            assert!(!is_statement(text), "{text}");
        }
        for text in
            ["Yes, I ran Kubernetes", "No, I have not used it.", "I hold a boat licence.", "熟悉分布式"]
        {
            assert!(is_statement(text), "{text}");
        }
    }

    #[test]
    fn what_is_denied_or_done_by_others_claims_nothing() {
        for text in [
            "No, I have not used it.",
            "I know nothing about gRPC and failed the AWS certification exam.",
            "My boss used Kafka, Salesforce and SAP; I only read about PCI DSS.",
            "I only read about PCI DSS.",
            "I don\u{2019}t know Kafka yet.",
            "At my last job my boss used Kafka.",
            "Our former manager ran the Kafka cluster.",
            "She built the Kafka cluster.",
            "I watched while they used Kafka.",
            "I would like to learn Kafka.",
            "Mein Chef hat Kafka benutzt.",
            "Ich habe Kafka nie benutzt.",
            "Je n'ai jamais utilisé Kafka.",
            "No he usado Kafka.",
            "Nunca usei Kafka no trabalho.",
            "Non ho mai usato Kafka.",
            "Ik heb Kafka nooit gebruikt.",
            "Nie znam Kafki wcale.",
            "没有使用过Kafka",
        ] {
            assert!(disclaimer(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_the_owner_did_is_a_claim() {
        for text in [
            "I led a team of 5.",
            "Led my team through the move to Kafka.",
            "My team and I built a Kafka cluster.",
            "Worked with my manager on PCI DSS.",
            "Moved 40 services to AWS without downtime.",
            "Ran the No. 1 shop of the region.",
            "Ran SEM campaigns for three brands.",
            "Built a no-code tool with Node.js and NoSQL.",
            "Trabalhei no Banco do Brasil com Kafka.",
            "Depuis mai 2021, je gère un cluster Kafka.",
            "The team lead for payments since 2021.",
            "Built the desk's tool; they use it daily.",
            "Led the team, the company's largest.",
        ] {
            assert_eq!(disclaimer(text), None, "{text}");
        }
    }
}
