//! The call history: written by the journal's consumer, read page by page.

mod filter;
mod insert;
mod list;
mod remove;
mod rows;

pub use filter::{CallCursor, CallFilter, CallPage};

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use wigwag_model::{CallRecord, Outcome};

    use super::*;
    use crate::{
        Checkpoint, TenantTx,
        journal::Cursor,
        testing::{NOW, TestStore},
    };

    async fn all(tx: &mut TenantTx<crate::ReadOnly>, filter: &CallFilter, limit: u32) -> Vec<CallRecord> {
        let (mut records, mut after) = (Vec::new(), None);
        loop {
            let page = tx.call_records(filter, after, limit).await.unwrap();
            assert!(page.records.len() <= limit as usize);
            records.extend(page.records);
            match page.next {
                // The cursor survives its way through a client.
                Some(next) => after = Some(next.to_string().parse().unwrap()),
                None => return records,
            }
        }
    }

    #[tokio::test]
    async fn a_call_is_written_once_with_its_legs_and_the_checkpoint() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let (alice, bob) = (
            test.extension(&tenant, "101").await,
            test.extension(&tenant, "102").await,
        );
        let call = test.call(&alice, &bob, 0);
        let checkpoint = Checkpoint {
            cursor: Cursor { segment: 3, offset: 77 },
            state: "{}".to_owned(),
        };
        let calls = [call.clone()];
        assert_eq!(
            test.store
                .record_calls("history", &calls, Some(&checkpoint))
                .await
                .unwrap(),
            1
        );
        let changed = [CallRecord {
            talk_ms: 1,
            ..call.clone()
        }];
        assert_eq!(test.store.record_calls("history", &changed, None).await.unwrap(), 0);
        assert_eq!(test.read(&tenant).await.call_record(call.id).await.unwrap(), Some(call));
        assert_eq!(
            test.store.checkpoint("history").await.unwrap(),
            Some(checkpoint.clone())
        );
        assert_eq!(test.store.checkpoint("charges").await.unwrap(), None);
        assert_eq!(test.store.oldest_cursor().await.unwrap(), Some(checkpoint.cursor));
    }

    #[tokio::test]
    async fn pages_run_from_the_newest_call_to_the_oldest_without_gap_or_repetition() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let (alice, bob) = (
            test.extension(&tenant, "101").await,
            test.extension(&tenant, "102").await,
        );
        // Three calls start in the same second each time.
        let mut calls: Vec<_> = (0..21).map(|index| test.call(&alice, &bob, index / 3)).collect();
        test.store.record_calls("history", &calls, None).await.unwrap();
        calls.sort_by_key(|call| std::cmp::Reverse((call.started_at, call.id)));
        let mut tx = test.read(&tenant).await;
        for limit in [1, 4, 7, 21, 100] {
            assert_eq!(all(&mut tx, &CallFilter::default(), limit).await, calls);
        }
        assert_eq!(tx.count_call_records(&CallFilter::default()).await.unwrap(), 21);
    }

    #[tokio::test]
    async fn filters_let_through_what_they_say() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let alice = test.extension(&tenant, "101").await;
        let bob = test.extension(&tenant, "102").await;
        let carol = test.extension(&tenant, "103").await;
        let first = test.call(&alice, &bob, 0);
        let mut second = test.call(&bob, &carol, 10);
        second.outcome = Outcome::Busy;
        // Nobody rang, so that Alice is in the history as the one who was called only.
        let mut third = test.call(&carol, &alice, 20);
        third.legs.truncate(1);
        let calls = [first.clone(), second.clone(), third.clone()];
        test.store.record_calls("history", &calls, None).await.unwrap();
        let mut tx = test.read(&tenant).await;
        let of_alice = CallFilter {
            extension_id: Some(alice.id),
            ..CallFilter::default()
        };
        assert_eq!(all(&mut tx, &of_alice, 1).await, [third.clone(), first.clone()]);
        assert_eq!(tx.count_call_records(&of_alice).await.unwrap(), 2);
        let busy = CallFilter {
            outcome: Some(Outcome::Busy),
            ..CallFilter::default()
        };
        assert_eq!(all(&mut tx, &busy, 10).await, std::slice::from_ref(&second));
        let between = CallFilter {
            from: Some(NOW),
            until: Some(NOW + Duration::from_secs(10)),
            ..CallFilter::default()
        };
        assert_eq!(all(&mut tx, &between, 10).await, std::slice::from_ref(&first));
        let from_the_second = CallFilter {
            from: Some(NOW + Duration::from_secs(10)),
            ..of_alice
        };
        assert_eq!(all(&mut tx, &from_the_second, 10).await, [third]);
    }

    #[tokio::test]
    async fn a_call_of_a_company_that_is_gone_is_refused_for_good() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let alice = test.extension(&tenant, "101").await;
        let mut gone = test.call(&alice, &alice, 0);
        gone.tenant_id = wigwag_model::TenantId::new(NOW, &mut test.entropy);
        let kept = test.call(&alice, &alice, 1);
        let refused = test.store.record_calls("history", &[kept.clone(), gone], None).await;
        assert!(refused.is_err_and(|failure| failure.is_refusal()));
        assert_eq!(all(&mut test.read(&tenant).await, &CallFilter::default(), 10).await, []);
        assert_eq!(test.store.record_calls("history", &[kept], None).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn the_oldest_calls_go_first_and_take_their_legs_with_them() {
        let mut test = TestStore::new().await;
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let (alice, bob) = (test.extension(&ours, "101").await, test.extension(&theirs, "101").await);
        let calls: Vec<_> = (0..5).map(|second| test.call(&alice, &alice, second)).collect();
        let foreign = test.call(&bob, &bob, 0);
        test.store.record_calls("history", &calls, None).await.unwrap();
        test.store
            .record_calls("history", std::slice::from_ref(&foreign), None)
            .await
            .unwrap();
        let mut tx = test.write(&ours).await;
        assert_eq!(
            tx.remove_calls_before(NOW + Duration::from_secs(3), 2).await.unwrap(),
            2
        );
        assert_eq!(
            tx.remove_calls_before(NOW + Duration::from_secs(3), 2).await.unwrap(),
            1
        );
        assert_eq!(tx.commit().await.unwrap().version, None);
        let mut left = calls[3..].to_vec();
        left.reverse();
        let of_alice = CallFilter {
            extension_id: Some(alice.id),
            ..CallFilter::default()
        };
        for filter in [CallFilter::default(), of_alice] {
            assert_eq!(all(&mut test.read(&ours).await, &filter, 10).await, left);
        }
        assert_eq!(
            all(&mut test.read(&theirs).await, &CallFilter::default(), 10).await,
            [foreign]
        );
    }

    #[test]
    fn a_cursor_that_nobody_gave_is_refused() {
        for text in [
            "",
            "_",
            "1",
            "x_y",
            "1_0",
            "9999999999999999999999_00000000-0000-7000-8000-000000000000",
        ] {
            assert!(text.parse::<CallCursor>().is_err());
        }
    }
}
