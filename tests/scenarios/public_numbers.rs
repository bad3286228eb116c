//! Public numbers from the platform's stock to a company's extension, by the command line and the API of a running
//! server.

use harness::Method;
use serde_json::{Value, json};

use crate::office::Office;

const CSV: &str = "number,area,capabilities,monthly_price
0115 896 0001,Nottingham,calls sms,99.5
0115 896 000x,Nottingham,,
0115 896 0002,Nottingham,,
0800 496 0001,Freephone,,
";

#[tokio::test]
async fn numbers_are_loaded_found_taken_and_led_to_an_extension_and_stay_so_over_a_restart() {
    let mut office = Office::open().await;
    let file = office.server.data().join("numbers.csv");
    std::fs::write(&file, CSV).expect("a file");
    let loaded = office
        .server
        .tool(&["numbers", "load", file.to_str().expect("a path")])
        .await;
    assert_eq!(loaded.code, Some(1), "a line was left out");
    assert!(
        loaded.complaints.contains("line 3: the number is no telephone number"),
        "{}",
        loaded.complaints
    );
    let owner = office.server.sign_in("owner").await;
    let found: Value = owner.get("/v1/number_stock?area=nottingham&capability=sms").await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
    let wanted = json!({"numbers": [found["items"][0]["number"]]});
    let taken: Value = owner.ask(Method::POST, "/v1/numbers", &wanted).await;
    let number = &taken["items"][0];
    assert_eq!(
        (&number["number"], &number["destination"]),
        (&json!("+441158960001"), &Value::Null)
    );
    let path = format!("/v1/numbers/{}", number["id"].as_str().expect("an id"));
    let extension = owner.extensions().await[0].id;
    let settings = json!({"revision": 0, "identifier": "Shop", "destination": {"kind": "extension", "id": extension}});
    let mut led: Value = owner.ask(Method::PUT, &path, &settings).await;
    assert_eq!((&led["revision"], &led["warnings"]), (&json!(1), &json!([])));
    led.as_object_mut().expect("a number").remove("warnings");
    office.server.interrupt().await;
    office.server.restart().await;
    let owner = office.server.sign_in("owner").await;
    assert_eq!(owner.get::<Value>(&path).await, led);
    let log: Value = owner.get("/v1/audit_log?entity=number").await;
    assert_eq!(log["items"][0]["after"]["identifier"], "Shop");
    assert_eq!(log["items"][0]["actor"]["username"], "demoowner");
}

#[tokio::test]
async fn the_platform_is_there_for_operators_alone_and_only_as_long_as_they_are() {
    let office = Office::open().await;
    let users = &office.server.ready().users;
    let named = |name| users.iter().find(|user| user.username == name).expect("a demo user");
    let operator = office.server.sign_in_as(named("demooperator")).await;
    let owner = office.server.sign_in_as(named("demoowner")).await;
    let tenants: Value = operator.get("/v1/platform/tenants").await;
    assert_eq!(tenants["items"][0]["name"], "Demo Company");
    assert_eq!(owner.status_of("/v1/platform/tenants").await, 404);
    assert_eq!(
        operator.status_of("/v1/numbers").await,
        403,
        "the company itself is not the operator's"
    );
    office
        .server
        .tool(&["operator", "grant", "demoowner"])
        .await
        .expect_success();
    assert_eq!(owner.status_of("/v1/platform/tenants").await, 200);
    office
        .server
        .tool(&["operator", "revoke", "demoowner"])
        .await
        .expect_success();
    assert_eq!(owner.status_of("/v1/platform/tenants").await, 404);
    assert_eq!(office.server.tool(&["operator", "grant", "nobody"]).await.code, Some(1));
}

#[tokio::test]
async fn a_gateway_is_known_to_the_switch_as_soon_as_it_is_made() {
    let office = Office::open().await;
    let users = &office.server.ready().users;
    let operator = users
        .iter()
        .find(|user| user.username == "demooperator")
        .expect("a demo user");
    let operator = office.server.sign_in_as(operator).await;
    let carrier = json!({"name": "Carrier", "host": "127.0.0.1", "port": 5060, "emergency": true});
    let made: Value = operator.ask(Method::POST, "/v1/platform/gateways", &carrier).await;
    assert_eq!((&made["emergency"], &made["revision"]), (&json!(true), &json!(0)));
    let tenants: Value = operator.get("/v1/platform/tenants").await;
    let path = format!(
        "/v1/platform/tenants/{}",
        tenants["items"][0]["id"].as_str().expect("an id")
    );
    let terms = json!({"revision": 0, "concurrent_calls": 3, "suspended": true});
    let now: Value = operator.ask(Method::PUT, &path, &terms).await;
    assert_eq!(now["revision"], 1);
    let usage: Value = office.server.sign_in("owner").await.get("/v1/tenant/usage").await;
    assert_eq!(usage["concurrent_calls"]["limit"], 3);
}
