//! Requirements of a posting against the evidence of a resume.
