//! What Redis is still to forget, because it was away or busy when somebody wished it.

use std::collections::VecDeque;
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Most that is owed at once: half a megabyte of names, and more than people delete by hand in the hour after which what
/// is kept of it is gone by itself.
pub(in crate::cache) const MOST: usize = 4096;

/// What is to be forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cache) enum Wish {
    /// The one thing of this name.
    One(String),
    /// Everything whose name begins so.
    All(String),
}

/// What became of a wish that could not be met at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cache) enum Added {
    /// It is owed, and nobody sees to it yet: whoever hears this has to.
    First,
    /// It is owed, and somebody sees to it.
    Kept,
    /// Too much is owed already.
    Refused,
}

/// What is owed, oldest first.
#[derive(Debug, Default)]
pub(in crate::cache) struct Owed(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    wishes: VecDeque<Wish>,
    is_seen_to: bool,
}

impl Wish {
    /// How the names of what is to be forgotten begin.
    pub(in crate::cache) fn beginning(&self) -> &str {
        match self {
            Self::One(name) | Self::All(name) => name,
        }
    }
}

impl Owed {
    pub(in crate::cache) fn add(&self, wish: Wish) -> Added {
        let mut state = self.state();
        if !state.wishes.contains(&wish) {
            if state.wishes.len() >= MOST {
                return Added::Refused;
            }
            state.wishes.push_back(wish);
        }
        if mem::replace(&mut state.is_seen_to, true) { Added::Kept } else { Added::First }
    }

    /// The next one, which is no longer owed then; after the last one, nobody sees to them any more.
    pub(in crate::cache) fn take(&self) -> Option<Wish> {
        let mut state = self.state();
        let next = state.wishes.pop_front();
        state.is_seen_to = next.is_some();
        next
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use crate::cache::owed::{Added, MOST, Owed, Wish};

    fn wish(number: usize) -> Wish {
        Wish::One(number.to_string())
    }

    #[test]
    fn one_sees_to_all_of_them_until_none_is_left() {
        let owed = Owed::default();
        assert_eq!(
            (owed.add(wish(1)), owed.add(wish(2)), owed.add(wish(1))),
            (Added::First, Added::Kept, Added::Kept)
        );
        assert_eq!((owed.take(), owed.add(wish(1))), (Some(wish(1)), Added::Kept), "not yet done, and back");
        assert_eq!((owed.take(), owed.take(), owed.take()), (Some(wish(2)), Some(wish(1)), None));
        assert_eq!(owed.add(wish(1)), Added::First);
    }

    #[test]
    fn what_is_owed_has_a_bound() {
        let owed = Owed::default();
        for number in 0..MOST {
            assert_ne!(owed.add(wish(number)), Added::Refused, "{number}");
        }
        assert_eq!((owed.add(wish(MOST)), owed.add(wish(0))), (Added::Refused, Added::Kept));
    }
}
