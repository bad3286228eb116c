//! Lines to the outside: which gateways a call may take, what carriers are told, and what they tell.

mod by_weight;
mod called;
mod letter;
mod list;
mod number;
mod outsider;
mod upkeep;
#[cfg(test)]
mod upkeep_tests;
mod ways;

pub use by_weight::by_weight;
pub use called::called;
pub use letter::{Letter, letter};
pub use list::Gateways;
pub use number::{read, written};
pub use outsider::outsider;
pub use upkeep::{Errand, Purpose, Upkeep, UpkeepInput, UpkeepOutput};
pub use ways::{Health, NoWay, Standing, ways};
