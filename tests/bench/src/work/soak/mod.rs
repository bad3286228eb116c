//! The soak: everything at a time for an hour, and then nothing may be left of it.

mod calls;
mod desks;
mod gauges;
mod intruders;
mod line;
mod run;
mod talks;
mod tally;
mod verdict;
mod wanderers;

pub(crate) use run::run;
