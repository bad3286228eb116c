//! The legs of one thread, found by key for commands and by token for packets.

use std::collections::HashMap;

use super::Anchor;
use crate::{key::LegKey, leg::Channel};

/// Where a leg lives in its thread; a token of a leg that is gone finds nothing, even when its place is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Token {
    index: u32,
    generation: u32,
}

#[derive(Default)]
pub(crate) struct Anchors {
    places: Vec<Place>,
    vacant: Vec<u32>,
    by_key: HashMap<LegKey, Token>,
}

#[derive(Default)]
struct Place {
    generation: u32,
    anchor: Option<Box<Anchor>>,
}

impl Token {
    /// A number of 63 bits that names the token and a channel, for epoll: generations wrap at 2³¹.
    pub(crate) fn with_channel(self, channel: Channel) -> u64 {
        u64::from(self.generation) << 33 | u64::from(self.index) << 1 | u64::from(channel == Channel::Rtcp)
    }

    pub(crate) fn from_number(number: u64) -> (Token, Channel) {
        let token = Token {
            index: (number >> 1) as u32,
            generation: (number >> 33) as u32,
        };
        (token, if number & 1 == 1 { Channel::Rtcp } else { Channel::Rtp })
    }
}

impl Anchors {
    pub(crate) fn len(&self) -> usize {
        self.by_key.len()
    }

    pub(crate) fn insert(&mut self, anchor: Box<Anchor>) -> Token {
        let index = self.vacant.pop().unwrap_or_else(|| {
            self.places.push(Place::default());
            u32::try_from(self.places.len() - 1).expect("file descriptors run out long before 2³² legs")
        });
        let place = &mut self.places[index as usize];
        let token = Token {
            index,
            generation: place.generation,
        };
        self.by_key.insert(anchor.key, token);
        place.anchor = Some(anchor);
        token
    }

    pub(crate) fn remove(&mut self, token: Token) -> Option<Box<Anchor>> {
        let place = self.places.get_mut(token.index as usize)?;
        if place.generation != token.generation {
            return None;
        }
        let anchor = place.anchor.take()?;
        place.generation = (place.generation + 1) & 0x7fff_ffff;
        self.vacant.push(token.index);
        self.by_key.remove(&anchor.key);
        Some(anchor)
    }

    pub(crate) fn token(&self, key: LegKey) -> Option<Token> {
        self.by_key.get(&key).copied()
    }

    pub(crate) fn get(&self, token: Token) -> Option<&Anchor> {
        let place = self.places.get(token.index as usize)?;
        (place.generation == token.generation)
            .then_some(place.anchor.as_deref())
            .flatten()
    }

    pub(crate) fn get_mut(&mut self, token: Token) -> Option<&mut Anchor> {
        let place = self.places.get_mut(token.index as usize)?;
        (place.generation == token.generation)
            .then_some(place.anchor.as_deref_mut())
            .flatten()
    }

    /// Every leg, in the order of their places.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        let of = |(index, place): (usize, &Place)| {
            place.anchor.as_ref().map(|_| Token {
                index: index as u32,
                generation: place.generation,
            })
        };
        self.places.iter().enumerate().filter_map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_and_its_channel_survive_epoll() {
        let token = Token {
            index: u32::MAX,
            generation: 0x7fff_ffff,
        };
        for channel in [Channel::Rtp, Channel::Rtcp] {
            assert_eq!(Token::from_number(token.with_channel(channel)), (token, channel));
        }
    }
}
