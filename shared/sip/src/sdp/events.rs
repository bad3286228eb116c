//! The set of telephone events a side understands: the `fmtp` value of RFC 4733 §2.4.1, for example `0-15,66`.

use std::fmt;

/// Event codes 0 to 255 as a set of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventSet([u64; 4]);

impl EventSet {
    /// What a description without `fmtp` means: the sixteen keys.
    pub(crate) const KEYS: EventSet = EventSet([0xffff, 0, 0, 0]);

    /// Reads the value; None when it is not a list of codes.
    pub(crate) fn parse(text: &str) -> Option<EventSet> {
        let list = text.trim().strip_prefix("events=").unwrap_or(text);
        let mut set = EventSet([0; 4]);
        for item in list.split([',', ';']).map(str::trim).filter(|item| !item.is_empty()) {
            let (first, last) = item.split_once('-').unwrap_or((item, item));
            let (first, last): (u8, u8) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
            (first..=last).for_each(|code| set.insert(code));
        }
        Some(set)
    }

    /// The events that both understand.
    pub(crate) fn and(self, other: EventSet) -> EventSet {
        EventSet(std::array::from_fn(|word| self.0[word] & other.0[word]))
    }

    /// Whether not a single event is in it.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == [0; 4]
    }

    fn insert(&mut self, code: u8) {
        self.0[usize::from(code / 64)] |= 1 << (code % 64);
    }

    fn contains(self, code: u8) -> bool {
        self.0[usize::from(code / 64)] & (1 << (code % 64)) != 0
    }
}

impl fmt::Display for EventSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let mut first = None;
        for code in 0..=u8::MAX {
            if !self.contains(code) {
                continue;
            }
            let start = *first.get_or_insert(code);
            if code < u8::MAX && self.contains(code + 1) {
                continue;
            }
            write!(f, "{separator}{start}")?;
            if start < code {
                write!(f, "-{code}")?;
            }
            (separator, first) = (",", None);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_read_cut_and_printed() {
        let set = |text| EventSet::parse(text).unwrap();
        assert_eq!(set("0-15, 66,70").to_string(), "0-15,66,70");
        assert_eq!(set("events=0-11;32").to_string(), "0-11,32");
        assert_eq!(set("0-16").and(EventSet::KEYS), EventSet::KEYS);
        assert_eq!(set("192-255").to_string(), "192-255");
        assert!(set("16").and(EventSet::KEYS).is_empty());
        assert_eq!(EventSet::parse("0-256"), None);
        assert_eq!(EventSet::parse("keys"), None);
    }
}
