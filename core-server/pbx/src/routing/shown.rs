//! How people appear to each other: names and numbers on displays and in the history (S054, A54).

use wigwag_model::{Extension, Party, RingGroup};
use wigwag_sansio::Pii;

use super::attempt::{Attempt, Called, Caller, NoNumber};
use crate::TenantSnapshot;

/// How an extension appears to others.
pub fn party(extension: &Extension) -> Party {
    Party {
        name: Some(Pii::new(extension.name.clone())),
        number: Pii::new(extension.number.to_string()),
        extension: Some((extension.id, extension.number.clone())),
    }
}

/// How a ring group appears to whoever calls it.
pub fn group_party(group: &RingGroup) -> Party {
    Party {
        name: Some(Pii::new(group.settings.name.clone())),
        number: Pii::new(group.settings.number.to_string()),
        extension: None,
    }
}

/// How the caller of `attempt` appears to the company: the identifier of the number that was called comes first.
pub fn caller(snapshot: &TenantSnapshot, attempt: &Attempt) -> Option<Party> {
    match &attempt.caller {
        Caller::Extension(id) => snapshot.extension(*id).map(|extension| party(extension)),
        Caller::Outside(outsider) => {
            let number = match &outsider.number {
                Ok(number) => number.national().unwrap_or_else(|| number.to_string()),
                Err(NoNumber::Withheld) => "Withheld".to_owned(),
                Err(NoNumber::Unavailable) => "Unavailable".to_owned(),
            };
            let name = outsider.name.as_ref().map(|name| name.expose().as_str());
            let name = match (identifier(snapshot, attempt), name) {
                (Some(identifier), Some(name)) => Some(format!("{identifier}: {name}")),
                (Some(identifier), None) => Some(format!("{identifier}: {number}")),
                (None, name) => name.map(str::to_owned),
            };
            Some(Party {
                name: name.map(Pii::new),
                number: Pii::new(number),
                extension: None,
            })
        }
    }
}

fn identifier<'a>(snapshot: &'a TenantSnapshot, attempt: &Attempt) -> Option<&'a str> {
    match attempt.called {
        Called::Number(id) => snapshot.handling().number(id)?.settings.identifier.as_deref(),
        Called::Dialled(_) | Called::Transfer { .. } | Called::Destination(_) => None,
    }
}
