//! Decisions for a small company, row by row of the checklist.

mod company;
mod dialling;
mod forwarding;
mod groups;
mod incoming;
mod outside;
mod star_codes;
