//! OpenAPI schemas of the model's own ids and words; the wire types beside this file derive theirs.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use super::Timestamp;
use crate::{
    AccessLevel, AnnouncementId, AreaCode, BlockedCallerId, CallDirection, CallId, CodeText, ContactId,
    DeviceAuthentication, DeviceId, EntityKind, ExtensionId, ExtensionNumber, ForwardingRuleId, GatewayId, HangupCause,
    IntervalId, LegRole, MailboxId, MenuId, NumberId, NumberKind, NumberPrefix, Outcome, PhoneNumber, QueueId,
    Revision, RingGroupId, RuleKey, Source, TenantId, TimeOfDay, UserId, YearDay,
};

macro_rules! text_schemas {
    ($($name:ident: $format:literal, $description:literal;)*) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                text($format, $description)
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

macro_rules! word_schemas {
    ($($name:ident: $description:literal, $($variant:ident)+;)*) => {$(
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                // A variant missing in the list does not compile.
                let listed = |value: $name| match value {
                    $($name::$variant)|+ => value.as_str(),
                };
                words([$(listed($name::$variant)),+], $description)
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }
        }
    )*};
}

text_schemas! {
    TenantId: "uuid", "A customer company.";
    UserId: "uuid", "A person who signs in.";
    ExtensionId: "uuid", "A 3-digit internal number and what rings there.";
    DeviceId: "uuid", "One registered phone or app with a SIP password of its own.";
    CallId: "uuid", "One conversation.";
    NumberId: "uuid", "A public number of a company.";
    GatewayId: "uuid", "A SIP connection to a carrier.";
    RingGroupId: "uuid", "A ring group.";
    QueueId: "uuid", "A call queue.";
    MenuId: "uuid", "A voice menu.";
    MailboxId: "uuid", "A mailbox shared by a team.";
    AnnouncementId: "uuid", "An announcement.";
    IntervalId: "uuid", "A time interval.";
    ForwardingRuleId: "uuid", "A forwarding rule of an extension.";
    BlockedCallerId: "uuid", "An entry of the list of blocked callers.";
    ContactId: "uuid", "An entry of the phone book.";
    ExtensionNumber: "internal-number", "What colleagues dial: three digits, not 999 or 112.";
    PhoneNumber: "phone-number", "A public telephone number; answers have it in international form, `+441632960123`.";
    AreaCode: "area-code", "An area code of the United Kingdom, for example `01632`.";
    NumberPrefix: "number-prefix", "The first 3 to 14 digits of numbers; answers have them in international form.";
    RuleKey: "rule-key", "Two digits, 00 to 99.";
    CodeText: "star-code", "2 to 6 of the keys 0-9, * and #, beginning with *.";
    TimeOfDay: "time-of-day", "A minute of a day, `HH:MM`.";
    YearDay: "year-day", "A day of every year, `MM-DD`.";
    Source: "network", "An address or a network, for example `192.0.2.0/24`.";
    Timestamp: "date-time", "A moment in UTC with milliseconds (RFC 3339).";
}

word_schemas! {
    AccessLevel: "What a person may do; each level includes the ones before it.", Extension Admin Owner;
    CallDirection: "Where a call comes from and goes to, seen from the company.", Internal Inbound Outbound;
    DeviceAuthentication: "The digest algorithm that a device is challenged with.", Md5 Sha256;
    EntityKind: "The kinds of things that the audit log tells of.",
        Tenant Settings User Extension Device Number ApprovedCallerId RingGroup Interval ForwardingRule BlockedCaller
        HotDesk FeatureCodes Contact Pin Gateway NumberStock;
    LegRole: "Which side of a call a leg is.", Caller Callee;
    NumberKind: "What kind of number it is.", Geographic NonGeographic Mobile Other;
    Outcome: "What became of a call.", Answered NoAnswer Busy Declined Blocked Failed;
    HangupCause: "Why a call or a leg ended.",
        NormalClearing CallerGaveUp AnsweredElsewhere Busy NoAnswer Declined NoDevice UnknownNumber IncompleteNumber
        NotAllowed Blocked LimitReached NoCredit NoCommonCodec NetworkFailure MediaLost ServerRestarted NotAvailable;
}

impl PartialSchema for Revision {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0))
            .description(Some("Counts changes: a change says which one it is based on."))
            .into()
    }
}

impl ToSchema for Revision {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Revision")
    }
}

fn text(format: &str, description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom(format.to_owned())))
        .description(Some(description))
        .into()
}

fn words<const N: usize>(words: [&'static str; N], description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .description(Some(description))
        .into()
}
