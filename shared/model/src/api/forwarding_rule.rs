//! Forwarding rules in the API (S102–S114).

use serde::{Deserialize, Serialize};

use crate::{ExtensionId, ForwardingRule, ForwardingRuleId};

/// A forwarding rule of an extension, and what is odd about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForwardingRuleView {
    /// Whose it is.
    pub extension_id: ExtensionId,
    /// The rule.
    #[serde(flatten)]
    pub rule: ForwardingRule,
    /// What is odd about the extension's rules without being forbidden.
    pub warnings: Vec<Warning>,
}

/// Something that is allowed, but seldom meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Warning {
    /// The word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// The order of an extension's forwarding rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RuleOrder {
    /// All its rules; the first that matches a call wins.
    pub forwarding_rules: Vec<ForwardingRuleId>,
}

impl ForwardingRuleView {
    /// The rule `rule` of `extension_id` with `warnings`.
    pub fn new(extension_id: ExtensionId, rule: ForwardingRule, warnings: Vec<Warning>) -> Self {
        ForwardingRuleView {
            extension_id,
            rule,
            warnings,
        }
    }
}

impl Warning {
    /// Says `message` to people and `code` to programs.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Warning {
            code: code.into(),
            message: message.into(),
        }
    }
}
