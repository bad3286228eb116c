//! The house rules as tests: a rule that nothing checks is a wish.
//!
//! One rule, one file. Each test collects every breach before it fails, so that one run shows all of them.

mod breaches;
mod tree;
mod workspace;

mod documents;
mod features;
mod formatting;
mod manifests;
mod owners;
mod portable;
mod rings;
mod source;
mod versions;
