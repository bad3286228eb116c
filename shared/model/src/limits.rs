//! Limits of what people may type and have; shells and screens read them from here.

use std::ops::RangeInclusive;

/// Seconds that an extension rings unless told otherwise.
pub const RING_TIMEOUT_S: u16 = 30;
/// Seconds that an extension may ring.
pub const RING_TIMEOUTS_S: RangeInclusive<u16> = 5..=180;
/// Live registrations of one extension at a time (S091, A47).
pub const BINDINGS_PER_EXTENSION: usize = 5;
/// Devices that may have credentials for one extension.
pub const DEVICES_PER_EXTENSION: usize = 25;
/// Characters of a name of anything.
pub const NAME_CHARS: usize = 80;
/// Characters of a sign-in name, at least and at most (S024).
pub const USERNAME_CHARS: RangeInclusive<usize> = 6..=64;
/// Characters of a sign-in password (S032).
pub const PASSWORD_CHARS: RangeInclusive<usize> = 8..=50;
/// Calls that a company may have at a time unless support has set another figure (S093).
pub const CONCURRENT_CALLS: u32 = 50;
/// Symbols of a device's SIP password, five bits each.
pub const SIP_PASSWORD_SYMBOLS: usize = 24;
/// Characters of a description.
pub const DESCRIPTION_CHARS: usize = 500;
/// Networks that one carrier sends from.
pub const SOURCES_PER_GATEWAY: usize = 100;
/// Characters of a host name (RFC 1035 §2.3.4).
pub const HOST_CHARS: usize = 253;
/// Ranges of one time interval.
pub const RANGES_PER_INTERVAL: usize = 100;
/// Routing rules of one number.
pub const RULES_PER_NUMBER: usize = 50;
/// Forwarding rules of one extension.
pub const RULES_PER_EXTENSION: usize = 50;
/// Members of one ring group.
pub const MEMBERS_PER_GROUP: usize = 100;
/// Seconds after which the next member of a cascade rings.
pub const CASCADE_DELAYS_S: RangeInclusive<u16> = 1..=120;
/// Digits behind `*0` (S227).
pub const SPEED_DIALS: RangeInclusive<u16> = 1..=9999;
/// Times that one call may be sent on before it goes no further (A30).
pub const HOPS_PER_CALL: usize = 5;
/// Numbers that can be taken from the stock at a time.
pub const NUMBERS_AT_A_TIME: usize = 20;
/// Calls that the platform's operator may let a company have at a time (S093).
pub const CONCURRENT_CALLS_MOST: u32 = 100_000;
/// Contacts of a company.
pub const CONTACTS: usize = 10_000;
/// Entries of a company's list of blocked callers.
pub const BLOCKED_CALLERS: usize = 10_000;
