//! Requests through the router, as a client would make them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use parking_lot::Mutex;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use wigwag_model::{
    Author, GatewayId, GatewaySettings, NumberCapabilities, NumberKind, PhoneNumber, StockNumber,
    api::{SipServer, SipTransport},
};
use wigwag_sansio::{Entropy, Now, Secret, testing::VirtualClock};
use wigwag_store::Store;

use super::{Company, Person, RememberingSwitch, conformance};
use crate::{ApiParts, ApiSettings, ApiState, Clock, NoRoom, SipLine, SipPort, SwitchPort, router};

/// The API and all that it stands on.
pub(crate) struct TestApi {
    pub(crate) store: Store,
    pub(crate) switch: Arc<RememberingSwitch>,
    pub(crate) entropy: Entropy,
    clock: Arc<TestClock>,
    router: Router,
    peer: SocketAddr,
    _folder: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

#[derive(Default)]
struct TestClock(Mutex<VirtualClock>);

impl Clock for TestClock {
    fn now(&self) -> Now {
        self.0.lock().now()
    }
}

/// Nobody speaks SIP here.
struct NoSip;

impl SipPort for NoSip {
    fn attach(&self, _: SipLine) -> Result<(), NoRoom> {
        Err(NoRoom)
    }
}

impl TestApi {
    /// An API with nobody in it.
    pub(crate) async fn new() -> Self {
        TestApi::with_sip(Arc::new(NoSip)).await
    }

    /// An API with nobody in it that hands WebSockets to `sip`.
    pub(crate) async fn with_sip(sip: Arc<dyn SipPort>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut entropy = Entropy::from_number(7);
        let url = test_postgres::new_database();
        let store = Store::open(folder.path(), url.as_deref(), &mut entropy)
            .await
            .expect("a store");
        let (switch, clock) = (Arc::<RememberingSwitch>::default(), Arc::<TestClock>::default());
        let settings = ApiSettings {
            sip_domain: "pbx.example".to_owned(),
            sip_servers: vec![SipServer::new(SipTransport::Udp, "192.0.2.10", 5060)],
            trusted_proxies: vec![[192, 0, 2, 2].into()],
            outbound_proxy: Some("192.0.2.10:5060".to_owned()),
            web_origins: Vec::new(),
            metrics_token: Some(Secret::new("metrics-token".to_owned())),
        };
        let port: Arc<dyn SwitchPort> = Arc::<RememberingSwitch>::clone(&switch);
        let state = ApiState::new(ApiParts {
            store: store.clone(),
            switch: port,
            clock: Arc::<TestClock>::clone(&clock),
            entropy: entropy.fork(),
            pins: Arc::default(),
            settings,
        });
        TestApi {
            store,
            switch,
            entropy,
            clock,
            router: router(state, sip),
            peer: SocketAddr::from(([192, 0, 2, 77], 40_000)),
            _folder: folder,
        }
    }

    /// An API with one company in it.
    pub(crate) async fn with_company() -> (Self, Company) {
        let mut api = TestApi::new().await;
        let company = Company::new(&mut api, "acme").await;
        (api, company)
    }

    /// All routes.
    pub(crate) fn router(&self) -> &Router {
        &self.router
    }

    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    pub(crate) fn advance(&self, duration: Duration) {
        self.clock.0.lock().advance(duration);
    }

    /// Lets the requests that follow come from elsewhere.
    pub(crate) fn come_from(&mut self, address: &str) {
        self.peer.set_ip(address.parse().expect("an address"));
    }

    pub(crate) async fn get(&self, person: &Person, path: &str) -> Answer {
        self.send(Method::GET, path, Some(person), None).await
    }

    pub(crate) async fn post(&self, person: &Person, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(person), Some(body)).await
    }

    pub(crate) async fn put(&self, person: &Person, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(person), Some(body)).await
    }

    pub(crate) async fn patch(&self, person: &Person, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(person), Some(body)).await
    }

    pub(crate) async fn delete(&self, person: &Person, path: &str) -> Answer {
        self.send(Method::DELETE, path, Some(person), None).await
    }

    pub(crate) async fn delete_with(&self, person: &Person, path: &str, body: Value) -> Answer {
        self.send(Method::DELETE, path, Some(person), Some(body)).await
    }

    /// Puts `numbers` of an area called Nowhere into the platform's stock.
    pub(crate) async fn stock(&self, numbers: &[&str]) {
        let of = |text: &&str| {
            let number: PhoneNumber = text.parse().expect("a number");
            StockNumber {
                area: "Nowhere".to_owned(),
                kind: NumberKind::of(&number),
                number,
                capabilities: NumberCapabilities {
                    calls: true,
                    ..NumberCapabilities::default()
                },
                monthly_price: 0,
            }
        };
        let numbers: Vec<_> = numbers.iter().map(of).collect();
        let author = Author::server(self.now().utc);
        let mut tx = self.store.write_platform(author).await.expect("a transaction");
        tx.load_stock(&numbers).await.expect("numbers");
        tx.commit().await.expect("a commit");
    }

    /// A gateway of the platform; the same at every call.
    pub(crate) async fn gateway(&mut self) -> GatewayId {
        let known = self.store.gateways().await.expect("gateways").gateways;
        if let Some(gateway) = known.first() {
            return gateway.id;
        }
        let author = Author::server(self.now().utc);
        let mut tx = self.store.write_platform(author).await.expect("a transaction");
        let settings = GatewaySettings::new("First", "sip.first.example");
        let made = tx
            .create_gateway(&settings, &mut self.entropy)
            .await
            .expect("a gateway");
        tx.commit().await.expect("a commit");
        made.id
    }

    /// A request with a JSON body, where there is one.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        person: Option<&Person>,
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(person) = person {
            request = request.header(header::AUTHORIZATION, format!("Bearer {}", person.token.expose()));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.request(request.body(body).expect("a request")).await
    }

    /// Any request at all; the answer has to be one that the OpenAPI document promises.
    pub(crate) async fn request(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.expect("a body");
        let answer = Answer {
            status: head.status,
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).expect("text"),
        };
        conformance::check(&method, uri.path(), &answer);
        answer
    }
}

impl Answer {
    /// The body as JSON, after checking the status.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// Checks that this is a refusal with `status` and `code`, as problem details; gives them back.
    pub(crate) fn expect_refusal(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["code"], code);
        assert!(problem["title"].is_string() && problem["detail"].is_string() && problem["errors"].is_array());
        problem
    }
}
