//! WigWag crate.
