//! Skills and occupations: names, aliases, relations, and one automaton that finds them in text.
