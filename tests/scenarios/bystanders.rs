//! Two people in a call who have nothing to do with what happens elsewhere, and must not notice it.

use harness::{Call, Phone};

use crate::office::connect;

/// Two people in a call.
pub(crate) struct Bystanders {
    phones: [Phone; 2],
    calls: [Call; 2],
}

impl Bystanders {
    pub(crate) async fn talk(caller: Phone, mut callee: Phone, number: &str) -> Bystanders {
        let (outgoing, incoming) = connect(&caller, &mut callee, number).await;
        let mut bystanders = Bystanders {
            phones: [caller, callee],
            calls: [outgoing, incoming],
        };
        bystanders.hear_each_other().await;
        bystanders
    }

    /// They still hear each other.
    pub(crate) async fn hear_each_other(&mut self) {
        let [first, second] = &mut self.calls;
        first.hears(self.phones[1].hz()).await;
        second.hears(self.phones[0].hz()).await;
    }

    /// They still hear each other, and hang up.
    pub(crate) async fn part(mut self) {
        self.hear_each_other().await;
        let [first, second] = &mut self.calls;
        first.hang_up().await;
        second.over().await;
    }
}
