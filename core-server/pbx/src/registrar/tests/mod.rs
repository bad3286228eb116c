//! The registrar of one extension, frozen and thawed at every step.

mod machine;
mod properties;
mod reading;
mod stage;
