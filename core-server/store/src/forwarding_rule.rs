//! Forwarding rules of extensions; the first that matches wins (S102–S114, A30).

use std::collections::BTreeSet;

use serde::Serialize;
use wigwag_model::{
    CallStatus, Destination, EntityKind, ExtensionId, ForwardTo, ForwardingAction, ForwardingRule, ForwardingRuleId,
    ForwardingRuleSettings, RuleKey, TenantId, limits,
};
use wigwag_sansio::Entropy;

use crate::{
    ReadWrite, StoreError, TenantTx,
    audit::Audited,
    db::{Query, Row, query},
};

const TABLE: &str = "forwarding_rules";

/// A rule as the audit log tells of it.
#[derive(Serialize)]
struct Described<'a> {
    extension_id: ExtensionId,
    #[serde(flatten)]
    rule: &'a ForwardingRule,
}

impl<Access> TenantTx<Access> {
    /// The rules of all the company's extensions, those of one extension in their order.
    pub async fn all_forwarding_rules(&mut self) -> Result<Vec<(ExtensionId, ForwardingRule)>, StoreError> {
        let rows = self.tx.rows(select_all(self.tenant_id)).await?;
        rows.iter().map(rule).collect()
    }

    /// The rules of the extension `extension_id` in their order.
    pub async fn forwarding_rules(&mut self, extension_id: ExtensionId) -> Result<Vec<ForwardingRule>, StoreError> {
        let select = query(
            TABLE,
            "SELECT * FROM forwarding_rules WHERE tenant_id = $1 AND extension_id = $2 ORDER BY place, id",
        );
        let rows = self.tx.rows(select.bind(&self.tenant_id).bind(&extension_id)).await?;
        rows.iter().map(|row| rule(row).map(|(_, rule)| rule)).collect()
    }

    /// The rule `id`, and whose it is.
    pub async fn forwarding_rule(
        &mut self,
        id: ForwardingRuleId,
    ) -> Result<Option<(ExtensionId, ForwardingRule)>, StoreError> {
        let select = query(TABLE, "SELECT * FROM forwarding_rules WHERE tenant_id = $1 AND id = $2");
        let row = self.tx.row(select.bind(&self.tenant_id).bind(&id)).await?;
        row.as_ref().map(rule).transpose()
    }
}

impl TenantTx<ReadWrite> {
    /// Adds a rule behind the others of the extension `extension_id`; `None` when there is no such extension.
    ///
    /// Interval and destination may be [unknown](StoreError::Unknown), the key in [conflict](StoreError::Conflict); an
    /// extension has only so many rules ([`StoreError::Full`]).
    pub async fn create_forwarding_rule(
        &mut self,
        extension_id: ExtensionId,
        settings: &ForwardingRuleSettings,
        entropy: &mut Entropy,
    ) -> Result<Option<ForwardingRule>, StoreError> {
        if self.extension(extension_id).await?.is_none() {
            return Ok(None);
        }
        let others = self.forwarding_rules(extension_id).await?;
        if others.len() >= limits::RULES_PER_EXTENSION {
            return Err(StoreError::Full {
                what: "forwarding rules",
                most: limits::RULES_PER_EXTENSION,
            });
        }
        self.check_forwarding_rule(settings, &others, None).await?;
        let rule = ForwardingRule {
            id: ForwardingRuleId::new(self.at(), entropy),
            revision: Default::default(),
            settings: settings.clone(),
        };
        let insert = query(
            TABLE,
            "INSERT INTO forwarding_rules
                 (tenant_id, id, interval_id, status, action, destination_kind, destination_id, group_calls,
                  preserve_caller_id, screening, external_only, key, enabled, extension_id, place, revision)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
                 (SELECT COALESCE(MAX(place), -1) + 1 FROM forwarding_rules WHERE tenant_id = $1 AND extension_id = $14),
                 0)",
        );
        let insert = bound(insert.bind(&self.tenant_id).bind(&rule.id), settings).bind(&extension_id);
        self.tx.run(insert).await?;
        self.record(None, Some(&described(extension_id, &rule))).await?;
        Ok(Some(rule))
    }

    /// Changes the rule `id` into what `settings` say; `None` when there is none.
    ///
    /// It refuses what [`TenantTx::create_forwarding_rule`] does. Whoever may only change what nobody else has changed
    /// compares the revision in this same transaction.
    pub async fn update_forwarding_rule(
        &mut self,
        id: ForwardingRuleId,
        settings: &ForwardingRuleSettings,
    ) -> Result<Option<ForwardingRule>, StoreError> {
        let Some((extension_id, before)) = self.forwarding_rule(id).await? else {
            return Ok(None);
        };
        let others = self.forwarding_rules(extension_id).await?;
        self.check_forwarding_rule(settings, &others, Some(id)).await?;
        let update = query(
            TABLE,
            "UPDATE forwarding_rules SET interval_id = $3, status = $4, action = $5, destination_kind = $6,
                 destination_id = $7, group_calls = $8, preserve_caller_id = $9, screening = $10, external_only = $11,
                 key = $12, enabled = $13, revision = revision + 1
             WHERE tenant_id = $1 AND id = $2",
        );
        let update = bound(update.bind(&self.tenant_id).bind(&id), settings);
        self.tx.run(update).await?;
        let after = ForwardingRule {
            id,
            revision: before.revision.next(),
            settings: settings.clone(),
        };
        self.record(
            Some(&described(extension_id, &before)),
            Some(&described(extension_id, &after)),
        )
        .await?;
        Ok(Some(after))
    }

    /// Puts the rules of the extension `extension_id` into the order of `ids`; false when those are not its rules.
    pub async fn order_forwarding_rules(
        &mut self,
        extension_id: ExtensionId,
        ids: &[ForwardingRuleId],
    ) -> Result<bool, StoreError> {
        let rules = self.forwarding_rules(extension_id).await?;
        let known: BTreeSet<_> = rules.iter().map(|rule| rule.id).collect();
        if known != ids.iter().copied().collect() || known.len() != ids.len() {
            return Ok(false);
        }
        for (place, id) in (0_u32..).zip(ids) {
            let update = query(
                TABLE,
                "UPDATE forwarding_rules SET place = $3 WHERE tenant_id = $1 AND id = $2",
            );
            self.tx.run(update.bind(&self.tenant_id).bind(id).bind(&place)).await?;
        }
        // The log tells of the first rule only: that is where the order can be seen.
        let after = self.forwarding_rules(extension_id).await?;
        let (before, after) = (rules.first(), after.first());
        let (before, after) = (
            before.map(|rule| described(extension_id, rule)),
            after.map(|rule| described(extension_id, rule)),
        );
        self.record(before.as_ref(), after.as_ref()).await?;
        Ok(true)
    }

    /// Removes the rule `id`, and tells what it was.
    pub async fn remove_forwarding_rule(&mut self, id: ForwardingRuleId) -> Result<Option<ForwardingRule>, StoreError> {
        let delete = query(
            TABLE,
            "DELETE FROM forwarding_rules WHERE tenant_id = $1 AND id = $2 RETURNING *",
        );
        let Some(row) = self.tx.row(delete.bind(&self.tenant_id).bind(&id)).await? else {
            return Ok(None);
        };
        let (extension_id, before) = rule(&row)?;
        self.record(Some(&described(extension_id, &before)), None).await?;
        Ok(Some(before))
    }

    async fn check_forwarding_rule(
        &mut self,
        settings: &ForwardingRuleSettings,
        others: &[ForwardingRule],
        own: Option<ForwardingRuleId>,
    ) -> Result<(), StoreError> {
        let mut others = others.iter().filter(|other| Some(other.id) != own);
        if settings.key.is_some() && others.any(|other| other.settings.key == settings.key) {
            return Err(StoreError::Conflict { field: "key" });
        }
        if let Some(id) = settings.interval_id {
            self.require_interval("interval_id", id).await?;
        }
        match destination(&settings.action) {
            Some(destination) => self.require_destination("action", destination).await,
            None => Ok(()),
        }
    }
}

/// The rules of all the company's extensions, those of one extension in their order.
pub(crate) fn select_all(tenant_id: TenantId) -> Query {
    query(
        TABLE,
        "SELECT * FROM forwarding_rules WHERE tenant_id = $1 ORDER BY extension_id, place, id",
    )
    .bind(&tenant_id)
}

pub(crate) fn rule(row: &Row) -> Result<(ExtensionId, ForwardingRule), StoreError> {
    let (status, key): (String, Option<String>) = (row.read("status")?, row.read("key")?);
    let key = key.map(|key| key.parse().map_err(|_| row.corrupt("key"))).transpose()?;
    let rule = ForwardingRule {
        id: row.read("id")?,
        revision: row.read("revision")?,
        settings: ForwardingRuleSettings {
            interval_id: row.read("interval_id")?,
            status: CallStatus::from_word(&status).ok_or_else(|| row.corrupt("status"))?,
            action: row.read_json("action")?,
            group_calls: row.read("group_calls")?,
            preserve_caller_id: row.read("preserve_caller_id")?,
            screening: row.read("screening")?,
            external_only: row.read("external_only")?,
            key,
            enabled: row.read("enabled")?,
        },
    };
    Ok((row.read("extension_id")?, rule))
}

/// What of the company `action` sends calls to.
fn destination(action: &ForwardingAction) -> Option<Destination> {
    match action {
        ForwardingAction::Forward(ForwardTo::Destination(destination)) => Some(*destination),
        ForwardingAction::Announcement(id) => Some(Destination::Announcement(*id)),
        ForwardingAction::Forward(ForwardTo::Number(_)) | ForwardingAction::Voicemail | ForwardingAction::Busy => None,
    }
}

/// `statement` with what `settings` say from `$3` to `$13`.
fn bound(statement: Query, settings: &ForwardingRuleSettings) -> Query {
    let destination = destination(&settings.action);
    statement
        .bind(&settings.interval_id)
        .bind(&settings.status.as_str().to_owned())
        .bind_json(&settings.action)
        .bind(&destination.map(|destination| destination.kind().to_owned()))
        .bind(&destination.map(Destination::id_text))
        .bind(&settings.group_calls)
        .bind(&settings.preserve_caller_id)
        .bind(&settings.screening)
        .bind(&settings.external_only)
        .bind(&settings.key.map(RuleKey::text))
        .bind(&settings.enabled)
}

fn described(extension_id: ExtensionId, rule: &ForwardingRule) -> Described<'_> {
    Described { extension_id, rule }
}

impl Audited for Described<'_> {
    const KIND: EntityKind = EntityKind::ForwardingRule;

    fn key(&self) -> String {
        self.rule.id.to_string()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{interval::tests::holidays, testing::TestStore};

    pub(crate) fn forward(to: Destination, key: Option<&str>) -> ForwardingRuleSettings {
        ForwardingRuleSettings {
            interval_id: None,
            status: CallStatus::Unanswered,
            action: ForwardingAction::Forward(ForwardTo::Destination(to)),
            group_calls: true,
            preserve_caller_id: false,
            screening: true,
            external_only: false,
            key: key.map(|key| key.parse().unwrap()),
            enabled: true,
        }
    }

    #[tokio::test]
    async fn rules_keep_their_order_and_everything_that_was_said_of_them() {
        let mut test = TestStore::new().await;
        let tenant = test.tenant().await;
        let (first, second) = (
            test.extension(&tenant, "101").await,
            test.extension(&tenant, "102").await,
        );
        let mut tx = test.write(&tenant).await;
        let interval = tx
            .create_interval(&holidays("Holidays"), &mut test.entropy)
            .await
            .unwrap();
        let mut settings = forward(Destination::Extension(second.id), Some("07"));
        settings.interval_id = Some(interval.id);
        let one = tx
            .create_forwarding_rule(first.id, &settings, &mut test.entropy)
            .await
            .unwrap()
            .unwrap();
        settings.key = None;
        settings.action = ForwardingAction::Forward(ForwardTo::Number("07700 900123".parse().unwrap()));
        settings.status = CallStatus::Any;
        let two = tx
            .create_forwarding_rule(first.id, &settings, &mut test.entropy)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(tx.forwarding_rules(first.id).await.unwrap(), [one.clone(), two.clone()]);
        assert!(tx.order_forwarding_rules(first.id, &[two.id, one.id]).await.unwrap());
        assert!(!tx.order_forwarding_rules(first.id, &[two.id]).await.unwrap());
        assert!(
            !tx.order_forwarding_rules(first.id, &[two.id, one.id, one.id])
                .await
                .unwrap()
        );
        settings.enabled = false;
        let off = tx.update_forwarding_rule(two.id, &settings).await.unwrap().unwrap();
        assert_eq!((off.revision.0, &off.settings), (1, &settings));
        assert!(tx.commit().await.unwrap().version.is_some());
        let loaded = test.read(&tenant).await.configuration().await.unwrap().unwrap();
        let expected = [(first.id, off.clone()), (first.id, one.clone())];
        assert_eq!(loaded.configuration.call_handling.forwarding_rules, expected);
        let mut tx = test.write(&tenant).await;
        assert_eq!(tx.forwarding_rule(off.id).await.unwrap(), Some((first.id, off.clone())));
        assert_eq!(tx.remove_forwarding_rule(off.id).await.unwrap(), Some(off));
        assert_eq!(tx.forwarding_rules(first.id).await.unwrap(), [one]);
    }

    #[tokio::test]
    async fn keys_are_unique_in_an_extension_and_what_is_named_must_exist() {
        let mut test = TestStore::new().await;
        let (tenant, other) = (test.tenant().await, test.tenant().await);
        let (first, second) = (
            test.extension(&tenant, "101").await,
            test.extension(&tenant, "102").await,
        );
        let theirs = test.extension(&other, "101").await;
        let mut tx = test.write(&tenant).await;
        let rule = forward(Destination::Extension(second.id), Some("07"));
        let made = tx
            .create_forwarding_rule(first.id, &rule, &mut test.entropy)
            .await
            .unwrap()
            .unwrap();
        let again = tx.create_forwarding_rule(first.id, &rule, &mut test.entropy).await;
        assert!(matches!(again, Err(StoreError::Conflict { field: "key" })));
        assert!(
            tx.create_forwarding_rule(second.id, &rule, &mut test.entropy)
                .await
                .unwrap()
                .is_some()
        );
        assert!(tx.update_forwarding_rule(made.id, &rule).await.unwrap().is_some());
        let foreign = forward(Destination::Extension(theirs.id), None);
        let refused = tx.create_forwarding_rule(first.id, &foreign, &mut test.entropy).await;
        assert!(matches!(refused, Err(StoreError::Unknown { field: "action" })));
        let nobodys = tx.create_forwarding_rule(theirs.id, &rule, &mut test.entropy).await;
        assert_eq!(nobodys.unwrap(), None);
    }
}
