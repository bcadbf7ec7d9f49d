//! Puts the text of a field at its place, for fields that nobody has painted.

use kurbo::{Point, Rect};

/// Width of a character in ems: the mean of a text in any usual type.
const CHARACTER: f64 = 0.5;
/// Type sizes, in points: what programs choose where the field leaves it to them, and the bounds of it.
const USUAL_SIZE: f64 = 11.0;
const SMALLEST: f64 = 4.0;
const LARGEST: f64 = 24.0;
/// From one line to the next, in ems.
const LEADING: f64 = 1.2;

/// The text of a field.
#[derive(Debug)]
pub(crate) struct Value {
    pub(crate) text: String,
    /// Its size of type, where the field says it.
    pub(crate) size: Option<f64>,
    /// It is set in as many lines as it needs.
    pub(crate) flows: bool,
}

/// A word, or the space between two, on a baseline in the space of the page.
#[derive(Debug, PartialEq)]
pub(crate) struct Placed<'t> {
    pub(crate) text: &'t str,
    pub(crate) from: Point,
    pub(crate) to: Point,
    pub(crate) size: f64,
}

impl Value {
    /// Its words as a program would set them in an area, roughly: no width of any character is known.
    pub(crate) fn place(&self, area: Rect) -> Vec<Placed<'_>> {
        let size = self.size.unwrap_or(USUAL_SIZE).clamp(SMALLEST, LARGEST);
        let lines = self.lines((area.width() / (size * CHARACTER)).max(1.0));
        let leading = (size * LEADING).min(area.height() / lines.len().max(1) as f64);
        let size = size.min(leading.max(SMALLEST));
        // What is longer than its line would run over what stands beside the field.
        let longest = lines.iter().map(|line| width(line)).max().unwrap_or(0).max(1);
        let step = (size * CHARACTER).min(area.width() / longest as f64);
        let top = match lines.len() {
            1 if !self.flows => area.center().y + 0.35 * size,
            _ => area.y1,
        };
        let mut placed = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            let y = top - 0.8 * size - leading * number as f64 + 0.1 * size;
            let mut x = area.x0;
            for (place, word) in line.iter().enumerate() {
                for text in [" "].into_iter().filter(|_| place > 0).chain([*word]) {
                    let to = x + step * text.chars().count() as f64;
                    placed.push(Placed { text, from: Point::new(x, y), to: Point::new(to, y), size });
                    x = to;
                }
            }
        }
        placed
    }

    /// Its words, line by line; as many in a line as fit where it flows.
    fn lines(&self, fitting: f64) -> Vec<Vec<&str>> {
        if !self.flows {
            return vec![self.text.split_whitespace().collect()];
        }
        let mut lines: Vec<Vec<&str>> = Vec::new();
        for written in self.text.split(['\r', '\n']).filter(|line| !line.trim().is_empty()) {
            let mut line: Vec<&str> = Vec::new();
            for word in written.split_whitespace() {
                line.push(word);
                if line.len() > 1 && width(&line) as f64 > fitting {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, vec![word]));
                }
            }
            lines.push(line);
        }
        lines
    }
}

/// Characters of a line, spaces included.
fn width(line: &[&str]) -> usize {
    line.iter().map(|word| word.chars().count() + 1).sum::<usize>().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use kurbo::Rect;

    use crate::engine::read::pdf::value::Value;

    #[track_caller]
    fn check(value: &Value, area: Rect, expected: &[&str]) {
        let placed = value.place(area);
        let mut lines: Vec<(f64, String)> = Vec::new();
        for word in &placed {
            match lines.last_mut() {
                Some((y, line)) if (*y - word.from.y).abs() < 0.1 => line.push_str(word.text),
                _ => lines.push((word.from.y, word.text.to_owned())),
            }
            assert!(word.from.x >= area.x0 && word.to.x <= area.x1 + 0.1, "{word:?}");
            assert!(word.from.y > area.y0 && word.from.y + 0.7 * word.size < area.y1 + 1.0, "{word:?}");
        }
        assert_eq!(lines.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_value_stays_in_its_field() {
        let value = |text: &str, flows: bool| Value { text: text.to_owned(), size: Some(12.0), flows };
        let narrow = Rect::new(100.0, 500.0, 200.0, 518.0);
        let tall = Rect::new(100.0, 500.0, 200.0, 560.0);
        check(&value("Ada Lovelace", false), narrow, &["Ada Lovelace"]);
        check(
            &value("a name as long as\nno field was meant for", false),
            narrow,
            &["a name as long as no field was meant for"],
        );
        check(
            &value("Wrote the first\rprogram for the engine", true),
            tall,
            &["Wrote the first", "program for the", "engine"],
        );
        check(
            &value("one\ntwo\nthree\nfour\nfive\nsix\nseven", true),
            tall,
            &["one", "two", "three", "four", "five", "six", "seven"],
        );
    }
}
