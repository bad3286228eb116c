//! Phones on every transport, on IPv4 and IPv6, with and without encryption.

use harness::{Encryption, Setup, Transport};

use crate::office::{CALLEE, CALLER, Office, assert_they_hear_each_other, over};

#[tokio::test]
async fn two_phones_call_over_tcp() {
    assert_a_call(&Office::open().await, &over(Transport::Tcp)).await;
}

#[tokio::test]
async fn two_phones_call_over_tls_with_encrypted_sound() {
    let setup = Setup {
        encryption: Encryption::Srtp,
        ..over(Transport::Tls)
    };
    assert_a_call(&Office::open().await, &setup).await;
}

#[tokio::test]
async fn a_phone_with_encryption_calls_one_without() {
    let office = Office::open().await;
    let mut caller = office.phone(CALLER, &over(Transport::Udp)).await;
    let encrypted = Setup {
        encryption: Encryption::Srtp,
        ..over(Transport::Tls)
    };
    let mut callee = office
        .phone(
            CALLEE,
            &Setup {
                says: harness::Says::Tone(660),
                ..encrypted
            },
        )
        .await;
    office.connect(&mut caller, &mut callee).await;
    assert_they_hear_each_other(&mut caller, &mut callee).await;
}

#[tokio::test]
async fn two_phones_call_over_ipv6() {
    let office = Office::open_on_ipv6().await;
    for transport in [Transport::Udp, Transport::Tcp] {
        assert_a_call(&office, &over(transport)).await;
    }
}

async fn assert_a_call(office: &Office, setup: &Setup) {
    let (mut caller, mut callee) = office.talking(setup).await;
    assert_they_hear_each_other(&mut caller, &mut callee).await;
    caller.hang_up().await;
    callee.closed().await;
    caller.quit().await;
    callee.quit().await;
}
