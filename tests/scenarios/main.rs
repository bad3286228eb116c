//! The product end to end: the real server with real sockets, and phones of our own. One feature is one module.

mod bystanders;
mod office;

mod calls;
