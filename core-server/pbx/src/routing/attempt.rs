//! Who wants to speak to whom: what a decision is about.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_model::{Destination, ExtensionId, NumberId, PhoneNumber};
use wigwag_sansio::Pii;

/// Somebody calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Who.
    pub caller: Caller,
    /// Whom.
    pub called: Called,
}

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Caller {
    /// An extension of the company.
    Extension(ExtensionId),
    /// Somebody outside.
    Outside(Outsider),
}

/// Somebody outside, as the carrier tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outsider {
    /// The number, if there is one that may be shown.
    pub number: Result<PhoneNumber, NoNumber>,
    /// The name, if the carrier tells one.
    pub name: Option<Pii<String>>,
}

/// Why there is no number of a caller (A66).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoNumber {
    /// The caller does not want it shown.
    Withheld,
    /// It was not sent, often from abroad.
    Unavailable,
}

/// Who is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Called {
    /// What an extension dialled from idle: the user part of the Request-URI, unescaped.
    Dialled(SmolStr),
    /// A public number of the company.
    Number(NumberId),
    /// What `by` dialled to send the caller there.
    Transfer {
        /// Who sends the caller on.
        by: ExtensionId,
        /// What was dialled.
        text: SmolStr,
    },
    /// Something of the company, without dialling.
    Destination(Destination),
}

impl Attempt {
    /// What `caller` dials from idle.
    pub fn dialled(caller: ExtensionId, text: impl Into<SmolStr>) -> Self {
        Attempt {
            caller: Caller::Extension(caller),
            called: Called::Dialled(text.into()),
        }
    }

    /// Whether the caller is outside of the company: some rules are about such calls only.
    pub fn is_external(&self) -> bool {
        matches!(self.caller, Caller::Outside(_))
    }

    /// The extension on whose account outside calls of this attempt are made.
    pub fn payer(&self) -> Option<ExtensionId> {
        match (&self.called, &self.caller) {
            (Called::Transfer { by, .. }, _) => Some(*by),
            (_, Caller::Extension(id)) => Some(*id),
            (_, Caller::Outside(_)) => None,
        }
    }
}
