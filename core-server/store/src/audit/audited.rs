//! What the log says of a thing: all that its JSON says, but for secrets.

use serde::Serialize;
use serde_json::Value;
use wigwag_model::{EntityKind, Extension, Tenant, User};

/// Fields that are left out wherever they stand.
const SECRETS: [&str; 5] = ["password", "sip_password", "password_hash", "pin", "pins"];

/// A thing whose changes stand in the log.
pub(crate) trait Audited: Serialize {
    /// Its kind.
    const KIND: EntityKind;

    /// Which one it is, as the API names it.
    fn key(&self) -> String;
}

/// The thing as JSON without secrets.
pub(crate) fn facts(thing: &impl Audited) -> String {
    let mut value = serde_json::to_value(thing).expect("our nouns are plain data with text keys");
    strip(&mut value);
    value.to_string()
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !SECRETS.contains(&name.as_str()));
            fields.values_mut().for_each(strip);
        }
        Value::Array(entries) => entries.iter_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

macro_rules! audited {
    ($($name:ty: $kind:ident;)*) => {$(
        impl Audited for $name {
            const KIND: EntityKind = EntityKind::$kind;

            fn key(&self) -> String {
                self.id.to_string()
            }
        }
    )*};
}

audited! {
    Tenant: Tenant;
    User: User;
    Extension: Extension;
}
