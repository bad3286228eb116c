//! The fold: journal entries in, finished calls out. Pure, and plain data between two entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use wigwag_model::{CallId, CallRecord, JournalEntry};
use wigwag_sansio::Utc;

use super::open_call::{Last, OpenCall};

/// The calls that have begun and not ended at some place in the journal.
///
/// Entries of one call come in their order, those of different calls in any. An entry that comes again changes
/// nothing, as long as all that followed it come again too; entries of a call whose beginning was not seen are dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    open: BTreeMap<CallId, OpenCall>,
}

impl Fold {
    /// Takes the next entry, and gives the call's record if it was the last one of its call.
    pub fn take(&mut self, entry: JournalEntry) -> Option<CallRecord> {
        let id = entry.call_id;
        let Some(call) = self.open.get_mut(&id) else {
            self.open.extend(OpenCall::begun_by(&entry).map(|call| (id, call)));
            return None;
        };
        let last = call.take(entry)?;
        let call = self.open.remove(&id)?;
        match last {
            Last::Ended(cause) => Some(call.into_record(cause)),
            Last::Merged(into) => {
                // The other call may be over by now, and has its record.
                if let Some(other) = self.open.get_mut(&into) {
                    other.absorb(call);
                }
                None
            }
        }
    }

    /// How many calls are open.
    pub(super) fn len(&self) -> usize {
        self.open.len()
    }

    /// Whether no call is open.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The entries that end every open call because the server went away at `died_at`, as far as that is known.
    pub(super) fn interrupted(&self, died_at: Option<Utc>) -> Vec<JournalEntry> {
        self.open.values().flat_map(|call| call.interrupted(died_at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;
    use wigwag_model::{CallEvent, CallRecord, HangupCause, JournalEntry, LegId, LegRole, Outcome, TenantId};
    use wigwag_sansio::Entropy;

    use super::{
        super::testing::{NOW, Script, party},
        *,
    };

    fn tenant() -> TenantId {
        TenantId::new(NOW, &mut Entropy::from_number(1))
    }

    fn fold(entries: Vec<JournalEntry>) -> Vec<CallRecord> {
        let mut fold = Fold::default();
        let records = entries.into_iter().filter_map(|entry| fold.take(entry)).collect();
        assert!(fold.is_empty());
        records
    }

    fn record(script: Script) -> CallRecord {
        let mut records = fold(script.entries());
        assert_eq!(records.len(), 1);
        records.remove(0)
    }

    #[test]
    fn an_answered_call_has_its_times_and_both_parties() {
        let record = record(Script::answered(tenant(), 1));
        assert_eq!(
            (record.outcome, record.cause),
            (Outcome::Answered, HangupCause::NormalClearing)
        );
        assert_eq!(record.answered_at, Some(NOW + Duration::from_millis(5_020)));
        assert_eq!(record.ended_at, NOW + Duration::from_millis(65_020));
        assert_eq!(record.talk_ms, 60_000);
        assert_eq!((record.caller, record.callee), (party("101"), Some(party("102"))));
        assert_eq!(record.legs.len(), 2);
        let callee = &record.legs[1];
        assert_eq!((callee.role, callee.leg), (LegRole::Callee, LegId(1)));
        assert_eq!(callee.ringing_at, Some(NOW + Duration::from_secs(1)));
        assert_eq!(callee.answered_at, Some(NOW + Duration::from_secs(5)));
    }

    #[test]
    fn a_call_that_nobody_answered_has_no_talk() {
        let rung = |number, cause| {
            let script = Script::new(tenant(), number)
                .addressed(1, "102")
                .leg(2, 1, LegRole::Callee, "102");
            record(script.rings(900, 1).leg_ends(30_000, 1, cause).ends(30_000, cause))
        };
        for (cause, outcome) in [
            (HangupCause::NoAnswer, Outcome::NoAnswer),
            (HangupCause::CallerGaveUp, Outcome::NoAnswer),
            (HangupCause::Busy, Outcome::Busy),
            (HangupCause::Declined, Outcome::Declined),
            (HangupCause::NoDevice, Outcome::Failed),
            (HangupCause::ServerRestarted, Outcome::Failed),
        ] {
            let record = rung(1, cause);
            assert_eq!((record.outcome, record.cause), (outcome, cause));
            assert_eq!((record.answered_at, record.talk_ms), (None, 0));
            assert_eq!(record.callee, Some(party("102")));
        }
    }

    #[test]
    fn a_number_that_nobody_has_leaves_a_call_without_a_callee() {
        let record = record(Script::new(tenant(), 1).ends(3, HangupCause::UnknownNumber));
        assert_eq!((record.outcome, record.callee), (Outcome::Failed, None));
        assert_eq!(record.legs.len(), 1);
        // The caller's leg ended with the call, whether its end was written or not.
        assert_eq!(record.legs[0].cause, HangupCause::UnknownNumber);
    }

    #[test]
    fn a_phone_that_answers_while_the_caller_gives_up_makes_no_answered_call() {
        let script = Script::new(tenant(), 1)
            .addressed(1, "102")
            .leg(2, 1, LegRole::Callee, "102");
        let crossing = script
            .at(4_000, CallEvent::LegAnswered { leg: LegId(1) })
            .ends(4_001, HangupCause::CallerGaveUp);
        let record = record(crossing);
        assert_eq!((record.outcome, record.talk_ms), (Outcome::NoAnswer, 0));
    }

    #[test]
    fn the_callee_is_who_answered_among_those_who_were_called() {
        let script = Script::new(tenant(), 1)
            .addressed(1, "102")
            .addressed(1, "103")
            .addressed(1, "104");
        let script = script
            .leg(2, 1, LegRole::Callee, "102")
            .leg(2, 2, LegRole::Callee, "103");
        let record = record(script.answers(3_000, 2).ends(9_000, HangupCause::NormalClearing));
        assert_eq!(record.callee, Some(party("103")));
    }

    #[test]
    fn a_call_without_sound_was_answered_and_cut_off() {
        let script = Script::new(tenant(), 1)
            .addressed(1, "102")
            .leg(2, 1, LegRole::Callee, "102");
        let record = record(script.answers(3_000, 1).ends(63_020, HangupCause::MediaLost));
        assert_eq!(
            (record.outcome, record.cause),
            (Outcome::Answered, HangupCause::MediaLost)
        );
        assert_eq!(record.talk_ms, 60_000);
    }

    #[test]
    fn a_call_that_goes_on_in_another_one_is_told_in_its_record() {
        let first = Script::answered(tenant(), 1);
        let into = Script::new(tenant(), 2);
        let first = first.at(70_000, CallEvent::Merged { into: into.call_id() });
        let mut fold = Fold::default();
        let second = into
            .addressed(71_000, "103")
            .leg(71_000, 1, LegRole::Callee, "103")
            .answers(72_000, 1)
            .ends(90_000, HangupCause::NormalClearing)
            .entries();
        let mut first: Vec<_> = first.entries();
        first.retain(|entry| !matches!(entry.event, CallEvent::Ended { .. }));
        let (beginning, rest) = second.split_at(2);
        let all = beginning.iter().chain(&first).chain(&first).chain(rest).cloned();
        let records: Vec<_> = all.filter_map(|entry| fold.take(entry)).collect();
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].callee, Some(party("102")), "who answered first");
        assert_eq!(records[0].legs.len(), 4, "two legs of each call, once");
        assert_eq!(records[0].answered_at, Some(NOW + Duration::from_millis(5_020)));
        assert!(fold.is_empty());
    }

    #[test]
    fn an_interrupted_call_ends_when_the_server_did() {
        let mut fold = Fold::default();
        let script = Script::new(tenant(), 1)
            .addressed(1, "102")
            .leg(2, 1, LegRole::Callee, "102")
            .answers(3_000, 1);
        script
            .entries()
            .into_iter()
            .for_each(|entry| assert_eq!(fold.take(entry), None));
        let died_at = NOW + Duration::from_secs(600);
        let entries = fold.interrupted(Some(died_at));
        let records: Vec<_> = entries.into_iter().filter_map(|entry| fold.take(entry)).collect();
        assert_eq!(records.len(), 1);
        assert_eq!(
            (records[0].cause, records[0].outcome),
            (HangupCause::ServerRestarted, Outcome::Answered)
        );
        assert_eq!((records[0].ended_at, records[0].talk_ms), (died_at, 596_980));
        assert!(
            records[0]
                .legs
                .iter()
                .all(|leg| leg.cause == HangupCause::ServerRestarted)
        );
        assert!(fold.is_empty());
    }

    /// The journals of some calls, mixed as `order` says, each in its own order.
    fn mixed(order: &[usize]) -> Vec<JournalEntry> {
        let busy = Script::new(tenant(), 2).addressed(1, "102").ends(5, HangupCause::Busy);
        let scripts = [Script::answered(tenant(), 1), busy, Script::answered(tenant(), 3)];
        let mut queues = scripts.map(|script| script.entries().into_iter());
        let mut all: Vec<_> = order.iter().filter_map(|index| queues[*index].next()).collect();
        all.extend(queues.into_iter().flatten());
        all
    }

    fn sorted(mut records: Vec<CallRecord>) -> Vec<CallRecord> {
        records.sort_by_key(|record| record.id);
        records
    }

    proptest! {
        #[test]
        fn mixing_and_repeating_entries_changes_no_record(
            order in proptest::collection::vec(0_usize..3, 0..40),
            repeats in proptest::collection::vec(1_usize..3, 40),
        ) {
            let entries = mixed(&order);
            let repeated: Vec<_> = entries.iter().zip(repeats.iter().cycle())
                .flat_map(|(entry, times)| vec![entry.clone(); *times]).collect();
            prop_assert_eq!(sorted(fold(repeated)), sorted(fold(mixed(&[]))));
        }

        #[test]
        fn a_fold_that_was_written_down_anywhere_goes_on_from_there_and_from_any_earlier_place(
            order in proptest::collection::vec(0_usize..3, 0..40),
            cut in 0_usize..40,
            back in 0_usize..40,
        ) {
            let entries = mixed(&order);
            let cut = cut.min(entries.len());
            let mut before = Fold::default();
            let mut records: Vec<_> = entries[..cut].iter().cloned().filter_map(|entry| before.take(entry)).collect();
            let text = serde_json::to_string(&before).unwrap();
            let mut after: Fold = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&after, &before);
            let again = &entries[cut.saturating_sub(back)..];
            records.extend(again.iter().cloned().filter_map(|entry| after.take(entry)));
            let mut records = sorted(records);
            // What comes twice is the same twice, and the store takes the first.
            records.dedup();
            prop_assert_eq!(records, sorted(fold(mixed(&[]))));
        }
    }
}
