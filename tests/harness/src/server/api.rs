//! The server's API as one user sees it, in the types that the API is made of.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wigwag_model::api::{
    CallTrace, CallView, DeviceRequest, DeviceView, ExtensionChange, ExtensionView, LiveCall, Page, SipSettings,
};
use wigwag_model::{CallId, DeviceAuthentication, DeviceId, ExtensionId};

use super::ready::User;
use crate::patience::{PATIENCE, within};

/// How often the API is asked again for what it cannot announce.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// The server's API for somebody who has signed in.
#[derive(Clone, Debug)]
pub struct Api {
    client: Client,
    root: String,
    token: String,
}

impl Api {
    pub(super) async fn sign_in(root: &str, user: &User) -> Api {
        let client = Client::builder()
            .no_proxy()
            .build()
            .expect("an HTTP client can be made");
        let credentials = json!({ "username": user.username, "password": user.password });
        let signed_in: Value = answer_of(client.post(format!("{root}/v1/sessions")).json(&credentials)).await;
        let token = signed_in["token"]
            .as_str()
            .expect("signing in gives a token")
            .to_owned();
        Api {
            client,
            root: root.to_owned(),
            token,
        }
    }

    /// Waits until so many calls stand in the history; the newest is the first.
    pub async fn history(&self, calls: usize) -> Vec<CallView> {
        self.until("the history", "/v1/calls?limit=200", |page: Page<CallView>| {
            (page.items.len() >= calls).then_some(page.items)
        })
        .await
    }

    /// Waits until so many calls are going on.
    pub async fn live_calls(&self, calls: usize) -> Vec<LiveCall> {
        self.until("the live calls", "/v1/live_calls", |page: Page<LiveCall>| {
            (page.items.len() == calls).then_some(page.items)
        })
        .await
    }

    /// Why a call went as it did.
    pub async fn trace(&self, call: CallId) -> CallTrace {
        self.get(&format!("/v1/calls/{call}/trace")).await
    }

    /// The company's extensions.
    pub async fn extensions(&self) -> Vec<ExtensionView> {
        self.get::<Page<ExtensionView>>("/v1/extensions").await.items
    }

    /// Changes an extension.
    pub async fn change_extension(&self, extension: ExtensionId, change: &ExtensionChange) -> ExtensionView {
        let address = format!("{}/v1/extensions/{extension}", self.root);
        answer_of(self.client.patch(address).bearer_auth(&self.token).json(change)).await
    }

    /// Waits until the only call that is going on is as `wanted` wants it.
    pub async fn live_call(&self, wanted: impl Fn(&LiveCall) -> bool) -> LiveCall {
        self.until("the live call", "/v1/live_calls", |page: Page<LiveCall>| {
            let [call] = <[LiveCall; 1]>::try_from(page.items).ok()?;
            wanted(&call).then_some(call)
        })
        .await
    }

    /// Removes an extension.
    pub async fn remove_extension(&self, extension: ExtensionId) {
        self.remove(&format!("/v1/extensions/{extension}")).await;
    }

    /// The devices of an extension.
    pub async fn devices(&self, extension: ExtensionId) -> Vec<DeviceView> {
        let path = format!("/v1/extensions/{extension}/devices");
        self.get::<Page<DeviceView>>(&path).await.items
    }

    /// Adds a device to an extension, and tells what has to be typed into it.
    pub async fn add_device(&self, extension: ExtensionId, name: &str) -> (DeviceView, SipSettings) {
        self.add_device_with(extension, name, None).await
    }

    /// As [`Api::add_device`], with this kind of proof.
    pub async fn add_device_with(
        &self,
        extension: ExtensionId,
        name: &str,
        authentication: Option<DeviceAuthentication>,
    ) -> (DeviceView, SipSettings) {
        let request = DeviceRequest {
            name: name.to_owned(),
            authentication,
        };
        let path = format!("/v1/extensions/{extension}/devices");
        let device: DeviceView = answer_of(self.request(Method::POST, &path, Some(&request))).await;
        let settings = self.get(&format!("/v1/devices/{}/sip_settings", device.id)).await;
        (device, settings)
    }

    /// Signs a device out for good.
    pub async fn remove_device(&self, device: DeviceId) {
        self.remove(&format!("/v1/devices/{device}")).await;
    }

    /// With which status `path` is answered.
    pub async fn status_of(&self, path: &str) -> u16 {
        let response = self.request::<()>(Method::GET, path, None).send().await;
        response.expect("the server answers").status().as_u16()
    }

    /// Sends `body` to `path`, and tells what is answered.
    ///
    /// # Panics
    ///
    /// When the server refuses, or answers something else.
    pub async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: &impl Serialize) -> T {
        answer_of(self.request(method, path, Some(body))).await
    }

    async fn remove(&self, path: &str) {
        let response = self.request::<()>(Method::DELETE, path, None).send().await;
        let status = response.expect("the server answers").status();
        assert!(status.is_success(), "{path}: {status}");
    }

    fn request<T: Serialize>(&self, method: Method, path: &str, body: Option<&T>) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.root));
        let request = request.bearer_auth(&self.token);
        body.iter().fold(request, |request, body| request.json(body))
    }

    /// What is at `path`, such as `/v1/me`.
    ///
    /// # Panics
    ///
    /// When the server refuses, or answers something else.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        answer_of(self.client.get(format!("{}{path}", self.root)).bearer_auth(&self.token)).await
    }

    /// Asks for `path` until `wanted` makes something of the answer: the API announces nothing by itself yet.
    async fn until<T: DeserializeOwned, R>(&self, what: &str, path: &str, wanted: impl Fn(T) -> Option<R>) -> R {
        let asking = async {
            let mut again = tokio::time::interval(ASK_AGAIN);
            loop {
                again.tick().await;
                if let Some(found) = wanted(self.get(path).await) {
                    return found;
                }
            }
        };
        match within(PATIENCE, asking).await {
            Some(found) => found,
            None => panic!(
                "{what} did not become what was waited for; now: {}",
                self.get::<Value>(path).await
            ),
        }
    }
}

async fn answer_of<T: DeserializeOwned>(request: RequestBuilder) -> T {
    let response = request.send().await.expect("the server answers");
    let (status, path) = (response.status(), response.url().path().to_owned());
    let text = response.text().await.expect("the server finishes its answer");
    assert!(status.is_success(), "{path}: {status}: {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
}
