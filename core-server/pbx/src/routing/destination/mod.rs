//! What a call can be sent to; one file each.

pub(super) mod extension;
