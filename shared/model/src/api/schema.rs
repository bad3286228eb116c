//! OpenAPI schemas of the model's own ids and words; the wire types beside this file derive theirs.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use super::Timestamp;
use crate::{
    AccessLevel, CallDirection, CallId, DeviceAuthentication, DeviceId, ExtensionId, HangupCause, LegRole, Outcome,
    TenantId, UserId,
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
    Timestamp: "date-time", "A moment in UTC with milliseconds (RFC 3339).";
}

word_schemas! {
    AccessLevel: "What a person may do; each level includes the ones before it.", Extension Admin Owner;
    CallDirection: "Where a call comes from and goes to, seen from the company.", Internal Inbound Outbound;
    DeviceAuthentication: "The digest algorithm that a device is challenged with.", Md5 Sha256;
    LegRole: "Which side of a call a leg is.", Caller Callee;
    Outcome: "What became of a call.", Answered NoAnswer Busy Declined Blocked Failed;
    HangupCause: "Why a call or a leg ended.",
        NormalClearing CallerGaveUp AnsweredElsewhere Busy NoAnswer Declined NoDevice UnknownNumber IncompleteNumber
        NotAllowed Blocked LimitReached NoCredit NoCommonCodec NetworkFailure MediaLost ServerRestarted;
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
