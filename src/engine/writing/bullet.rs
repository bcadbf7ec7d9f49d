//! One bullet, looked at: how it opens, how long it is, whether it has a figure, who speaks.

use crate::domain::resume::{PartialDate, Resume};
use crate::engine::words::{fold, is_ideograph, words};
use crate::engine::writing::lexis::{Opening, opening};

/// A bullet and what can be told of it.
#[derive(Debug)]
pub(crate) struct Bullet {
    /// As it stands in the resume.
    pub(crate) text: String,
    /// Its words, folded.
    pub(crate) words: Vec<String>,
    /// How it opens, if it were English.
    pub(crate) opening: Opening,
    /// Whether it names an amount: any number that is no year, or "doubled" and the like.
    pub(crate) has_figure: bool,
    /// The pronoun of the first person in it, if any.
    pub(crate) pronoun: Option<String>,
    /// Whether what it tells of is over.
    pub(crate) is_over: bool,
}

impl Bullet {
    fn new(text: &str, is_over: bool) -> Self {
        let words: Vec<String> = words(text).iter().map(|word| fold(word.text)).collect();
        Self {
            opening: opening(&words),
            has_figure: has_figure(text),
            pronoun: first_person(text),
            text: text.trim().to_owned(),
            words,
            is_over,
        }
    }

    /// Whether it is long enough to say something and short enough to be read: 8 to 30 words, or 12 to 90 Chinese
    /// characters.
    pub(crate) fn is_well_sized(&self) -> bool {
        let ideographs = self.text.chars().filter(|letter| is_ideograph(*letter)).count();
        if ideographs * 2 > self.words.len() {
            (12..=90).contains(&self.text.chars().count())
        } else {
            (8..=30).contains(&self.words.len())
        }
    }

    /// Its beginning, for a message.
    pub(crate) fn start(&self) -> String {
        const MOST: usize = 60;
        let mut start = String::new();
        for word in self.text.split_whitespace() {
            if start.chars().count() + word.chars().count() > MOST {
                start.push_str(" \u{2026}");
                break;
            }
            if !start.is_empty() {
                start.push(' ');
            }
            start.push_str(word);
        }
        start
    }
}

/// The bullets of work, voluntary work and projects; where an entry has none, the sentences of its description.
pub(crate) fn bullets(resume: &Resume) -> Vec<Bullet> {
    let mut found = Vec::new();
    let mut add = |highlights: &[String], prose: Option<&str>, end: Option<PartialDate>| {
        let is_over = end.is_some();
        if highlights.is_empty() {
            found.extend(prose.into_iter().flat_map(sentences).map(|text| Bullet::new(text, is_over)));
        } else {
            found.extend(highlights.iter().map(|text| Bullet::new(text, is_over)));
        }
    };
    for work in &resume.work {
        add(&work.highlights, work.summary.as_deref(), work.end_date);
    }
    for work in &resume.volunteer {
        add(&work.highlights, work.summary.as_deref(), work.end_date);
    }
    for project in &resume.projects {
        add(&project.highlights, project.description.as_deref(), project.end_date);
    }
    found.retain(|bullet| !bullet.words.is_empty());
    found
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', ';', '\u{3002}']).flat_map(|line| line.split(". ")).map(str::trim).filter(|sentence| {
        sentence.split_whitespace().count() >= 3
            || sentence.chars().filter(|letter| is_ideograph(*letter)).count() > 5
    })
}

fn has_figure(text: &str) -> bool {
    const IN_WORDS: &[&str] = &[
        "doubled",
        "tripled",
        "quadrupled",
        "halved",
        "twice",
        "dozens",
        "hundreds",
        "thousands",
        "millions",
        "million",
        "hundred",
        "thousand",
        "billion",
        "dozen",
    ];
    let is_year =
        |word: &str| word.len() == 4 && word.parse::<u16>().is_ok_and(|year| (1900..2100).contains(&year));
    words(text).iter().any(|word| {
        let starts_with_digit = word.text.starts_with(|letter: char| letter.is_ascii_digit());
        starts_with_digit && !is_year(word.text) || IN_WORDS.contains(&fold(word.text).as_str())
    })
}

/// "I", "my", "we" and the like; not the "I" of "Phase I" nor the "US" of the country.
fn first_person(text: &str) -> Option<String> {
    let all = words(text);
    let found = all.iter().enumerate().find(|(at, word)| match word.text {
        "I" => {
            let before = at.checked_sub(1).and_then(|before| all.get(before));
            let after = all.get(at + 1);
            before.is_none_or(|before| before.text.starts_with(char::is_lowercase))
                && after.is_some_and(|after| after.text.starts_with(char::is_lowercase))
        }
        "I'm" | "I've" | "I\u{2019}m" | "I\u{2019}ve" | "my" | "My" | "me" | "we" | "We" | "our" | "Our"
        | "us" | "myself" => true,
        _ => false,
    });
    found.map(|(_, word)| word.text.to_owned())
}
