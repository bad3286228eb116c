//! Explains one call, finished or running: what was decided and why, and its SIP ladder.

use axum::{Json, extract::State};
use wigwag_model::{CallId, api::CallTrace};

use crate::{
    ApiState,
    access::{Function, NotFound},
    caller::Caller,
    error::ApiError,
    extract::Id,
};

/// Explain a call
///
/// The decisions in sentences and the SIP messages with secrets masked; kept for some days. Admins and owners only.
#[utoipa::path(
    get,
    path = "/v1/calls/{call_id}/trace",
    tag = "calls",
    security(("bearer" = [])),
    params(("call_id" = CallId, Path, description = "The call, finished or running")),
    responses(
        (status = 200, description = "The explanation", body = CallTrace),
        (status = 403, description = "The access level does not allow it"),
        (status = 404, description = "There is no such call, or its explanation is no longer kept"),
    )
)]
pub(crate) async fn read_call_trace(
    State(api): State<ApiState>,
    caller: Caller,
    Id(id): Id<CallId>,
) -> Result<Json<CallTrace>, ApiError> {
    caller.require(Function::SeeTrace)?;
    if !is_own_call(&api, &caller, id).await? {
        return Err(NotFound.into());
    }
    let trace = api.switch().trace(caller.tenant(), id).await?;
    Ok(Json(trace.ok_or(NotFound)?))
}

/// Whether the call is the company's: the switch knows too, but that is not left to it alone.
async fn is_own_call(api: &ApiState, caller: &Caller, id: CallId) -> Result<bool, ApiError> {
    let finished = api.store().read(caller.tenant()).await?.call_record(id).await?;
    if finished.is_some() {
        return Ok(true);
    }
    let running = api.switch().live_calls(caller.tenant()).await?;
    Ok(running.iter().any(|call| call.id == id))
}

#[cfg(test)]
mod tests {
    use wigwag_model::{HangupCause, api::TraceStep};
    use wigwag_sansio::Pii;

    use super::*;
    use crate::testing::{Company, TestApi};

    fn trace() -> CallTrace {
        CallTrace {
            decision: vec![TraceStep {
                elapsed_ms: 1,
                text: Pii::new("102 is the extension Workshop".to_owned()),
            }],
            ..CallTrace::default()
        }
    }

    #[tokio::test]
    async fn admins_are_told_why_a_call_went_as_it_did_finished_or_running() {
        let (mut api, acme) = TestApi::with_company().await;
        let rival = Company::new(&mut api, "rival").await;
        let now = api.now().utc;
        let finished = acme.record_call(&mut api, now, HangupCause::Busy).await.id;
        let running = acme.start_call(&mut api);
        for call in [finished, running] {
            api.switch.traces.lock().push((call, trace()));
            let path = format!("/v1/calls/{call}/trace");
            let shown = api.get(&acme.admin, &path).await.expect(200);
            assert_eq!(shown["decision"][0]["text"], "102 is the extension Workshop");
            api.get(&acme.receptionist, &path)
                .await
                .expect_refusal(403, "not_allowed");
            api.get(&rival.owner, &path).await.expect_refusal(404, "not_found");
        }
    }

    #[tokio::test]
    async fn a_trace_that_is_no_longer_kept_is_not_found() {
        let (mut api, acme) = TestApi::with_company().await;
        let now = api.now().utc;
        let call = acme.record_call(&mut api, now, HangupCause::Busy).await.id;
        api.get(&acme.owner, &format!("/v1/calls/{call}/trace"))
            .await
            .expect_refusal(404, "not_found");
    }
}
