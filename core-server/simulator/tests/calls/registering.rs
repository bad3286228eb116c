//! Gateways that register, and calls over their registrations. The gateway is a phone of the harness.

use harness::{Phone, SipAccount};
use wigwag_simulator::{CallError, CallIn, CalledIn, Demand, Outcome, Way, tone_hz};
use wigwag_sip_io::Transport;

use crate::stage::{Stage, with_account, within};

fn account(stage: &Stage, transport: Transport) -> SipAccount {
    let address = match transport {
        Transport::Udp => stage.carrier.udp(),
        Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => stage.carrier.tcp(),
    };
    SipAccount::new("exchange", "a secret", "carrier.example", transport, address)
}

#[tokio::test]
async fn a_call_for_a_number_goes_over_the_registration() {
    for transport in [Transport::Udp, Transport::Tcp] {
        let stage = Stage::with(with_account(Demand::Unauthorized)).await;
        let over = Way::Registration("exchange".to_owned());
        let early = stage.carrier.call(CallIn::new("+441632960500", over.clone())).await;
        assert!(matches!(early, Err(CallError::NotRegistered)));
        let mut phone = Phone::register(&account(&stage, transport), 770.0).await;
        within(stage.carrier.registered("exchange")).await;
        let call = CallIn {
            called_in: CalledIn::To,
            ..CallIn::new("+441632960500", over).from("+447700900001")
        };
        let mut call = stage.carrier.call(call).await.expect("the call is under way");
        let mut incoming = phone.rings().await;
        assert!(incoming.caller().contains("+447700900001"));
        within(call.rings()).await.expect("it rings");
        incoming.answer().await;
        within(call.hears(770)).await.expect("the phone talks");
        incoming.hears(600.0).await;
        incoming.hang_up().await;
        within(call.over()).await;
        phone.unregisters().await;
        assert!(!stage.carrier.is_registered("exchange"));
        stage.end().await;
    }
}

#[tokio::test]
async fn a_gateway_that_proves_who_it_is_calls_out() {
    for demand in [Demand::Unauthorized, Demand::ProxyAuthentication] {
        let stage = Stage::with(with_account(demand)).await;
        let phone = Phone::new(&account(&stage, Transport::Udp), 880.0);
        let mut call = phone.dial("01632960150").await;
        call.answered().await;
        call.hears(f64::from(tone_hz("01632960150"))).await;
        let seen = within(stage.carrier.sees(|call| call.outcome == Outcome::Talking)).await;
        assert_eq!(seen.account.as_deref(), Some("exchange"));
        call.hang_up().await;
        stage.end().await;
    }
}

#[tokio::test]
async fn a_wrong_password_neither_registers_nor_calls() {
    let stage = Stage::with(with_account(Demand::Unauthorized)).await;
    let account = account(&stage, Transport::Udp).with_password("a guess");
    let phone = Phone::new(&account, 880.0);
    assert_eq!(phone.registers().await.status(), 403);
    assert_eq!(phone.dial("01632960150").await.refused().await, 403);
    assert!(!stage.carrier.is_registered("exchange"));
    stage.end().await;
}
