//! Looks for phrases in a text, whatever its case, apostrophes and punctuation.

/// A text made ready to look for phrases in.
pub(crate) struct Phrases(String);

impl Phrases {
    /// Lower case, one space between words and around the whole, full stops and commas gone.
    pub(crate) fn of(text: &str) -> Self {
        let mut folded = String::with_capacity(text.len() + 2);
        folded.push(' ');
        for c in text.chars() {
            let c = if c == '’' || c == '‘' { '\'' } else { c };
            if c.is_alphanumeric() || matches!(c, '\'' | '+' | '#' | '$' | '€' | '£' | '%' | '@') {
                folded.extend(c.to_lowercase());
            } else if !folded.ends_with(' ') {
                folded.push(' ');
            }
        }
        if !folded.ends_with(' ') {
            folded.push(' ');
        }
        Self(folded)
    }

    /// Whether the phrase stands there as whole words; with `*` at its end, as the beginning of words.
    pub(crate) fn has(&self, phrase: &str) -> bool {
        self.at(phrase).is_some()
    }

    /// Whether any of them stands there.
    pub(crate) fn has_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.has(phrase))
    }

    /// How many of them stand there.
    pub(crate) fn count_of(&self, phrases: &[&str]) -> usize {
        phrases.iter().filter(|phrase| self.has(phrase)).count()
    }

    /// Whether the text begins with one of them.
    pub(crate) fn starts_with_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|phrase| self.at(phrase) == Some(0))
    }

    /// The words, in order.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|word| !word.is_empty())
    }

    /// Where a phrase stands; 0 is the beginning.
    pub(crate) fn at(&self, phrase: &str) -> Option<usize> {
        let (phrase, closing) = phrase.strip_suffix('*').map_or((phrase, " "), |stem| (stem, ""));
        self.0.match_indices(phrase).map(|(at, _)| at).find_map(|at| {
            let opens = self.0.get(..at).is_some_and(|before| before.ends_with(' '));
            let closes = self.0.get(at + phrase.len()..).is_some_and(|after| after.starts_with(closing));
            (opens && closes).then(|| at.saturating_sub(1))
        })
    }
}
