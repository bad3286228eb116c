//! A carrier that is commanded line by line.

use tokio::sync::mpsc;
use wigwag_simulator::{Console, Report};

use crate::stage::{Stage, within};

#[tokio::test]
async fn commands_are_carried_out_and_what_happens_is_told() {
    let stage = Stage::new().await;
    let (commands, lines) = mpsc::channel(8);
    let (tell, mut told) = mpsc::unbounded_channel();
    let console = Console::new(&stage.caller, Some(stage.way()));
    let running = console.run(lines, move |report: Report| {
        tell.send(serde_json::to_value(report).expect("it is JSON"))
            .expect("somebody reads");
    });
    let command = async |lines: &[&str]| {
        for line in lines {
            commands.send((*line).to_owned()).await.expect("it reads");
        }
    };
    let commanding = async {
        let mut until = async |wanted: &str| loop {
            let report = told.recv().await.expect("it runs").to_string();
            if report.contains(wanted) {
                return report;
            }
        };
        command(&["dance", ""]).await;
        until(r#""event":"refused""#).await;
        command(&["call --to 01632960150 --tone 700"]).await;
        let answered = until(r#""is_answered":true"#).await;
        assert!(answered.contains(r#""call":1"#), "{answered}");
        command(&["hear 1", "press 1 9", "hang-up 1", "hang-up 2"]).await;
        until("no such call").await;
        until(r#""by":"Local""#).await;
        command(&["quit"]).await;
    };
    within(async { tokio::join!(running, commanding) }).await;
    stage.end().await;
}

#[tokio::test]
async fn a_called_carrier_tells_who_calls() {
    let stage = Stage::new().await;
    let (tell, mut told) = mpsc::unbounded_channel();
    let console = Console::new(&stage.carrier, None);
    let running = console.run(mpsc::channel(1).1, move |report: Report| {
        tell.send(report.to_string()).expect("somebody reads");
    });
    let calling = async {
        stage.calls("01632960161").await;
        loop {
            let sentence = told.recv().await.expect("it runs");
            if sentence.ends_with("refused with 486") {
                return sentence;
            }
        }
    };
    let sentence = tokio::select! {
        () = running => panic!("nobody has ended it"),
        sentence = within(calling) => sentence,
    };
    assert!(
        sentence.starts_with("01632960161 is called by <sip:+441632960001@carrier.example>"),
        "{sentence}"
    );
    stage.end().await;
}
