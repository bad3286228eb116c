//! Who is asking, where only operators may: for others nothing is here.

use axum::{extract::FromRequestParts, http::request::Parts};
use wigwag_model::{Author, TenantId, User};
use wigwag_store::{PlatformTx, StoreError, TenantTx};

use crate::{ApiState, access::NotFound, caller::Caller, error::ApiError};

/// The operator who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Operator(pub(crate) User);

impl Operator {
    /// Begins to change what belongs to the platform.
    pub(crate) async fn change_platform(&self, api: &ApiState) -> Result<PlatformTx, StoreError> {
        api.store().write_platform(self.author(api)).await
    }

    /// Begins to change the company `tenant`, if there is one.
    pub(crate) async fn change_tenant(&self, api: &ApiState, tenant: TenantId) -> Result<TenantTx, ApiError> {
        match api.store().write(tenant, self.author(api)).await {
            Err(StoreError::NoTenant) => Err(NotFound.into()),
            tx => Ok(tx?),
        }
    }

    fn author(&self, api: &ApiState) -> Author {
        Author::operator(&self.0, api.now().utc)
    }
}

impl FromRequestParts<ApiState> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, api: &ApiState) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, api).await?;
        if caller.user.operator {
            Ok(Operator(caller.user))
        } else {
            Err(NotFound.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Method;

    use crate::testing::TestApi;

    #[tokio::test]
    async fn for_everybody_but_operators_nothing_of_the_platform_is_there() {
        let (mut api, acme) = TestApi::with_company().await;
        let document = serde_json::to_value(crate::openapi()).expect("a document");
        let mut tried = 0;
        for (path, item) in document["paths"].as_object().expect("paths") {
            if !path.starts_with("/v1/platform/") {
                continue;
            }
            let path = path
                .replace("{tenant_id}", &acme.tenant.id.to_string())
                .replace("{gateway_id}", &api.gateway().await.to_string());
            for method in item.as_object().expect("operations").keys() {
                let method: Method = method.to_uppercase().parse().expect("a method");
                for person in [&acme.owner, &acme.admin, &acme.receptionist] {
                    let answer = api.send(method.clone(), &path, Some(person), None).await;
                    answer.expect_refusal(404, "not_found");
                }
                let answer = api.send(method.clone(), &path, None, None).await;
                answer.expect_refusal(401, "not_signed_in");
                tried += 1;
            }
        }
        assert!(tried >= 13, "{tried}");
        let operator = acme.make_operator(&mut api).await;
        api.get(operator, "/v1/platform/gateways").await.expect(200);
    }
}
