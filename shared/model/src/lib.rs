//! Every noun of the telephone exchange, once: ids, numbers, entities, drafts, causes, call events and records.
//!
//! Values that exist here are valid: numbers, names and passwords are parsed at the edge into these types.

mod access;
pub mod api;
mod audit;
mod call;
mod cause;
mod company;
mod contact;
mod destination;
mod device;
mod draft;
mod extension;
mod feature_code;
mod gateway;
mod id;
mod incoming_number;
mod interval;
mod journal;
pub mod limits;
mod media;
mod number;
mod password;
mod phone_number;
mod ring_group;
mod rule;
mod stock_file;
mod tenant;
mod usage;
mod user;

pub use access::AccessLevel;
pub use audit::{Actor, AuditEntry, Author, EntityKind};
pub use call::{CallDirection, CallLeg, CallRecord, LegRole, Outcome, Party};
pub use cause::HangupCause;
pub use company::{CallHandling, CompanySettings, HotDesk, Pin, PinError, SpeedDial};
pub use contact::{Contact, ContactSettings};
pub use destination::{Destination, ForwardTo};
pub use device::{Device, DeviceAuthentication, DeviceDraft};
pub use draft::{DraftProblem, Problem};
pub use extension::{Extension, ExtensionDraft, ExtensionKind};
pub use feature_code::{Argument, CodeClash, CodeText, CodeTextError, DialledFeature, FeatureCode, FeatureCodes};
pub use gateway::{
    Gateway, GatewayCredentials, GatewaySettings, GatewayTransport, IdentityHeader, NumberFormat, Source, SourceError,
};
pub use id::{
    AnnouncementId, BlockedCallerId, CallId, ContactId, DeviceId, ExtensionId, ForwardingRuleId, GatewayId, IntervalId,
    MailboxId, MenuId, NumberId, QueueId, Revision, RingGroupId, TenantId, UserId,
};
pub use incoming_number::{
    IncomingNumber, IncomingNumberSettings, NumberCapabilities, NumberCapability, NumberKind, StockNumber, StockPlace,
    StockSearch,
};
pub use interval::{
    DatedRange, Interval, IntervalError, IntervalSettings, Region, TimeOfDay, Weekday, WeeklyRange, When, YearDay,
    YearlyRange,
};
pub use journal::{CallEvent, JournalEntry};
pub use media::{LegId, MediaFigures};
pub use number::{ExtensionNumber, NumberError, SipUsername};
pub use password::{PasswordWeakness, check_password};
pub use phone_number::{AreaCode, AreaCodeError, PhoneNumber, PhoneNumberError};
pub use ring_group::{RingGroup, RingGroupSettings, RingStrategy};
pub use rule::{
    BlockedCaller, BlockedMatch, CallStatus, ForwardingAction, ForwardingRule, ForwardingRuleSettings, NumberPrefix,
    NumberPrefixError, RoutingRule, RuleKey, RuleKeyError,
};
pub use stock_file::{StockLineError, StockLines};
pub use tenant::{Tenant, TenantConfiguration, TenantTerms};
pub use usage::{Use, UseKind};
pub use user::{User, UserDraft, Username};
