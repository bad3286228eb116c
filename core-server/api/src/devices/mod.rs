//! Phones and apps of an extension (S084, S088, S091).

mod create;
mod list;
mod remove;
mod sip_settings;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_devices, create::create_device))
        .routes(routes!(remove::remove_device))
        .routes(routes!(sip_settings::read_sip_settings))
}
