//! The HTML of a posting's description, as JSON-LD carries it, into lines.

/// Kinds of lines that HTML tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Running text.
    Plain,
    /// `<h1>` to `<h6>`, or a paragraph that is bold throughout.
    Heading,
    /// `<li>`.
    Bullet,
}

/// The lines of a description: HTML, HTML encoded once more, or plain text.
pub(crate) fn lines(description: &str) -> Vec<(Mark, String)> {
    let mut text = description.to_owned();
    // Boards encode their HTML once or twice; an encoded tag never is what a person should read.
    for _ in 0..2 {
        if !text.contains('<') && (text.contains("&lt;") || text.contains("&amp;lt;")) {
            text = decoded(&text);
        }
    }
    if !text.contains('<') {
        return text.lines().map(|line| (Mark::Plain, decoded(line).trim().to_owned())).collect();
    }
    let mut reader = Reader::default();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('<') {
        reader.text(before);
        let Some((tag, after)) = after.split_once('>') else {
            rest = "";
            break;
        };
        rest = reader.tag(tag, after);
    }
    reader.text(rest);
    reader.end_line();
    reader.lines
}

#[derive(Default)]
struct Reader {
    lines: Vec<(Mark, String)>,
    line: String,
    mark: Option<Mark>,
    bold_depth: usize,
    /// Visible characters of the line that are not bold.
    plain_chars: usize,
}

impl Reader {
    fn text(&mut self, text: &str) {
        let text = decoded(text);
        if self.bold_depth == 0 {
            self.plain_chars += text.chars().filter(|c| c.is_alphanumeric()).count();
        }
        for word in text.split_inclusive(char::is_whitespace) {
            if word.trim().is_empty() || self.line.is_empty() && word.trim_start().is_empty() {
                if !self.line.ends_with(' ') {
                    self.line.push(' ');
                }
            } else {
                self.line.push_str(word.trim_end());
                if word.ends_with(char::is_whitespace) {
                    self.line.push(' ');
                }
            }
        }
    }

    /// Acts on a tag and returns what is left to read.
    fn tag<'a>(&mut self, tag: &str, after: &'a str) -> &'a str {
        let closes = tag.starts_with('/');
        let name: String =
            tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect::<String>();
        match name.to_ascii_lowercase().as_str() {
            "b" | "strong" if closes => self.bold_depth = self.bold_depth.saturating_sub(1),
            "b" | "strong" => self.bold_depth += 1,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.end_line();
                self.mark = (!closes).then_some(Mark::Heading);
            }
            "li" => {
                self.end_line();
                self.mark = (!closes).then_some(Mark::Bullet);
            }
            "br" | "p" | "div" | "ul" | "ol" | "tr" | "table" | "section" | "article" | "dt" | "dd"
            | "hr" => {
                // A paragraph inside a list item is that item, not a line of its own.
                let keeps = self.mark == Some(Mark::Bullet) && self.line.trim().is_empty();
                let mark = self.mark;
                self.end_line();
                self.mark = mark.filter(|_| keeps);
            }
            "script" | "style" if !closes => {
                let end = format!("</{}", name.to_ascii_lowercase());
                return after
                    .split_once(end.as_str())
                    .map_or("", |(_, rest)| rest.split_once('>').map_or("", |(_, rest)| rest));
            }
            _ => {}
        }
        after
    }

    fn end_line(&mut self) {
        let text = self.line.trim().to_owned();
        if !text.is_empty() {
            let all_bold = self.plain_chars == 0 && text.split_whitespace().count() <= 12;
            let mark = match self.mark {
                None if all_bold => Mark::Heading,
                mark => mark.unwrap_or(Mark::Plain),
            };
            self.lines.push((mark, text));
        }
        self.line.clear();
        self.mark = None;
        self.plain_chars = 0;
    }
}

/// Character references decoded once; unknown ones stay as they are.
pub(crate) fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match after
            .split_once(';')
            .filter(|(name, _)| name.len() <= 8)
            .and_then(|(name, left)| character(name).map(|c| (c, left)))
        {
            Some((c, left)) => {
                out.push(c);
                rest = left;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|c| !c.is_control() || c.is_whitespace());
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "apos" => '\'',
        "nbsp" => ' ',
        "bull" | "middot" => '•',
        "ndash" => '–',
        "mdash" => '—',
        "rsquo" | "lsquo" => '’',
        "quot" | "rdquo" | "ldquo" => '"',
        "hellip" => '…',
        "eacute" => 'é',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "szlig" => 'ß',
        _ => return None,
    })
}
