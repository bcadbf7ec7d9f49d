//! A posting from a board, and the page that is made of it.

use std::fmt::Write;

use serde_json::{Value, json};

/// What a board says of a posting.
#[derive(Debug, Default)]
pub(crate) struct Advert {
    pub(crate) title: Option<String>,
    pub(crate) company: Option<String>,
    pub(crate) locations: Vec<String>,
    pub(crate) is_remote: bool,
    /// The kind of employment in the board's own word.
    pub(crate) employment: Option<String>,
    /// HTML as the board gives it; the reader takes it for a stranger's page.
    pub(crate) description: String,
}

impl Advert {
    /// Whether there is anything to read.
    pub(crate) fn says_anything(&self) -> bool {
        !self.description.trim().is_empty()
    }

    /// A page that carries the posting twice: as data for whoever understands it, and to read.
    pub(crate) fn to_page(&self) -> String {
        let mut head = String::new();
        let mut body = String::new();
        if let Some(title) = &self.title {
            let title = escape(title);
            // Writing to a string cannot fail.
            let _ = write!(head, "<title>{title}</title>");
            let _ = writeln!(body, "<h1>{title}</h1>");
        }
        for line in self.company.iter().chain(&self.locations) {
            let _ = writeln!(body, "<p>{}</p>", escape(line));
        }
        // Within a string of JSON, an escaped `<` is the same character, and no script can end there.
        let data = self.json_ld().to_string().replace('<', "\\u003c");
        format!(
            "<!doctype html>\n<html><head><meta charset=\"utf-8\">{head}\n\
             <script type=\"application/ld+json\">{data}</script></head>\n\
             <body><main>\n{body}{}\n</main></body></html>\n",
            self.description
        )
    }

    fn json_ld(&self) -> Value {
        let mut posting = json!({
            "@context": "https://schema.org",
            "@type": "JobPosting",
            "description": self.description,
        });
        let Some(fields) = posting.as_object_mut() else { return posting };
        if let Some(title) = &self.title {
            fields.insert("title".to_owned(), json!(title));
        }
        if let Some(company) = &self.company {
            fields
                .insert("hiringOrganization".to_owned(), json!({ "@type": "Organization", "name": company }));
        }
        if !self.locations.is_empty() {
            let places: Vec<Value> = self.locations.iter().map(|name| place(name)).collect();
            fields.insert("jobLocation".to_owned(), Value::Array(places));
        }
        if self.is_remote {
            fields.insert("jobLocationType".to_owned(), json!("TELECOMMUTE"));
        }
        if let Some(employment) = &self.employment {
            fields.insert("employmentType".to_owned(), json!(employment_type(employment)));
        }
        posting
    }
}

/// A place as schema.org has it. Boards give one line, which may be city, region and country at once.
fn place(name: &str) -> Value {
    json!({
        "@type": "Place",
        "address": { "@type": "PostalAddress", "addressLocality": name },
    })
}

/// A name in an address as people write it, for boards that do not tell the company's name.
pub(crate) fn name_of(slug: &str) -> String {
    let words = slug.replace("%20", " ").replace(['-', '_'], " ");
    if words.chars().any(char::is_uppercase) {
        return words;
    }
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    words.split_whitespace().map(capital).collect::<Vec<_>>().join(" ")
}

/// Text for HTML, also within an attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Plain text as HTML: an empty line ends a paragraph.
pub(crate) fn paragraphs(text: &str) -> String {
    let text = escape(&text.replace("\r\n", "\n"));
    let paragraphs = text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    paragraphs.map(|paragraph| format!("<p>{}</p>\n", paragraph.replace('\n', "<br>"))).collect()
}

/// HTML that a board has encoded once more, as itself again.
pub(crate) fn decoded(html: &str) -> String {
    if html.contains('<') || !html.contains("&lt;") {
        return html.to_owned();
    }
    // The ampersand last, or "&amp;lt;" would lose two layers.
    html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// A heading and what stands below it; nothing when nothing stands there.
pub(crate) fn section(heading: Option<&str>, html: &str) -> String {
    if html.trim().is_empty() {
        return String::new();
    }
    let heading = heading.map(|heading| format!("<h3>{}</h3>\n", escape(heading))).unwrap_or_default();
    format!("{heading}{html}\n")
}

/// The word of schema.org for a kind of employment, or the board's own.
fn employment_type(said: &str) -> String {
    let word: String = said.to_lowercase().chars().filter(char::is_ascii_lowercase).collect();
    match word.as_str() {
        word if word.starts_with("fulltime") => "FULL_TIME",
        word if word.starts_with("parttime") => "PART_TIME",
        "permanent" | "regular" => "FULL_TIME",
        "contract" | "contractor" | "freelance" | "freelancer" => "CONTRACTOR",
        "intern" | "internship" => "INTERN",
        "temporary" | "temp" | "fixedterm" | "seasonal" => "TEMPORARY",
        "volunteer" => "VOLUNTEER",
        _ => said,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use crate::intake::boards::advert::{Advert, decoded, employment_type, escape, name_of, paragraphs};

    #[test]
    fn nothing_that_a_board_says_ends_the_script_or_becomes_a_tag() {
        let advert = Advert {
            title: Some("</title><script>alert(1)</script>".to_owned()),
            company: Some("A & B <img src=x>".to_owned()),
            locations: vec!["\"Rome\" </script>".to_owned()],
            description: "<p>x</p></script><!-- <script>".to_owned(),
            ..Advert::default()
        };
        let page = advert.to_page();
        let (_, rest) = page.split_once("ld+json\">").unwrap_or_default();
        let (data, rest) = rest.split_once("</script>").unwrap_or_default();
        assert!(!data.contains('<'), "{data}");
        let data: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
        assert_eq!(data.pointer("/description").and_then(|text| text.as_str()), Some(&*advert.description));
        assert!(rest.contains("<h1>&lt;/title&gt;&lt;script&gt;"), "{rest}");
        assert!(rest.contains("A &amp; B &lt;img src=x&gt;"), "{rest}");
        assert_eq!(page.matches("<title>").count(), 1);
    }

    #[test]
    fn texts_turn_into_html_and_back() {
        assert_eq!(escape("<a href='x'>&\""), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
        assert_eq!(
            paragraphs("One\r\ntwo <3\r\n\r\n\r\n\r\nthree"),
            "<p>One<br>two &lt;3</p>\n<p>three</p>\n"
        );
        assert_eq!(decoded("&lt;p&gt;R&amp;amp;D &amp;lt;3&lt;/p&gt;"), "<p>R&amp;D &lt;3</p>");
        assert_eq!(decoded("<p>5 &lt; 6</p>"), "<p>5 &lt; 6</p>");
    }

    #[test]
    fn words_for_employment_and_companies_are_peoples_own() {
        for (said, expected) in [
            ("Full-time", "FULL_TIME"),
            ("FullTime", "FULL_TIME"),
            ("Part time", "PART_TIME"),
            ("fulltime_permanent", "FULL_TIME"),
            ("Contract", "CONTRACTOR"),
            ("Internship", "INTERN"),
            ("Apprenticeship", "Apprenticeship"),
        ] {
            assert_eq!(employment_type(said), expected);
        }
        for (slug, expected) in
            [("acme-labs", "Acme Labs"), ("OpenAI", "OpenAI"), ("The%20Firm", "The Firm"), ("x.ai", "X.ai")]
        {
            assert_eq!(name_of(slug), expected);
        }
    }
}
