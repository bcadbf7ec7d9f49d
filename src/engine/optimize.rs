//! The stages in order: the whole main job as one function.
