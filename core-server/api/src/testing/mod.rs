//! A whole API on a real store in a folder of its own, with virtual time and a switch that only remembers.

mod api;
mod call_handling;
mod company;
mod conformance;
mod switch;

pub(crate) use api::{Answer, TestApi};
pub(crate) use call_handling::{Ids, based_on, contact, interval, ring_group, rule, set_up_call_handling};
pub(crate) use company::{Company, Person};
pub(crate) use switch::{RememberingSwitch, Told};
