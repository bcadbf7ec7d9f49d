//! The words of section headings in nine languages.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::engine::understand::resume::text::{fold, is_han};

/// What a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The head of the document, before any heading.
    Head,
    /// More of the head: address, links.
    Contact,
    /// Introduction.
    Summary,
    /// Positions held.
    Work,
    /// Unpaid positions, clubs, leadership.
    Volunteer,
    /// Studies.
    Education,
    /// Skills.
    Skills,
    /// Projects.
    Projects,
    /// Human languages.
    Languages,
    /// Certificates and licences.
    Certificates,
    /// Papers, books.
    Publications,
    /// Honours.
    Awards,
    /// Interests.
    Interests,
    /// Referees.
    References,
    /// Anything else, kept word for word.
    Other,
}

/// How well the words fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// The words hold a heading's word among others.
    Loose,
    /// The words are a heading.
    Exact,
}

/// Whole headings, folded, `|` between them.
const HEADINGS: &[(Kind, &str)] = &[
    (
        Kind::Contact,
        "contact|contacts|contact information|contact details|contact info|personal information|personal details|personal data|personal info|details|links|profiles|social|online|find me online|web|websites|kontakt|kontaktdaten|personliche daten|angaben zur person|zur person|coordonnees|informations personnelles|etat civil|contacto|datos personales|informacion personal|datos de contacto|contato|dados pessoais|informacoes pessoais|contatti|dati personali|informazioni personali|contactgegevens|persoonlijke gegevens|personalia|dane osobowe|dane kontaktowe|联系方式|个人信息|基本信息|个人资料|链接|联系我|contact me|get in touch|angaben zu meiner person|mes coordonnees|informacoes de contato|recapiti|contatto|kontakt i dane",
    ),
    (
        Kind::Summary,
        "summary|highlights|career highlights|key highlights|professional summary|executive summary|career summary|summary of qualifications|qualifications summary|profile|professional profile|career profile|personal profile|about|about me|objective|career objective|professional objective|career goal|personal statement|introduction|overview|bio|biography|who am i|headline|profil|kurzprofil|uber mich|zusammenfassung|berufsziel|kurzvorstellung|berufliches profil|a propos|a propos de moi|profil professionnel|resume professionnel|objectif|objectif professionnel|accroche|presentation|perfil|perfil profesional|resumen|resumen profesional|sobre mi|objetivo|objetivo profesional|extracto|sobre mim|resumo|resumo profissional|perfil profissional|objetivo profissional|profilo|profilo professionale|sommario|chi sono|obiettivo|obiettivo professionale|profiel|over mij|samenvatting|persoonlijk profiel|o mnie|podsumowanie|podsumowanie zawodowe|profil zawodowy|cel zawodowy|个人简介|自我评价|个人总结|个人评价|求职意向|求职目标|简介|关于我|个人概述|职业目标|professional overview|executive profile|executive overview|career overview|what i do|in brief|personliches profil|qualifikationsprofil|profil personnel|en bref|qui suis-je|acerca de mi|quien soy|presentacion|perfil personal|apresentacao|quem sou|presentazione|profilo personale|in breve|wie ben ik|profielschets|o sobie|profil kandydata|about myself|short profile|uber mich und meine ziele",
    ),
    (
        Kind::Work,
        "experience|work experience|professional experience|employment|employment history|work history|career history|career|professional background|work|jobs|positions|positions held|appointments|academic appointments|internships|internship|internship experience|relevant experience|industry experience|research experience|research|teaching experience|teaching|military experience|military service|clinical experience|practical experience|professional history|job history|experience and employment|vocational|vocacional|previous experience|other experience|additional experience|berufserfahrung|berufspraxis|beruflicher werdegang|werdegang|praxiserfahrung|praktische erfahrung|berufliche erfahrung|arbeitserfahrung|praktika|praktikum|tatigkeiten|berufliche stationen|beruflicher lebenslauf|berufstatigkeit|experience professionnelle|experiences professionnelles|experiences|parcours professionnel|emplois|stages|stage|experiencia|experiencia laboral|experiencia profesional|experiencia de trabajo|historial laboral|trayectoria profesional|practicas|empleo|experiencia profissional|historico profissional|experiencias profissionais|estagios|atuacao profissional|esperienza|esperienze|esperienza professionale|esperienze professionali|esperienza lavorativa|esperienze lavorative|tirocini|werkervaring|ervaring|loopbaan|stages en werkervaring|doswiadczenie|doswiadczenie zawodowe|przebieg kariery|praktyki|staze|工作经历|工作经验|实习经历|实习经验|职业经历|工作背景|任职经历|科研经历|研究经历|从业经历|实践经历|教学经历|work experiences|professional experiences|professional journey|career summary and experience|academic positions|academic experience and employment|employment experience|employment record|job experience|working experience|berufliche tatigkeit|berufliche tatigkeiten|berufserfahrungen|berufliche laufbahn|berufliche erfahrungen|beruflicher hintergrund|beruflicher weg|berufsweg|berufspraktische erfahrungen|experiences professionnelles significatives|experiences significatives|mes experiences|experience de travail|experiences de travail|parcours|trayectoria laboral|trayectoria|experiencias laborales|experiencias profesionales|historia laboral|vida laboral|antecedentes laborales|experiencias|trajetoria profissional|percurso profissional|historico de trabalho|esperienze di lavoro|esperienza di lavoro|percorso professionale|carriera|carriera professionale|werkverleden|relevante werkervaring|arbeidsverleden|loopbaanoverzicht|historia zatrudnienia|przebieg zatrudnienia|doswiadczenia zawodowe",
    ),
    (
        Kind::Volunteer,
        "volunteer|volunteering|volunteer experience|volunteer work|volunteering experience|community service|community involvement|community|civic engagement|leadership|leadership experience|leadership and activities|leadership and involvement|activities|activities and leadership|extracurricular activities|extracurricular activity|extracurriculars|extra-curricular activities|involvement|campus involvement|on campus involvement|student activities|student organizations|organizations|memberships|professional memberships|affiliations|professional affiliations|social engagement|program committees|board service|board memberships|board membership|board positions|board experience|board and committee service|service|academic service|professional service|ehrenamt|ehrenamtliche tatigkeit|ehrenamtliche tatigkeiten|ehrenamtliches engagement|engagement|soziales engagement|gesellschaftliches engagement|mitgliedschaften|benevolat|engagements|vie associative|activites extrascolaires|activites|voluntariado|experiencia de voluntariado|actividades|actividades extracurriculares|trabalho voluntario|atividades|volontariato|attivita|vrijwilligerswerk|nevenactiviteiten|wolontariat|dzialalnosc spoleczna|志愿者经历|志愿经历|志愿服务|社会实践|校园经历|社团经历|学生工作|社会活动|课外活动|校园活动|在校经历|ehrenamter|freiwilliges engagement|freiwilligenarbeit|aktivitaten und ehrenamt|engagement associatif|engagements associatifs|experience associative|activites benevoles|voluntariados|acciones de voluntariado|esperienze di volontariato|attivita di volontariato|aktywnosc spoleczna|vrijwilligersactiviteiten",
    ),
    (
        Kind::Education,
        "education|educational background|academic background|academics|academic history|education and training|training and education|education and qualifications|academic qualifications|academic training|qualifications|studies|schooling|degrees|ausbildung|bildung|bildungsweg|studium|schulbildung|akademische ausbildung|ausbildung und studium|schulische ausbildung|akademischer werdegang|hochschulbildung|aus- und weiterbildung|formation|formations|formation academique|etudes|parcours academique|diplomes|diplomes et formations|cursus|cursus scolaire|formacion|formacion academica|educacion|estudios|titulacion|formacion y estudios|historial academico|educacao|formacao|formacao academica|escolaridade|istruzione|formazione|istruzione e formazione|studi|titoli di studio|percorso formativo|opleiding|opleidingen|onderwijs|studie|studies en opleidingen|wyksztalcenie|edukacja|studia|教育背景|教育经历|学历|教育|学习经历|学术背景|教育程度|教育情况|educational qualification|educational qualifications|academic details|education details|educational details|academic qualification|academic profile|scholastic record|schule und studium|studium und schule|schul- und berufsausbildung|schul- und hochschulbildung|schulische laufbahn|schulischer werdegang|akademische laufbahn|hochschulstudium|berufsausbildung|bildungsgang|formation initiale|formation scolaire et universitaire|formation universitaire|cursus universitaire|parcours scolaire|parcours universitaire|scolarite|diplomes et formation|datos academicos|formacion reglada|formacion universitaria|antecedentes academicos|estudios realizados|formacao escolar|percurso academico|habilitacoes literarias|habilitacoes academicas|carriera scolastica|percorso di studi|formazione scolastica|formazione accademica|opleiding en cursussen|przebieg edukacji",
    ),
    (
        Kind::Skills,
        "skills|technical skills|key skills|core skills|professional skills|skill set|skillset|skills and tools|skills summary|skills and technologies|skills and abilities|skills and expertise|skills and competencies|technologies|technical proficiencies|technical expertise|technical knowledge|technical summary|technical strengths|core competencies|competencies|competences|key competencies|areas of expertise|expertise|areas of knowledge|proficiencies|computer skills|it skills|hard skills|soft skills|tools|tools and technologies|tech stack|technology stack|programming skills|programming languages|software|software skills|strengths|capabilities|abilities|top skills|additional skills|relevant skills|skills and interests|skills and awards|skills and certifications|language and technologies|technical|kenntnisse|fahigkeiten|kompetenzen|fachkenntnisse|it-kenntnisse|edv-kenntnisse|technische kenntnisse|kenntnisse und fahigkeiten|fahigkeiten und kenntnisse|besondere kenntnisse|kernkompetenzen|fachliche kompetenzen|qualifikationen|edv|it-skills|competences techniques|competences cles|competences professionnelles|competences informatiques|savoir-faire|savoir-etre|informatique|habilidades|competencias|conocimientos|aptitudes|habilidades tecnicas|competencias tecnicas|conocimientos tecnicos|conocimientos informaticos|conocimientos de computacion|informatica|destrezas|competencias profissionais|conhecimentos|habilidades e competencias|conhecimentos tecnicos|qualificacoes|competenze|competenze tecniche|capacita|abilita|capacita e competenze|competenze informatiche|conoscenze|conoscenze informatiche|vaardigheden|competenties|technische vaardigheden|computervaardigheden|kennis|kennis en vaardigheden|umiejetnosci|kompetencje|umiejetnosci techniczne|kluczowe umiejetnosci|znajomosc programow|技能|专业技能|技术栈|技能特长|个人技能|计算机技能|核心技能|技术能力|专业能力|职业技能|技术技能|it技能|掌握技能|能力|technical proficiency|tools and platforms|tools and frameworks|tools and software|platforms and tools|software and tools|what i know|my skills|it-kompetenzen|edv- und sprachkenntnisse|it- und sprachkenntnisse|sprach- und it-kenntnisse|sprach- und edv-kenntnisse|kenntnisse und kompetenzen|kompetenzen und kenntnisse|personliche starken|starken|weitere kenntnisse|software-kenntnisse|werkzeuge|outils|outils informatiques|outils et technologies|logiciels|langages|langages informatiques|mes competences|savoir faire|atouts|qualites|herramientas|herramientas informaticas|programas informaticos|competencias digitales|fortalezas|ferramentas|competencias digitais|competenze digitali|strumenti|strumenti e tecnologie|punti di forza|programmi|gereedschappen|sterke punten|computerkennis|obsluga komputera|kwalifikacje|kompetencje cyfrowe|narzedzia|technologie",
    ),
    (
        Kind::Projects,
        "projects|project|personal projects|side projects|selected projects|academic projects|key projects|project experience|projects experience|open source|open source projects|open source contributions|open-source|portfolio|notable projects|relevant projects|technical projects|research projects|projects and research|projects and papers|project work|projekte|projekterfahrung|ausgewahlte projekte|eigene projekte|projets|projets personnels|projets realises|realisations|proyectos|proyectos personales|proyectos destacados|projetos|projetos pessoais|progetti|progetti personali|projecten|projekty|projekty wlasne|项目经历|项目经验|项目|个人项目|开源项目|项目与论文|开源贡献|项目实践|academic project|mini projects|projets academiques|projets universitaires|proyectos academicos|progetti universitari|projetos academicos|projekty akademickie|referenzprojekte|projektliste",
    ),
    (
        Kind::Languages,
        "languages|language|language skills|foreign languages|languages spoken|spoken languages|sprachen|sprachkenntnisse|fremdsprachen|langues|langues etrangeres|langue|idiomas|lenguas|idioma|linguas|lingue|lingue straniere|conoscenze linguistiche|competenze linguistiche|talen|talenkennis|jezyki|jezyki obce|znajomosc jezykow|znajomosc jezykow obcych|语言|语言能力|语言技能|外语水平|外语能力|语言水平|language proficiency|languages known|known languages|linguistic skills|sprachkompetenz|sprachkompetenzen|sprachliche kenntnisse|sprachfahigkeiten|competences linguistiques|langues parlees|langues vivantes|connaissances linguistiques|competencias linguisticas|conocimiento de idiomas|conocimientos de idiomas|conhecimentos linguisticos|lingue conosciute|conoscenza delle lingue|kompetencje jezykowe|taalvaardigheden|taalkennis",
    ),
    (
        Kind::Certificates,
        "certifications|certification|certificates|certificate|licenses|licences|license|licenses and certifications|certifications and licenses|certificates and licenses|professional certifications|courses and certifications|certifications and training|certifications and courses|training|trainings|training and certifications|professional development|continuing education|credentials|accreditations|zertifikate|zertifizierungen|zertifikate und weiterbildungen|weiterbildung|weiterbildungen|fortbildungen|fortbildung|lizenzen|schulungen|fuhrerschein|certificats|attestations|formations complementaires|formation continue|certificaciones|certificados|cursos|cursos y certificaciones|formacion complementaria|formacion continua|licencias|certificacoes|cursos e certificacoes|cursos complementares|certificazioni|certificati|corsi|corsi di formazione|certificeringen|certificaten|cursussen|trainingen en cursussen|certyfikaty|kursy|szkolenia|szkolenia i kursy|kursy i szkolenia|kursy i certyfikaty|证书|资格证书|技能证书|认证|培训经历|职业资格|资质证书|培训|professional certification|licensure|licensure and certification|licensure and certifications|certifications and licensure|courses and training|courses and trainings|training and courses|certificates and courses|courses and certificates|fort- und weiterbildung|fort- und weiterbildungen|zertifikate und kurse|kurse|kurse und zertifikate|lehrgange|seminare|fuhrerscheine|certifications et formations|permis et certificats|habilitations|permis|cursos realizados|cursos y seminarios|cursos y talleres|permisos|carnets|formacoes complementares|corsi e certificazioni|patenti|corsi e attestati|uprawnienia|certyfikaty i uprawnienia|prawo jazdy|rijbewijs|rijbewijzen",
    ),
    (
        Kind::Publications,
        "publications|selected publications|papers|publications and presentations|research publications|journal articles|articles|books|bibliography|journal publications|conference papers|conference publications|peer-reviewed publications|publikationen|veroffentlichungen|publications scientifiques|publicaciones|publicacoes|pubblicazioni|publicaties|publikacje|论文|发表论文|出版物|学术论文|论文发表|科研成果|著作",
    ),
    (
        Kind::Awards,
        "awards|award|honors|honours|honors and awards|honours and awards|awards and honors|awards and honours|awards and recognition|awards and achievements|awards and recognitions|achievements and awards|honors/awards|awards/honors|recognition|recognitions|achievements|accomplishments|scholarships|scholarships and awards|awards and scholarships|fellowships|fellowships and awards|prizes|distinctions|selected honors|academic achievements|academic honors|grants|grants and fellowships|honors and achievements|international awards|domestic awards|auszeichnungen|preise|stipendien|ehrungen|auszeichnungen und stipendien|erfolge|prix|recompenses|prix et distinctions|bourses|premios|reconocimientos|logros|becas|premios y reconocimientos|honores|premios e reconhecimentos|conquistas|bolsas|premi|riconoscimenti|premi e riconoscimenti|borse di studio|prijzen|onderscheidingen|nagrody|osiagniecia|wyroznienia|stypendia|奖项|获奖|所获奖项|获奖情况|荣誉|荣誉奖项|获奖经历|奖励|荣誉证书|奖学金|获奖荣誉|荣誉奖励|accolades|preise und auszeichnungen|premios y becas|distinciones",
    ),
    (
        Kind::Interests,
        "interests|hobbies|hobbies and interests|interests and hobbies|personal interests|other interests|activities and interests|interessen|hobbys|hobbies und interessen|hobbys und interessen|interessen und hobbys|freizeit|centres d'interet|centre d'interet|loisirs|interets|centres d’interet|passions|passe-temps|intereses|aficiones|pasatiempos|intereses y aficiones|hobby|interesses|interessi|hobby e interessi|interessi personali|hobby's|interesses en hobby's|zainteresowania|zainteresowania i hobby|兴趣爱好|兴趣|爱好|个人兴趣|vrije tijd|centres d'interets|centres d’interets|loisirs et centres d'interet|intereses personales|interesses pessoais|freizeitinteressen|personliche interessen|tempo libero|czas wolny|hobbies and passions|passioni",
    ),
    (
        Kind::References,
        "references|referees|reference|recommendations|testimonials|professional references|referenzen|references professionnelles|referencias|referenze|referenties|referencje|推荐人|证明人|referenz|referencias personales|referencias laborales|referencias profesionales|referenties en contact|referenze professionali",
    ),
    (
        Kind::Other,
        "coursework|relevant coursework|courses|relevant courses|selected coursework|patents|presentations|presentation|talks|invited talks|speaking|speaking engagements|public speaking|security clearance|security clearances|clearance|clearances|conferences|writing|media|press|miscellaneous|other|others|additional information|additional|further information|availability|patente|vortrage|sonstiges|divers|autres|informations complementaires|brevets|otros|otros datos|informacion adicional|miscelaneo|patentes|outros|informacoes adicionais|informacoes complementares|altro|altre informazioni|ulteriori informazioni|overig|overige|inne|dodatkowe informacje|informacje dodatkowe|其他|其它|专业|附加信息|专利|其他信息|master thesis|thesis|dissertation|tesis de maestria|tesis|毕业论文",
    ),
];

/// Words that make a longer heading of the kind, most telling first; `*` stands for the rest of a word. Knowledge of
/// languages is told by its words before the skills are, whose words stand beside them.
const LOOSE: &[(Kind, &str)] = &[
    (
        Kind::Volunteer,
        "volunteer volunteering extracurricular involvement ehrenamtlich* benevol* voluntari* volontari* vrijwillig* leadership memberships affiliations",
    ),
    (Kind::Publications, "publications publikationen publicaciones publicacoes pubblicazioni"),
    (
        Kind::Certificates,
        "certification certifications certificates licenses licences licensure zertifikate zertifizierungen weiterbildung weiterbildungen fortbildung fortbildungen certificaciones certificacoes certificazioni certyfikaty",
    ),
    (Kind::Awards, "awards honors honours achievements scholarships auszeichnungen premios"),
    (Kind::References, "references referees referenzen"),
    (Kind::Projects, "projects projekte projets proyectos projetos progetti projekty projecten"),
    (
        Kind::Education,
        "education educational ausbildung *ausbildung formacion formazione formacao academic studies wyksztalcenie opleidingen",
    ),
    (
        Kind::Work,
        "experience experiences employment *erfahrung *erfahrungen experiencia experiencias esperienza esperienze internships internship career werdegang *ervaring doswiadczenie zatrudnienia",
    ),
    (
        Kind::Languages,
        "sprachkenntnisse sprachkompetenz sprachkompetenzen linguistiques linguisticas linguisticos linguistiche jezykow jezykowe taalvaardigheden talenkennis",
    ),
    (
        Kind::Skills,
        "skills *kenntnisse *kompetenzen competences competencies fahigkeiten habilidades competencias competenze technologies expertise proficiency proficiencies umiejetnosci *vaardigheden toolkit kompetencje",
    ),
    (Kind::Languages, "languages sprachen langues idiomas"),
    (Kind::Interests, "interests hobbies"),
    (Kind::Summary, "summary profile objective"),
];

/// Han headings are found inside longer ones.
const HAN: &[(Kind, &str)] = &[
    (Kind::Work, "经历 工作 实习"),
    (Kind::Education, "教育 学历"),
    (Kind::Skills, "技能"),
    (Kind::Projects, "项目"),
    (Kind::Awards, "奖 荣誉"),
    (Kind::Languages, "语言 外语"),
    (Kind::Certificates, "证书"),
    (Kind::Summary, "简介 评价"),
];

/// A heading in the form that the tables have: folded, `&` as "and", letter-spacing closed, no marks at the ends.
pub(crate) fn normal(heading: &str) -> String {
    let mut text = fold(heading).replace(['&', '+'], " and ").replace('’', "'");
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() >= 4 && parts.iter().all(|part| part.chars().count() == 1) {
        text = parts.concat();
    }
    let han = text.chars().any(is_han);
    let text: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c == ',').filter(|part| !part.is_empty()).collect();
    let text = if han { text.concat() } else { text.join(" ") };
    text.trim_matches(|c: char| !c.is_alphanumeric())
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' ')
        .to_owned()
}

/// Longest heading, in characters: whatever is longer is a sentence, and not looked at.
const MAX_CHARACTERS: usize = 80;
/// What joins two headings to one.
const CONNECTORS: [&str; 10] = [" and ", " und ", " et ", " y ", " e ", " en ", " i ", " or ", " / ", "/"];

/// The section of each whole heading.
static KNOWN: LazyLock<HashMap<&str, Kind>> = LazyLock::new(|| {
    let mut known = HashMap::new();
    for (kind, list) in HEADINGS {
        for heading in list.split('|') {
            known.entry(heading).or_insert(*kind);
        }
    }
    known
});

/// Which section a heading opens, and how sure that is.
pub(crate) fn classify(heading: &str) -> Option<(Kind, Fit)> {
    if heading.chars().nth(MAX_CHARACTERS).is_some() {
        return None;
    }
    let normal = normal(heading);
    if normal.is_empty() {
        return None;
    }
    if let Some(kind) = KNOWN.get(normal.as_str()) {
        return Some((*kind, Fit::Exact));
    }
    // Commas are gone from the normal form, and join as well: "Awards, Honors".
    let listed =
        if heading.contains(',') { self::normal(&heading.replace(',', " / ")) } else { normal.clone() };
    joined(&listed).map(|kind| (kind, Fit::Exact)).or_else(|| Some((loose(&normal)?, Fit::Loose)))
}

/// "Skills and Interests", "Awards, Honors": several headings in one belong to the first. Each place to part them is
/// looked at once: strangers choose how many there are.
fn joined(normal: &str) -> Option<Kind> {
    let parts = CONNECTORS.iter().filter_map(|connector| normal.split_once(connector));
    parts
        .map(|(first, rest)| (first.trim(), rest.trim()))
        .find_map(|(first, rest)| KNOWN.get(first).filter(|_| is_heading(rest)))
        .copied()
}

/// Whether the rest of a joined heading is one, or some.
fn is_heading(text: &str) -> bool {
    let each_known = || {
        let parts = CONNECTORS.iter().fold(text.to_owned(), |text, connector| text.replace(connector, "|"));
        parts.split('|').all(|part| KNOWN.contains_key(part.trim()))
    };
    KNOWN.contains_key(text) || loose(text).is_some() || each_known()
}

/// The section whose word a longer heading holds.
fn loose(normal: &str) -> Option<Kind> {
    if normal.chars().any(is_han) {
        let short = normal.chars().count() <= 8;
        let hit = HAN.iter().find(|(_, list)| list.split(' ').any(|part| normal.contains(part)));
        return hit.filter(|_| short).map(|(kind, _)| *kind);
    }
    let words: Vec<&str> =
        normal.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.len() > 6 {
        return None;
    }
    let hit =
        LOOSE.iter().find(|(_, list)| list.split(' ').any(|known| words.iter().any(|word| is(word, known))));
    hit.map(|(kind, _)| *kind)
}

/// Whether a word is a known one, or has its known beginning or end.
fn is(word: &str, known: &str) -> bool {
    match (known.strip_prefix('*'), known.strip_suffix('*')) {
        (Some(end), _) => word.ends_with(end),
        (_, Some(start)) => word.starts_with(start),
        _ => word == known,
    }
}

#[cfg(test)]
mod tests {
    use super::{Fit, Kind, classify};

    #[test]
    fn headings_are_known_in_nine_languages() {
        for (heading, kind) in [
            ("EXPERIENCE", Kind::Work),
            ("W O R K", Kind::Work),
            ("Berufserfahrung:", Kind::Work),
            ("Expérience professionnelle", Kind::Work),
            ("Formación académica", Kind::Education),
            ("Formação Acadêmica", Kind::Education),
            ("Competenze tecniche", Kind::Skills),
            ("Vaardigheden", Kind::Skills),
            ("Wykształcenie", Kind::Education),
            ("工作 经历", Kind::Work),
            ("Skills & Interests", Kind::Skills),
            ("HONORS/AWARDS", Kind::Awards),
            ("Awards, Honors", Kind::Awards),
            ("Awards, Honors and Interests", Kind::Awards),
            ("Berufliche Tätigkeit", Kind::Work),
            ("Academic Positions", Kind::Work),
            ("Trayectoria laboral", Kind::Work),
            ("Schul- und Berufsausbildung", Kind::Education),
            ("Datos académicos", Kind::Education),
            ("Weitere Kenntnisse", Kind::Skills),
            ("Tools & Platforms", Kind::Skills),
            ("Compétences linguistiques", Kind::Languages),
            ("Competencias lingüísticas", Kind::Languages),
            ("Licensure", Kind::Certificates),
            ("Board Service", Kind::Volunteer),
            ("SECURITY CLEARANCE", Kind::Other),
            ("Acerca de mí", Kind::Summary),
        ] {
            assert_eq!(classify(heading), Some((kind, Fit::Exact)), "{heading}");
        }
    }

    #[test]
    fn longer_headings_are_known_by_their_word() {
        assert_eq!(classify("Software Engineering Experience"), Some((Kind::Work, Fit::Loose)));
        for (heading, kind) in [
            // Over most lists that it heads it is a label within a job.
            ("Key Achievements", Kind::Awards),
            ("Relevante Projekterfahrungen", Kind::Work),
            ("Zusätzliche Sprachkenntnisse", Kind::Languages),
            ("Technische Fachkenntnisse", Kind::Skills),
            ("Overige werkervaring", Kind::Work),
        ] {
            assert_eq!(classify(heading), Some((kind, Fit::Loose)), "{heading}");
        }
        assert_eq!(classify("Acme Corporation"), None);
        assert_eq!(
            classify(
                "Experience in the trade of cloth, wool and silk, and in the keeping of the books of a port"
            ),
            None
        );
    }
}
