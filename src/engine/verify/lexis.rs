//! Words that the gate knows: which say nothing by themselves, which mean the same, and which claim rank or degree.

/// Words that a rewrite may add, because they claim nothing: weak verbs and the phrases of summaries.
const NEUTRAL: &[&str] = &[
    "experience",
    "experienced",
    "includes",
    "included",
    "include",
    "involved",
    "involving",
    "recently",
    "skills",
    "used",
    "use",
    "uses",
    "work",
    "worked",
    "working",
    "works",
    "well",
    "new",
    "based",
    "various",
    "several",
    "as",
];

/// Words that stand for each other without changing what is claimed.
const SYNONYMS: &[&[&str]] = &[
    &[
        "build",
        "built",
        "building",
        "create",
        "created",
        "creating",
        "develop",
        "developed",
        "developing",
        "implement",
        "implemented",
        "implementing",
        "write",
        "wrote",
        "written",
        "writing",
        "coded",
        "programmed",
        "made",
    ],
    &[
        "reduce",
        "reduced",
        "reducing",
        "cut",
        "cutting",
        "decreased",
        "decreasing",
        "lowered",
        "lowering",
        "shortened",
    ],
    &["increase", "increased", "increasing", "raised", "raising", "grew", "growing", "boosted", "boosting"],
    &["improve", "improved", "improving", "enhanced", "enhancing", "optimized", "optimised", "optimizing"],
    &["help", "helped", "helping", "assist", "assisted", "assisting", "support", "supported", "supporting"],
    &["apply", "applied", "applying", "utilize", "utilized", "utilizing", "used", "using", "use"],
    &["operate", "operated", "operating", "run", "ran", "running"],
    &["maintain", "maintained", "maintaining", "kept"],
    &["move", "moved", "moving", "migrate", "migrated", "migrating", "ported", "transferred"],
    &["train", "trained", "training", "taught", "teach", "teaching", "instructed", "coached"],
    &["customer", "customers", "client", "clients"],
    &["colleagues", "coworkers", "co-workers", "employees", "staff"],
    &["deliver", "delivered", "delivering", "shipped", "released"],
    &["resolve", "resolved", "resolving", "fixed", "fixing", "solved"],
    &["analyze", "analyzed", "analyse", "analysed", "analyzing", "analysing"],
    &["team", "teams"],
    &["phd", "doctorate", "ph.d"],
    &["bsc", "b.sc", "bachelor", "bachelors", "bachelor's", "bs", "b.s"],
    &["msc", "m.sc", "master", "masters", "master's", "ms", "m.s"],
    &["sr", "senior"],
    &["jr", "junior"],
];

/// Words that claim rank, responsibility, mastery or distinction: each group may only come from itself.
const CLAIMS: &[(&str, &[&str])] = &[
    ("leadership", &["lead", "led", "leading", "leads", "headed", "heading", "spearheaded", "spearheading"]),
    ("leadership", &["leader", "leaders"]),
    ("leadership", &["leadership"]),
    ("leadership", &["manage", "managed", "managing", "manages"]),
    ("leadership", &["manager", "managers"]),
    ("leadership", &["management"]),
    ("leadership", &["supervise", "supervised", "supervising"]),
    ("leadership", &["supervisor"]),
    ("leadership", &["oversaw", "oversee", "overseen", "overseeing"]),
    ("leadership", &["direct", "directed", "directing"]),
    ("leadership", &["director"]),
    ("leadership", &["own", "owned", "owning", "owner"]),
    ("leadership", &["found", "founded", "founding", "founder", "cofounder", "co-founder"]),
    ("leadership", &["architected", "architecting"]),
    ("leadership", &["mentor", "mentored", "mentoring"]),
    ("leadership", &["pioneered", "pioneering", "initiated", "orchestrated", "drove", "championed"]),
    ("rank", &["senior", "sr"]),
    ("rank", &["principal"]),
    ("rank", &["chief", "head"]),
    ("rank", &["executive"]),
    ("rank", &["president"]),
    ("mastery", &["expert", "experts"]),
    ("mastery", &["expertise"]),
    ("mastery", &["advanced"]),
    ("mastery", &["proficient", "proficiency"]),
    ("mastery", &["fluent", "fluently", "fluency"]),
    ("mastery", &["native"]),
    ("mastery", &["extensive", "extensively", "deep", "in-depth", "strong", "proven"]),
    ("distinction", &["award", "awarded", "award-winning", "winner", "won"]),
    ("distinction", &["certified", "certification", "certificate", "licensed", "accredited", "chartered"]),
    ("distinction", &["published", "patent", "patented"]),
    ("distinction", &["promoted", "promotion"]),
    ("distinction", &["graduate", "graduated"]),
    (
        "a degree",
        &["bachelor", "bachelors", "bachelor's", "bsc", "b.sc", "bs", "b.s", "ba", "b.a", "beng", "btech"],
    ),
    ("a degree", &["master", "masters", "master's", "msc", "m.sc", "ms", "m.s", "ma", "m.a", "meng", "mba"]),
    ("a degree", &["phd", "ph.d", "doctorate", "doctoral", "doctor", "dr", "dphil"]),
    ("a degree", &["degree", "degrees", "diploma", "diplom"]),
];

/// Words that make a claim smaller. A rewrite that drops one claims more.
const HEDGES: &[&[&str]] = &[
    &["help", "helped", "helping", "assist", "assisted", "assisting", "support", "supported", "supporting"],
    &["contribute", "contributed", "contributing", "participate", "participated", "participating"],
    &["familiar", "familiarity", "basic", "basics", "beginner", "elementary", "exposure", "introductory"],
    &["learning", "learned", "learnt", "studied", "studying", "shadowed"],
    &["partly", "partially", "some", "occasionally", "sometimes"],
    &["not", "no", "never", "without"],
    &["supervision", "guidance", "alongside", "jointly", "co-led", "co-authored", "together"],
    &["prototype", "proof-of-concept", "poc", "planned", "proposed", "attempted", "tried"],
    &["intern", "internship", "trainee", "junior", "assistant", "volunteer", "volunteered"],
    &["about", "around", "approximately", "nearly", "almost", "roughly"],
];

/// Whether a word may be added freely.
pub(crate) fn is_neutral(folded: &str) -> bool {
    NEUTRAL.contains(&folded)
}

/// Words that may stand in for this one.
pub(crate) fn synonyms(folded: &str) -> impl Iterator<Item = &'static str> {
    SYNONYMS.iter().filter(move |group| group.contains(&folded)).flat_map(|group| group.iter().copied())
}

/// What a word claims, and the words that would bear it out.
pub(crate) fn claim(folded: &str) -> Option<(&'static str, &'static [&'static str])> {
    CLAIMS.iter().find(|(_, group)| group.contains(&folded)).map(|(what, group)| (*what, *group))
}

/// The words that make the same claim smaller as this one, if it does.
pub(crate) fn hedge(folded: &str) -> Option<&'static [&'static str]> {
    HEDGES.iter().find(|group| group.contains(&folded)).copied()
}

/// Whether a word is a rank that belongs to a title.
pub(crate) fn is_rank(folded: &str) -> bool {
    const RANKS: &[&str] =
        &["senior", "sr", "principal", "chief", "head", "lead", "director", "staff", "executive"];
    RANKS.contains(&folded)
}
