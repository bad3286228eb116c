//! A map that forgets its oldest key when it is full; every operation takes logarithmic time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Entries of one kind that are remembered; beyond it the oldest is forgotten.
const REMEMBERED: usize = 100_000;
/// How many of the oldest entries are looked at for each new one, so that what is out of date does not stay.
const LOOKED_AT: usize = 2;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(
    serialize = "K: Ord + Serialize, V: Serialize",
    deserialize = "K: Ord + Deserialize<'de>, V: Deserialize<'de>"
))]
pub(super) struct Remembered<K, V> {
    values: BTreeMap<K, (u64, V)>,
    order: BTreeMap<u64, K>,
    last: u64,
}

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Self {
        Remembered {
            values: BTreeMap::new(),
            order: BTreeMap::new(),
            last: 0,
        }
    }
}

impl<K: Ord + Clone, V> Remembered<K, V> {
    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    pub(super) fn find(&self, key: &K) -> Option<&V> {
        self.values.get(key).map(|(_, value)| value)
    }

    pub(super) fn find_mut(&mut self, key: &K) -> Option<&mut V> {
        self.values.get_mut(key).map(|(_, value)| value)
    }

    /// Remembers the value; a new key takes the place of some of the oldest ones if `is_past` says so of their values.
    pub(super) fn insert(&mut self, key: K, value: V, is_past: impl Fn(&V) -> bool) {
        if let Some((_, known)) = self.values.get_mut(&key) {
            *known = value;
            return;
        }
        self.tidy(is_past);
        let age = self.next_age();
        self.order.insert(age, key.clone());
        self.values.insert(key, (age, value));
        if self.values.len() > REMEMBERED {
            self.forget_oldest();
        }
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some((age, _)) = self.values.remove(key) {
            self.order.remove(&age);
        }
    }

    /// Looks at the oldest entries: what is past goes, what is not becomes the newest.
    fn tidy(&mut self, is_past: impl Fn(&V) -> bool) {
        for _ in 0..LOOKED_AT.min(self.values.len()) {
            let Some((_, key)) = self.order.pop_first() else { return };
            let next = self.next_age();
            match self.values.get_mut(&key) {
                Some((_, value)) if is_past(value) => drop(self.values.remove(&key)),
                Some((age, _)) => {
                    *age = next;
                    self.order.insert(next, key);
                }
                None => {}
            }
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, oldest)) = self.order.pop_first() {
            self.values.remove(&oldest);
        }
    }

    fn next_age(&mut self) -> u64 {
        self.last += 1;
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_holds_more_than_it_may() {
        let mut remembered = Remembered::default();
        for key in 0..REMEMBERED + 5 {
            remembered.insert(key, (), |()| false);
        }
        assert_eq!((remembered.len(), remembered.order.len()), (REMEMBERED, REMEMBERED));
        remembered.remove(&(REMEMBERED + 4));
        remembered.remove(&(REMEMBERED + 4));
        assert_eq!(
            (remembered.len(), remembered.order.len()),
            (REMEMBERED - 1, REMEMBERED - 1)
        );
    }

    #[test]
    fn what_is_past_makes_room_for_what_is_new() {
        let mut remembered = Remembered::default();
        (0..1000).for_each(|key| remembered.insert(key, key, |_| false));
        (1000..2000).for_each(|key| remembered.insert(key, key, |&value| value < 1000));
        assert_eq!(remembered.len(), 1000);
        assert!(remembered.find(&0).is_none() && remembered.find(&1999).is_some());
    }
}
