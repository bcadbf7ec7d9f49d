//! Which ink is in force and what lies under the text: white words on white paper are hidden, white words on
//! a dark sidebar are not.

use hayro_syntax::content::ops::TypedInstruction as Op;
use hayro_syntax::object::{Array, Name, Number, Object};
use hayro_syntax::page::Resources;
use kurbo::{Affine, Point, Rect};

/// Filled areas remembered; a page with more is a drawing.
const MAX_AREAS: usize = 4096;
/// From this lightness on (1 is white) paper and ink look alike.
const WHITE: f64 = 0.98;

/// The ink that text is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// White, the colour of paper.
    Paper,
    /// Anything that can be seen, and whatever cannot be told.
    Visible,
}

/// How numbers of a colour are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColourSpace {
    /// More is lighter, or for four numbers darker.
    Device,
    /// A pattern, a spot colour or a palette.
    Other,
}

/// The path under construction and the areas filled so far.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    path: Option<Rect>,
    areas: Vec<(Rect, Ink)>,
}

impl Canvas {
    /// Whether white ink at this point would be white on white.
    pub(crate) fn is_paper(&self, point: Point) -> bool {
        self.areas
            .iter()
            .rev()
            .find(|(area, _)| area.contains(point))
            .is_none_or(|(_, ink)| *ink == Ink::Paper)
    }

    /// Remembers an area that something visible covers: a picture, a shading.
    pub(crate) fn cover(&mut self, area: Rect) {
        if self.areas.len() < MAX_AREAS {
            self.areas.push((area, Ink::Visible));
        }
    }

    /// Takes a path operator; `matrix` leads from its space to the page.
    pub(crate) fn take(&mut self, op: &Op<'_, '_>, matrix: Affine, ink: Ink) {
        let mut add = |points: &[(Number, Number)]| {
            for (x, y) in points {
                let point = matrix * Point::new(x.as_f64(), y.as_f64());
                let spot = Rect::from_points(point, point);
                self.path = Some(self.path.map_or(spot, |path| path.union(spot)));
            }
        };
        match op {
            Op::MoveTo(p) => add(&[(p.0, p.1)]),
            Op::LineTo(p) => add(&[(p.0, p.1)]),
            Op::CubicTo(p) => add(&[(p.0, p.1), (p.2, p.3), (p.4, p.5)]),
            Op::CubicStartTo(p) => add(&[(p.0, p.1), (p.2, p.3)]),
            Op::CubicEndTo(p) => add(&[(p.0, p.1), (p.2, p.3)]),
            Op::RectPath(r) => {
                let far = |a: Number, b: Number| Number::from_f32(a.as_f32() + b.as_f32());
                add(&[
                    (r.0, r.1),
                    (far(r.0, r.2), far(r.1, r.3)),
                    (far(r.0, r.2), r.1),
                    (r.0, far(r.1, r.3)),
                ]);
            }
            Op::FillPathNonZero(_)
            | Op::FillPathNonZeroCompatibility(_)
            | Op::FillPathEvenOdd(_)
            | Op::FillAndStrokeNonZero(_)
            | Op::FillAndStrokeEvenOdd(_)
            | Op::CloseFillAndStrokeNonZero(_)
            | Op::CloseFillAndStrokeEvenOdd(_) => {
                if let Some(area) = self.path.take()
                    && self.areas.len() < MAX_AREAS
                {
                    self.areas.push((area, ink));
                }
            }
            Op::StrokePath(_) | Op::CloseAndStrokePath(_) | Op::EndPath(_) => self.path = None,
            _ => {}
        }
    }
}

/// The ink and space after a colour operator; `None` when it is none.
pub(crate) fn colour(
    op: &Op<'_, '_>,
    space: ColourSpace,
    resources: &Resources<'_>,
) -> Option<(Ink, ColourSpace)> {
    let device = |parts: &[Number]| Some((ink(parts), ColourSpace::Device));
    match op {
        Op::NonStrokeColorDeviceGray(c) => device(&[c.0]),
        Op::NonStrokeColorDeviceRgb(c) => device(&[c.0, c.1, c.2]),
        Op::NonStrokeColorCmyk(c) => device(&[c.0, c.1, c.2, c.3]),
        Op::ColorSpaceNonStroke(c) => Some((Ink::Visible, colour_space(c.0, resources))),
        Op::NonStrokeColor(c) if space == ColourSpace::Device => Some((ink(&c.0), space)),
        Op::NonStrokeColorNamed(c) if space == ColourSpace::Device && c.1.is_none() => {
            Some((ink(&c.0), space))
        }
        Op::NonStrokeColor(_) | Op::NonStrokeColorNamed(_) => Some((Ink::Visible, space)),
        _ => None,
    }
}

fn ink(parts: &[Number]) -> Ink {
    let white = match parts {
        [_, _, _, _] => parts.iter().all(|part| part.as_f64() <= 1.0 - WHITE),
        [_] | [_, _, _] => parts.iter().all(|part| part.as_f64() >= WHITE),
        _ => false,
    };
    if white { Ink::Paper } else { Ink::Visible }
}

fn colour_space(name: &Name<'_>, resources: &Resources<'_>) -> ColourSpace {
    let device = |name: &str| {
        matches!(
            name,
            "DeviceGray"
                | "DeviceRGB"
                | "DeviceCMYK"
                | "CalGray"
                | "CalRGB"
                | "ICCBased"
                | "G"
                | "RGB"
                | "CMYK"
        )
    };
    let known = device(name.as_str())
        || match resources.get_color_space(name) {
            Some(Object::Name(name)) => device(name.as_str()),
            Some(Object::Array(parts)) => parts_name(&parts).is_some_and(|name| device(&name)),
            _ => false,
        };
    if known { ColourSpace::Device } else { ColourSpace::Other }
}

fn parts_name(parts: &Array<'_>) -> Option<String> {
    parts.iter::<Object<'_>>().next()?.into_name().map(|name| name.as_str().to_owned())
}
