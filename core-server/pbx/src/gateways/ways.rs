//! Which gateways a call to the outside may take, and in which order they are tried (A61).

use serde::{Deserialize, Serialize};
use wigwag_model::{Gateway, GatewayId, HangupCause};
use wigwag_sansio::Entropy;

use super::{Gateways, by_weight};

/// Channels of a gateway for emergency calls that others may not take.
const KEPT_FOR_EMERGENCIES: u32 = 2;

/// Whether a gateway answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// It has not been asked yet.
    #[default]
    Unknown,
    /// It does.
    Up,
    /// It does not, or it does not let us in.
    Down,
}

/// How a gateway stands at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it answers.
    pub health: Health,
    /// How many calls it carries.
    pub in_use: u32,
}

/// Why a call cannot go outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoWay {
    /// There is no gateway for it.
    NoGateway,
    /// All channels are in use.
    Full,
}

/// The gateways that a call may take, best first: those that answer, by order, and within an order by chance as their
/// weights say. Those that do not are only tried when there are no others; emergency calls try all there are, those
/// that are meant for them first, however full.
pub fn ways<'g>(
    gateways: &'g Gateways,
    standing: impl Fn(GatewayId) -> Standing,
    is_emergency: bool,
    entropy: &mut Entropy,
) -> Result<Vec<&'g Gateway>, NoWay> {
    if is_emergency {
        let ways = for_emergency(gateways, standing, entropy);
        return Some(ways).filter(|ways| !ways.is_empty()).ok_or(NoWay::NoGateway);
    }
    let all: Vec<&Gateway> = gateways.outbound().collect();
    let is_full = |gateway: &&Gateway| is_full(gateway, standing(gateway.id).in_use);
    let free: Vec<&Gateway> = all.iter().copied().filter(|gateway| !is_full(gateway)).collect();
    let is_down = |gateway: &&Gateway| standing(gateway.id).health == Health::Down;
    let (down, answering): (Vec<&Gateway>, Vec<&Gateway>) = free.into_iter().partition(is_down);
    let usable = if answering.is_empty() { down } else { answering };
    match (usable.is_empty(), all.is_empty()) {
        (false, _) => Ok(shuffled(usable, entropy)),
        (true, true) => Err(NoWay::NoGateway),
        (true, false) => Err(NoWay::Full),
    }
}

fn for_emergency<'g>(
    gateways: &'g Gateways,
    standing: impl Fn(GatewayId) -> Standing,
    entropy: &mut Entropy,
) -> Vec<&'g Gateway> {
    let usable = gateways
        .iter()
        .filter(|gateway| gateway.settings.emergency || gateway.settings.outbound);
    let mut ways = shuffled(usable.collect(), entropy);
    ways.sort_by_key(|gateway| {
        let Standing { health, in_use } = standing(gateway.id);
        let is_full = gateway.settings.channels.is_some_and(|channels| in_use >= channels);
        (health == Health::Down, is_full, !gateway.settings.emergency)
    });
    ways
}

/// Whether an ordinary call has no room.
fn is_full(gateway: &Gateway, in_use: u32) -> bool {
    let kept = if gateway.settings.emergency {
        KEPT_FOR_EMERGENCIES
    } else {
        0
    };
    gateway
        .settings
        .channels
        .is_some_and(|channels| in_use.saturating_add(kept) >= channels)
}

fn shuffled<'g>(gateways: Vec<&'g Gateway>, entropy: &mut Entropy) -> Vec<&'g Gateway> {
    by_weight(
        gateways,
        |gateway| (gateway.settings.order, gateway.settings.weight),
        entropy,
    )
}

impl NoWay {
    /// What the caller is told.
    pub fn cause(self) -> HangupCause {
        match self {
            NoWay::NoGateway => HangupCause::NetworkFailure,
            NoWay::Full => HangupCause::LimitReached,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use wigwag_model::{GatewaySettings, Revision};
    use wigwag_sansio::Utc;

    use super::*;

    struct World {
        entropy: Entropy,
        gateways: Vec<Gateway>,
        standings: BTreeMap<String, Standing>,
    }

    impl World {
        fn new() -> Self {
            World {
                entropy: Entropy::from_number(7),
                gateways: Vec::new(),
                standings: BTreeMap::new(),
            }
        }

        fn gateway(&mut self, name: &str, set: impl FnOnce(&mut GatewaySettings)) {
            let mut settings = GatewaySettings::new(name, "carrier.example");
            set(&mut settings);
            self.gateways.push(Gateway {
                id: GatewayId::new(Utc::from_millis(0), &mut self.entropy),
                revision: Revision::default(),
                settings,
            });
        }

        fn stands(&mut self, name: &str, health: Health, in_use: u32) {
            self.standings.insert(name.to_owned(), Standing { health, in_use });
        }

        fn ways(&mut self, is_emergency: bool) -> Result<Vec<String>, NoWay> {
            let known: BTreeMap<GatewayId, Standing> = self
                .gateways
                .iter()
                .filter_map(|gateway| Some((gateway.id, *self.standings.get(&gateway.settings.name)?)))
                .collect();
            let unknown = Standing {
                health: Health::Unknown,
                in_use: 0,
            };
            let standing = |id| known.get(&id).copied().unwrap_or(unknown);
            let gateways = Gateways::new(self.gateways.clone());
            let ways = ways(&gateways, standing, is_emergency, &mut self.entropy)?;
            Ok(ways.into_iter().map(|gateway| gateway.settings.name.clone()).collect())
        }
    }

    #[test]
    fn the_order_is_kept_and_weights_share_the_calls_of_equals() {
        let mut world = World::new();
        world.gateway("Last", |settings| settings.order = 2);
        world.gateway("Heavy", |settings| settings.weight = 3);
        world.gateway("Light", |_| ());
        let mut heavy = 0;
        for _ in 0..1_000 {
            let ways = world.ways(false).expect("three ways");
            assert_eq!((ways.len(), ways[2].as_str()), (3, "Last"));
            heavy += usize::from(ways[0] == "Heavy");
        }
        assert!((650..850).contains(&heavy), "{heavy}");
    }

    #[test]
    fn a_gateway_that_is_down_is_left_out_while_another_answers() {
        let mut world = World::new();
        world.gateway("First", |_| ());
        world.gateway("Second", |settings| settings.order = 1);
        world.stands("First", Health::Down, 0);
        assert_eq!(world.ways(false), Ok(vec!["Second".to_owned()]));
        world.stands("Second", Health::Down, 0);
        assert_eq!(world.ways(false), Ok(vec!["First".to_owned(), "Second".to_owned()]));
    }

    #[test]
    fn channels_are_kept_for_emergency_calls_which_try_everything() {
        let mut world = World::new();
        world.gateway("Ordinary", |_| ());
        world.gateway("Rescue", |settings| {
            settings.order = 1;
            settings.emergency = true;
            settings.channels = Some(4);
        });
        world.stands("Ordinary", Health::Down, 0);
        world.stands("Rescue", Health::Up, 1);
        assert_eq!(world.ways(false), Ok(vec!["Rescue".to_owned()]));
        world.stands("Rescue", Health::Up, 2);
        assert_eq!(world.ways(false), Ok(vec!["Ordinary".to_owned()]));
        assert_eq!(world.ways(true), Ok(vec!["Rescue".to_owned(), "Ordinary".to_owned()]));
        world.stands("Ordinary", Health::Up, 0);
        world.stands("Rescue", Health::Up, 4);
        assert_eq!(world.ways(true), Ok(vec!["Ordinary".to_owned(), "Rescue".to_owned()]));
    }

    #[test]
    fn without_a_gateway_and_with_full_ones_different_things_are_said() {
        let mut world = World::new();
        assert_eq!(world.ways(false), Err(NoWay::NoGateway));
        assert_eq!(world.ways(true), Err(NoWay::NoGateway));
        world.gateway("Only", |settings| settings.channels = Some(1));
        world.stands("Only", Health::Up, 1);
        assert_eq!(world.ways(false), Err(NoWay::Full));
        assert_eq!(NoWay::Full.cause(), HangupCause::LimitReached);
    }
}
