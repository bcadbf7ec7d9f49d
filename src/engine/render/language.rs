//! The language that a resume is written in, and the few words that a document adds in it.

use crate::domain::resume::Resume;

/// The words that are not the person's own: headings the source lacks, months, "present".
#[derive(Debug)]
pub(crate) struct Words {
    /// BCP 47 tag.
    pub(crate) tag: &'static str,
    /// Words so common that they give the language away.
    common: &'static [&'static str],
    /// What a position that goes on lasts until.
    pub(crate) present: &'static str,
    /// Months, short.
    pub(crate) months: [&'static str; 12],
    /// Default heading by JSON Resume section name.
    pub(crate) headings: &'static [(&'static str, &'static str)],
    /// What such a document is called.
    pub(crate) document: &'static str,
    /// Before a list of courses.
    pub(crate) courses: &'static str,
    /// Before a grade that is a bare number.
    pub(crate) grade: &'static str,
}

impl Words {
    /// The default heading of a section.
    pub(crate) fn heading(&self, section: &str) -> &'static str {
        self.headings.iter().find(|(name, _)| *name == section).map_or("", |(_, heading)| *heading)
    }
}

const ENGLISH: Words = Words {
    tag: "en",
    common: &["the", "and", "of", "to", "in", "for", "with", "on", "from", "by", "at", "as"],
    present: "Present",
    months: ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    headings: &[
        ("summary", "Summary"),
        ("work", "Experience"),
        ("projects", "Projects"),
        ("education", "Education"),
        ("skills", "Skills"),
        ("certificates", "Certificates"),
        ("publications", "Publications"),
        ("awards", "Awards"),
        ("volunteer", "Volunteering"),
        ("languages", "Languages"),
        ("interests", "Interests"),
        ("references", "References"),
    ],
    document: "Resume",
    courses: "Courses",
    grade: "Grade",
};

const GERMAN: Words = Words {
    tag: "de",
    common: &["und", "der", "die", "das", "von", "mit", "für", "im", "zur", "bei", "den", "eines"],
    present: "heute",
    months: ["Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."],
    headings: &[
        ("summary", "Profil"),
        ("work", "Berufserfahrung"),
        ("projects", "Projekte"),
        ("education", "Ausbildung"),
        ("skills", "Kenntnisse"),
        ("certificates", "Zertifikate"),
        ("publications", "Veröffentlichungen"),
        ("awards", "Auszeichnungen"),
        ("volunteer", "Ehrenamt"),
        ("languages", "Sprachen"),
        ("interests", "Interessen"),
        ("references", "Referenzen"),
    ],
    document: "Lebenslauf",
    courses: "Kurse",
    grade: "Note",
};

const FRENCH: Words = Words {
    tag: "fr",
    common: &["et", "le", "la", "les", "des", "du", "pour", "avec", "une", "dans", "au", "sur"],
    present: "aujourd’hui",
    months: [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
    ],
    headings: &[
        ("summary", "Profil"),
        ("work", "Expérience professionnelle"),
        ("projects", "Projets"),
        ("education", "Formation"),
        ("skills", "Compétences"),
        ("certificates", "Certifications"),
        ("publications", "Publications"),
        ("awards", "Distinctions"),
        ("volunteer", "Bénévolat"),
        ("languages", "Langues"),
        ("interests", "Centres d’intérêt"),
        ("references", "Références"),
    ],
    document: "CV",
    courses: "Cours",
    grade: "Note",
};

const SPANISH: Words = Words {
    tag: "es",
    common: &["y", "el", "los", "las", "del", "para", "con", "una", "por", "como", "al", "se"],
    present: "actualidad",
    months: ["ene.", "feb.", "mar.", "abr.", "may.", "jun.", "jul.", "ago.", "sept.", "oct.", "nov.", "dic."],
    headings: &[
        ("summary", "Perfil"),
        ("work", "Experiencia"),
        ("projects", "Proyectos"),
        ("education", "Formación"),
        ("skills", "Competencias"),
        ("certificates", "Certificados"),
        ("publications", "Publicaciones"),
        ("awards", "Premios"),
        ("volunteer", "Voluntariado"),
        ("languages", "Idiomas"),
        ("interests", "Intereses"),
        ("references", "Referencias"),
    ],
    document: "Currículum",
    courses: "Cursos",
    grade: "Nota",
};

const LANGUAGES: [&Words; 4] = [&ENGLISH, &GERMAN, &FRENCH, &SPANISH];

/// The words of the language with that tag, English for any other.
#[cfg(test)]
pub(crate) fn words(tag: &str) -> &'static Words {
    LANGUAGES.into_iter().find(|words| words.tag == tag).unwrap_or(&ENGLISH)
}

/// The words of the language that a resume is written in, by its running text.
///
/// English unless another one is clearly more common: a wrong language is read aloud wrongly, and a resume
/// of names and numbers alone gives no evidence.
pub(crate) fn of(resume: &Resume) -> &'static Words {
    let mut counts = [0_usize; LANGUAGES.len()];
    for text in running_text(resume) {
        for word in text.split(|c: char| !c.is_alphabetic()).take(2000) {
            let word = word.to_lowercase();
            for (count, language) in counts.iter_mut().zip(LANGUAGES) {
                *count += usize::from(language.common.contains(&word.as_str()));
            }
        }
    }
    let english = counts.first().copied().unwrap_or_default();
    let best = counts.into_iter().zip(LANGUAGES).max_by_key(|(count, _)| *count);
    best.filter(|(count, _)| *count > english.saturating_mul(2).max(2)).map_or(&ENGLISH, |(_, words)| words)
}

fn running_text(resume: &Resume) -> impl Iterator<Item = &str> {
    let work = resume.work.iter().flat_map(|work| work.summary.iter().chain(&work.highlights));
    let projects =
        resume.projects.iter().flat_map(|project| project.description.iter().chain(&project.highlights));
    let volunteer = resume.volunteer.iter().flat_map(|entry| entry.summary.iter().chain(&entry.highlights));
    let sections = resume.sections.iter().flat_map(|section| &section.paragraphs);
    let summary = resume.basics.iter().filter_map(|basics| basics.summary.as_ref());
    summary.chain(work).chain(projects).chain(volunteer).chain(sections).map(String::as_str).take(300)
}

#[cfg(test)]
mod tests {
    use crate::domain::resume::{Resume, Work};
    use crate::engine::render::language::of;

    #[test]
    fn the_language_is_told_from_running_text_and_is_english_in_doubt() {
        for (text, expected) in [
            ("Led the team and shipped the product to customers in Europe", "en"),
            ("Leitung der Abteilung und Einführung von Tests für die Plattform im Team", "de"),
            ("Conception et mise en place des services pour les clients avec une équipe", "fr"),
            ("Desarrollo y mantenimiento de los servicios para el banco con una plantilla", "es"),
            ("Rust, PostgreSQL, Kubernetes", "en"),
            ("", "en"),
        ] {
            let work = Work { highlights: vec![text.to_owned()], ..Work::default() };
            let resume = Resume { work: vec![work], ..Resume::default() };
            assert_eq!(of(&resume).tag, expected, "{text}");
        }
    }
}
