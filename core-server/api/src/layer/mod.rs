//! What happens around every handler.

mod headers;
mod log;
mod run;

pub(crate) use headers::security_headers;
pub(crate) use log::log;
pub(crate) use run::{InFlight, run};
