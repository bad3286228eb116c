//! Sign-ins: a bearer token whose SHA-256 alone is kept, gone after 12 idle hours or 30 days.

use std::time::Duration;

use sha2::{Digest, Sha256};
use wigwag_model::{User, UserId};
use wigwag_sansio::{Entropy, Secret, Utc};

use crate::{
    ReadWrite, Store, StoreError, TenantTx,
    db::{Row, Scope, query},
    user,
};

const TABLE: &str = "sessions";

/// How long a session lasts at most.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a session may lie idle.
const IDLE: Duration = Duration::from_secs(12 * 3600);
/// Uses closer together than this are not written down.
const TOUCH_AFTER: Duration = Duration::from_secs(60);
/// Symbols of a token, five bits each: 260 bits.
const TOKEN_SYMBOLS: usize = 52;

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The person, as of now.
    pub user: User,
    /// When the person signed in.
    pub created_at: Utc,
    /// When the session ends at the latest.
    pub expires_at: Utc,
}

impl Store {
    /// Finds whose session `token` opens at `now`, and notes that it was used; `None` when it is unknown, revoked,
    /// expired or idle for too long.
    pub async fn session(&self, token: &Secret<String>, now: Utc) -> Result<Option<Session>, StoreError> {
        let hash = hash(token);
        let select = query(
            TABLE,
            "SELECT u.tenant_id, u.id, u.username, u.name, u.access_level, u.default_extension_id, u.operator, u.created_at,
                 s.created_at AS signed_in_at, s.last_used_at, s.expires_at
             FROM sessions s JOIN users u ON u.tenant_id = s.tenant_id AND u.id = s.user_id
             WHERE s.token_hash = $1 AND s.expires_at > $2",
        );
        let Some(row) = self
            .db
            .read(Scope::Platform)
            .await?
            .row(select.bind(&hash).bind(&now))
            .await?
        else {
            return Ok(None);
        };
        let last_used_at: Utc = row.read("last_used_at")?;
        if now.since(last_used_at) >= IDLE {
            return Ok(None);
        }
        if now.since(last_used_at) >= TOUCH_AFTER {
            self.touch_session(&hash, now).await?;
        }
        session(&row).map(Some)
    }

    /// Ends the session that `token` opens; false when there is none.
    pub async fn revoke_session(&self, token: &Secret<String>) -> Result<bool, StoreError> {
        let delete = query(TABLE, "DELETE FROM sessions WHERE token_hash = $1");
        let mut tx = self.db.write(Scope::Platform).await?;
        let revoked = tx.run(delete.bind(&hash(token))).await? > 0;
        tx.commit().await?;
        Ok(revoked)
    }

    /// Removes the sessions that have expired or lain idle for too long, and tells how many.
    pub async fn remove_ended_sessions(&self, now: Utc) -> Result<u64, StoreError> {
        let delete = query(
            TABLE,
            "DELETE FROM sessions WHERE expires_at <= $1 OR last_used_at <= $2",
        )
        .bind(&now)
        .bind(&(now.as_millis().saturating_sub_unsigned(IDLE.as_millis() as u64)));
        let mut tx = self.db.write(Scope::Platform).await?;
        let removed = tx.run(delete).await?;
        tx.commit().await?;
        Ok(removed)
    }

    async fn touch_session(&self, hash: &Vec<u8>, now: Utc) -> Result<(), StoreError> {
        let update = query(
            TABLE,
            "UPDATE sessions SET last_used_at = $2 WHERE token_hash = $1 AND last_used_at < $2",
        );
        let mut tx = self.db.write(Scope::Platform).await?;
        tx.run(update.bind(hash).bind(&now)).await?;
        tx.commit().await
    }
}

impl TenantTx<ReadWrite> {
    /// Signs the person `user_id` in and returns the token, which is not kept; `None` when there is no such person.
    pub async fn create_session(
        &mut self,
        user_id: UserId,
        now: Utc,
        entropy: &mut Entropy,
    ) -> Result<Option<Secret<String>>, StoreError> {
        let token = Secret::new(entropy.word(TOKEN_SYMBOLS));
        let insert = query(
            TABLE,
            "INSERT INTO sessions (token_hash, tenant_id, user_id, created_at, last_used_at, expires_at)
             SELECT $1, tenant_id, id, $4, $4, $5 FROM users WHERE tenant_id = $2 AND id = $3",
        )
        .bind(&hash(&token))
        .bind(&self.tenant_id)
        .bind(&user_id)
        .bind(&now)
        .bind(&(now + LIFETIME));
        Ok((self.tx.run(insert).await? > 0).then_some(token))
    }

    /// Ends all sessions of the person `user_id`, and tells how many there were.
    pub async fn revoke_sessions(&mut self, user_id: UserId) -> Result<u64, StoreError> {
        let delete = query(TABLE, "DELETE FROM sessions WHERE tenant_id = $1 AND user_id = $2");
        self.tx.run(delete.bind(&self.tenant_id).bind(&user_id)).await
    }
}

fn session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        user: user::user(row)?,
        created_at: row.read("signed_in_at")?,
        expires_at: row.read("expires_at")?,
    })
}

fn hash(token: &Secret<String>) -> Vec<u8> {
    Sha256::digest(token.expose().as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, TestStore};

    async fn signed_in(test: &mut TestStore) -> (User, Secret<String>) {
        let tenant = test.tenant().await;
        let user = test.user(&tenant, "alice1").await;
        let mut tx = test.write(&tenant).await;
        let token = tx
            .create_session(user.id, NOW, &mut test.entropy)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(tx.commit().await.unwrap().version, None);
        (user, token)
    }

    #[tokio::test]
    async fn a_session_ends_after_twelve_idle_hours() {
        let mut test = TestStore::new().await;
        let (user, token) = signed_in(&mut test).await;
        let hours = |hours: u64| NOW + Duration::from_secs(hours * 3600);
        assert_eq!(test.store.session(&token, hours(11)).await.unwrap().unwrap().user, user);
        // That was a use.
        assert!(test.store.session(&token, hours(22)).await.unwrap().is_some());
        assert!(test.store.session(&token, hours(34)).await.unwrap().is_none());
        assert_eq!(test.store.remove_ended_sessions(hours(33)).await.unwrap(), 0);
        assert_eq!(test.store.remove_ended_sessions(hours(34)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_session_ends_after_thirty_days_however_busy() {
        let mut test = TestStore::new().await;
        let (_, token) = signed_in(&mut test).await;
        let mut now = NOW;
        while now < NOW + LIFETIME {
            assert!(test.store.session(&token, now).await.unwrap().is_some());
            now = now + Duration::from_secs(11 * 3600);
        }
        assert!(test.store.session(&token, NOW + LIFETIME).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_token_that_was_revoked_or_invented_opens_nothing() {
        let mut test = TestStore::new().await;
        let (_, token) = signed_in(&mut test).await;
        assert!(
            test.store
                .session(&Secret::new("guess".to_owned()), NOW)
                .await
                .unwrap()
                .is_none()
        );
        assert!(test.store.revoke_session(&token).await.unwrap());
        assert!(!test.store.revoke_session(&token).await.unwrap());
        assert!(test.store.session(&token, NOW).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_new_password_ends_all_sessions() {
        let mut test = TestStore::new().await;
        let (user, token) = signed_in(&mut test).await;
        let mut tx = test
            .store
            .write(user.tenant_id, wigwag_model::Author::server(NOW))
            .await
            .unwrap();
        assert!(
            tx.set_password_hash(user.id, &Secret::new("$new$".to_owned()))
                .await
                .unwrap()
        );
        let _ = tx.commit().await.unwrap();
        assert!(test.store.session(&token, NOW).await.unwrap().is_none());
    }
}
