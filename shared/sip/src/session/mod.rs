//! One leg of a call: the INVITE usage of a dialog, both roles (RFC 3261 §12–§15, RFC 3264, RFC 3311, RFC 4028).
//!
//! A [`Session`] turns requests, responses and its owner's [`Command`]s into requests, responses and [`Event`]s. It owns
//! the dialog, the offer/answer exchanges, CANCEL races, the 2xx to INVITE and their ACKs, and the session timer;
//! session descriptions are opaque to it. Transactions are [below](crate::transaction); which flow a request takes is
//! its driver's business.
//!
//! A driver
//!
//! - finds the session of a request, ACK or CANCEL by its [`SessionKey`] (Call-ID and To tag; a CANCEL by the server
//!   transaction of its INVITE), answers 481 to what has a To tag and no session, and hands the rest in with the key of
//!   the server transaction that it made;
//! - starts a client transaction for each [`Output::Request`] and gives every answer to it back with its token, as it
//!   does the transaction's failure; [`Output::Ack`] goes out without transaction;
//! - calls [`handle_timeout`](wigwag_sansio::Machine::handle_timeout) at the deadline;
//! - keeps the session after [`Event::Ended`] until [`Session::is_over`].
//!
//! The module `pair` (feature `testing`) is the shortest complete one.
//!
//! | state       | in file       | ends with                                       |
//! |-------------|---------------|-------------------------------------------------|
//! | Calling     | `calling`     | final answer, CANCEL, failure                   |
//! | Invited     | `invited`     | Accept, Reject, CANCEL                          |
//! | Established | `established` | BYE, lost ACK, 481, silence, session timer      |
//! | Closing     | `closing`     | nothing more owed: BYE answered, forks sent home |

mod agreement;
mod body;
mod branch;
mod calling;
mod capability;
mod challenge;
mod closing;
pub(crate) mod dialog;
mod draft;
mod dtmf;
mod early_offers;
mod established;
mod input;
mod invited;
#[cfg(any(test, feature = "testing"))]
pub mod ladder;
mod machine;
mod manners;
mod output;
#[cfg(any(test, feature = "testing"))]
pub mod pair;
pub(crate) mod read;
mod referral;
mod referrals;
mod reliable;
mod settings;
mod shared;
mod strays;
#[cfg(test)]
mod tests;
mod timer;
mod unacked;

pub use body::{Content, Extra, Sdp};
pub use capability::{ACCEPT, ALLOW, SUPPORTED};
pub use dtmf::{Digit, NotKey};
pub use input::{Command, Input, OfferBy, RequestToken};
pub use invited::Invitation;
pub use machine::{Session, SessionKey};
pub use output::{Branch, Breakdown, Ended, EndedBy, Event, Output, Reply};
pub use referral::{Referral, ReferralId};
pub use settings::{Credentials, Outgoing, Refresher, Settings, TimerPolicy};
