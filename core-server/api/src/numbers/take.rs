//! Takes numbers from the platform's stock (S009, S047).

use axum::{Json, extract::State, http::StatusCode};
use thiserror::Error;
use wigwag_model::{
    IncomingNumber,
    api::{FieldError, NumberView, Page, TakeNumbers},
};
use wigwag_store::StoreError;

use crate::{
    ApiState, DirectoryChange,
    access::Function,
    caller::Caller,
    error::{ApiError, NotLive, Refusal},
    extract::{FieldsRefused, JsonBody},
};

/// Somebody else has the number, or there is no such number.
#[derive(Clone, Copy, Debug, Error)]
#[error("a number is not free any more; none was taken")]
struct NumberGone {
    index: usize,
}

/// Take numbers
///
/// All of them or none. They can be called as soon as this is answered; where calls go is "not set" at first. Admins
/// and owners only.
#[utoipa::path(
    post,
    path = "/v1/numbers",
    tag = "numbers",
    security(("bearer" = [])),
    request_body = TakeNumbers,
    responses(
        (status = 201, description = "The numbers", body = Page<NumberView>),
        (status = 403, description = "The access level does not allow it"),
        (status = 409, description = "One of the numbers is not free"),
    )
)]
pub(crate) async fn take_numbers(
    State(api): State<ApiState>,
    caller: Caller,
    JsonBody(request): JsonBody<TakeNumbers>,
) -> Result<(StatusCode, Json<Page<NumberView>>), ApiError> {
    caller.require(Function::TakeNumber)?;
    let wanted = request.checked().map_err(FieldsRefused)?;
    let tenant = caller.tenant();
    let mut tx = api.change(&caller).await?;
    let taken = tx.take_numbers(&wanted, &mut api.entropy()).await.map_err(refused)?;
    let committed = tx.commit().await?;
    api.take_effect(tenant, committed).await?;
    for IncomingNumber { id, number, .. } in &taken {
        let change = DirectoryChange::NumberTaken {
            number: number.clone(),
            tenant,
            number_id: *id,
        };
        api.switch().directory_changed(change).await.map_err(NotLive::from)?;
    }
    tracing::info!(tenant.id = %tenant, user.id = %caller.user.id, numbers = taken.len(), "Numbers were taken.");
    let page = Page::whole(taken.into_iter().map(NumberView::from));
    Ok((StatusCode::CREATED, Json(page)))
}

fn refused(error: StoreError) -> ApiError {
    if let StoreError::NumberGone { index } = error {
        NumberGone { index }.into()
    } else {
        error.into()
    }
}

impl Refusal for NumberGone {
    fn status(&self) -> StatusCode {
        StatusCode::CONFLICT
    }

    fn code(&self) -> &'static str {
        "number_gone"
    }

    fn fields(&self) -> Vec<FieldError> {
        vec![FieldError::new(
            format!("numbers[{}]", self.index),
            "gone",
            "is not free",
        )]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        DirectoryChange,
        testing::{Company, TestApi, Told},
    };

    #[tokio::test]
    async fn it_is_answered_after_the_switch_knows_whose_the_numbers_are() {
        let (api, acme) = TestApi::with_company().await;
        api.stock(&["+441632960001", "+441632960002"]).await;
        let body = json!({"numbers": ["01632 960002", "+441632960001"]});
        let taken = api.post(&acme.admin, "/v1/numbers", body).await.expect(201);
        assert_eq!(taken["items"][0]["number"], "+441632960002");
        assert_eq!(taken["items"][0]["revision"], 0);
        let told = api.switch.told();
        assert!(matches!(told[0], Told::ConfigurationChanged(tenant, _) if tenant == acme.tenant.id));
        let change = |item: &serde_json::Value| DirectoryChange::NumberTaken {
            number: item["number"]
                .as_str()
                .and_then(|text| text.parse().ok())
                .expect("a number"),
            tenant: acme.tenant.id,
            number_id: item["id"].as_str().and_then(|text| text.parse().ok()).expect("an id"),
        };
        let items = taken["items"].as_array().expect("items");
        let expected: Vec<_> = items.iter().map(|item| Told::DirectoryChanged(change(item))).collect();
        assert_eq!(told[1..], expected);
    }

    #[tokio::test]
    async fn a_number_that_somebody_has_is_named_and_nothing_is_taken() {
        let mut api = TestApi::new().await;
        let acme = Company::new(&mut api, "acme").await;
        let rival = Company::new(&mut api, "rival").await;
        api.stock(&["+441632960001"]).await;
        for gone in [
            rival.number.number.as_str(),
            "+441632960009",
            acme.number.number.as_str(),
        ] {
            let body = json!({"numbers": ["+441632960001", gone]});
            let problem = api.post(&acme.owner, "/v1/numbers", body).await;
            assert_eq!(
                problem.expect_refusal(409, "number_gone")["errors"][0]["field"],
                "numbers[1]"
            );
        }
        assert!(api.switch.told().is_empty());
        let listed = api.get(&acme.owner, "/v1/numbers").await.expect(200);
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
        let body = json!({"numbers": ["+441632960001"]});
        api.post(&acme.receptionist, "/v1/numbers", body)
            .await
            .expect_refusal(403, "not_allowed");
        for body in [
            json!({"numbers": []}),
            json!({"numbers": ["960001"]}),
            json!({"number": "+441632960001"}),
        ] {
            api.post(&acme.owner, "/v1/numbers", body)
                .await
                .expect_refusal(422, "invalid_fields");
        }
    }
}
