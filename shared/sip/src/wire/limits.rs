//! How much of a peer's message is read before it is refused.

/// Octets of one received message, body included.
pub const MAX_MESSAGE: usize = 65_536;
/// Header fields of one received message.
pub const MAX_HEADERS: usize = 200;
/// Octets of one received header field, name and folding included.
pub const MAX_HEADER: usize = 8_192;
/// Values of one list header of one message: Via, Contact, Route, …
pub const MAX_VALUES: usize = 100;
/// Parameters of one header value, and of one URI.
pub const MAX_PARAMS: usize = 64;
/// Octets of one received body.
pub const MAX_BODY: usize = 32_768;
