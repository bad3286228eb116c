//! The gateways of the platform that are in use, as one immutable list that is swapped when an operator changes one.

use std::net::IpAddr;

use wigwag_model::{Gateway, GatewayId};

/// The gateways that are switched on, in the order in which they are tried; those of one order share by weight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gateways {
    list: Vec<Gateway>,
}

impl Gateways {
    /// Those of `gateways` that are switched on.
    pub fn new(gateways: impl IntoIterator<Item = Gateway>) -> Self {
        let mut list: Vec<Gateway> = gateways
            .into_iter()
            .filter(|gateway| gateway.settings.enabled)
            .collect();
        list.sort_by_key(|gateway| (gateway.settings.order, gateway.id));
        Gateways { list }
    }

    /// All of them, the lowest order first.
    pub fn iter(&self) -> impl Iterator<Item = &Gateway> {
        self.list.iter()
    }

    /// The gateway `id`.
    pub fn gateway(&self, id: GatewayId) -> Option<&Gateway> {
        self.list.iter().find(|gateway| gateway.id == id)
    }

    /// Those that ordinary calls go out over.
    pub fn outbound(&self) -> impl Iterator<Item = &Gateway> {
        self.iter().filter(|gateway| gateway.settings.outbound)
    }

    /// Those that emergency calls go out over.
    pub fn emergency(&self) -> impl Iterator<Item = &Gateway> {
        self.iter().filter(|gateway| gateway.settings.emergency)
    }

    /// The gateway that names `address` as one of its sources; the addresses of its host are for whoever looks names up.
    pub fn of_source(&self, address: IpAddr) -> Option<&Gateway> {
        self.iter()
            .find(|gateway| gateway.settings.sources.iter().any(|source| source.contains(address)))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use wigwag_model::{GatewaySettings, Revision};
    use wigwag_sansio::{Entropy, Utc};

    use super::*;

    fn gateway(entropy: &mut Entropy, order: u16, settings: GatewaySettings) -> Gateway {
        Gateway {
            id: GatewayId::new(Utc::from_millis(0), entropy),
            revision: Revision::default(),
            settings: GatewaySettings { order, ..settings },
        }
    }

    #[test]
    fn those_of_the_lowest_order_come_first_and_those_switched_off_never() {
        let mut entropy = Entropy::from_number(1);
        let mut off = GatewaySettings::new("Off", "c.example");
        off.enabled = false;
        let mut second = GatewaySettings::new("Second", "b.example");
        second.emergency = true;
        let mut first = GatewaySettings::new("First", "a.example");
        first.sources = vec!["192.0.2.0/24".parse().expect("a network")];
        let gateways = Gateways::new([
            gateway(&mut entropy, 2, second),
            gateway(&mut entropy, 0, off),
            gateway(&mut entropy, 1, first),
        ]);
        let names: Vec<&str> = gateways.iter().map(|gateway| gateway.settings.name.as_str()).collect();
        assert_eq!(names, ["First", "Second"]);
        assert_eq!(gateways.emergency().count(), 1);
        let source = gateways.of_source("192.0.2.9".parse().expect("an address"));
        assert_eq!(source.map(|gateway| gateway.settings.name.as_str()), Some("First"));
        assert_eq!(gateways.of_source("198.51.100.1".parse().expect("an address")), None);
    }
}
