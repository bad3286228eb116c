//! Digest through the headers of real messages: challenge, answer, check (RFC 7616 §3.9, RFC 2617 §3.5, RFC 3261 §22).

use wigwag_sansio::{Pii, Secret, Utc};
use wigwag_sip::{
    digest::{Algorithm, DigestError, Ha1, Login, NonceCounts, NonceKey, Question, answer, is_for},
    wire::{
        Header, Method, Request, Response, StatusCode,
        header::{Authorization, Challenge, WwwAuthenticate},
    },
};

/// What a client answers to the challenge of an example.
fn answered(challenge: &str, login: (&str, &str), method: &Method, uri: &str, cnonce: &str) -> String {
    let challenge = WwwAuthenticate::parse(challenge.as_bytes()).expect("a challenge").0;
    let login = Login {
        username: Pii::new(login.0.to_owned()),
        password: Secret::new(login.1.to_owned()),
    };
    let question = Question {
        method,
        uri,
        cnonce,
        count: 1,
    };
    answer(&[challenge], &login, &question).expect("an answer").to_string()
}

#[test]
fn rfc_2617_section_3_5() {
    let credentials = answered(
        r#"Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41""#,
        ("Mufasa", "Circle Of Life"),
        &Method::new("GET").unwrap(),
        "/dir/index.html",
        "0a4f113b",
    );
    assert!(
        credentials.contains(r#"response="6629fae49393a05397450978507c4ef1""#),
        "{credentials}"
    );
}

#[test]
fn rfc_7616_section_3_9_1() {
    for (algorithm, response) in [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        (
            "SHA-256",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ] {
        let challenge = format!(
            r#"Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS""#
        );
        let credentials = answered(
            &challenge,
            ("Mufasa", "Circle of Life"),
            &Method::new("GET").unwrap(),
            "/dir/index.html",
            "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        );
        assert!(credentials.contains(response), "{credentials}");
    }
}

#[test]
fn a_registration_is_challenged_answered_and_accepted_once() {
    let (key, now) = (NonceKey::new([1; 32]), Utc::from_millis(1_800_000_000_000));
    let ha1 = Ha1::new(Algorithm::Sha256, "1001", "pbx.example", "secret");
    let first = Request::builder(Method::Register, "sip:pbx.example").build();
    let refusal = Response::reply_to(&first, StatusCode::UNAUTHORIZED)
        .header(&WwwAuthenticate(key.challenge(
            ha1.realm(),
            ha1.algorithm(),
            now,
            1,
            false,
        )))
        .build();

    let challenges: Vec<Challenge> = refusal
        .typed_all::<WwwAuthenticate>()
        .unwrap()
        .into_iter()
        .map(|header| header.0)
        .collect();
    let login = Login {
        username: Pii::new("1001".to_owned()),
        password: Secret::new("secret".to_owned()),
    };
    let question = Question {
        method: &Method::Register,
        uri: first.uri_text(),
        cnonce: "x",
        count: 1,
    };
    let second = first.append(&Authorization(answer(&challenges, &login, &question).unwrap()));

    let credentials: Authorization = second.require().unwrap();
    assert!(is_for(credentials.as_digest().unwrap(), &second));
    let proof = key.verify(&credentials, second.method(), &ha1, now).unwrap();
    let mut counts = NonceCounts::default();
    assert_eq!(counts.accept(&proof, now), Ok(()));
    assert_eq!(counts.accept(&proof, now), Err(DigestError::Replayed));
    assert_eq!(
        key.verify(&credentials, &Method::Invite, &ha1, now),
        Err(DigestError::Wrong)
    );
}
