//! How our types stand in a column: as text, as a 64-bit integer, as a boolean or as bytes.

use std::str::FromStr;

use wigwag_model::{
    AccessLevel, AreaCode, BlockedCallerId, CallDirection, CallId, ContactId, DeviceAuthentication, DeviceId,
    EntityKind, ExtensionId, ExtensionNumber, ForwardingRuleId, GatewayId, HangupCause, IntervalId, LegId, LegRole,
    NumberId, NumberKind, Outcome, PhoneNumber, Revision, RingGroupId, SipUsername, TenantId, UserId, Username,
};
use wigwag_sansio::{Pii, Utc};

use super::Row;

/// A value as the database knows it; `None` is NULL.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Boolean(Option<bool>),
    Bytes(Option<Vec<u8>>),
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Value::Text(_) => "text",
            Value::Integer(_) => "integer",
            Value::Boolean(_) => "boolean",
            Value::Bytes(_) => "bytes",
        })
    }
}

/// What may stand in a parameter and in a column: a [`Column`] type, or an `Option` of one.
pub(crate) trait Stored: Sized {
    /// The value to write.
    fn store(&self) -> Value;
    /// The value in `column` of `row`, unless it is not one of ours.
    fn load(row: &Row, column: &'static str) -> Option<Self>;
}

/// A type with one of the four raw types behind it.
pub(crate) trait Column: Sized {
    /// How the database keeps it.
    type Raw: Raw;
    /// The raw value to write.
    fn to_raw(&self) -> Self::Raw;
    /// The value that `raw` stands for, if any.
    fn from_raw(raw: Self::Raw) -> Option<Self>;
}

/// One of the four types that both databases have.
pub(crate) trait Raw: Sized {
    fn value(raw: Option<Self>) -> Value;
    fn fetch(row: &Row, column: &str) -> Option<Option<Self>>;
}

impl<T: Column> Stored for T {
    fn store(&self) -> Value {
        Raw::value(Some(self.to_raw()))
    }

    fn load(row: &Row, column: &'static str) -> Option<Self> {
        T::from_raw(T::Raw::fetch(row, column)??)
    }
}

impl<T: Column> Stored for Option<T> {
    fn store(&self) -> Value {
        Raw::value(self.as_ref().map(T::to_raw))
    }

    fn load(row: &Row, column: &'static str) -> Option<Self> {
        match T::Raw::fetch(row, column)? {
            Some(raw) => T::from_raw(raw).map(Some),
            None => Some(None),
        }
    }
}

macro_rules! raws {
    ($($type:ty: $variant:ident, $fetch:ident;)*) => {$(
        impl Raw for $type {
            fn value(raw: Option<Self>) -> Value {
                Value::$variant(raw)
            }

            fn fetch(row: &Row, column: &str) -> Option<Option<Self>> {
                row.$fetch(column)
            }
        }

        impl Column for $type {
            type Raw = $type;

            fn to_raw(&self) -> $type {
                self.clone()
            }

            fn from_raw(raw: $type) -> Option<Self> {
                Some(raw)
            }
        }
    )*};
}

raws! {
    String: Text, text;
    i64: Integer, integer;
    bool: Boolean, boolean;
    Vec<u8>: Bytes, bytes;
}

/// Types whose `Display` and `FromStr` are each other's inverse.
macro_rules! texts {
    ($($type:ty),*) => {$(
        impl Column for $type {
            type Raw = String;

            fn to_raw(&self) -> String {
                self.to_string()
            }

            fn from_raw(raw: String) -> Option<Self> {
                <$type>::from_str(&raw).ok()
            }
        }
    )*};
}

texts!(
    AreaCode,
    GatewayId,
    NumberId,
    TenantId,
    UserId,
    ExtensionId,
    DeviceId,
    CallId,
    RingGroupId,
    IntervalId,
    ForwardingRuleId,
    BlockedCallerId,
    ContactId,
    ExtensionNumber,
    PhoneNumber,
    SipUsername,
    Username
);

/// Enums with a word for each variant.
macro_rules! words {
    ($($type:ty),*) => {$(
        impl Column for $type {
            type Raw = String;

            fn to_raw(&self) -> String {
                self.as_str().to_owned()
            }

            fn from_raw(raw: String) -> Option<Self> {
                <$type>::from_word(&raw)
            }
        }
    )*};
}

words!(
    AccessLevel,
    NumberKind,
    EntityKind,
    DeviceAuthentication,
    CallDirection,
    Outcome,
    LegRole,
    HangupCause
);

/// Unsigned numbers; what does not fit a signed 64-bit integer is kept as the greatest that does.
macro_rules! numbers {
    ($($type:ty),*) => {$(
        impl Column for $type {
            type Raw = i64;

            fn to_raw(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }

            fn from_raw(raw: i64) -> Option<Self> {
                <$type>::try_from(raw).ok()
            }
        }
    )*};
}

numbers!(u16, u32, u64);

impl Column for Utc {
    type Raw = i64;

    fn to_raw(&self) -> i64 {
        self.as_millis()
    }

    fn from_raw(raw: i64) -> Option<Self> {
        Some(Utc::from_millis(raw))
    }
}

impl Column for Revision {
    type Raw = i64;

    fn to_raw(&self) -> i64 {
        i64::from(self.0)
    }

    fn from_raw(raw: i64) -> Option<Self> {
        u32::try_from(raw).ok().map(Revision)
    }
}

impl Column for LegId {
    type Raw = i64;

    fn to_raw(&self) -> i64 {
        i64::from(self.0)
    }

    fn from_raw(raw: i64) -> Option<Self> {
        u16::try_from(raw).ok().map(LegId)
    }
}

impl<T: Column> Column for Pii<T> {
    type Raw = T::Raw;

    fn to_raw(&self) -> T::Raw {
        self.expose().to_raw()
    }

    fn from_raw(raw: T::Raw) -> Option<Self> {
        T::from_raw(raw).map(Pii::new)
    }
}
