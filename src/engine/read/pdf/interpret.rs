//! Runs the content stream of a page and notes every character that it paints.

use std::rc::Rc;

use hayro_font::Font;
use hayro_syntax::content::TypedIter;
use hayro_syntax::content::ops::TypedInstruction as Op;
use hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, Stream, String as PdfString};
use hayro_syntax::page::{Page, Resources};
use kurbo::{Affine, Point, Rect};
use unicode_normalization::char::is_combining_mark;

use crate::engine::read::pdf::annotations::{Form, annotations};
use crate::engine::read::pdf::font::FontFacts;
use crate::engine::read::pdf::fonts::{Fonts, UNKNOWN};
use crate::engine::read::pdf::glyph::{Glyph, LinkArea, PageGlyphs, Sight};
use crate::engine::read::pdf::paint::{Canvas, ColourSpace, Ink, colour};
use crate::engine::read::pdf::string::decode;
use crate::engine::read::pdf::value::Value;

/// Characters of one page: a page of a dictionary has ten thousand.
const MAX_GLYPHS: usize = 100_000;
/// Operators of one page.
const MAX_OPERATORS: u32 = 2_000_000;
/// Forms inside forms.
const MAX_FORMS: u32 = 8;
/// Saved graphics states, and marked contents, inside each other.
const MAX_STATES: usize = 256;
/// Characters that one glyph stands for at most: a letter of an Indic script with its vowels.
const MAX_CLUSTER: usize = 6;
/// Bytes of a form that cost as much as one operator: unpacking takes time even if nothing is in them.
const BYTES_PER_OPERATOR: usize = 100;
/// Places of pictures that are kept of one page; scanners cut a page into some dozens.
const MAX_PICTURES: usize = 500;

/// Reads what a page paints, given its content and how many characters there is room for.
pub(crate) fn read_page<'a>(
    page: &'a Page<'a>,
    content: &[u8],
    fonts: &mut Fonts<'a>,
    room: usize,
) -> PageGlyphs {
    let (width, height) = page.render_dimensions();
    let base = Affine::new(page.initial_transform(true).as_coeffs());
    let out = PageGlyphs { width: f64::from(width), height: f64::from(height), ..PageGlyphs::default() };
    let mut interpreter = Interpreter {
        fonts,
        base,
        out,
        room: room.min(MAX_GLYPHS),
        operators: 0,
        canvas: Canvas::default(),
        marks: Vec::new(),
        open: Vec::new(),
    };
    interpreter.run(TypedIter::new(content), page.resources(), &State::new(), 0);
    interpreter.annotations(page);
    interpreter.out
}

/// The graphics state as far as text needs it.
#[derive(Clone)]
struct State<'a> {
    font: Option<(Font<'a>, Rc<FontFacts>)>,
    size: f64,
    letter_space: f64,
    word_space: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
    mode: i64,
    alpha: f32,
    ink: Ink,
    space: ColourSpace,
    matrix: Affine,
}

impl State<'_> {
    fn new() -> Self {
        Self {
            font: None,
            size: 1.0,
            letter_space: 0.0,
            word_space: 0.0,
            stretch: 1.0,
            leading: 0.0,
            rise: 0.0,
            mode: 0,
            alpha: 1.0,
            ink: Ink::Visible,
            space: ColourSpace::Device,
            matrix: Affine::IDENTITY,
        }
    }
}

/// Where the next character and the next line start.
#[derive(Clone, Copy)]
struct Pen {
    text: Affine,
    line: Affine,
}

impl Pen {
    fn next_line(&mut self, x: f64, y: f64) {
        self.line *= Affine::translate((x, y));
        self.text = self.line;
    }
}

/// A text that stands in for what is painted inside a marked content.
struct Spoken {
    text: String,
    /// How many glyphs were painted before it.
    start: usize,
}

struct Interpreter<'a, 'f> {
    fonts: &'f mut Fonts<'a>,
    base: Affine,
    out: PageGlyphs,
    /// How many characters of the page are read at most.
    room: usize,
    operators: u32,
    canvas: Canvas,
    /// The marked contents that are open.
    marks: Vec<Option<Spoken>>,
    /// The forms that are being painted, each inside the one before it.
    open: Vec<ObjectIdentifier>,
}

impl<'a> Interpreter<'a, '_> {
    fn run(
        &mut self,
        mut operators: TypedIter<'_>,
        resources: &Resources<'a>,
        start: &State<'a>,
        depth: u32,
    ) {
        let mut state = start.clone();
        let mut pen = Pen { text: Affine::IDENTITY, line: Affine::IDENTITY };
        let mut saved: Vec<State<'a>> = Vec::new();
        let outer_marks = self.marks.len();
        while let Some(op) = operators.next() {
            self.operators += 1;
            if self.operators > MAX_OPERATORS || self.out.truncated {
                self.out.truncated = true;
                break;
            }
            match &op {
                Op::SaveState(_) if saved.len() < MAX_STATES => saved.push(state.clone()),
                Op::RestoreState(_) => state = saved.pop().unwrap_or(state),
                Op::EndMarkedContent(_) if self.marks.len() > outer_marks => self.end_mark(),
                Op::XObject(object) if depth < MAX_FORMS => {
                    if let Some(stream) = resources.get_x_object(object.0) {
                        self.object(&stream, resources, &state, depth);
                    }
                }
                _ => {
                    self.set(&op, &mut state, resources);
                    self.write(&op, &mut state, &mut pen);
                    self.draw(&op, &mut state, resources);
                }
            }
        }
        self.marks.truncate(outer_marks);
    }

    /// Operators that change how text is set.
    fn set(&mut self, op: &Op<'_, '_>, state: &mut State<'a>, resources: &Resources<'a>) {
        match op {
            Op::Transform(m) => {
                state.matrix *= Affine::new([
                    m.0.as_f64(),
                    m.1.as_f64(),
                    m.2.as_f64(),
                    m.3.as_f64(),
                    m.4.as_f64(),
                    m.5.as_f64(),
                ]);
            }
            Op::CharacterSpacing(value) => state.letter_space = value.0.as_f64(),
            Op::WordSpacing(value) => state.word_space = value.0.as_f64(),
            Op::HorizontalScaling(value) => state.stretch = value.0.as_f64() / 100.0,
            Op::TextLeading(value) => state.leading = value.0.as_f64(),
            Op::TextRise(value) => state.rise = value.0.as_f64(),
            Op::TextRenderingMode(value) => state.mode = value.0.as_i64(),
            Op::TextFont(font) => {
                state.size = font.1.as_f64();
                state.font = resources.get_font(font.0).and_then(|dict| self.fonts.load(&dict));
            }
            Op::SetGraphicsState(name) => {
                let Some(dict) = resources.get_ext_g_state(name.0) else { return };
                state.alpha = dict.get::<f32>("ca").unwrap_or(state.alpha);
                let Some(font) = dict.get::<Array<'a>>("Font") else { return };
                let mut parts = font.iter::<Object<'a>>();
                if let (Some(Object::Dict(dict)), Some(Object::Number(size))) = (parts.next(), parts.next()) {
                    state.size = size.as_f64();
                    state.font = self.fonts.load(&dict);
                }
            }
            Op::BeginMarkedContent(_) if self.marks.len() < MAX_STATES => self.marks.push(None),
            Op::BeginMarkedContentWithProperties(mark) if self.marks.len() < MAX_STATES => {
                let text = |dict: &Dict<'_>| {
                    dict.get::<PdfString<'_>>("ActualText").map(|text| decode(text.as_bytes()))
                };
                let spoken = match &mark.1 {
                    Object::Dict(dict) => text(dict),
                    Object::Name(name) => {
                        resources.properties.get::<Dict<'_>>(name).and_then(|dict| text(&dict))
                    }
                    _ => None,
                };
                let start = self.out.glyphs.len();
                self.marks.push(spoken.map(|text| Spoken { text, start }));
            }
            _ => {}
        }
    }

    /// Lets a replacement text stand in for glyphs that don't tell what they are. Where they do, they are what
    /// the document shows: `mailto:` before an address is only what a program should read out.
    fn end_mark(&mut self) {
        let Some(Some(spoken)) = self.marks.pop() else { return };
        let Some((first, rest)) =
            self.out.glyphs.get_mut(spoken.start..).and_then(<[Glyph]>::split_first_mut)
        else {
            return;
        };
        let tells = |glyph: &Glyph| glyph.font.icons || glyph.text != UNKNOWN && !glyph.text.is_empty();
        let hyphen = spoken.text == "\u{ad}" || spoken.text == "-";
        // A font can say one meaning of a glyph. Where it draws several letters alike, as gaps, this is the other one.
        let letter = (1..=MAX_CLUSTER).contains(&spoken.text.chars().count())
            && spoken.text.chars().all(|c| !c.is_ascii() && (c.is_alphabetic() || is_combining_mark(c)))
            && rest.iter().all(|glyph| glyph.text.is_empty());
        if hyphen || letter || !(tells(first) && rest.iter().all(tells)) {
            first.text = spoken.text;
            for glyph in rest {
                glyph.text.clear();
            }
        }
    }

    /// Operators that move the pen and paint text.
    fn write(&mut self, op: &Op<'_, '_>, state: &mut State<'a>, pen: &mut Pen) {
        match op {
            Op::BeginText(_) => *pen = Pen { text: Affine::IDENTITY, line: Affine::IDENTITY },
            Op::NextLine(by) => pen.next_line(by.0.as_f64(), by.1.as_f64()),
            Op::NextLineAndSetLeading(by) => {
                state.leading = -by.1.as_f64();
                pen.next_line(by.0.as_f64(), by.1.as_f64());
            }
            Op::SetTextMatrix(m) => {
                pen.line = Affine::new([
                    m.0.as_f64(),
                    m.1.as_f64(),
                    m.2.as_f64(),
                    m.3.as_f64(),
                    m.4.as_f64(),
                    m.5.as_f64(),
                ]);
                pen.text = pen.line;
            }
            Op::NextLineUsingLeading(_) => pen.next_line(0.0, -state.leading),
            Op::ShowText(text) => self.show(state, pen, text.0.as_bytes()),
            Op::NextLineAndShowText(text) => {
                pen.next_line(0.0, -state.leading);
                self.show(state, pen, text.0.as_bytes());
            }
            Op::ShowTextWithParameters(text) => {
                state.word_space = text.0.as_f64();
                state.letter_space = text.1.as_f64();
                pen.next_line(0.0, -state.leading);
                self.show(state, pen, text.2.as_bytes());
            }
            Op::ShowTexts(texts) => {
                for part in texts.0.iter::<Object<'_>>() {
                    match part {
                        Object::Number(by) => {
                            let by = -by.as_f64() / 1000.0 * state.size;
                            let upright = state.font.as_ref().is_none_or(|(font, _)| font.is_horizontal());
                            pen.text *= Affine::translate(if upright {
                                (by * state.stretch, 0.0)
                            } else {
                                (0.0, by)
                            });
                        }
                        Object::String(text) => self.show(state, pen, text.as_bytes()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// Operators that paint something under the text, or change the ink.
    fn draw(&mut self, op: &Op<'_, '_>, state: &mut State<'a>, resources: &Resources<'a>) {
        let matrix = self.base * state.matrix;
        match op {
            Op::InlineImage(_) => self.picture(matrix),
            // A shading fills its clip, which isn't tracked: nothing under it counts as paper any more.
            Op::Shading(_) => self.canvas.cover(Rect::new(0.0, 0.0, self.out.width, self.out.height)),
            _ => {
                self.canvas.take(op, matrix, state.ink);
                if let Some((ink, space)) = colour(op, state.space, resources) {
                    state.ink = ink;
                    state.space = space;
                }
            }
        }
    }

    /// Paints a form's content, or notes a picture.
    fn object(&mut self, stream: &Stream<'a>, resources: &Resources<'a>, state: &State<'a>, depth: u32) {
        let is_form = stream.dict().get::<Name<'_>>("Subtype").is_some_and(|name| name.as_str() == "Form");
        if !is_form {
            self.picture(self.base * state.matrix);
            return;
        }
        self.form(stream, resources, state, depth);
    }

    fn form(&mut self, stream: &Stream<'a>, resources: &Resources<'a>, state: &State<'a>, depth: u32) {
        // A form that paints itself has no end, and each round would hold its content once more.
        if self.open.contains(&stream.obj_id()) {
            return;
        }
        let Ok(data) = stream.decoded_data() else { return };
        let cost = u32::try_from(data.len() / BYTES_PER_OPERATOR).unwrap_or(u32::MAX);
        self.operators = self.operators.saturating_add(cost);
        self.open.push(stream.obj_id());
        let own = stream.dict().get::<Dict<'a>>("Resources").map(Resources::new);
        let mut inner = state.clone();
        inner.matrix *= stream.dict().get::<[f64; 6]>("Matrix").map_or(Affine::IDENTITY, Affine::new);
        self.run(TypedIter::new(&data), own.as_ref().unwrap_or(resources), &inner, depth + 1);
        self.open.pop();
    }

    /// A picture fills the unit square of its space.
    fn picture(&mut self, matrix: Affine) {
        self.out.images = self.out.images.saturating_add(1);
        let area = matrix.transform_rect_bbox(Rect::new(0.0, 0.0, 1.0, 1.0));
        self.canvas.cover(area);
        let seen = area.intersect(Rect::new(0.0, 0.0, self.out.width, self.out.height));
        if seen.is_finite() && seen.area() > 0.0 && self.out.pictures.len() < MAX_PICTURES {
            self.out.pictures.push(seen);
        }
    }

    fn show(&mut self, state: &State<'a>, pen: &mut Pen, bytes: &[u8]) {
        let Some((font, facts)) = &state.font else { return };
        let mut offset = 0;
        while offset < bytes.len() {
            let (code, length) = font.read_code(bytes, offset);
            offset += length.max(1);
            let advance = font.code_advance(code);
            let extra = state.letter_space + if code == 32 && length == 1 { state.word_space } else { 0.0 };
            let set = Affine::new([state.size * state.stretch, 0.0, 0.0, state.size, 0.0, state.rise]);
            let frame = self.base * state.matrix * pen.text * set;
            let origin = font.origin_displacement(code) / 1000.0;
            let from = frame * Point::new(origin.x, origin.y);
            let to = frame * Point::new(origin.x + advance.x / 1000.0, origin.y);
            let text = self.fonts.characters(font, facts, code);
            let sight = self.sight(state, from.midpoint(to));
            self.paint(frame, (from, to), text, facts, sight);
            pen.text *= if font.is_horizontal() {
                Affine::translate(((advance.x / 1000.0 * state.size + extra) * state.stretch, 0.0))
            } else {
                Affine::translate((0.0, advance.y / 1000.0 * state.size + extra))
            };
        }
    }

    fn sight(&self, state: &State<'a>, at: Point) -> Sight {
        let outside =
            at.x < -2.0 || at.y < -2.0 || at.x > self.out.width + 2.0 || at.y > self.out.height + 2.0;
        if outside {
            Sight::Hidden
        } else if matches!(state.mode, 3 | 7) {
            Sight::Inkless
        } else if state.alpha < 0.02 || state.ink == Ink::Paper && self.canvas.is_paper(at) {
            Sight::Hidden
        } else {
            Sight::Seen
        }
    }

    fn paint(
        &mut self,
        frame: Affine,
        (from, to): (Point, Point),
        text: String,
        facts: &Rc<FontFacts>,
        sight: Sight,
    ) {
        if self.out.glyphs.len() >= self.room {
            self.out.truncated = true;
            return;
        }
        let [a, b, c, d, ..] = frame.as_coeffs();
        let size = c.hypot(d);
        if !(size.is_finite() && size > 0.1 && from.x.is_finite() && from.y.is_finite() && to.x.is_finite()) {
            return;
        }
        let turn = match (a.abs() >= b.abs(), a >= 0.0, b > 0.0) {
            (true, true, _) => 0,
            (true, false, _) => 2,
            (false, _, true) => 1,
            (false, _, false) => 3,
        };
        let (width, height) = (self.out.width, self.out.height);
        let upright = |point: Point| match turn {
            0 => (point.x, point.y),
            1 => (point.y, width - point.x),
            2 => (width - point.x, height - point.y),
            _ => (height - point.y, point.x),
        };
        let ((x, y), (x1, _)) = (upright(from), upright(to));
        self.out.glyphs.push(Glyph { x, y, x1, size, text, font: Rc::clone(facts), turn, sight });
    }

    /// Links, and what is filled in or written on top of the page.
    fn annotations(&mut self, page: &Page<'a>) {
        let form = Form::of(page);
        let resources = form.resources.as_ref().unwrap_or_else(|| page.resources());
        for annotation in annotations(page, &form) {
            if self.out.truncated {
                break;
            }
            if let Some(target) = annotation.link {
                let area = self.base.transform_rect_bbox(annotation.area);
                self.out.links.push(LinkArea {
                    left: area.x0,
                    top: area.y0,
                    right: area.x1,
                    bottom: area.y1,
                    target,
                });
            }
            let start = self.out.glyphs.len();
            if let Some((stream, place)) = &annotation.appearance {
                let state = State { matrix: *place, ..State::new() };
                self.form(stream, resources, &state, 0);
            }
            if let Some(value) = &annotation.value
                && !self.shows(start, &value.text, form.is_stale)
            {
                self.out.glyphs.truncate(start);
                self.fill_in(value, annotation.area);
            }
        }
    }

    /// Whether the glyphs from here on say a value: programs fill in fields and leave them to be painted by
    /// whoever shows the document.
    fn shows(&self, start: usize, value: &str, is_stale: bool) -> bool {
        let painted: String = self
            .out
            .glyphs
            .iter()
            .skip(start)
            .filter(|glyph| glyph.sight == Sight::Seen)
            .flat_map(|glyph| glyph.text.chars())
            .filter(|c| !c.is_whitespace())
            .collect();
        let is_written = || value.chars().filter(|c| !c.is_whitespace()).eq(painted.chars());
        !painted.is_empty() && !painted.contains(UNKNOWN) && (!is_stale || is_written())
    }

    fn fill_in(&mut self, value: &Value, area: Rect) {
        let facts = Rc::new(FontFacts::default());
        for word in value.place(area) {
            let frame = self.base * Affine::translate(word.from.to_vec2()) * Affine::scale(word.size);
            let ends = (self.base * word.from, self.base * word.to);
            self.paint(frame, ends, word.text.to_owned(), &facts, Sight::Seen);
        }
    }
}
