//! People who sign in.

use wigwag_model::{ExtensionId, User, UserDraft, UserId, Username};
use wigwag_sansio::{Entropy, Secret, Utc};

use crate::{
    PlatformTx, ReadWrite, Store, StoreError, TenantTx,
    db::{Row, Scope, query},
};

const TABLE: &str = "users";

/// What signing in needs: who it is, and the argon2id hash (PHC text) of the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The person.
    pub user: User,
    /// The hash to check the password against.
    pub password_hash: Secret<String>,
}

impl Store {
    /// The person of any company who signs in as `username`.
    pub async fn credentials(&self, username: &Username) -> Result<Option<Credentials>, StoreError> {
        let select = query(
            TABLE,
            "SELECT tenant_id, id, username, name, access_level, default_extension_id, operator, password_hash, created_at
             FROM users WHERE username = $1",
        );
        let Some(row) = self.db.read(Scope::Platform).await?.row(select.bind(username)).await? else {
            return Ok(None);
        };
        Ok(Some(Credentials {
            user: user(&row)?,
            password_hash: Secret::new(row.read("password_hash")?),
        }))
    }
}

impl PlatformTx {
    /// Lets the person of any company who signs in as `username` run the platform, or no longer; `None` when there is
    /// no such person.
    pub async fn set_operator(&mut self, username: &Username, operator: bool) -> Result<Option<User>, StoreError> {
        let select = query(
            TABLE,
            "SELECT tenant_id, id, username, name, access_level, default_extension_id, operator, created_at
             FROM users WHERE username = $1",
        );
        let Some(row) = self.tx.row(select.bind(username)).await? else {
            return Ok(None);
        };
        let before = user(&row)?;
        let update = query(TABLE, "UPDATE users SET operator = $2 WHERE username = $1");
        self.tx.run(update.bind(username).bind(&operator)).await?;
        let after = User {
            operator,
            ..before.clone()
        };
        self.record(Some(&before), Some(&after)).await?;
        Ok(Some(after))
    }
}

impl<Access> TenantTx<Access> {
    /// The company's people in the order of their sign-in names.
    pub async fn users(&mut self) -> Result<Vec<User>, StoreError> {
        let select = query(
            TABLE,
            "SELECT tenant_id, id, username, name, access_level, default_extension_id, operator, created_at
             FROM users WHERE tenant_id = $1 ORDER BY username",
        );
        let rows = self.tx.rows(select.bind(&self.tenant_id)).await?;
        rows.iter().map(user).collect()
    }

    /// The person `id`.
    pub async fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        let select = query(
            TABLE,
            "SELECT tenant_id, id, username, name, access_level, default_extension_id, operator, created_at
             FROM users WHERE tenant_id = $1 AND id = $2",
        );
        let row = self.tx.row(select.bind(&self.tenant_id).bind(&id)).await?;
        row.as_ref().map(user).transpose()
    }
}

impl TenantTx<ReadWrite> {
    /// Adds a person with the argon2id hash (PHC text) of a password.
    ///
    /// The username may be in [conflict](StoreError::Conflict), the default extension [unknown](StoreError::Unknown).
    pub async fn create_user(
        &mut self,
        draft: &UserDraft,
        password_hash: &Secret<String>,
        now: Utc,
        entropy: &mut Entropy,
    ) -> Result<User, StoreError> {
        self.check_default_extension(draft.default_extension_id).await?;
        let insert = query(
            TABLE,
            "INSERT INTO users
                 (tenant_id, id, username, name, access_level, default_extension_id, password_hash, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             RETURNING tenant_id, id, username, name, access_level, default_extension_id, operator, created_at",
        )
        .bind(&self.tenant_id)
        .bind(&UserId::new(now, entropy))
        .bind(&draft.username)
        .bind(&draft.name)
        .bind(&draft.access_level)
        .bind(&draft.default_extension_id)
        .bind(password_hash.expose())
        .bind(&now);
        let row = self.tx.row(insert).await?.ok_or(StoreError::NoTenant)?;
        let user = user(&row)?;
        self.record_aside(None, Some(&user)).await?;
        Ok(user)
    }

    /// Gives the person `id` a new password (its argon2id hash as PHC text) and ends all that person's sessions;
    /// false when there is no such person.
    pub async fn set_password_hash(&mut self, id: UserId, password_hash: &Secret<String>) -> Result<bool, StoreError> {
        let Some(user) = self.user(id).await? else {
            return Ok(false);
        };
        let update = query(
            TABLE,
            "UPDATE users SET password_hash = $3 WHERE tenant_id = $1 AND id = $2",
        )
        .bind(&self.tenant_id)
        .bind(&id)
        .bind(password_hash.expose());
        self.tx.run(update).await?;
        self.revoke_sessions(id).await?;
        // What has changed is a secret.
        self.record_aside(Some(&user), Some(&user)).await?;
        Ok(true)
    }

    async fn check_default_extension(&mut self, extension_id: Option<ExtensionId>) -> Result<(), StoreError> {
        if let Some(extension_id) = extension_id
            && self.extension(extension_id).await?.is_none()
        {
            return Err(StoreError::Unknown {
                field: "default_extension_id",
            });
        }
        Ok(())
    }
}

pub(crate) fn user(row: &Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.read("id")?,
        tenant_id: row.read("tenant_id")?,
        username: row.read("username")?,
        name: row.read("name")?,
        access_level: row.read("access_level")?,
        default_extension_id: row.read("default_extension_id")?,
        operator: row.read("operator")?,
        created_at: row.read("created_at")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, TestStore, user_draft};

    #[tokio::test]
    async fn a_username_is_taken_once_on_the_platform_whatever_its_case() {
        let mut test = TestStore::new().await;
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let user = test.user(&ours, "Alice1").await;
        let mut tx = test.write(&theirs).await;
        let again = tx
            .create_user(&user_draft("aLICE1"), &Secret::default(), NOW, &mut test.entropy)
            .await;
        assert!(matches!(again, Err(StoreError::Conflict { field: "username" })));
        drop(tx);
        let found = test
            .store
            .credentials(&"ALICE1".parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.user, user);
        assert_eq!(found.password_hash.expose(), "$argon2id$");
        assert_eq!(test.store.credentials(&"nobody1".parse().unwrap()).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_default_extension_of_another_company_does_not_exist() {
        let mut test = TestStore::new().await;
        let (ours, theirs) = (test.tenant().await, test.tenant().await);
        let foreign = test.extension(&theirs, "101").await;
        let mut draft = user_draft("alice1");
        draft.default_extension_id = Some(foreign.id);
        let mut tx = test.write(&ours).await;
        let refused = tx.create_user(&draft, &Secret::default(), NOW, &mut test.entropy).await;
        assert!(matches!(
            refused,
            Err(StoreError::Unknown {
                field: "default_extension_id"
            })
        ));
    }
}
