//! The phrases that postings ask, offer and announce by; a table reads best as a block of words.

/// Phrases by which a sentence asks for something, wherever it stands.
#[rustfmt::skip]
pub(crate) const ASKS: &[&str] = &[
    "must have", "must be", "must possess", "must hold", "must demonstrate", "required", "requires",
    "requirement*", "you have", "you'll need", "you will need", "you need", "years of", "year of",
    "years experience", "years' experience", "experience in", "experience with", "experience of",
    "experience as", "experience using", "experience working", "experienced in", "experienced with",
    "experience on", "experience managing", "experience leading", "experience designing",
    "experience developing", "experience building", "proficient", "proficiency", "knowledge of",
    "knowledge in", "familiar with", "familiarity with", "expertise in", "expertise with", "skilled in",
    "skilled at", "skills in", "background in", "degree in", "degree or", "degree from", "fluent",
    "fluency", "ability to", "able to", "understanding of", "ideal candidate", "successful candidate",
    "preferred", "preferably", "a plus", "ideally", "bonus", "nice to have", "desirable", "advantageous",
    "an advantage", "an asset", "you should have", "you are a", "you're a", "you are an", "you possess",
    "you bring", "strong", "excellent", "passion for", "passionate about", "track record",
    "comfortable with", "well versed", "hands on", "working knowledge", "qualified", "certified",
    "certification", "license", "licence", "we are looking for", "we're looking for", "seeking a",
    "seeking an", "essential", "demonstrated", "proven", "command of", "confident in", "confident with",
    "competent in", "trained in", "adept at", "erfahrung*", "kenntnisse*", "abgeschlossen*", "fließend*",
    "sie haben", "du hast", "expérience*", "maîtrise*", "connaissance*", "experiencia*", "conocimiento*",
    "dominio*", "nivel de", "eligible to", "authorized to work", "right to work",
];

#[rustfmt::skip]
pub(crate) const WELCOMES: &[&str] = &[
    "preferred", "preferably", "a plus", "big plus", "huge plus", "definite plus", "major plus",
    "nice to have", "bonus", "ideally", "desirable", "desired", "advantageous", "an advantage", "advantage",
    "an asset", "optional", "not required", "good to have", "would be great", "would be nice",
    "would be helpful", "helpful", "beneficial", "not essential", "not necessary", "is a strong plus",
    "would be a", "welcome", "von vorteil", "wünschenswert", "idealerweise", "un plus", "serait un",
    "deseable", "se valora*", "valued",
];

#[rustfmt::skip]
pub(crate) const INSISTS: &[&str] = &[
    "must have", "must be", "is required", "are required", "required", "essential", "mandatory", "zwingend",
];

#[rustfmt::skip]
pub(crate) const HUMAN_LANGUAGE_CUES: &[&str] = &[
    "fluent*", "native", "speak*", "spoken", "bilingual", "multilingual", "written", "write", "read",
    "verbal", "oral", "language*", "proficien*", "conversational", "mother tongue", "business level", "b1",
    "b2", "c1", "c2", "fließend*", "sprachkenntnisse", "courant*", "nivel", "command", "knowledge", "good",
    "excellent", "advanced", "kenntnisse",
];

#[rustfmt::skip]
pub(crate) const NO_HUMAN_LANGUAGE: &[&str] = &[
    "teacher", "teachers", "literature", "department", "curriculum", "cuisine", "food", "market", "markets",
    "customers", "clients", "classes", "class", "law", "office", "government", "team", "company", "citizen",
    "citizens", "restaurant", "learners", "students", "lessons", "arts", "economy", "muffin", "heritage",
    "history", "subsidiary", "dressing",
];

#[rustfmt::skip]
pub(crate) const LEADS: &[&str] = &[
    "experience with", "experience in", "experience of", "experience using", "experience on",
    "knowledge of", "knowledge in", "familiarity with", "familiar with", "proficiency in",
    "proficiency with", "proficient in", "proficient with", "understanding of", "expertise in",
    "expertise with", "background in", "skilled in", "skills in", "exposure to", "certified in",
    "trained in", "well versed in", "versed in", "competent in", "hands-on with", "fluency in",
    "kenntnisse in", "erfahrung mit", "erfahrung in", "expérience en", "maîtrise de", "connaissance de",
    "experiencia en", "experiencia con", "conocimientos de",
];

#[rustfmt::skip]
pub(crate) const ENDS_PHRASE: &[&str] = &[
    "and", "or", "in", "for", "to", "with", "at", "that", "which", "as", "on", "using", "through", "is",
    "are", "including", "within", "across", "while", "from", "by", "of", "preferred", "required", "would",
    "will", "you", "we", "such", "like", "e.g", "und", "oder", "et", "ou", "y", "o", "gained", "when",
    "where", "desirable", "essential", "a", "an", "the",
];

#[rustfmt::skip]
pub(crate) const SKIPPED: &[&str] = &[
    "a", "an", "the", "strong", "good", "relevant", "various", "modern", "all", "our", "multiple",
    "different", "common", "similar", "other", "basic", "new", "any", "some", "both", "current",
    "excellent", "latest", "working", "at", "least", "one", "of", "more", "advanced", "deep", "solid",
    "its", "their", "your", "previous", "general", "related",
];

#[rustfmt::skip]
pub(crate) const EMPTY_NOUNS: &[&str] = &[
    "environment", "role", "field", "position", "team", "teams", "people", "others", "tools",
    "technologies", "technology", "systems", "area", "areas", "industry", "following", "same", "least",
    "business", "similar", "discipline", "capacity", "setting", "sector", "level", "how", "what", "needs",
    "work", "working", "making", "best", "practices",
];

#[rustfmt::skip]
pub(crate) const PROTECTED: &[&str] = &[
    "race", "religion", "color", "colour", "sex", "gender", "gender identity", "sexual orientation",
    "national origin", "age", "disability", "disabilities", "veteran status", "veteran", "marital status",
    "ethnicity", "pregnancy", "genetic information", "ancestry", "creed", "citizenship",
    "religious beliefs", "belief", "protected veteran",
];

#[rustfmt::skip]
pub(crate) const OFFERS: &[&str] = &[
    "401 k", "401k", "paid time off", "pto", "health insurance", "dental", "vision insurance",
    "life insurance", "competitive salary", "competitive pay", "competitive compensation", "paid holidays",
    "paid vacation", "stock options", "equity", "parental leave", "annual leave", "pension scheme",
    "free lunch", "free snacks", "snacks", "gym membership", "bonus scheme", "employee discount*",
    "tuition reimbursement", "flexible hours", "flexible working hours", "unlimited vacation",
    "medical insurance", "company car", "signing bonus", "retirement plan", "wellness program",
    "well being", "wellbeing", "team building", "per annum", "per hour", "benefits package", "salary range",
    "base salary", "salary", "vacation days", "holidays", "relocation assistance", "cycle to work",
    "season ticket*", "childcare vouchers", "urlaubstage",
];

#[rustfmt::skip]
pub(crate) const CALLS: &[&str] = &[
    "click apply", "apply now", "apply today", "apply online", "click here", "send your cv",
    "send your resume", "send us your", "submit your", "send a cv", "please apply", "please send",
    "email your", "forward your", "to apply", "apply via", "apply for this", "no agencies",
    "recruitment agencies", "employment agency", "employment business", "closing date", "we look forward",
    "don't hesitate", "get in touch", "only shortlisted", "share this", "cookie*", "privacy policy",
    "terms of use", "terms and conditions", "all rights reserved", "job reference", "reference number",
    "visit our website", "follow us",
];

#[rustfmt::skip]
pub(crate) const EQUAL: &[&str] = &[
    "equal opportunit*", "equal employment", "affirmative action", "without regard to", "regardless of",
    "eeo", "reasonable accommodation*", "protected by law", "protected characteristic*",
    "all qualified applicants", "discriminat*", "e verify", "inclusive workplace", "drug free workplace",
    "underrepresented", "celebrate diversity", "committed to diversity", "value diversity",
    "we encourage applications",
];

#[rustfmt::skip]
pub(crate) const TITLE_LABELS: &[&str] = &[
    "job title", "position title", "title", "position", "role", "job", "role title", "vacancy", "post",
    "stelle", "poste", "puesto",
];

#[rustfmt::skip]
pub(crate) const COMPANY_LABELS: &[&str] = &[
    "company", "company name", "organization", "organisation", "employer", "agency", "client",
    "hiring organization", "firma", "entreprise", "empresa",
];

#[rustfmt::skip]
pub(crate) const PLACE_LABELS: &[&str] = &[
    "location", "job location", "work location", "place of work", "office", "city", "duty location",
    "standort", "lieu", "ubicación", "where",
];

#[rustfmt::skip]
pub(crate) const KIND_LABELS: &[&str] = &[
    "job type", "employment type", "position type", "type", "job types", "contract", "contract type",
    "schedule",
];

/// Full stops after these end no sentence.
#[rustfmt::skip]
pub(crate) const ABBREVIATIONS: &[&str] = &[
    "e.g", "i.e", "etc", "u.s", "u.k", "inc", "ltd", "vs", "approx", "yrs", "incl", "min", "max", "no",
    "dr", "mr", "mrs", "ph.d", "b.s", "m.s", "b.a", "m.a", "st", "dept", "co", "corp", "exp", "z.b", "bzw",
    "ca", "eg", "ie", "b.sc", "m.sc", "sr", "jr",
];
