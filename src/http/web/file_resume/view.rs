//! How the page shows a resume: each part with what was read, and fields that hold what was typed with what is wrong.

use crate::http::web::file_resume::draft::Draft;
use crate::http::web::file_resume::parts::{Input, PARTS, Part, Typed};
use crate::http::web::pages::Errors;

/// Lines of a field that holds several, at least and at most.
const ROWS: (usize, usize) = (3, 14);

/// A part of the page.
pub(crate) struct PartView {
    /// Its name in the form.
    pub(crate) name: &'static str,
    /// Its heading.
    pub(crate) heading: &'static str,
    /// What one entry is called; empty where none can be added.
    pub(crate) entry: &'static str,
    /// Its entries.
    pub(crate) entries: Vec<EntryView>,
    /// Whether it says something else than what was read.
    pub(crate) is_corrected: bool,
    /// What was read.
    pub(crate) read: Vec<Filled>,
    /// What is saved now, where others saved something else than what the page holds.
    pub(crate) saved: Option<Vec<Filled>>,
}

/// The fields of an entry that are filled, each as people call it with what stands in it.
pub(crate) type Filled = Vec<(&'static str, String)>;

/// A set of fields.
pub(crate) struct EntryView {
    /// Its place in the page and, with the fields' names, in the form.
    pub(crate) id: String,
    /// What it is called.
    pub(crate) title: String,
    /// What nearly every entry has.
    pub(crate) usual: Vec<FieldView>,
    /// What waits behind a fold.
    pub(crate) rare: Vec<FieldView>,
    /// Whether the fold is open, because something behind it is wrong.
    pub(crate) is_open: bool,
}

/// A field.
pub(crate) struct FieldView {
    /// Its name in the form.
    pub(crate) name: String,
    /// What people call it.
    pub(crate) label: &'static str,
    /// The type of an input; empty for several lines.
    pub(crate) kind: &'static str,
    /// Lines that are shown of several.
    pub(crate) rows: usize,
    /// What stands in it.
    pub(crate) value: String,
    /// What is wrong with it.
    pub(crate) error: Option<String>,
    /// What to know before typing.
    pub(crate) hint: &'static str,
}

impl PartView {
    /// How many entries there are: the number of the next one.
    pub(crate) fn next(&self) -> usize {
        self.entries.len()
    }

    /// The article before what one entry is called.
    pub(crate) fn article(&self) -> &'static str {
        if self.entry.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
    }
}

/// Every part of a page with this draft on it, beside what was read, and beside what others `saved` meanwhile.
pub(crate) fn parts(draft: &Draft, read: &Draft, saved: Option<&Draft>, errors: &Errors) -> Vec<PartView> {
    let all = |draft: &Draft, part: &'static Part| -> Vec<Filled> {
        (0..draft.count(part)).map(|number| filled(draft, part, number)).collect()
    };
    let view = |part: &'static Part| PartView {
        name: part.name,
        heading: part.heading,
        entry: part.entry.unwrap_or_default(),
        entries: (0..draft.count(part)).map(|number| entry(draft, part, number, errors)).collect(),
        is_corrected: !draft.has_same(read, part),
        read: all(read, part),
        saved: saved.filter(|saved| !draft.has_same(saved, part)).map(|saved| all(saved, part)),
    };
    PARTS.iter().map(view).collect()
}

/// The name of every field of these parts.
pub(crate) fn names(draft: &Draft) -> Vec<String> {
    let of = |part: &'static Part| {
        (0..draft.count(part))
            .flat_map(move |number| part.inputs.iter().map(move |input| name(part, number, input)))
    };
    PARTS.iter().flat_map(of).collect()
}

fn entry(draft: &Draft, part: &'static Part, number: usize, errors: &Errors) -> EntryView {
    let shown = |is_rare: bool| -> Vec<FieldView> {
        let inputs = part.inputs.iter().filter(|input| input.is_rare == is_rare);
        inputs.map(|input| field(draft, part, number, input, errors)).collect()
    };
    let (usual, rare) = (shown(false), shown(true));
    let (id, title) = match part.entry {
        Some(entry) => (format!("{}.{number}", part.name), title(entry, number)),
        None => (part.name.to_owned(), String::new()),
    };
    EntryView { id, title, is_open: rare.iter().any(|field| field.error.is_some()), usual, rare }
}

/// "Job 2".
fn title(entry: &str, number: usize) -> String {
    let mut letters = entry.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{} {}", letters.as_str(), number + 1)
}

fn field(
    draft: &Draft,
    part: &'static Part,
    number: usize,
    input: &'static Input,
    errors: &Errors,
) -> FieldView {
    let name = name(part, number, input);
    let value = draft.text(part, part.entry.map(|_| number), input);
    let (least, most) = ROWS;
    FieldView {
        label: input.label,
        kind: match input.typed {
            Typed::Line | Typed::Date => "text",
            Typed::Email => "email",
            Typed::Text | Typed::Items => "",
        },
        rows: value.split('\n').count().clamp(least, most),
        error: errors.of(&name).map(str::to_owned),
        hint: match (input.name, input.typed) {
            ("endDate", _) => "Nothing while it goes on.",
            ("x-dates", _) => "Wins over the dates above; empty it to have those written out.",
            (_, Typed::Date) => "2021, 2021-03 or 2021-03-15.",
            _ => "",
        },
        value,
        name,
    }
}

fn name(part: &Part, number: usize, input: &Input) -> String {
    match part.entry {
        Some(_) => format!("{}.{number}.{}", part.name, input.name),
        None => format!("{}.{}", part.name, input.name),
    }
}

fn filled(read: &Draft, part: &'static Part, number: usize) -> Filled {
    let entry = part.entry.map(|_| number);
    let texts = part.inputs.iter().map(|input| (input.label, read.text(part, entry, input)));
    texts.filter(|(_, text)| !text.is_empty()).collect()
}
