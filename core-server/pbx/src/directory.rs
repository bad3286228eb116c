//! The one thing without a tenant: which company a SIP username or a public number belongs to, and the gateways.

use std::{collections::HashMap, sync::Arc};

use serde::{Deserialize, Serialize};
use wigwag_model::{ExtensionId, NumberId, PhoneNumber, SipUsername, TenantId};

use crate::Gateways;

/// Where a SIP username belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Home {
    /// The company.
    pub tenant_id: TenantId,
    /// The extension.
    pub extension_id: ExtensionId,
}

/// Where a public number belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberHome {
    /// The company.
    pub tenant_id: TenantId,
    /// The number within the company.
    pub number_id: NumberId,
}

/// What the whole platform shares; patched key by key. No lookup allocates.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    usernames: HashMap<SipUsername, Home>,
    numbers: HashMap<PhoneNumber, NumberHome>,
    gateways: Arc<Gateways>,
}

impl Directory {
    /// Where `username` belongs.
    pub fn home(&self, username: &SipUsername) -> Option<Home> {
        self.usernames.get(username).copied()
    }

    /// Whose `number` is.
    pub fn number(&self, number: &PhoneNumber) -> Option<NumberHome> {
        self.numbers.get(number).copied()
    }

    /// The gateways as they are now; what is handed out never changes.
    pub fn gateways(&self) -> Arc<Gateways> {
        self.gateways.clone()
    }

    /// Adds or moves a username.
    pub fn insert(&mut self, username: SipUsername, home: Home) {
        self.usernames.insert(username, home);
    }

    /// Removes a username.
    pub fn remove(&mut self, username: &SipUsername) {
        self.usernames.remove(username);
    }

    /// Adds or moves a number.
    pub fn insert_number(&mut self, number: PhoneNumber, home: NumberHome) {
        self.numbers.insert(number, home);
    }

    /// Removes a number.
    pub fn remove_number(&mut self, number: &PhoneNumber) {
        self.numbers.remove(number);
    }

    /// Puts `gateways` in place of those that there are.
    pub fn set_gateways(&mut self, gateways: Gateways) {
        self.gateways = Arc::new(gateways);
    }

    /// How many usernames there are.
    pub fn len(&self) -> usize {
        self.usernames.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.usernames.is_empty()
    }

    /// How many public numbers there are.
    pub fn number_count(&self) -> usize {
        self.numbers.len()
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::{Entropy, Utc};

    use super::*;

    #[test]
    fn a_number_leads_to_its_company_in_every_written_form_until_it_is_released() {
        let mut entropy = Entropy::from_number(1);
        let home = NumberHome {
            tenant_id: TenantId::new(Utc::from_millis(0), &mut entropy),
            number_id: NumberId::new(Utc::from_millis(0), &mut entropy),
        };
        let mut directory = Directory::default();
        directory.insert_number("01632 960123".parse().expect("a number"), home);
        let asked: PhoneNumber = "+441632960123".parse().expect("a number");
        assert_eq!(directory.number(&asked), Some(home));
        directory.remove_number(&asked);
        assert_eq!(directory.number(&asked), None);
    }
}
