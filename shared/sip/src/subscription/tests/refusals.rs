//! What is not served.

use super::bench::{Bench, SUBSCRIBE};
use crate::wire::{HeaderName, Response};

fn refusal(headers: &[(&str, &str)]) -> Response {
    Bench::with(headers).expect_err("is refused")
}

fn header(response: &Response, name: HeaderName) -> String {
    String::from_utf8_lossy(response.header(name).unwrap_or_default()).into_owned()
}

#[test]
fn unknown_packages_are_refused_with_a_list_of_ours() {
    for headers in [&[("Event", "reg")][..], &[]] {
        let refused = refusal(headers);
        assert_eq!(refused.status().as_u16(), 489);
        assert_eq!(
            header(&refused, HeaderName::AllowEvents),
            "dialog, message-summary, presence"
        );
    }
}

#[test]
fn a_brief_subscription_is_refused_with_the_briefest() {
    let refused = refusal(&[("Event", "dialog"), ("Expires", "59")]);
    assert_eq!(refused.status().as_u16(), 423);
    assert_eq!(header(&refused, HeaderName::MinExpires), "60");
}

#[test]
fn a_body_that_the_subscriber_cannot_read_is_not_sent() {
    let refused = refusal(&[("Event", "message-summary"), ("Accept", "application/pidf+xml")]);
    assert_eq!(refused.status().as_u16(), 406);
    let accepted = [("Event", "message-summary"), ("Accept", "text/plain, application/*")];
    assert!(Bench::with(&accepted).is_ok());
}

#[test]
fn nonsense_is_refused() {
    for headers in [
        &[("Event", "a b")][..],
        &[("Event", "dialog"), ("Event", "dialog")],
        &[("Event", "dialog"), ("Expires", "soon")],
    ] {
        assert_eq!(refusal(headers).status().as_u16(), 400);
    }
}

#[test]
fn a_long_subscription_is_cut() {
    for expires in ["99999999999", "3600"] {
        let mut bench = Bench::with(&[("Event", "message-summary"), ("Expires", expires)]).expect("is accepted");
        assert!(bench.ladder().contains("→ 200 Expires: 3600"));
    }
}

#[test]
fn in_the_dialog_bad_requests_change_nothing() {
    let mut bench = Bench::new();
    bench.answers(200);
    for (cseq, headers, status) in [
        (1, SUBSCRIBE, 500),
        (2, &[("Event", "dialog")][..], 489),
        (3, &[("Event", "message-summary;id=2")][..], 489),
        (4, &[("Event", "message-summary"), ("Expires", "5")][..], 423),
    ] {
        bench.ladder();
        bench.sends(cseq, headers);
        assert_eq!(bench.last_response().status().as_u16(), status);
        assert!(!bench.ladder().contains("NOTIFY"));
    }
    assert_eq!(bench.last_notify().uri_text(), "sip:phone@192.0.2.9:5061");
}
