//! What happens is chosen by the number.

use wigwag_simulator::{ANNOUNCEMENT_HZ, BEEP_HZ, CallIn, Outcome, Sound, Way, tone_hz};
use wigwag_sip::session::EndedBy;

use crate::stage::{Stage, within};

#[tokio::test]
async fn a_person_answers_after_a_ring_and_is_known_by_the_tone() {
    let stage = Stage::new().await;
    let number = "+441632960123";
    let mut call = stage.calls(number).await;
    within(call.rings()).await.expect("it rings");
    within(call.answered()).await.expect("it is answered");
    within(call.hears(tone_hz(number)))
        .await
        .expect("that is who was called");
    let seen = within(stage.carrier.sees(|call| call.outcome == Outcome::Talking)).await;
    assert_eq!((seen.called.as_str(), seen.number.as_str()), (number, "441632960123"));
    call.hang_up().await;
    assert_eq!(within(call.over()).await.by, EndedBy::Local);
    within(
        stage
            .carrier
            .sees(|call| call.outcome == Outcome::Ended(EndedBy::Remote)),
    )
    .await;
    stage.end().await;
}

#[tokio::test]
async fn refusals_have_the_status_of_the_table() {
    let stage = Stage::new().await;
    for (number, status) in [
        ("01632960161", 486),
        ("01632960162", 603),
        ("01632960163", 404),
        ("01632960164", 480),
        ("01632960165", 500),
        ("01632960166", 503),
        ("01632960169", 403),
        ("nobody", 404),
    ] {
        assert_eq!(stage.refusal(number).await, Some(status), "{number}");
    }
    let outcomes: Vec<Outcome> = stage.carrier.seen().iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes[..2], [Outcome::Refused(486), Outcome::Refused(603)]);
    assert_eq!(outcomes.len(), 8);
    stage.end().await;
}

#[tokio::test]
async fn who_gives_up_while_it_rings_was_not_answered() {
    let stage = Stage::new().await;
    let mut call = stage.calls("01632960160").await;
    within(call.rings()).await.expect("it rings");
    call.hang_up().await;
    within(call.over()).await;
    within(stage.carrier.sees(|call| call.outcome == Outcome::GivenUp)).await;
    stage.end().await;
}

#[tokio::test]
async fn an_announcement_is_heard_before_the_answer() {
    let stage = Stage::new().await;
    let mut call = stage.calls("01632960170").await;
    within(call.hears(ANNOUNCEMENT_HZ)).await.expect("it announces");
    assert!(!call.state().is_answered);
    within(call.answered()).await.expect("it is answered");
    within(call.hears(tone_hz("01632960170"))).await.expect("it talks");
    let mut refused = stage.calls("01632960171").await;
    within(refused.hears(ANNOUNCEMENT_HZ)).await.expect("it announces");
    assert_eq!(within(refused.over()).await.status, Some(404));
    stage.end().await;
}

#[tokio::test]
async fn provisional_answers_that_want_a_prack_get_one() {
    let stage = Stage::new().await;
    for number in ["01632960172", "01632960173"] {
        let mut call = stage.calls(number).await;
        within(call.answered()).await.expect("it is answered");
        within(call.hears(tone_hz(number))).await.expect("it talks");
        assert!(!call.state().progress.is_empty());
    }
    stage.end().await;
}

#[tokio::test]
async fn an_answer_without_description_is_an_answer_where_there_was_one_before() {
    let stage = Stage::new().await;
    let mut call = stage.calls("01632960174").await;
    within(call.hears(ANNOUNCEMENT_HZ)).await.expect("it announces");
    within(call.answered()).await.expect("it is answered");
    within(call.hears(tone_hz("01632960174"))).await.expect("it talks");
}

#[tokio::test]
async fn a_call_is_held_and_taken_back() {
    let stage = Stage::new().await;
    let mut call = stage.calls("07700900177").await;
    within(call.until(|state| state.is_held)).await.expect("it is held");
    within(call.until(|state| !state.is_held))
        .await
        .expect("it is taken back");
    within(call.hears(tone_hz("07700900177"))).await.expect("it talks");
    stage.end().await;
}

#[tokio::test]
async fn re_invites_do_not_disturb_the_talk() {
    let stage = Stage::new().await;
    for number in ["07700900175", "07700900176"] {
        let mut call = stage.calls(number).await;
        within(call.answered()).await.expect("it is answered");
        assert_eq!(call.state().proposals, 0);
        within(call.until(|state| state.proposals == 1))
            .await
            .expect("it goes on");
        within(call.hears(tone_hz(number))).await.expect("it talks");
        call.hang_up().await;
        within(call.over()).await;
    }
    stage.end().await;
}

#[tokio::test]
async fn who_accepts_a_screened_call_presses_one_and_a_mailbox_does_not() {
    let stage = Stage::new().await;
    let mut accepts = stage.calls("07700900191").await;
    let mut mailbox = stage.calls("07700900190").await;
    let state = within(accepts.until(|state| !state.keys.is_empty())).await;
    assert_eq!(state.expect("it is answered").keys, "1");
    within(mailbox.hears(BEEP_HZ)).await.expect("it beeps");
    assert_eq!(mailbox.state().keys, "");
    stage.end().await;
}

#[tokio::test]
async fn an_echo_says_what_it_hears() {
    let stage = Stage::new().await;
    let call = CallIn {
        says: Sound::Tone(850),
        ..CallIn::new("01632960192", Way::Tcp(stage.carrier.tcp()))
    };
    let mut call = stage.makes(call).await;
    within(call.hears(850)).await.expect("it is the caller's own tone");
    stage.end().await;
}

#[tokio::test]
async fn a_call_that_hangs_up_is_over() {
    let stage = Stage::new().await;
    let mut call = stage.calls("01632960181").await;
    let over = within(call.over()).await;
    assert_eq!((over.by, over.status), (EndedBy::Remote, None));
    assert!(call.state().is_answered);
    stage.end().await;
}

#[tokio::test]
async fn emergency_calls_are_answered_by_an_operator() {
    let stage = Stage::new().await;
    for number in ["999", "112", "18000", "101"] {
        let mut call = stage.calls(number).await;
        within(call.hears(tone_hz(number))).await.expect("an operator answers");
        call.hang_up().await;
    }
    stage.end().await;
}
