//! Sessions against a peer that the test plays, each frozen and thawed at every step.

mod bench;
mod callee;
mod caller;
mod challenges;
mod chaos;
mod ends;
mod limits;
mod offers;
mod pairs;
mod referrals;
mod reliable_callee;
mod reliable_caller;
mod requests;
mod timers;
