//! Which words speak for a job title, an employer, a school or a degree.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::engine::understand::resume::text::{fold, is_han, is_listed, is_upper, pattern};

/// Nouns that end a job title, folded.
const TITLES_LIST: &str = "engineer developer programmer architect manager director officer analyst scientist designer consultant specialist assistant intern internship trainee apprentice teacher tutor instructor lecturer professor researcher fellow postdoc administrator coordinator supervisor technician operator clerk cashier accountant auditor bookkeeper controller nurse physician doctor surgeon pharmacist therapist psychologist dentist paramedic caregiver lawyer attorney paralegal judge editor writer journalist author translator interpreter copywriter photographer artist musician actor producer animator illustrator chef cook waiter waitress bartender barista baker driver pilot mechanic electrician plumber carpenter welder machinist builder foreman worker laborer janitor cleaner guard police firefighter soldier sergeant lieutenant captain commander president vice-president founder co-founder cofounder owner partner chairman chairwoman chair ceo cto cfo coo cio cmo cpo vp svp evp head lead leader chief principal executive associate representative agent advisor adviser recruiter strategist planner buyer merchandiser marketer salesperson seller trader broker banker underwriter actuary economist statistician mathematician physicist chemist biologist geologist librarian archivist curator secretary receptionist volunteer member mentor coach trainer facilitator evangelist advocate ambassador organizer contributor maintainer freelancer contractor tester sysadmin devops sre dba webmaster expert generalist practitioner counselor counsellor caseworker steward stylist hairdresser model dispatcher inspector surveyor scrum master graduate student staff deputy freelance co-op treasurer delegate superintendent chancellor dean provost senator minister congressman governor mayor proctor grader participant undergraduate superviseur \
ingenieur ingenieurin entwickler entwicklerin softwareentwickler softwareentwicklerin berater beraterin leiter leiterin projektleiter teamleiter geschaftsfuhrer geschaftsfuhrerin werkstudent werkstudentin praktikant praktikantin sachbearbeiter sachbearbeiterin lehrer lehrerin mitarbeiter mitarbeiterin assistentin techniker technikerin kaufmann kauffrau auszubildender auszubildende referent referentin verkaufer verkauferin pfleger pflegerin krankenpfleger hilfskraft dozent dozentin vorstand inhaber fachkraft meister buchhalter buchhalterin redakteur architektin \
developpeur developpeuse ingenieure responsable charge chargee directeur directrice chef stagiaire assistante enseignant enseignante professeur comptable vendeur vendeuse technicien technicienne consultante infirmier infirmiere gestionnaire conseiller conseillere apprenti apprentie alternant alternante redacteur formateur \
ingeniero ingeniera desarrollador desarrolladora programador programadora gerente jefe jefa director directora coordinador coordinadora analista asistente auxiliar profesor profesora docente becario becaria practicante consultor consultora tecnico tecnica administrador administradora vendedor vendedora encargado encargada enfermero enfermera abogado abogada contador contadora investigador investigadora disenador disenadora lider titulo puesto \
engenheiro engenheira desenvolvedor desenvolvedora estagiario estagiaria coordenador coordenadora diretor diretora professora supervisor tecnico assistente gestor gestora pesquisador pesquisadora \
ingegnere sviluppatore sviluppatrice programmatore responsabile tirocinante stagista impiegato impiegata insegnante ricercatore ricercatrice direttore direttrice consulente tecnico addetto addetta commesso cameriere contabile progettista \
ontwikkelaar ingenieur beheerder medewerker stagiair stagiaire adviseur leraar docent projectleider directeur verkoper onderzoeker teamleider \
masterand masterandin bachelorand bachelorandin doktorand doktorandin diplomand diplomandin volontar volontarin konstrukteur konstrukteurin arzt arztin erzieher erzieherin hausmeister werkmeister betreuer betreuerin disponent disponentin projektmanager schlosser elektriker elektrikerin mechaniker mechanikerin mechatroniker mechatronikerin \
serveur serveuse caissier caissiere cuisinier cuisiniere ouvrier ouvriere chauffeur electricien electricienne mecanicien mecanicienne secretaire juriste graphiste animateur animatrice aide-soignant aide-soignante acheteur acheteuse \
dependiente dependienta camarero camarera cajero cajera operario operaria cocinero cocinera conductor conductora recepcionista electricista periodista repartidor \
magazziniere operaio operaia infermiere infermiera cassiere cassiera segretario segretaria \
monteur begeleider verpleegkundige magazijnmedewerker chauffeur boekhouder \
inzynier programista programistka kierownik specjalista specjalistka asystent asystentka analityk stazysta praktykant nauczyciel nauczycielka dyrektor konsultant ksiegowy sprzedawca doradca technik";

/// Endings of the titles that German and Dutch write as one word, and of those that no list has whole, folded.
const TITLE_ENDINGS: &str = "leiter leiterin ingenieur ingenieurin berater beraterin konstrukteur konstrukteurin pfleger pflegerin planer planerin entwickler entwicklerin manager managerin techniker technikerin mechaniker mechanikerin mechatroniker elektroniker elektronikerin kaufmann kauffrau assistent assistentin sachbearbeiter sachbearbeiterin mitarbeiter mitarbeiterin fachkraft verkaufer verkauferin trainer trainerin verwalter verwalterin analyst analystin praktikant praktikantin informatiker informatikerin redakteur redakteurin controller controllerin betreuer betreuerin schlosser therapeut therapeutin padagoge padagogin architekt architektin spezialist spezialistin referent referentin koordinator koordinatorin gestalter gestalterin \
medewerker beheerder adviseur ontwikkelaar leider verkoper monteur planner docent begeleider verpleegkundige onderzoeker \
ologist ician ographer omist entist ionist alist therapist icien icienne";

/// Words that belong to titles but also to much else.
const TITLE_HINTS_LIST: &str = "senior junior sr jr lead full-stack fullstack frontend front-end backend back-end software hardware mechanical electrical civil data web mobile product project program programme research teaching marketing sales customer support quality assurance human account business operations graduate undergraduate visiting adjunct part-time interim acting i ii iii iv";

/// Words of employers' names, strong ones.
const COMPANIES_LIST: &str = "inc llc llp ltd limited gmbh ag kg ohg mbh corp corporation company co plc sa sarl sas srl spa sl bv nv ab oy as aps pty pvt holdings holding group gruppe groupe grupo university universitat universite universidad universidade universita universiteit uniwersytet college school schule ecole escuela escola institute institut instituto istituto instytut hospital clinic klinik klinikum bank ministry ministerium foundation stiftung fundacion association society agency agentur council department laboratory laboratories labs lab studio studios technologies technology systems solutions services partners ventures consulting industries enterprises electronics pharmaceuticals motors airlines airways hotel restaurant museum library church nonprofit ngo office center centre organization organisation committee academy akademie startup fund club army navy force police gov government house city county state federal authority opera store market markets insurance media publishing software robotics analytics telecom networks energy capital";

/// What templates have where a title and an employer belong, folded.
const BLANK_TITLES: &str = "job title|position title|position|titulo del puesto|puesto|cargo|poste|职位";
const BLANK_COMPANIES: &str =
    "employer|company|company name|empleador|empresa|arbeitgeber|entreprise|azienda|公司";

/// The same, weaker: they stand in titles too.
const WEAK_COMPANIES_LIST: &str = "software media energy capital office state federal research technology systems services force police city club house market analytics department robotics networks insurance publishing company lab labs consulting library studio center centre store opera bank sa as ab co solutions";

/// Han endings of titles and of employers.
const HAN_TITLES: &str = "工程师|经理|实习生|实习|总监|主管|助理|开发|设计师|教师|老师|参与者|顾问|专员|分析师|主任|研究员|负责人|运营|架构师|程序员|代表|组长|会计|编辑|职位|讲师|教授|助教|志愿者|总裁|秘书|店长|部长|主席|队长|成员|干事";
const HAN_COMPANIES: &str = "公司|大学|学院|医院|银行|集团|科技|研究所|研究院|中学|学校|工作室|事务所|中心|协会|部队|酒店|有限|基金|实验室|出版社|学生会";

const DEGREES: &str = r"(?ix)\b(?:
    (?:bachelor|master|ph\.?\s?d\.?|doctoral|graduate)\s+(?:student|candidate)|
    bachelor(?:['’]?s)?|master(?:['’]?s)?|doctor(?:ate)?|doctoral|associate(?:['’]?s)?\s+(?:degree|of|in)|associate(?:['’]s)|diploma|diplom(?:a|-\w+)?|degree|minor|major|juris\s+doctor|
    b\.?\s?s\.?c?\.?|b\.?\s?a\.?|b\.?\s?e\.?|b\.?tech\.?|b\.?eng\.?|b\.?com\.?|bba|b\.?b\.?a\.?|bfa|b\.?f\.?a\.?|b\.?ed\.?|b\.?arch\.?|llb|ll\.?b\.?|bsn|
    m\.?\s?s\.?c?\.?|m\.?\s?a\.?|m\.?\s?e\.?|m\.?tech\.?|m\.?eng\.?|m\.?b\.?a\.?|mfa|m\.?f\.?a\.?|m\.?ed\.?|m\.?phil\.?|mph|m\.?p\.?a\.?|llm|ll\.?m\.?|mca|bca|meng|
    ph\.?\s?d\.?|d\.?phil\.?|m\.?d\.?|j\.?d\.?|ed\.?d\.?|dba|dr\.|postdoc(?:toral)?|a\.?\s?a\.?s?\.?|a\.?s\.?|
    ged|high\s+school\s+diploma|a[-\s]levels?|gcses?|ib\s+diploma|certificate|nanodegree|bootcamp|honou?rs|
    diplom|magister|staatsexamen|abitur|fachabitur|(?:master|bachelor|diplom|magister|lehramts)studium|(?:fach)?hochschulreife|hauptschulabschluss|promotion|matura|lehre|ausbildung\s+zu[mr]|mittlere\s+reife|realschulabschluss|
    licence|maîtrise|doctorat|baccalauréat|bac|dut|bts|dea|dess|cap|bep|cpge|classes?\s+préparatoires?|diplôme|
    licenciatura|licenciad[oa]|grado|máster|maestría|doctorado|bachillerato|ingeniería|técnico|diplomatura|
    bacharelado|bacharel|mestrado|doutorado|tecnólogo|pós-graduação|especialização|graduação|
    laurea(?:\s+magistrale|\s+triennale)?|dottorato|diploma\s+di|maturità|
    hbo|vwo|havo|mbo|propedeuse|doctoraal|
    licencjat|inżynier|magisterskie|doktorat|studia\s+\w+
    )(?:\s|$|[,.;:()\]/'’–-])|学士|硕士|博士|本科|大专|研究生|学位|mba";

const SCHOOLS_LIST: &str = "university universities universitat universite universidad universidade universita universiteit uniwersytet univ college school schule hochschule fachhochschule gymnasium gesamtschule realschule berufsschule ecole lycee iut escuela instituto escola faculdade colegio liceo istituto institute institut institution politecnico polytechnic politechnika politecnica polytechnique academy akademie academia hogeschool szkola liceum faculty faculte facultad kolleg conservatory seminary bootcamp mit caltech ucla usc nyu ucl eth epfl eths tu rwth lse kth hec insead postech kaist iit nit bits suny cuny iu institucion harvard stanford princeton yale oxford cambridge coursera udacity edx";
const HAN_SCHOOLS: &str = "大学|学院|中学|学校|高中|院校|研究所";

const DEPARTMENTS: &str = "platform|backend|frontend|infrastructure|growth|payments|marketing|sales|engineering|operations|r&d|data|product|design|finance|machine learning|security|emea|apac|latam|north america|europe|global|part-time|full-time|contract|freelance|remote|hybrid|mobile|web|cloud|ios|android|devops|search|ads|ai|ml|research|hr|human resources|it|legal|quality|support|customer success|compulsory military service|core|internal tools|developer tools|developer experience|front end|back end|full stack|team lead|student";

/// Words to look up.
type Words = LazyLock<HashSet<&'static str>>;

static TITLES: Words = LazyLock::new(|| TITLES_LIST.split_whitespace().collect());
static ENDINGS: LazyLock<Vec<&'static str>> = LazyLock::new(|| TITLE_ENDINGS.split_whitespace().collect());
static TITLE_HINTS: Words = LazyLock::new(|| TITLE_HINTS_LIST.split_whitespace().collect());
static COMPANIES: Words = LazyLock::new(|| COMPANIES_LIST.split_whitespace().collect());
static WEAK_COMPANIES: Words = LazyLock::new(|| WEAK_COMPANIES_LIST.split_whitespace().collect());
static SCHOOLS: Words = LazyLock::new(|| SCHOOLS_LIST.split_whitespace().collect());

static DEGREE: LazyLock<Regex> = LazyLock::new(|| pattern(DEGREES));

fn tokens(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut found = Vec::new();
    for word in folded.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '.' | '\''))) {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        if word.is_empty() {
            continue;
        }
        found.push(word.replace('.', ""));
        if word.contains('-') {
            found.extend(word.split('-').map(str::to_owned));
        }
    }
    found
}

fn count(known: &HashSet<&str>, tokens: &[String]) -> usize {
    let plural =
        |token: &str| token.strip_suffix('s').is_some_and(|stem| stem.len() > 4 && known.contains(stem));
    tokens.iter().filter(|token| known.contains(token.as_str()) || plural(token)).count()
}

fn han(list: &str, text: &str) -> bool {
    text.chars().any(is_han) && list.split('|').any(|part| text.contains(part))
}

/// Fewest letters of what stands before the ending of a title.
const MIN_STEM: usize = 3;
/// Fewest letters of both: "musician".
const MIN_COMPOUND: usize = 8;

/// Whether a folded word is the title of somebody.
fn is_title_word(word: &str) -> bool {
    let ends = |ending: &&str| word.strip_suffix(*ending).is_some_and(|stem| stem.len() >= MIN_STEM);
    let is_compound = || word.len() >= MIN_COMPOUND && word.chars().all(char::is_alphabetic);
    TITLES.contains(word) || is_compound() && ENDINGS.iter().any(ends)
}

/// How much a text speaks for being a job title; 0 is not at all.
pub(crate) fn title(text: &str) -> f32 {
    let tokens = tokens(text);
    let listed = count(&TITLES, &tokens);
    let strong = if listed > 0 { listed } else { tokens.iter().filter(|word| is_title_word(word)).count() };
    let hints = count(&TITLE_HINTS, &tokens);
    let mut score = 0.0;
    if strong > 0 {
        score += 1.6 + if strong > 1 { 0.3 } else { 0.0 };
    }
    score += 0.3 * f32::from(u8::try_from(hints.min(3)).unwrap_or(0));
    if han(HAN_TITLES, text) || is_listed(BLANK_TITLES, text) {
        score += 1.6;
    }
    // The head noun decides: "Software Engineer" is a title, "Engineers Without Borders" is not.
    let last = tokens.last().map(String::as_str).unwrap_or_default();
    if strong > 0 && is_title_word(last) {
        score += 0.4;
    }
    // What is done and not who does it, unless somebody heads it: "Undergraduate Research", "Head of Research".
    let is_deed = ["research", "studies", "program", "programme"].contains(&last);
    let has_head = tokens.iter().any(|token| ["of", "for", "in", "de", "fur"].contains(&token.as_str()));
    if is_deed && !has_head { score * 0.5 } else { score }
}

/// How much a text speaks for being an employer.
pub(crate) fn company(text: &str) -> f32 {
    let tokens = tokens(text);
    let strong = tokens
        .iter()
        .filter(|token| COMPANIES.contains(token.as_str()) && !WEAK_COMPANIES.contains(token.as_str()))
        .count();
    let weak = count(&WEAK_COMPANIES, &tokens);
    let mut score = 0.0;
    if strong > 0 {
        score += 1.5 + if strong > 1 { 0.3 } else { 0.0 };
    }
    if weak > 0 {
        score += 0.7;
    }
    if han(HAN_COMPANIES, text) || is_listed(BLANK_COMPANIES, text) {
        score += 1.5;
    }
    let name = text.trim();
    if is_upper(name) && !name.contains(' ') && name.chars().count() <= 8 && strong == 0 {
        score += 0.2;
    }
    if name.starts_with("The ")
        || name.contains(".com")
        || name.contains(".io")
        || name.contains(" of ") && strong > 0
    {
        score += 0.3;
    }
    let end: Vec<&str> = ["inc", "llc", "ltd", "gmbh", "corp", "plc"]
        .into_iter()
        .filter(|end| tokens.iter().rev().take(2).any(|token| token == end))
        .collect();
    if !end.is_empty() {
        score += 0.6;
    }
    score
}

/// Whether a text names a degree.
pub(crate) fn degree(text: &str) -> f32 {
    if DEGREE.is_match(text) { 1.6 } else { 0.0 }
}

/// How much a text speaks for being a school.
pub(crate) fn school(text: &str) -> f32 {
    let tokens = tokens(text);
    let hits = count(&SCHOOLS, &tokens);
    let acronym = text.trim();
    let mut score = if hits > 0 { 1.6 } else { 0.0 };
    if hits > 1 {
        score += 0.2;
    }
    if han(HAN_SCHOOLS, text) {
        score += 1.6;
    }
    if is_upper(acronym)
        && acronym.chars().count() <= 8
        && acronym.chars().all(char::is_alphabetic)
        && score == 0.0
    {
        score += 0.3;
    }
    score
}

/// Whether a text is a department or a way of working, which follows a title after a comma.
pub(crate) fn department(text: &str) -> bool {
    let folded = fold(text);
    let folded = folded
        .trim()
        .trim_start_matches("the ")
        .trim_end_matches(" team")
        .trim_end_matches(" department")
        .trim_end_matches(" division")
        .trim_end_matches(" group");
    DEPARTMENTS.split('|').any(|known| known == folded)
        || fold(text).ends_with(" team")
        || fold(text).ends_with(" division")
}

/// Words that say by which law a company is one, folded and without dots: none of them is its name.
const BARE_FORMS: &str = "inc|llc|llp|ltd|limited|corp|corporation|co|company|group|holding|gmbh|ag|kg|mbh|sa|sl|sarl|sas|srl|spa|bv|nv|plc|pvt|pty|oy|ab|as|aps|and|&";

/// Whether a text is nothing but the legal form of a company: `Inc.`, `GmbH & Co. KG`.
pub(crate) fn is_bare_form(text: &str) -> bool {
    text.split_whitespace().all(|word| is_listed(BARE_FORMS, &word.replace(['.', ','], "")))
}

/// Where the degree stands in a text, as byte offsets.
pub(crate) fn find_degree(text: &str) -> Option<(usize, usize)> {
    DEGREE.find(text).map(|found| (found.start(), found.end()))
}

#[cfg(test)]
mod tests {
    use super::{company, degree, school, title};

    #[test]
    fn titles_and_employers_are_told_apart() {
        for (name, position) in [
            ("Globex Corporation", "Software Engineer"),
            ("The White House", "President of the United States"),
            ("Example Opera Company", "Production Intern"),
            ("Stadtwerke Musterstadt GmbH", "Werkstudentin Entwicklung"),
            ("上海触宝信息技术有限公司", "数据工程师"),
            ("Kornblum Werkzeugmaschinen GmbH", "Berechnungsingenieur"),
            ("Spreewald AG", "Teamleiterin Softwareentwicklung"),
            ("Ridge Department of Public Health", "Epidemiologist"),
            ("Transportbedrijf De Kade B.V.", "Logistiek planner"),
            ("NEXON", "Game Developer Intern at Global Internship Program"),
        ] {
            assert!(company(name) > title(name), "{name}");
            assert!(title(position) > company(position), "{position}");
        }
    }

    #[test]
    fn schools_and_degrees_are_told_apart() {
        for (name, studied) in [
            ("State University", "B.S. in Computer Science"),
            ("MIT", "Master of Science"),
            ("Harvard Law School", "Juris Doctor (J.D.)"),
            ("TU Berlin", "Diplom Informatik"),
            ("Technische Universität Chemnitz", "Masterstudium Informatik"),
            ("Lessing-Gymnasium", "Allgemeine Hochschulreife"),
        ] {
            assert!(school(name) > degree(name), "{name}");
            assert!(degree(studied) > school(studied), "{studied}");
        }
    }
}
