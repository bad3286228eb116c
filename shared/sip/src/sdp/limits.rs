//! What one body may contain; more is an attack or a mistake, never a call.

/// Bytes of a whole body (design defaults: body 32 KiB).
pub const MAX_BODY_BYTES: usize = 32 * 1024;
/// Media sections (`m=` lines).
pub const MAX_MEDIA: usize = 16;
/// Formats listed by one `m=` line.
pub const MAX_FORMATS: usize = 64;
/// Attributes (`a=` lines) of one section.
pub const MAX_ATTRIBUTES: usize = 128;
/// Other lines of one section.
pub const MAX_LINES: usize = 64;
/// Bytes of format parameters that are carried to another leg; a format with more is passed over.
/// All formats of an `m=` line with all their parameters still make a body that can be read.
pub const MAX_FMTP_BYTES: usize = 256;
