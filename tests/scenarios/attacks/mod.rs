//! Attacks: each is answered or ignored as it deserves, costs little, leaves nothing behind, and nobody else notices.
//! `tests/scenarios/ATTACKS.md` says which case is tried where.

mod devices;
mod floods;
mod loops;
mod registering;
mod smuggling;
mod sound;
mod storms;
mod torture;
