//! Places: "City, ST", "City, Country", "Remote", and the names that tell them from employers.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::engine::understand::resume::evidence::{company, degree, department, school, title};
use crate::engine::understand::resume::text::{fold, is_listed, pattern, trim_marks, words};

/// States and provinces of the United States, Canada, Australia and Brazil by their letters. Bahia is missing: "BA" is a
/// degree far more often.
const STATES: &str = "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR AB BC MB NB NL NS ON PE QC SK NSW VIC QLD TAS ACT UK US USA UAE EU ST SP RJ MG RS DF";

/// Countries, states and regions by their folded names, in the languages that are read.
static REGIONS: Names = LazyLock::new(|| {
    names(
        "afghanistan|albania|algeria|argentina|armenia|australia|austria|osterreich|azerbaijan|bahrain|bangladesh|belarus|belgium|belgien|belgique|belgie|bolivia|bosnia|brazil|brasil|bulgaria|cambodia|cameroon|canada|kanada|chile|china|colombia|costa rica|croatia|cuba|cyprus|czech republic|czechia|denmark|danmark|ecuador|egypt|england|estonia|ethiopia|europe|finland|france|frankreich|georgia|germany|deutschland|allemagne|alemania|alemanha|ghana|greece|guatemala|hong kong|hungary|iceland|india|indonesia|iran|iraq|ireland|israel|italy|italia|italien|jamaica|japan|jordan|kazakhstan|kenya|korea|south korea|s.korea|s. korea|republic of korea|kuwait|latvia|lebanon|liechtenstein|lithuania|luxembourg|malaysia|malta|mexico|moldova|monaco|montenegro|morocco|nepal|netherlands|the netherlands|nederland|niederlande|new zealand|nigeria|north macedonia|northern ireland|norway|norge|oman|pakistan|panama|paraguay|peru|philippines|poland|polska|polen|portugal|puerto rico|qatar|romania|russia|saudi arabia|scotland|senegal|serbia|singapore|slovakia|slovenia|south africa|spain|espana|spanien|sri lanka|sweden|sverige|switzerland|schweiz|suisse|svizzera|syria|taiwan|tanzania|thailand|tunisia|turkey|turkiye|u.s.|u.s.a|u.s.a.|u.k.|uganda|ukraine|united arab emirates|united kingdom|united states|united states of america|uruguay|usa|uzbekistan|venezuela|vietnam|wales|zambia|zimbabwe|alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|hawaii|idaho|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|north carolina|north dakota|ohio|oklahoma|oregon|pennsylvania|rhode island|south carolina|south dakota|tennessee|texas|utah|vermont|virginia|west virginia|wisconsin|wyoming|ontario|quebec|british columbia|alberta|bavaria|bayern|baden-wurttemberg|hessen|nordrhein-westfalen|sachsen|cataluna|catalonia|andalucia|lombardia|bay area|karnataka|maharashtra|tamil nadu|telangana|kerala|gujarat|west bengal|uttar pradesh|punjab|haryana|中国|美国|英国|日本|德国|法国|加拿大|新加坡|台湾|香港",
    )
});

/// Cities that stand alone often enough, and what templates have in their place.
static CITIES: Names = LazyLock::new(|| {
    names(
        "city|ciudad|ville|stadt|cidade|citta|城市|aachen|aarhus|adelaide|alicante|almere|amiens|angers|ankara|antalya|arnhem|augsburg|bari|belfast|besancon|bialystok|bielefeld|bochum|braga|braunschweig|breda|brest|brno|bruges|brugge|bursa|bydgoszcz|caen|canberra|cardiff|catania|charleroi|chemnitz|clermont-ferrand|cluj-napoca|coimbra|cordoba|cork|coventry|curitiba|darmstadt|delft|dijon|duisburg|dundee|enschede|erfurt|erlangen|espoo|gdynia|genoa|genova|gent|gijon|gottingen|grenoble|groningen|haarlem|haifa|heilbronn|incheon|ingolstadt|innsbruck|izmir|kassel|katowice|kiel|klagenfurt|koblenz|la coruna|las palmas|le havre|le mans|leicester|leiden|leuven|liege|limerick|limoges|lodz|lubeck|lublin|lucerne|luzern|maastricht|magdeburg|mainz|malmo|maribor|medellin|metz|monterrey|murcia|namur|nijmegen|nottingham|novi sad|odense|oldenburg|orleans|osijek|osnabruck|ostrava|oviedo|paderborn|padova|palermo|palma de mallorca|pamplona|parma|perpignan|perth|petaling jaya|pforzheim|plymouth|regensburg|reims|reutlingen|rijeka|rostock|rouen|saarbrucken|saint-etienne|santander|sarajevo|sheffield|siegen|skopje|southampton|st. gallen|szczecin|tampere|tarragona|thessaloniki|tilburg|torun|toulon|trento|trier|trieste|trondheim|turku|ulm|uppsala|valladolid|verona|vigo|villeurbanne|wiesbaden|winterthur|wolfsburg|wuppertal|wurzburg|zaporizhzhia|abu dhabi|accra|ahmedabad|amsterdam|ann arbor|antwerp|athens|atlanta|auckland|austin|baltimore|bangalore|bengaluru|bangkok|barcelona|basel|beijing|belgrade|bergen|berlin|bern|berne|bilbao|birmingham|bogota|bologna|bonn|bordeaux|boston|bratislava|bremen|brisbane|bristol|brussels|bruxelles|bucharest|budapest|buenos aires|cairo|calgary|cambridge|cape town|caracas|casablanca|charlotte|chennai|chicago|cincinnati|cleveland|cologne|koln|columbus|copenhagen|cupertino|dallas|delhi|new delhi|denver|detroit|dortmund|dresden|dubai|dublin|dusseldorf|edinburgh|eindhoven|essen|florence|frankfurt|frankfurt am main|freiburg|gdansk|geneva|geneve|genf|ghent|glasgow|goteborg|gothenburg|granada|graz|guadalajara|guangzhou|guayaquil|gurgaon|gurugram|hamburg|hangzhou|hannover|hanoi|heidelberg|helsinki|ho chi minh city|houston|hyderabad|islamabad|istanbul|jakarta|jerusalem|johannesburg|karachi|karlsruhe|kiev|kyiv|kolkata|krakow|kuala lumpur|kyoto|lagos|lahore|lausanne|leeds|leipzig|lille|lima|linz|lisbon|lisboa|liverpool|ljubljana|london|los angeles|lyon|madrid|malaga|manchester|manila|mannheim|marseille|melbourne|menlo park|mexico city|miami|milan|milano|minneapolis|minsk|montevideo|montpellier|montreal|moscow|mountain view|mumbai|munich|munchen|munster|nairobi|nantes|naples|napoli|nashville|new york|new york city|nyc|newcastle|nice|noida|nuremberg|nurnberg|oakland|osaka|oslo|ottawa|oxford|palo alto|paris|philadelphia|phoenix|pittsburgh|porto|portland|potsdam|poznan|prague|pune|quito|raleigh|redmond|rennes|riga|rio de janeiro|rome|roma|rotterdam|sacramento|saint petersburg|salt lake city|salzburg|san antonio|san diego|san francisco|san jose|san mateo|santa clara|santiago|santiago de chile|sao paulo|seattle|seoul|sevilla|seville|shanghai|shenzhen|sofia|stockholm|st. louis|strasbourg|stuttgart|sunnyvale|sydney|taipei|tallinn|tampa|tel aviv|tel-aviv|the hague|den haag|tokyo|toronto|toulouse|tunis|turin|torino|utrecht|valencia|vancouver|venice|vienna|wien|vilnius|warsaw|warszawa|washington|washington d.c.|wellington|wroclaw|wuhan|xi'an|zagreb|zaragoza|zurich|北京|上海|广州|深圳|杭州|南京|成都|武汉|西安|重庆|天津|苏州|台北",
    )
});

/// Ways of not being anywhere.
static ANYWHERE: Names = LazyLock::new(|| {
    names(
        "remote|hybrid|on-site|onsite|homeoffice|home office|fully remote|remote work|worldwide|telecommute|online|teletrabajo|remoto|fernarbeit|远程",
    )
});

static LAST_PART: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(?:[A-Z]{2,3})(?:\s+\d{5}(?:-\d{4})?)?$"));
static POSTAL: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:[A-Z]{1,2}-)?\d{4,6}\s+\p{Lu}[\p{L} .'-]+$|\b\d{5}(?:-\d{4})?$|\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}$|\b[A-Z]\d[A-Z]\s?\d[A-Z]\d$|\p{L}\s*[-–]\s*\d{6}$|\b\d{2}-\d{3}\s+\p{Lu}\p{L}+|\b\d{5}\s+\p{Lu}[\p{L} .'-]+$",
    )
});
static STREET: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)^\d{1,5}[a-z]?\s+[\p{L}\d.' ]+|\b(?:street|avenue|road|boulevard|blvd|lane|drive|suite|apt|calle|rua|rue|via|ulica|plaza|platz|allee|allée|chemin|impasse|quai|weg|straat|laan|gracht|gasse|avenida|paseo|praça|viale|piazza|corso)\b|\b(?:ul|al|os|av|avda)\.|^c/|stra(?:ß|ss)e\b|str\.\s*\d",
    )
});

/// "Am Mühlbach 5": a name with a number of a house, which is much else unless a town follows.
static HOUSE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^\p{Lu}[\p{L}.'’ -]{2,40}\s\d{1,4}\s?[a-zA-Z]?(?:[/-]\d{1,4})?$"));
static TOWN: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(?:[A-Z]{1,2}-)?(?:\d{4,6}|\d{2}-\d{3})\s+\p{Lu}[\p{L} .,'-]+$"));

/// What ends the name of a company by law, folded and without dots. Where a line goes on after one of them and a comma,
/// it goes on with a place. The American ones are missing: after "Inc." stands a state as well, or a department.
const LEGAL_FORMS: &str = "ag|gmbh|kg|kgaa|ohg|mbh|gbr|ug|ev|se|sa|sarl|sas|sasu|spa|srl|srls|sl|slu|sau|bv|nv|vof|ltd|limited|plc|llp|lda|ltda|eireli|oo|ab|asa|oy|oyj|as|aps|kft|zrt|sro|doo|dd|eood|ood|jsc|bhd";

/// States by their letters that are degrees as well.
const DEGREE_STATES: &str = "MS MA ME MD AB";
/// Words that end the name of what is studied, folded.
const FIELDS: &str = "accounting|administration|affairs|anthropology|arabic|architecture|art|arts|biology|business|chemistry|chinese|communication|communications|computing|criminology|dance|dentistry|design|development|economics|education|engineering|english|film|finance|french|geography|geology|german|government|greek|health|history|humanities|informatics|italian|japanese|journalism|justice|kinesiology|language|languages|latin|law|linguistics|literature|management|marketing|math|mathematics|maths|media|medicine|music|nursing|nutrition|pedagogy|pharmacy|philosophy|physics|planning|policy|politics|psychology|relations|religion|russian|science|sciences|sociology|spanish|statistics|studies|systems|technology|theater|theatre|theology|therapy|translation|work|writing";
/// Endings of the same.
const FIELD_ENDINGS: &str = "ology omics istry graphy sophy matics";

/// What stands after a comma behind an employer and is no place, folded: departments, and ways of working there.
static NO_PLACES: Names = LazyLock::new(|| {
    names(
        "compliance|risk|tax|audit|advisory|assurance|income|equities|equity|derivatives|treasury|lending|mortgage|mortgages|wealth|banking|underwriting|claims|accounting|accounts|payroll|procurement|purchasing|sourcing|logistics|shipping|warehouse|manufacturing|production|assembly|maintenance|facilities|housekeeping|hospitality|catering|kitchen|retail|wholesale|trading|investment|investments|private|corporate|commercial|strategy|transactions|restructuring|valuation|communication|communications|relations|affairs|development|research|innovation|recruitment|recruiting|talent|training|education|administration|management|planning|supply|distribution|merchandising|pricing|insights|intelligence|cybersecurity|engineering|science|aviation|aerospace|powertrain|cargo|customer|customers|internship|placement|apprenticeship|traineeship|temporary|permanent|seasonal|volunteering|headquarters|\
        praktikum|ausbildung|aushilfe|werkstudium|nebenjob|ferienjob|ferialjob|minijob|nebentatigkeit|volontariat|zivildienst|elternzeit|einkauf|vertrieb|verkauf|produktion|fertigung|montage|konstruktion|forschung|entwicklung|instandhaltung|wartung|buchhaltung|rechnungswesen|personal|personalwesen|verwaltung|lager|logistik|versand|kundendienst|kundenservice|innendienst|aussendienst|qualitat|finanzen|steuern|recht|revision|technik|empfang|sekretariat|vollzeit|teilzeit|befristet|unbefristet|freiberuflich|abteilung|bereich|zentrale|hauptverwaltung|filiale|niederlassung|\
        stage|alternance|apprentissage|interim|cdi|cdd|vente|ventes|achats|comptabilite|logistique|juridique|qualite|recherche|developpement|entrepot|accueil|siege|\
        practicas|beca|ventas|compras|contabilidad|produccion|logistica|calidad|finanzas|almacen|mantenimiento|recursos|administracion|estagio|vendas|contabilidade|producao|qualidade|financas|\
        tirocinio|vendite|acquisti|contabilita|produzione|qualita|magazzino|amministrazione|verkoop|inkoop|boekhouding|productie|logistiek|magazijn|bijbaan|\
        praktyki|staz|sprzedaz|zakupy|ksiegowosc|produkcja|logistyka|magazyn",
    )
});
/// Endings of the same that German writes as one word, folded.
const NO_PLACE_ENDINGS: &str = "praktikum ausbildung studium abteilung verwaltung entwicklung beratung betreuung planung sicherung buchhaltung management vertrieb einkauf";

/// Whether a code is a state's or a province's of the United States or Canada.
pub(crate) fn is_american_state(code: &str) -> bool {
    let others = [
        "NSW", "VIC", "QLD", "TAS", "ACT", "UK", "US", "USA", "UAE", "EU", "ST", "SP", "RJ", "MG", "RS", "DF",
    ];
    STATES.split(' ').any(|state| state == code) && !others.contains(&code)
}

/// A list of folded names: a page of cells asks for each of them, and reading the list each time would take seconds.
type Names = LazyLock<HashSet<&'static str>>;

/// The names between `|`; a full stop at their end says nothing.
fn names(list: &'static str) -> HashSet<&'static str> {
    list.split('|').map(|name| name.trim_end_matches('.')).collect()
}

fn listed(list: &Names, text: &str) -> bool {
    list.contains(fold(text).trim().trim_end_matches('.'))
}

fn is_region(text: &str) -> bool {
    listed(&REGIONS, text)
        || LAST_PART.is_match(text.trim())
            && text.split_whitespace().next().is_some_and(|code| STATES.split(' ').any(|state| state == code))
}

/// Whether every letter-word begins upper case, as names do.
fn is_name_like(text: &str) -> bool {
    let mut any = false;
    for word in text.split_whitespace() {
        let Some(first) = word.chars().find(|c| c.is_alphanumeric()) else {
            continue;
        };
        let small = [
            "of", "the", "de", "la", "el", "am", "an", "der", "del", "do", "da", "le", "les", "sur", "upon",
            "y", "and", "im", "ob",
        ]
        .contains(&word);
        if first.is_lowercase() && !small {
            return false;
        }
        any = true;
    }
    any
}

/// Whether the whole text is a place.
pub(crate) fn is_place(text: &str) -> bool {
    let text = trim_marks(text);
    if text.is_empty() || text.chars().count() > 60 || text.contains(['@', ':']) || text.contains("www.") {
        return false;
    }
    if listed(&CITIES, text) || listed(&REGIONS, text) || listed(&ANYWHERE, text) {
        return true;
    }
    if let Some((before, bracket)) = text.split_once(['(', '（']) {
        let inside = bracket.trim_end_matches([')', '）']);
        // "Lyon (69)": the number of a département.
        let is_number = (2..=5).contains(&inside.len()) && inside.bytes().all(|byte| byte.is_ascii_digit());
        return is_place(before) && (is_number || listed(&ANYWHERE, inside) || is_place(inside));
    }
    // "Seoul, S.Korea & LA, U.S.A", "London / Remote"
    for separator in [" & ", " / ", "/", " | ", " and ", " or "] {
        if let Some((left, right)) = text.split_once(separator)
            && is_place(left)
            && is_place(right)
        {
            return true;
        }
    }
    let parts: Vec<&str> = text.split([',', '，']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let Some(last) = parts.last() else {
        return false;
    };
    if parts.len() < 2 || parts.len() > 5 {
        return false;
    }
    let known = is_region(last) || listed(&CITIES, last) || listed(&ANYWHERE, last) || POSTAL.is_match(last);
    known
        && !is_studied(&parts)
        && parts
            .iter()
            .take(parts.len() - 1)
            .all(|part| part.split_whitespace().count() <= 4 && (is_name_like(part) || STREET.is_match(part)))
}

/// "Computer Science, MS": what was studied and its degree, and no town in Mississippi.
fn is_studied(parts: &[&str]) -> bool {
    let [field, code] = parts else {
        return false;
    };
    DEGREE_STATES.split(' ').any(|state| state == *code)
        && words(field).last().is_some_and(|last| {
            is_listed(FIELDS, last) || FIELD_ENDINGS.split(' ').any(|ending| last.ends_with(ending))
        })
}

/// Whether a word says what is done at an employer or how, and not where.
fn is_no_place(word: &str) -> bool {
    NO_PLACES.contains(word) || NO_PLACE_ENDINGS.split(' ').any(|ending| word.ends_with(ending))
}

/// Whether the text is the name of a city, and not of a state as well.
pub(crate) fn is_city(text: &str) -> bool {
    let text = trim_marks(text);
    listed(&CITIES, text) && !listed(&REGIONS, text) && !is_listed("new york|washington", text)
}

/// Whether a company's name ends here, by its legal form.
pub(crate) fn ends_in_legal_form(text: &str) -> bool {
    let last = text.trim().rsplit([' ', ',']).next().unwrap_or_default();
    let is_form = is_listed(LEGAL_FORMS, &last.replace('.', ""));
    is_form && (last.contains(char::is_uppercase) || last.contains('.'))
}

/// Whether nothing speaks against the text being the name of a place that nobody has listed.
pub(crate) fn may_be_place(text: &str) -> bool {
    let text = trim_marks(text);
    let letters = |c: char| c.is_alphabetic() || matches!(c, ' ' | '-' | '\'' | '’' | '.' | '(' | ')');
    (1..=3).contains(&text.split_whitespace().count())
        && text.chars().count() >= 3
        && text.starts_with(char::is_uppercase)
        && text.contains(char::is_lowercase)
        && text.chars().all(letters)
        && is_name_like(text)
        && !ends_in_legal_form(text)
        && !department(text)
        && !words(text).iter().any(|word| is_no_place(word))
        && [title, company, degree, school].iter().all(|score| score(text) <= 0.0)
}

/// Whether the text is a postal address or a place, for the head of a resume.
pub(crate) fn is_address(text: &str) -> bool {
    let text = trim_marks(text);
    let numbered = text.chars().any(|c| c.is_ascii_digit());
    is_place(text)
        || (text.chars().count() <= 90
            && !text.contains('@')
            && numbered
            && STREET.is_match(text)
            && text.split_whitespace().count() >= 2)
        || (numbered
            && POSTAL.is_match(text)
            && text.chars().any(char::is_alphabetic)
            && text.split_whitespace().count() <= 9)
}

/// Whether the text is a street with a number and no town: the town may stand on the next line.
pub(crate) fn is_street(text: &str) -> bool {
    let text = trim_marks(text);
    !POSTAL.is_match(text) && !is_place(text) && (is_address(text) || HOUSE.is_match(text))
}

/// Whether the text is a town with its postal code, and no more.
pub(crate) fn is_postal_town(text: &str) -> bool {
    let text = trim_marks(text);
    TOWN.is_match(text) && text.split_whitespace().count() <= 5
}

/// The text before a place at its end, and the place: `Globex, Austin, TX` → `Globex`, `Austin, TX`.
pub(crate) fn split_place(text: &str) -> Option<(String, String)> {
    let commas: Vec<usize> = text.match_indices([',', '，']).map(|(at, _)| at).collect();
    for take in [3_usize, 2, 1] {
        let Some(at) = commas.len().checked_sub(take).and_then(|nth| commas.get(nth)) else {
            continue;
        };
        let (before, after) = text.split_at_checked(*at)?;
        let place = trim_marks(after);
        let first = place.split(',').next().unwrap_or_default();
        let last = place.rsplit(',').next().unwrap_or_default();
        let middle = place.split(',').nth(1).unwrap_or_default();
        // The longest tail wins only if it starts with a place of its own: "Inc., Austin, TX" does not. Nor does
        // what stands before a city alone: in "Nordlys Data, Oslo" it is the employer.
        let sound = match take {
            3 => listed(&CITIES, first) || is_region(middle) && is_region(last),
            2 => is_region(last) || listed(&CITIES, first),
            _ => true,
        };
        if sound && !before.trim().is_empty() && is_place(place) && !is_corporate(first) {
            return Some((trim_marks(before).to_owned(), place.to_owned()));
        }
    }
    if let Some((before, after)) = text.rsplit_once([',', '，'])
        && ends_in_legal_form(before)
        && may_be_place(after)
    {
        return Some((trim_marks(before).to_owned(), trim_marks(after).to_owned()));
    }
    for separator in [" – ", " — ", " - ", " | ", " in "] {
        if let Some((before, after)) = text.rsplit_once(separator)
            && is_place(after)
            && !before.trim().is_empty()
        {
            return Some((trim_marks(before).to_owned(), trim_marks(after).to_owned()));
        }
    }
    let (before, bracket) = text.trim_end().strip_suffix([')', '）'])?.rsplit_once(['(', '（'])?;
    (is_place(bracket) && !before.trim().is_empty())
        .then(|| (trim_marks(before).to_owned(), bracket.trim().to_owned()))
}

fn is_corporate(text: &str) -> bool {
    let folded = fold(text);
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.iter().any(|word| {
        [
            "inc",
            "ltd",
            "llc",
            "co",
            "corp",
            "gmbh",
            "university",
            "college",
            "institute",
            "school",
            "engineer",
            "developer",
            "manager",
            "intern",
            "company",
            "analyst",
            "systems",
            "group",
        ]
        .contains(word)
    })
}

#[cfg(test)]
mod tests {
    use super::{is_address, is_place, is_street, split_place};

    #[test]
    fn an_employer_before_a_city_is_no_part_of_the_place() {
        for (text, before, place) in [
            ("Backend Developer, Nordlys Data, Oslo", "Backend Developer, Nordlys Data", "Oslo"),
            ("Globex, Austin, TX", "Globex", "Austin, TX"),
            ("Engineer, Acme Corp, Berlin, Germany", "Engineer, Acme Corp", "Berlin, Germany"),
            ("Kornblum Werke AG, Unterbach", "Kornblum Werke AG", "Unterbach"),
            ("Officine Torelli S.p.A., Vimerone", "Officine Torelli S.p.A.", "Vimerone"),
            ("Dokument-Haus GmbH, Halle (Saale)", "Dokument-Haus GmbH", "Halle (Saale)"),
            ("Groupe Valmy – Lyon (69)", "Groupe Valmy", "Lyon (69)"),
        ] {
            assert_eq!(split_place(text), Some((before.to_owned(), place.to_owned())));
        }
    }

    #[test]
    fn places_are_told_from_employers() {
        for place in [
            "San Francisco, CA",
            "Istanbul, Türkiye",
            "Remote",
            "Seoul, S.Korea & LA, U.S.A",
            "Springfield, IL",
            "München",
            "上海",
            "London, UK (Remote)",
            "São Paulo, SP",
        ] {
            assert!(is_place(place), "{place}");
        }
        for other in ["Globex Corporation", "Python, Go", "Omnious. Co., Ltd.", "Engineer, Platform", "C, R"]
        {
            assert!(!is_place(other), "{other}");
        }
    }

    #[test]
    fn a_degree_after_what_was_studied_is_no_state() {
        for study in
            ["Psychology, BA", "Computer Science, MS", "History, MA", "Immunology, MS", "Nursing, MS"]
        {
            assert!(!is_place(study), "{study}");
        }
        for place in ["Jackson, MS", "Reading, MA", "Sterling, MA 01564", "College Park, MD", "Orono, ME"] {
            assert!(is_place(place), "{place}");
        }
        let split = |text| split_place(text).map(|(before, place)| format!("{before}/{place}"));
        assert_eq!(split("Ridge University, Computer Science, MS"), None);
    }

    #[test]
    fn what_is_done_at_an_employer_is_no_place() {
        for text in [
            "Kornblum Markt GmbH, Aushilfe",
            "Kornblum AG, Praktikum",
            "Kornblum AG, Pflichtpraktikum",
            "Kornblum GmbH, Einkauf",
            "Kornblum Holdings plc, Compliance",
            "Kornblum plc, Fixed Income",
        ] {
            assert_eq!(split_place(text), None, "{text}");
        }
    }

    #[test]
    fn addresses_are_known_in_several_countries() {
        for address in [
            "ul. Długa 12/4, 31-147 Kraków",
            "C/ Serrano 112, 28006 Madrid",
            "Plot 12, Hyderabad - 500072",
            "15, allée des Tilleuls",
            "69005 Lyon",
        ] {
            assert!(is_address(address), "{address}");
        }
        for street in ["Schillerstr. 9", "Am Mühlbach 5", "15, allée des Tilleuls"] {
            assert!(is_street(street), "{street}");
        }
        assert!(!is_street("34117 Kassel"));
    }

    #[test]
    fn a_place_at_the_end_is_split_off() {
        let split = |text| split_place(text).map(|(before, place)| format!("{before}/{place}"));
        assert_eq!(split("Globex, Inc., Austin, TX").as_deref(), Some("Globex, Inc./Austin, TX"));
        assert_eq!(split("Cornell Labs - Ithaca, NY").as_deref(), Some("Cornell Labs/Ithaca, NY"));
        assert_eq!(split("Globex, Inc."), None);
        assert_eq!(split("Globex Ltd, Marketing"), None);
        assert_eq!(split("Globex GmbH, Projektleiter"), None);
    }
}
