//! Request methods (RFC 3261 §7.1 and its extensions).

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::token::{NotToken, Token};

macro_rules! methods {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// A request method; names are case-sensitive, and unknown ones survive byte-exact.
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "SmolStr", into = "SmolStr")]
        pub enum Method {
            $($(#[$doc])* $variant,)*
            /// A method that this crate does not know.
            Other(Token),
        }

        impl Method {
            /// The name on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Method::$variant => $text,)*
                    Method::Other(token) => token,
                }
            }

            /// The method with this name, which must be a token.
            pub fn new(name: &str) -> Result<Self, NotToken> {
                Method::from_bytes(name.as_bytes())
            }

            pub(crate) fn from_bytes(name: &[u8]) -> Result<Self, NotToken> {
                $(if name == $text.as_bytes() { return Ok(Method::$variant); })*
                Token::from_bytes(name).map(Method::Other)
            }
        }
    };
}

methods! {
    /// Starts or changes a call.
    Invite = "INVITE",
    /// Confirms the final answer to an INVITE.
    Ack = "ACK",
    /// Ends a call.
    Bye = "BYE",
    /// Gives up an INVITE that is not answered yet.
    Cancel = "CANCEL",
    /// Tells where a user can be reached.
    Register = "REGISTER",
    /// Asks what the other side can do.
    Options = "OPTIONS",
    /// Carries something within a call (RFC 6086).
    Info = "INFO",
    /// Changes a call without asking the user (RFC 3311).
    Update = "UPDATE",
    /// Confirms a provisional answer (RFC 3262).
    Prack = "PRACK",
    /// Asks for a transfer (RFC 3515).
    Refer = "REFER",
    /// Asks for notifications (RFC 6665).
    Subscribe = "SUBSCRIBE",
    /// Notifies (RFC 6665).
    Notify = "NOTIFY",
    /// A text message (RFC 3428).
    Message = "MESSAGE",
    /// Publishes an event state (RFC 3903).
    Publish = "PUBLISH",
}

impl TryFrom<SmolStr> for Method {
    type Error = NotToken;

    fn try_from(name: SmolStr) -> Result<Self, NotToken> {
        Method::new(&name)
    }
}

impl From<Method> for SmolStr {
    fn from(method: Method) -> SmolStr {
        SmolStr::new(method.as_str())
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_case_sensitive() {
        assert_eq!(Method::new("INVITE"), Ok(Method::Invite));
        let lower = Method::new("invite").unwrap();
        assert!(matches!(&lower, Method::Other(name) if name.as_str() == "invite"));
        assert_eq!(lower.to_string(), "invite");
        assert_eq!(Method::new("IN VITE"), Err(NotToken));
    }
}
