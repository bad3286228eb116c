//! The product end to end: the real server with real sockets, and phones of our own. One feature is one module.

mod bystanders;
mod office;

mod attacks;
mod broken_messages;
mod calls;
mod connections;
mod credentials;
mod crowds;
mod devices;
mod explained;
mod lamps;
mod outside_lines;
mod overload;
mod parking;
mod picking_up;
mod public_numbers;
mod registering;
mod server_life;
mod texts;
