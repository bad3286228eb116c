//! `*52`, the echo test: the caller hears what the exchange receives (S232).

use super::FeatureCode;
use crate::routing::plan::{Plan, Treatment};

pub(super) fn parse(text: &str) -> Option<FeatureCode> {
    (text == "*52").then_some(FeatureCode::Echo)
}

pub(super) fn plan() -> Plan {
    Plan::Treat(Treatment::Echo)
}
