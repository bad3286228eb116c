//! Contacts and their speed dials (S227).

mod create;
mod list;
mod read;
mod remove;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list::list_contacts, create::create_contact))
        .routes(routes!(
            read::read_contact,
            update::update_contact,
            remove::remove_contact
        ))
}
