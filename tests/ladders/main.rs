//! Calls through the pure exchange on virtual time: each scenario is drawn as a SIP ladder and ends in its call record.
//!
//! Phones, transactions, registrars and calls are the real machines; sockets, sound and clock are played by [`world`].
//! Every machine is frozen and thawed at every step of every ladder, and has to act identically.

#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod ways;
#[cfg(test)]
mod world;
