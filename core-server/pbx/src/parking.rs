//! The parking places of a company: 1 to 99, the lowest free one first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The last place.
const LAST: u8 = 99;

/// Which call is parked where; `C` names a call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ParkingLot<C> {
    taken: BTreeMap<u8, C>,
}

impl<C> Default for ParkingLot<C> {
    fn default() -> Self {
        ParkingLot { taken: BTreeMap::new() }
    }
}

impl<C: Copy + PartialEq> ParkingLot<C> {
    /// Parks a call at the place that is wished for, or the lowest free one; none, where that is taken or all are.
    pub fn park(&mut self, wish: Option<u8>, call: C) -> Option<u8> {
        let place = match wish {
            Some(place) => Some(place).filter(|place| (1..=LAST).contains(place) && !self.taken.contains_key(place)),
            None => (1..=LAST).find(|place| !self.taken.contains_key(place)),
        }?;
        self.taken.insert(place, call);
        Some(place)
    }

    /// The call that is parked at a place.
    pub fn at(&self, place: u8) -> Option<C> {
        self.taken.get(&place).copied()
    }

    /// A call is parked no longer.
    pub fn leave(&mut self, call: C) {
        self.taken.retain(|_, known| *known != call);
    }

    /// Whether nobody is parked.
    pub fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_place_is_taken() {
        let mut lot = ParkingLot::default();
        assert_eq!((lot.park(None, 'a'), lot.park(None, 'b')), (Some(1), Some(2)));
        lot.leave('a');
        assert_eq!((lot.at(1), lot.at(2)), (None, Some('b')));
        assert_eq!((lot.park(None, 'c'), lot.park(None, 'd')), (Some(1), Some(3)));
    }

    #[test]
    fn a_place_is_nobodys_second() {
        let mut lot = ParkingLot::default();
        assert_eq!((lot.park(Some(7), 'a'), lot.park(Some(7), 'b')), (Some(7), None));
        assert_eq!((lot.park(Some(0), 'b'), lot.park(Some(100), 'b')), (None, None));
        lot.leave('a');
        assert!(lot.is_empty());
    }

    #[test]
    fn a_full_lot_takes_nobody() {
        let mut lot = ParkingLot::default();
        assert!((1..=99_u32).all(|call| lot.park(None, call).is_some()));
        assert_eq!(lot.park(None, 100), None);
    }
}
