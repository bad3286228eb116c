//! Whom a transaction is for: what row-level security lets it see.

use wigwag_model::TenantId;

/// The rows that a transaction may touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Those of one company.
    Tenant(TenantId),
    /// All of them: signing in, the directory, the journal's consumers, and whatever else spans companies.
    Platform,
}

impl Scope {
    /// What the policies of migrations/postgres compare with.
    pub(super) fn setting(self) -> String {
        match self {
            Scope::Tenant(id) => id.to_string(),
            Scope::Platform => "*".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{StoreError, db::query, testing::TestStore};

    /// A store on PostgreSQL; `None` in the round of tests on SQLite, which has no such security.
    async fn on_postgres() -> Option<TestStore> {
        let test = TestStore::new().await;
        test.url.is_some().then_some(test)
    }

    /// Every table with something of a company in it.
    const OF_TENANTS: [&str; 23] = [
        "SELECT 1 AS one FROM tenants",
        "SELECT 1 AS one FROM extensions",
        "SELECT 1 AS one FROM devices",
        "SELECT 1 AS one FROM bindings",
        "SELECT 1 AS one FROM users",
        "SELECT 1 AS one FROM sessions",
        "SELECT 1 AS one FROM call_records",
        "SELECT 1 AS one FROM call_legs",
        "SELECT 1 AS one FROM call_participants",
        "SELECT 1 AS one FROM internal_numbers",
        "SELECT 1 AS one FROM audit_log",
        "SELECT 1 AS one FROM numbers",
        "SELECT 1 AS one FROM approved_caller_ids",
        "SELECT 1 AS one FROM company_settings",
        "SELECT 1 AS one FROM subscriptions",
        "SELECT 1 AS one FROM ring_groups",
        "SELECT 1 AS one FROM ring_group_members",
        "SELECT 1 AS one FROM intervals",
        "SELECT 1 AS one FROM forwarding_rules",
        "SELECT 1 AS one FROM blocked_callers",
        "SELECT 1 AS one FROM hot_desks",
        "SELECT 1 AS one FROM feature_codes",
        "SELECT 1 AS one FROM contacts",
    ];

    #[tokio::test]
    async fn a_query_that_forgets_whom_it_asks_for_sees_one_company_only() {
        let Some(mut test) = on_postgres().await else { return };
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let extension = test.extension(&ours, "101").await;
        test.device(&extension).await;
        let user = test.user(&ours, "alice1").await;
        crate::testing::stock(&test.store, &["+441632960001"]).await;
        let mut tx = test.write(&ours).await;
        let other = tx
            .create_extension(&crate::testing::draft("102"), crate::testing::NOW, &mut test.entropy)
            .await;
        crate::call_handling::tests::set_up_everything(&mut tx, &extension, &other.unwrap(), &mut test.entropy).await;
        let session = tx.create_session(user.id, crate::testing::NOW, &mut test.entropy).await;
        assert!(session.unwrap().is_some());
        let wanted = ["+441632960001".parse().unwrap()];
        tx.take_numbers(&wanted, &mut test.entropy).await.unwrap();
        tx.approve_caller_id(&"+441632960009".parse().unwrap()).await.unwrap();
        tx.update_company_settings(&Default::default()).await.unwrap();
        assert!(tx.commit().await.unwrap().version.is_some());
        let call = test.call(&extension, &extension, 0);
        test.store.record_calls("history", &[call], None).await.unwrap();
        for select in OF_TENANTS
            .iter()
            .filter(|select| !select.ends_with("bindings") && !select.ends_with("subscriptions"))
        {
            let mut seen = [0; 2];
            for (seen, tenant) in seen.iter_mut().zip([&ours, &theirs]) {
                *seen = test
                    .read(tenant)
                    .await
                    .tx
                    .rows(query("any", select))
                    .await
                    .unwrap()
                    .len();
            }
            // Of the other company there is nothing but itself, and that it was made.
            let expected = usize::from(select.ends_with("tenants") || select.ends_with("audit_log"));
            assert!(seen[0] > 0 && seen[1] == expected, "{select}: {seen:?}");
        }
        let mut tx = test.write(&theirs).await;
        let forgetful = query("extensions", "UPDATE extensions SET name = 'Mallory'");
        assert_eq!(tx.tx.run(forgetful).await.unwrap(), 0);
        assert_eq!(tx.tx.run(query("users", "DELETE FROM users")).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn nobody_writes_into_a_foreign_company() {
        let Some(mut test) = on_postgres().await else { return };
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let mut tx = test.write(&theirs).await;
        let smuggle = query(
            "extensions",
            "INSERT INTO extensions
                 (tenant_id, id, number, sip_username, name, ring_timeout_s, call_waiting, created_at)
             VALUES ($1, 'x', '101', '100001', 'Mallory', 20, TRUE, 0)",
        );
        let refused = tx.tx.run(smuggle.bind(&ours.id)).await;
        assert!(matches!(refused, Err(StoreError::Driver(_))));
    }

    #[tokio::test]
    async fn what_belongs_to_the_server_is_hidden_from_companies() {
        let Some(mut test) = on_postgres().await else { return };
        let tenant = test.tenant().await;
        let text = wigwag_sansio::Secret::new("secret".to_owned());
        test.store.set_setting("demo", &text, &mut test.entropy).await.unwrap();
        let mut tx = test.read(&tenant).await;
        let settings = tx.tx.rows(query("settings", "SELECT name FROM settings")).await;
        assert_eq!(settings.unwrap().len(), 0);
    }

    #[tokio::test]
    async fn every_table_is_secured() {
        let Some(test) = on_postgres().await else { return };
        let open = query(
            "pg_class",
            "SELECT relname::TEXT AS name FROM pg_class
             WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
                 AND NOT (relrowsecurity AND relforcerowsecurity)",
        );
        let rows = test
            .store
            .db
            .read(Scope::Platform)
            .await
            .unwrap()
            .rows(open)
            .await
            .unwrap();
        let names: Vec<String> = rows.iter().map(|row| row.read("name").unwrap()).collect();
        assert_eq!(names, ["_sqlx_migrations"]);
    }
}
