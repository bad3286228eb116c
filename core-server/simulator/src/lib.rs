//! A make-believe carrier: for the demo, and for tests, on the path that real calls take.
//!
//! It speaks real SIP over UDP and TCP, and real RTP. Calls to it do what the number says; calls from it are made by
//! [`Simulator::call`]. What an exchange has sent is told by [`Simulator::seen`], and [`Simulator::set_condition`] lets
//! it fail. Any number of carriers run in one process.
//!
//! # What happens when a number is called
//!
//! The last two digits decide, whatever stands before them. People who watch have numbers of Ofcom's drama ranges in
//! mind: 01632 960000 to 960999, 07700 900000 to 900999. Who answers says a steady tone by which the number is known
//! again ([`tone_hz`]); a ring takes a second.
//!
//! | ends with | what happens                                                                             |
//! |-----------|------------------------------------------------------------------------------------------|
//! | 00–49     | answers after one ring; so do all that are not in this table                             |
//! | 50        | answers at once                                                                          |
//! | 51–59     | answers after as many seconds as the last digit says                                     |
//! | 60        | rings for ever                                                                           |
//! | 61        | 486, busy                                                                                |
//! | 62        | 603, declined                                                                            |
//! | 63        | 404, no such number                                                                      |
//! | 64        | 480, not reachable                                                                       |
//! | 65        | 500                                                                                      |
//! | 66        | 503 with Retry-After                                                                     |
//! | 67        | nothing at all: the INVITE is not answered                                               |
//! | 68        | 100, and nothing more                                                                    |
//! | 69        | 403                                                                                      |
//! | 70        | 183 with an announcement ([`ANNOUNCEMENT_HZ`]) for 2 s, then answers                     |
//! | 71        | 183 with an announcement for 2 s, then 404                                               |
//! | 72        | rings by a 180 that wants a PRACK (421 where 100rel is not supported), then answers      |
//! | 73        | 183 with an announcement for 2 s that wants a PRACK, then answers                        |
//! | 74        | 183 with an announcement for 1 s, then a 200 without description, against the rules      |
//! | 75        | answers, and proposes the same again by re-INVITE a second later                         |
//! | 76        | answers, and asks for an offer by re-INVITE a second later                               |
//! | 77        | answers, holds a second later, and takes back after 2 s                                  |
//! | 78        | answers, and holds a second later                                                        |
//! | 80–89     | answers at once, and hangs up after as many seconds as the last digit says; 80 after 10  |
//! | 90        | a mailbox: answers after 5 s, beeps ([`BEEP_HZ`]) for 1 s, and never presses a key       |
//! | 91        | answers in silence, presses 1 a second later (RFC 4733), and then says its tone          |
//! | 92        | answers with an echo                                                                     |
//! | 93        | as 91, but presses 2                                                                     |
//!
//! Short numbers, of up to six digits, belong to services: 999, 112, 18000, 101, 111 and all others are answered after
//! one ring by an operator with a tone of its own. What has no digit at all is 404.

mod agent;
mod behaviour;
mod call_in;
mod condition;
mod config;
mod console;
mod door;
mod ear;
mod gate;
mod handle;
mod heard;
mod leg;
mod mail;
mod number;
mod record;
mod registrar;
mod script;
mod seen;
mod simulator;
mod voice;

pub use behaviour::{ANNOUNCEMENT_HZ, BEEP_HZ, Sound};
pub use call_in::{CallError, CallIn, CalledIn, Caller, Way};
pub use condition::Condition;
pub use config::{Account, Admission, Config, Demand};
pub use console::{Console, OrderError, Report};
pub use handle::CallHandle;
pub use heard::Heard;
pub use number::tone_hz;
pub use record::{CallState, Over};
pub use seen::{Outcome, SeenCall, Sightings};
pub use simulator::{Simulator, StartError};
