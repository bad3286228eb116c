//! The scenarios: one snapshot each.

mod answering;
mod ending;
mod forking;
mod giving_up;
mod holding;
mod joining;
mod many_phones;
mod parking;
mod picking_up;
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
