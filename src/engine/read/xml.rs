//! A small XML tree, bounded in depth and size, that knows elements by their local names.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::engine::read::error::ReadError;

/// Deeper nesting holds no text that a person wrote.
const MAX_DEPTH: usize = 256;
/// A long resume has some ten thousand nodes.
const MAX_NODES: usize = 400_000;

/// An element with its attributes and what it contains.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Name without its namespace prefix: writers choose prefixes freely.
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    /// Elements and text inside, in order.
    pub(crate) children: Vec<Node>,
}

/// An element or a run of text.
#[derive(Debug)]
pub(crate) enum Node {
    /// An element.
    Element(Element),
    /// Text with its entities resolved.
    Text(String),
}

impl Element {
    /// The value of an attribute by its local name.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The elements directly inside.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of this name directly inside.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.elements().find(|element| element.name == name)
    }

    /// The `val` attribute of the first element of this name directly inside.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.child(name)?.attribute("val")
    }

    /// A switch such as `<w:b/>`: on without a value, off with `0`, `false`, `none` or `off`.
    pub(crate) fn switch(&self, name: &str) -> Option<bool> {
        let element = self.child(name)?;
        Some(!matches!(element.attribute("val"), Some("0" | "false" | "none" | "off")))
    }

    /// All text inside, joined.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        self.collect_text(&mut out);
        out
    }

    fn collect_text(&self, out: &mut String) {
        for node in &self.children {
            match node {
                Node::Text(text) => out.push_str(text),
                Node::Element(element) => element.collect_text(out),
            }
        }
    }
}

/// A document part as far as it can be parsed.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// Its root element, closed where the part breaks off.
    pub(crate) root: Element,
    /// Whether it has all that it had when it was written: its root ends, and nothing but its root has elements.
    pub(crate) is_whole: bool,
}

/// Parses a document part; nothing where it holds no XML.
pub(crate) fn parse(xml: &str) -> Result<Option<Parsed>, ReadError> {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    // Some programs forget to escape it, and mean what they write.
    config.allow_dangling_amp = true;
    let mut open: Vec<Element> = vec![Element::default()];
    let mut nodes = 0usize;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                if open.len() > MAX_DEPTH {
                    return Err(ReadError::too_complex("its XML is nested more than 256 levels deep"));
                }
                open.push(element(&start));
            }
            Ok(Event::Empty(start)) => push(&mut open, Node::Element(element(&start))),
            Ok(Event::End(_)) => close(&mut open),
            Ok(Event::Text(text)) => push(&mut open, Node::Text(text.xml10_content().into_owned())),
            Ok(Event::CData(text)) => push(&mut open, Node::Text(text.xml10_content().into_owned())),
            Ok(Event::GeneralRef(entity)) => {
                let text = match entity.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    _ => named_entity(&entity.xml10_content()),
                };
                push(&mut open, Node::Text(text));
            }
            Ok(Event::DocType(_)) => return Err(ReadError::too_complex("its XML declares a document type")),
            // Whatever follows the end of the root is no part of it.
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
        nodes += 1;
        if nodes > MAX_NODES {
            return Err(ReadError::too_complex("its XML has more than 400,000 elements"));
        }
    }
    let is_closed = open.len() == 1;
    while open.len() > 1 {
        close(&mut open);
    }
    let mut roots = open.pop().unwrap_or_default().children.into_iter().filter_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    });
    let Some(root) = roots.next() else { return Ok(None) };
    // An end too many would leave the rest outside.
    let is_alone = roots.next().is_none();
    Ok(Some(Parsed { root, is_whole: is_closed && is_alone }))
}

fn element(start: &BytesStart<'_>) -> Element {
    let attributes = start
        .attributes()
        .with_checks(false)
        .flatten()
        .take(64)
        .map(|attribute| {
            let name = attribute.key.local_name().as_ref().to_owned();
            let value = attribute
                .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                .unwrap_or_default()
                .into_owned();
            (name, value)
        })
        .collect();
    Element { name: start.local_name().as_ref().to_owned(), attributes, children: Vec::new() }
}

fn push(open: &mut [Element], node: Node) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(node);
    }
}

fn close(open: &mut Vec<Element>) {
    if open.len() > 1
        && let Some(element) = open.pop()
    {
        push(open, Node::Element(element));
    }
}

/// What stands for `&name;`. A name that nobody gave is text: "R & D;".
fn named_entity(name: &str) -> String {
    let known = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        "nbsp" => "\u{a0}",
        _ => return format!("&{name};"),
    };
    known.to_owned()
}
