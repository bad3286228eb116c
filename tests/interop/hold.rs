//! Hold and resume: who is on hold hears the other no more, until taken back.

use harness::{Baresip, Says, Setup};

use crate::office::{CALLEE, CALLEE_HZ, CALLER, CALLER_HZ, Office};

#[tokio::test]
async fn the_callee_on_hold_hears_the_caller_again_after_it() {
    let office = Office::open().await;
    let (mut caller, mut callee) = talking(&office, Says::Tone(CALLER_HZ), Says::WhatItHears).await;
    callee.hears(CALLER_HZ).await;
    caller.hold().await;
    callee.hears_no_more(CALLER_HZ).await;
    caller.resume().await;
    callee.hears(CALLER_HZ).await;
}

#[tokio::test]
async fn the_caller_who_holds_hears_the_callee_again_after_it() {
    let office = Office::open().await;
    let (mut caller, _callee) = talking(&office, Says::WhatItHears, Says::Tone(CALLEE_HZ)).await;
    caller.hears(CALLEE_HZ).await;
    caller.hold().await;
    caller.hears_no_more(CALLEE_HZ).await;
    caller.resume().await;
    caller.hears(CALLEE_HZ).await;
}

#[tokio::test]
async fn the_callee_can_hold_the_caller() {
    let office = Office::open().await;
    let (mut caller, mut callee) = talking(&office, Says::WhatItHears, Says::Tone(CALLEE_HZ)).await;
    caller.hears(CALLEE_HZ).await;
    callee.hold().await;
    caller.hears_no_more(CALLEE_HZ).await;
    callee.resume().await;
    caller.hears(CALLEE_HZ).await;
}

async fn talking(office: &Office, caller: Says, callee: Says) -> (Baresip, Baresip) {
    let mut caller = office
        .phone(
            CALLER,
            &Setup {
                says: caller,
                ..Setup::default()
            },
        )
        .await;
    let mut callee = office
        .phone(
            CALLEE,
            &Setup {
                says: callee,
                ..Setup::default()
            },
        )
        .await;
    office.connect(&mut caller, &mut callee).await;
    (caller, callee)
}
