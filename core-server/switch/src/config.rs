//! What the switch is told when it starts.

use smol_str::SmolStr;
use wigwag_sip_io::Listen;

/// Settings of the whole switch; they do not change while it runs.
#[derive(Clone, Debug)]
pub struct SwitchConfig {
    /// The domain of all SIP addresses, and the realm of their passwords.
    pub domain: SmolStr,
    /// Further host names that are ours.
    pub hosts: Vec<SmolStr>,
    /// Where SIP is served, so that nobody registers our own address.
    pub listening: Vec<Listen>,
}
