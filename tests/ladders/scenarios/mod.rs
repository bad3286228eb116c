//! The scenarios: one snapshot each.

mod answering;
mod ending;
mod forking;
mod giving_up;
mod holding;
mod many_phones;
mod pressing;
mod proposing;
mod provisional;
mod refreshing;
mod refused;
mod registering;
mod requests;
mod sound;
mod storm;
mod transferring;
mod transports;
