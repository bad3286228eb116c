//! Shows one finished call.

use axum::{Json, extract::State};
use wigwag_model::{CallId, api::CallView};

use crate::{
    ApiState,
    access::{NotFound, Reach},
    caller::Caller,
    error::ApiError,
    extract::Id,
};

/// Show a finished call
#[utoipa::path(
    get,
    path = "/v1/calls/{call_id}",
    tag = "calls",
    security(("bearer" = [])),
    params(("call_id" = CallId, Path, description = "The call")),
    responses(
        (status = 200, description = "The call with its legs", body = CallView),
        (status = 404, description = "There is no such finished call"),
    )
)]
pub(crate) async fn read_call(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<CallId>,
) -> Result<Json<CallView>, ApiError> {
    let record = api.store().read(caller.tenant()).await?.call_record(id).await?;
    let call = CallView::from(record.ok_or(NotFound)?);
    let within_reach = match caller.reach() {
        Reach::All => true,
        Reach::Own(own) => own.is_some_and(|own| call.involves(own)),
    };
    if within_reach {
        Ok(Json(call))
    } else {
        Err(NotFound.into())
    }
}

#[cfg(test)]
mod tests {
    use wigwag_model::HangupCause;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn it_tells_who_called_whom_when_and_how_it_ended() {
        let (mut api, acme) = TestApi::with_company().await;
        let now = api.now().utc;
        let call = acme.record_call(&mut api, now, HangupCause::AnsweredElsewhere).await;
        let shown = api
            .get(&acme.receptionist, &format!("/v1/calls/{}", call.id))
            .await
            .expect(200);
        assert_eq!(shown["direction"], "internal");
        assert_eq!(shown["caller"]["extension_number"], "101");
        assert_eq!(shown["callee"]["extension_id"], acme.workshop.id.to_string());
        assert_eq!(shown["dialled"], "102");
        assert_eq!(shown["started_at"], "2026-01-01T09:00:00.000Z");
        assert_eq!(shown["cause"], "answered_elsewhere");
        assert_eq!(shown["cause_words"], "Answered elsewhere");
        assert_eq!(shown["legs"][1]["role"], "callee");
        assert_eq!(shown["legs"][1]["device_id"], acme.workshop_phone.id.to_string());
    }
}
