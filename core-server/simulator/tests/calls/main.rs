//! Carriers that call each other over real sockets: what a number does, what a caller says, and how a carrier fails.

mod callers;
mod commanded;
mod failing;
mod numbers;
mod registering;
mod stage;
