//! What a company has set up about where its calls go, for the snapshot: one file for each kind of thing.
//!
//! A row that cannot be used is left out and noted; the rest of the company goes on without it.

mod blocked_callers;
mod caller_ids;
mod feature_codes;
mod forwarding_rules;
mod hot_desks;
mod intervals;
mod numbers;
mod present;
mod ring_groups;
mod settings;
mod speed_dials;

use wigwag_model::CallHandling;

use crate::{Quarantined, StoreError, TenantTx};

impl<Access> TenantTx<Access> {
    /// All of it but the PINs, which stand with their extensions.
    pub(crate) async fn call_handling(
        &mut self,
        quarantined: &mut Vec<Quarantined>,
    ) -> Result<CallHandling, StoreError> {
        let present = self.present().await?;
        let mut handling = CallHandling::default();
        if present.settings {
            handling.settings = self.load_settings(quarantined).await?;
        }
        if present.numbers {
            handling.numbers = self.load_numbers(quarantined).await?;
        }
        if present.caller_ids {
            handling.approved_caller_ids = self.load_caller_ids(quarantined).await?;
        }
        if present.ring_groups {
            handling.ring_groups = self.load_ring_groups(quarantined).await?;
        }
        if present.intervals {
            handling.intervals = self.load_intervals(quarantined).await?;
        }
        if present.forwarding_rules {
            handling.forwarding_rules = self.load_forwarding_rules(quarantined).await?;
        }
        if present.blocked_callers {
            handling.blocked_callers = self.load_blocked_callers(quarantined).await?;
        }
        if present.hot_desks {
            handling.hot_desks = self.load_hot_desks(quarantined).await?;
        }
        if present.feature_codes {
            handling.feature_codes = self.load_feature_codes(quarantined).await?;
        }
        if present.contacts {
            handling.speed_dials = self.load_speed_dials(quarantined).await?;
        }
        Ok(handling)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use wigwag_model::{BlockedMatch, ContactSettings, Destination, Extension};
    use wigwag_sansio::Entropy;

    use crate::{
        ReadWrite, TenantTx, forwarding_rule::tests::forward, interval::tests::holidays, ring_group::tests::sales,
        testing::TestStore,
    };

    /// One of each kind of thing.
    pub(crate) async fn set_up_everything(
        tx: &mut TenantTx<ReadWrite>,
        first: &Extension,
        second: &Extension,
        entropy: &mut Entropy,
    ) {
        tx.create_ring_group(&sales("200", &[first]), entropy).await.unwrap();
        tx.create_interval(&holidays("Holidays"), entropy).await.unwrap();
        let rule = forward(Destination::Extension(second.id), None);
        tx.create_forwarding_rule(first.id, &rule, entropy).await.unwrap();
        tx.create_blocked_caller(&BlockedMatch::Withheld, entropy)
            .await
            .unwrap();
        tx.begin_hot_desk(first.id, second.id, None).await.unwrap();
        tx.set_feature_codes(&Default::default()).await.unwrap();
        let contact = ContactSettings {
            name: "Plumber".to_owned(),
            number: "01632 960123".parse().unwrap(),
            speed_dial: Some(1),
        };
        tx.create_contact(&contact, entropy).await.unwrap();
    }

    #[tokio::test]
    async fn one_company_has_nothing_of_what_another_has_set_up() {
        let mut test = TestStore::new().await;
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let (first, second) = (test.extension(&ours, "101").await, test.extension(&ours, "102").await);
        let mut tx = test.write(&ours).await;
        set_up_everything(&mut tx, &first, &second, &mut test.entropy).await;
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&ours).await.configuration().await.unwrap().unwrap();
        let handling = loaded.configuration.call_handling;
        let counts = [
            handling.ring_groups.len(),
            handling.intervals.len(),
            handling.forwarding_rules.len(),
            handling.blocked_callers.len(),
            handling.hot_desks.len(),
            handling.speed_dials.len(),
        ];
        assert_eq!(counts, [1; 6]);
        assert_eq!(handling.pins.len(), 2);
        let loaded = test.read(&theirs).await.configuration().await.unwrap().unwrap();
        assert_eq!(loaded.configuration.call_handling, Default::default());
        assert_eq!(loaded.quarantined, []);
        let mut tx = test.write(&theirs).await;
        let (_, rule) = &handling.forwarding_rules[0];
        let group = &handling.ring_groups[0];
        assert_eq!(tx.update_ring_group(group.id, &sales("200", &[])).await.unwrap(), None);
        assert_eq!(tx.remove_ring_group(group.id).await.unwrap(), None);
        assert_eq!(tx.remove_interval(handling.intervals[0].id).await.unwrap(), None);
        assert_eq!(tx.remove_forwarding_rule(rule.id).await.unwrap(), None);
        assert_eq!(
            tx.remove_blocked_caller(handling.blocked_callers[0].id).await.unwrap(),
            None
        );
        assert_eq!(tx.end_hot_desk(first.id).await.unwrap(), None);
        assert_eq!(
            tx.remove_contact(handling.speed_dials[0].contact_id).await.unwrap(),
            None
        );
        let pin = "2580".parse().unwrap();
        assert!(!tx.set_pin(first.id, &pin, &mut test.entropy).await.unwrap());
        assert_eq!(tx.pin(first.id).await.unwrap(), None);
        assert_eq!(tx.destinations().await.unwrap(), []);
    }
}
