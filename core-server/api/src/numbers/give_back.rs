//! Gives a number back (S056, A45).

use axum::{extract::State, http::StatusCode};
use thiserror::Error;
use wigwag_model::{
    NumberId,
    api::{FieldError, GiveBackNumber},
};

use crate::{
    ApiState, DirectoryChange,
    access::{Function, NotFound},
    caller::Caller,
    error::{ApiError, NotLive, Refusal},
    extract::{Id, JsonBody},
};

/// What was typed is not the number.
#[derive(Clone, Copy, Debug, Error)]
#[error("type the number itself to give it back")]
struct NotConfirmed;

/// Give a number back
///
/// The body repeats the number, so that a slip of the mouse costs nobody theirs. For 30 days only the company itself can
/// take it again, after that everybody can. Owners only.
#[utoipa::path(
    delete,
    path = "/v1/numbers/{number_id}",
    tag = "numbers",
    security(("bearer" = [])),
    params(("number_id" = NumberId, Path, description = "The number")),
    request_body = GiveBackNumber,
    responses(
        (status = 204, description = "Given back"),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such number"),
        (status = 422, description = "What was typed is not the number"),
    )
)]
pub(crate) async fn give_back_number(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<NumberId>,
    JsonBody(request): JsonBody<GiveBackNumber>,
) -> Result<StatusCode, ApiError> {
    caller.require(Function::GiveBackNumber)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let number = tx.give_back_number(id).await?.ok_or(NotFound)?.number;
    if request.confirm != number {
        return Err(NotConfirmed.into());
    }
    let committed = tx.commit().await?;
    let change = DirectoryChange::NumberGivenBack { number };
    api.switch().directory_changed(change).await.map_err(NotLive::from)?;
    api.take_effect(tenant, committed).await?;
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, number.id = %id, "A number was given back.");
    Ok(StatusCode::NO_CONTENT)
}

impl Refusal for NotConfirmed {
    fn status(&self) -> StatusCode {
        StatusCode::UNPROCESSABLE_ENTITY
    }

    fn code(&self) -> &'static str {
        "not_confirmed"
    }

    fn fields(&self) -> Vec<FieldError> {
        vec![FieldError::new("confirm", "not_confirmed", "is not the number")]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        DirectoryChange,
        testing::{TestApi, Told},
    };

    #[tokio::test]
    async fn only_an_owner_who_types_the_number_gives_it_back() {
        let (api, acme) = TestApi::with_company().await;
        let path = format!("/v1/numbers/{}", acme.number.id);
        let confirm = json!({"confirm": acme.number.number.national()});
        api.delete_with(&acme.admin, &path, confirm.clone())
            .await
            .expect_refusal(403, "not_allowed");
        let wrong = json!({"confirm": "+441632960009"});
        api.delete_with(&acme.owner, &path, wrong)
            .await
            .expect_refusal(422, "not_confirmed");
        api.delete(&acme.owner, &path).await.expect_refusal(415, "not_json");
        assert!(api.switch.told().is_empty());
        api.get(&acme.owner, &path).await.expect(200);
        api.delete_with(&acme.owner, &path, confirm).await.expect(204);
        let number = acme.number.number.clone();
        let told = api.switch.told();
        assert_eq!(
            told[0],
            Told::DirectoryChanged(DirectoryChange::NumberGivenBack { number })
        );
        assert!(matches!(told[1], Told::ConfigurationChanged(tenant, _) if tenant == acme.tenant.id));
        api.get(&acme.owner, &path).await.expect_refusal(404, "not_found");
    }
}
