//! The `wigwag` server binary.
fn main() {}
