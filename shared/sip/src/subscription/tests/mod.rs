//! Subscriptions against a subscriber that the test plays, each frozen and thawed at every step.

mod bench;
mod ends;
mod news;
mod refusals;
