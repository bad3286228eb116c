//! Every noun of the telephone exchange, once: ids, numbers, entities, drafts, causes, call events and records.
//!
//! Values that exist here are valid: numbers, names and passwords are parsed at the edge into these types.

mod access;
pub mod api;
mod call;
mod cause;
mod device;
mod draft;
mod extension;
mod id;
mod journal;
pub mod limits;
mod media;
mod number;
mod password;
mod tenant;
mod user;

pub use access::AccessLevel;
pub use call::{CallDirection, CallLeg, CallRecord, LegRole, Outcome, Party};
pub use cause::HangupCause;
pub use device::{Device, DeviceAuthentication, DeviceDraft};
pub use draft::{DraftProblem, Problem};
pub use extension::{Extension, ExtensionDraft};
pub use id::{CallId, DeviceId, ExtensionId, TenantId, UserId};
pub use journal::{CallEvent, JournalEntry};
pub use media::{LegId, MediaFigures};
pub use number::{ExtensionNumber, NumberError, SipUsername};
pub use password::{PasswordWeakness, check_password};
pub use tenant::{Tenant, TenantConfiguration};
pub use user::{User, UserDraft, Username};
