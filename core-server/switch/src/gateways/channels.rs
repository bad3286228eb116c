//! How many calls go over each gateway, and how many of each company, held as guards of the legs (S093, A61).

use std::{collections::HashMap, hash::Hash, sync::Arc};

use parking_lot::Mutex;
use wigwag_model::{GatewayId, TenantId};

/// The lines to the outside that are in use.
#[derive(Clone, Debug, Default)]
pub(crate) struct Channels(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    by_gateway: HashMap<GatewayId, u32>,
    by_tenant: HashMap<TenantId, u32>,
}

/// A line that a company uses; it is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct TenantLine {
    channels: Channels,
    tenant: TenantId,
}

/// A leg over a gateway; its lines are free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Channel {
    gateway: GatewayId,
    line: TenantLine,
}

impl Channels {
    /// Takes a line for a company, unless it uses `most` already.
    pub(crate) fn take(&self, tenant: TenantId, most: u32) -> Option<TenantLine> {
        let mut counts = self.0.lock();
        let count = counts.by_tenant.entry(tenant).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(self.line(tenant))
    }

    /// Takes a line for a company, whatever it uses already.
    pub(crate) fn take_anyway(&self, tenant: TenantId) -> TenantLine {
        *self.0.lock().by_tenant.entry(tenant).or_default() += 1;
        self.line(tenant)
    }

    /// The leg that uses `line` goes over `gateway`.
    pub(crate) fn over(&self, gateway: GatewayId, line: TenantLine) -> Channel {
        *self.0.lock().by_gateway.entry(gateway).or_default() += 1;
        Channel { gateway, line }
    }

    /// How many calls go over a gateway.
    pub(crate) fn in_use(&self, gateway: GatewayId) -> u32 {
        self.0.lock().by_gateway.get(&gateway).copied().unwrap_or_default()
    }

    fn line(&self, tenant: TenantId) -> TenantLine {
        TenantLine {
            channels: self.clone(),
            tenant,
        }
    }
}

impl Channel {
    pub(crate) fn gateway(&self) -> GatewayId {
        self.gateway
    }
}

impl Drop for TenantLine {
    fn drop(&mut self) {
        give_back(&mut self.channels.0.lock().by_tenant, self.tenant);
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        give_back(&mut self.line.channels.0.lock().by_gateway, self.gateway);
    }
}

fn give_back<K: Hash + Eq>(counts: &mut HashMap<K, u32>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::{Entropy, Utc};

    use super::*;

    #[test]
    fn a_line_is_free_again_when_its_leg_is_over() {
        let mut entropy = Entropy::from_number(1);
        let tenant = TenantId::new(Utc::from_millis(0), &mut entropy);
        let gateway = GatewayId::new(Utc::from_millis(0), &mut entropy);
        let channels = Channels::default();
        let line = channels.take(tenant, 1).expect("the first line");
        assert!(channels.take(tenant, 1).is_none());
        let channel = channels.over(gateway, line);
        let rescue = channels.take_anyway(tenant);
        assert_eq!(channels.in_use(gateway), 1);
        drop((channel, rescue));
        assert_eq!(channels.in_use(gateway), 0);
        assert!(channels.take(tenant, 1).is_some());
    }
}
