//! What NOTIFY requests carry: the bodies of the event packages that we serve (RFC 6665 §4.1.3).
//!
//! Bodies are printed, never parsed, with one exception: [`Sipfrag`] tells how somebody else's call goes.
//!
//! To add a package: its body in a file here with its RFC on the first line, a variant of [`Package`] and of [`Body`].

mod body;
mod dialog_info;
mod message_summary;
mod package;
mod presence;
mod sipfrag;
mod xml;

pub use body::Body;
pub use dialog_info::{DialogInfo, DialogNames, Extent, Initiator, Side, WatchedDialog, WatchedState};
pub use message_summary::MessageSummary;
pub use package::Package;
pub use presence::{Activity, PresenceDocument};
pub use sipfrag::Sipfrag;
