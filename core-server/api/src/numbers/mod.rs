//! The company's public numbers (S047–S059).

mod give_back;
mod list;
mod read;
mod search;
mod take;
mod update;

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::ApiState;

pub(crate) fn endpoints() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(search::search_number_stock))
        .routes(routes!(list::list_numbers, take::take_numbers))
        .routes(routes!(
            read::read_number,
            update::update_number,
            give_back::give_back_number
        ))
}
