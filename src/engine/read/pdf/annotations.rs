//! What stands on a page beside its content: links, and what somebody filled in or wrote on top of it.

use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, Stream, String as PdfString};
use hayro_syntax::page::{Page, Resources};
use kurbo::{Affine, Rect};

use crate::engine::read::pdf::guard::is_picture;
use crate::engine::read::pdf::string::decode;
use crate::engine::read::pdf::value::Value;

/// Annotations of one page.
const MAX_ANNOTATIONS: usize = 2000;
/// Fields above a field that may hold what it leaves out.
const MAX_PARENTS: usize = 8;
/// Bytes of a value: a field is no place for a book, and a thousand of them may share one.
const MAX_VALUE: usize = 1 << 16;
/// Bits of an annotation's flags that keep it off the screen.
const HIDDEN: i32 = 1 << 1;
const NO_VIEW: i32 = 1 << 5;
/// Bits of a field's flags.
const SEVERAL_LINES: i32 = 1 << 12;
const PASSWORD: i32 = 1 << 13;
const PUSH_BUTTON: i32 = 1 << 16;

/// An annotation of which something is read.
pub(crate) struct Annotation<'a> {
    /// Its place, in the space of the page.
    pub(crate) area: Rect,
    /// The address that it leads to.
    pub(crate) link: Option<String>,
    /// What is painted for it, and where the space of that lies on the page.
    pub(crate) appearance: Option<(Stream<'a>, Affine)>,
    /// What it says, for whoever finds nothing painted.
    pub(crate) value: Option<Value>,
}

/// What the fields of a document have in common.
pub(crate) struct Form<'a> {
    /// Fonts and the like for whatever paints a field without naming its own.
    pub(crate) resources: Option<Resources<'a>>,
    /// Whoever shows the document is to paint the fields anew: what is painted may be out of date.
    pub(crate) is_stale: bool,
    /// How text is set in a field that does not say it.
    style: Option<PdfString<'a>>,
}

impl<'a> Form<'a> {
    /// Reads it from the document of a page.
    pub(crate) fn of(page: &Page<'a>) -> Self {
        let form = page
            .xref()
            .get::<Dict<'a>>(page.xref().root_id())
            .and_then(|root| root.get::<Dict<'a>>("AcroForm"))
            .unwrap_or_default();
        Self {
            resources: form.get::<Dict<'a>>("DR").map(Resources::new),
            is_stale: form.get::<bool>("NeedAppearances").unwrap_or(false),
            style: form.get::<PdfString<'a>>("DA"),
        }
    }
}

/// The annotations of a page in the order in which they are painted.
pub(crate) fn annotations<'a>(page: &Page<'a>, form: &Form<'a>) -> Vec<Annotation<'a>> {
    let Some(all) = page.raw().get::<Array<'a>>("Annots") else { return Vec::new() };
    all.raw_iter()
        .take(MAX_ANNOTATIONS)
        .filter_map(|item| match item {
            MaybeRef::Ref(reference) => page.xref().get::<Dict<'a>>(reference.into()),
            MaybeRef::NotRef(object) => object.into_dict(),
        })
        .filter_map(|dict| annotation(&dict, form))
        .collect()
}

fn annotation<'a>(dict: &Dict<'a>, form: &Form<'a>) -> Option<Annotation<'a>> {
    let [x0, y0, x1, y1] = dict.get::<[f64; 4]>("Rect")?;
    let area = Rect::new(x0, y0, x1, y1).abs();
    let link = dict
        .get::<Dict<'_>>("A")
        .and_then(|action| action.get::<PdfString<'_>>("URI").map(|uri| decode(uri.as_bytes())));
    let mut found = Annotation { area, link, appearance: None, value: None };
    let kind = dict.get::<Name<'_>>("Subtype");
    let is = |name: &str| kind.as_ref().is_some_and(|kind| kind.as_str() == name);
    let is_field = is("Widget");
    let hidden = dict.get::<i32>("F").unwrap_or(0) & (HIDDEN | NO_VIEW) != 0 || area.area() <= 0.0;
    if (is_field || is("FreeText")) && !hidden {
        let flags = match inherited(dict, "Ff") {
            Some(Object::Number(flags)) if is_field => i32::try_from(flags.as_i64()).unwrap_or(0),
            _ => 0,
        };
        let field_type = inherited(dict, "FT").filter(|_| is_field).and_then(Object::into_name);
        let field_type = field_type.as_ref().map(Name::as_str);
        // A button is part of the program, not of the text: "Print" and "Reset".
        if field_type != Some("Btn") || flags & PUSH_BUTTON == 0 {
            found.appearance = appearance(dict, area);
        }
        let text = match field_type {
            Some("Tx") if flags & PASSWORD == 0 => inherited(dict, "V").and_then(written),
            Some("Ch") => inherited(dict, "V").and_then(written).map(|value| shown(dict, value)),
            None if !is_field => dict.get::<Object<'_>>("Contents").and_then(written),
            _ => None,
        };
        let style = dict.get::<PdfString<'_>>("DA").or_else(|| match inherited(dict, "DA") {
            Some(Object::String(style)) => Some(style),
            _ => form.style.clone(),
        });
        let size = style.and_then(|style| type_size(&decode(style.as_bytes())));
        found.value = text.filter(|text| !text.trim().is_empty()).map(|text| Value {
            text,
            size,
            flows: !is_field || flags & SEVERAL_LINES != 0,
        });
    }
    (found.link.is_some() || found.appearance.is_some() || found.value.is_some()).then_some(found)
}

/// What a field or the fields above it say under a key.
fn inherited<'a>(field: &Dict<'a>, key: &str) -> Option<Object<'a>> {
    let mut field = field.clone();
    for _ in 0..MAX_PARENTS {
        if let Some(value) = field.get::<Object<'a>>(key) {
            return Some(value);
        }
        field = field.get::<Dict<'a>>("Parent")?;
    }
    None
}

/// What is painted for an annotation in its present state, and where.
fn appearance<'a>(dict: &Dict<'a>, area: Rect) -> Option<(Stream<'a>, Affine)> {
    let all = dict.get::<Dict<'a>>("AP")?;
    let form = all.get::<Stream<'a>>("N").or_else(|| {
        let state = dict.get::<Name<'_>>("AS")?;
        all.get::<Dict<'a>>("N")?.get::<Stream<'a>>(state)
    })?;
    if is_picture(form.dict()) {
        return None;
    }
    let place = fitted(form.dict(), area);
    place.is_finite().then_some((form, place))
}

/// Where a form's space lies when its box, turned as its matrix says, is stretched over an area: the algorithm
/// "appearance streams" of ISO 32000. The matrix itself is applied by whoever runs the form.
fn fitted(form: &Dict<'_>, area: Rect) -> Affine {
    let own = Rect::new(0.0, 0.0, area.width(), area.height());
    let inner = form.get::<[f64; 4]>("BBox").map_or(own, |[x0, y0, x1, y1]| Rect::new(x0, y0, x1, y1).abs());
    let matrix = form.get::<[f64; 6]>("Matrix").map_or(Affine::IDENTITY, Affine::new);
    let turned = matrix.transform_rect_bbox(inner);
    // A box without a side cannot be stretched; what is in it keeps its size.
    let scale = |outer: f64, inner: f64| if inner > 0.0 { outer / inner } else { 1.0 };
    let (x, y) = (scale(area.width(), turned.width()), scale(area.height(), turned.height()));
    Affine::new([x, 0.0, 0.0, y, area.x0 - turned.x0 * x, area.y0 - turned.y0 * y])
}

/// A value as text; several chosen values stand one after the other.
fn written(value: Object<'_>) -> Option<String> {
    let cut = |bytes: &[u8]| decode(bytes.get(..MAX_VALUE).unwrap_or(bytes));
    match value {
        Object::String(text) => Some(cut(text.as_bytes())),
        Object::Stream(stream) if !is_picture(stream.dict()) => {
            stream.decoded_data().ok().map(|text| cut(&text))
        }
        Object::Array(texts) => {
            let texts: Vec<String> =
                texts.iter::<PdfString<'_>>().take(64).map(|text| cut(text.as_bytes())).collect();
            Some(texts.join(", "))
        }
        _ => None,
    }
}

/// What a list shows for a value: its own word for it, where it has one.
fn shown(dict: &Dict<'_>, value: String) -> String {
    let Some(Object::Array(options)) = inherited(dict, "Opt") else { return value };
    let word =
        options.iter::<Object<'_>>().take(MAX_ANNOTATIONS).filter_map(Object::into_array).find_map(|pair| {
            let mut pair = pair.iter::<PdfString<'_>>();
            (decode(pair.next()?.as_bytes()) == value).then(|| pair.next())?
        });
    word.map_or(value, |word| decode(word.as_bytes()))
}

/// The size of type in a field's style, as in `/Helv 12 Tf 0 g`; 0 stands for "as large as fits".
fn type_size(style: &str) -> Option<f64> {
    let mut before = "";
    for token in style.split_whitespace() {
        if token == "Tf" {
            return before.parse().ok().filter(|size: &f64| size.is_finite() && *size > 0.0);
        }
        before = token;
    }
    None
}
