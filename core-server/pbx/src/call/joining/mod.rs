//! Two calls become one: a leg leaves its call and joins another (RFC 3891, RFC 5589 §7).
//!
//! ```text
//! giving call ── HandOver ──▶ shell ── release, adopt ──▶ taking call
//!      ▲                        │
//!      ├── HandedOver ──────────┤ it took the leg: what is left ends as Merged, the record is the other's
//!      └── NotTaken ────────────┘ it did not: the leg is back where it was
//! ```
//!
//! | joins as         | the taking call            | what happens there                                      |
//! |------------------|----------------------------|---------------------------------------------------------|
//! | one of two       | talks                      | the leg that it replaces ends, the other one talks on   |
//! | who waits        | rings                      | the leg that it replaces ends, phones ring on           |
//! | who answers      | rings                      | all phones stop ringing                                 |
//! | who is parked    | is parked                  | the leg that it replaces ends                           |
//! | who fetches      | is parked                  | both talk                                               |
//!
//! A leg is in one call or in its shell's hands, and never lost between them.

mod adopting;
mod giving;
mod released;

pub(super) use giving::Joining;
pub use released::{Purpose, Released, Rings, Sought};
