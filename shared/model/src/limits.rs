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
