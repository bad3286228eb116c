//! Both directions of one leg: keys, roll-over counters, replay windows (RFC 3711 §3.2.3).

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};
use wigwag_sip::sdp::SrtpKeys;

use super::{
    derivation::WrongKeyLength,
    transform::{NotAuthentic, Protocol, Transform},
    window::Window,
};
use crate::{drops::DropReason, rtp::Header};

/// The cryptographic contexts of a leg. Its serialised form is the master keys and the windows; the session keys are
/// derived again.
#[derive(Deserialize)]
#[serde(try_from = "Plain")]
pub(crate) struct SrtpSession {
    plain: Plain,
    ciphers: Ciphers,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Plain {
    keys: SrtpKeys,
    sent_rtp: Window,
    sent_rtcp: u32,
    heard: Vec<Source>,
}

/// One synchronisation source of the peer.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Source {
    ssrc: u32,
    rtp: Window,
    rtcp: Window,
}

struct Ciphers {
    send_rtp: Transform,
    send_rtcp: Transform,
    receive_rtp: Transform,
    receive_rtcp: Transform,
}

/// Sources that are remembered; a phone that goes through more of them forgets the eldest.
const SOURCES: usize = 4;

/// The index of SRTCP has 31 bits; a leg would need centuries.
const LAST_RTCP_INDEX: u32 = (1 << 31) - 1;

impl SrtpSession {
    pub(crate) fn new(keys: SrtpKeys) -> Result<Self, WrongKeyLength> {
        Plain {
            keys,
            sent_rtp: Window::default(),
            sent_rtcp: 0,
            heard: Vec::with_capacity(SOURCES),
        }
        .try_into()
    }

    pub(crate) fn keys(&self) -> &SrtpKeys {
        &self.plain.keys
    }

    /// Encrypts the packet in `buffer[..len]`, which begins with `header`; answers its new length. No index is used
    /// twice, whatever those whose packets are passed on do: the key stream would be.
    pub(crate) fn seal_rtp(
        &mut self,
        buffer: &mut [u8],
        header_bytes: usize,
        len: usize,
        header: &Header,
    ) -> Result<usize, DropReason> {
        let window = &mut self.plain.sent_rtp;
        let index = window.index_of(header.sequence).filter(|index| window.is_new(*index));
        let index = index.ok_or(DropReason::Replayed)?;
        window.note(index);
        Ok(self
            .ciphers
            .send_rtp
            .seal_rtp(buffer, header_bytes, len, header.ssrc, index))
    }

    /// Decrypts a packet in place; answers its new length.
    pub(crate) fn open_rtp(
        &mut self,
        packet: &mut [u8],
        header_bytes: usize,
        header: &Header,
    ) -> Result<usize, DropReason> {
        let window = self
            .source(header.ssrc)
            .map_or_else(Window::default, |source| source.rtp);
        let index = window.index_of(header.sequence).filter(|index| window.is_new(*index));
        let index = index.ok_or(DropReason::Replayed)?;
        let opened = self
            .ciphers
            .receive_rtp
            .open_rtp(packet, header_bytes, header.ssrc, index);
        let len = opened.map_err(|NotAuthentic| DropReason::NotAuthentic)?;
        self.remember(header.ssrc).rtp.note(index);
        Ok(len)
    }

    /// Encrypts the compound of `ssrc` in `buffer[..len]`; answers its new length, or `None` when the key is used up.
    pub(crate) fn seal_rtcp(&mut self, buffer: &mut [u8], len: usize, ssrc: u32) -> Option<usize> {
        if self.plain.sent_rtcp == LAST_RTCP_INDEX {
            return None;
        }
        self.plain.sent_rtcp += 1;
        Some(
            self.ciphers
                .send_rtcp
                .seal_rtcp(buffer, len, ssrc, self.plain.sent_rtcp),
        )
    }

    /// Decrypts a compound in place; answers its new length.
    pub(crate) fn open_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, DropReason> {
        let (ssrc, index) = self
            .ciphers
            .receive_rtcp
            .claims(packet)
            .ok_or(DropReason::NotAuthentic)?;
        let known = self
            .source(ssrc)
            .is_none_or(|source| source.rtcp.is_new(u64::from(index)));
        if !known {
            return Err(DropReason::Replayed);
        }
        let opened = self.ciphers.receive_rtcp.open_rtcp(packet, ssrc, index);
        let len = opened.map_err(|NotAuthentic| DropReason::NotAuthentic)?;
        self.remember(ssrc).rtcp.note(u64::from(index));
        Ok(len)
    }

    fn source(&self, ssrc: u32) -> Option<&Source> {
        self.plain.heard.iter().find(|source| source.ssrc == ssrc)
    }

    /// The state of a source that has proved that it knows the key.
    fn remember(&mut self, ssrc: u32) -> &mut Source {
        let heard = &mut self.plain.heard;
        let place = heard.iter().position(|source| source.ssrc == ssrc).unwrap_or_else(|| {
            if heard.len() == SOURCES {
                heard.remove(0);
            }
            heard.push(Source {
                ssrc,
                rtp: Window::default(),
                rtcp: Window::default(),
            });
            heard.len() - 1
        });
        &mut heard[place]
    }
}

impl TryFrom<Plain> for SrtpSession {
    type Error = WrongKeyLength;

    fn try_from(plain: Plain) -> Result<Self, WrongKeyLength> {
        let keys = &plain.keys;
        let ciphers = Ciphers {
            send_rtp: Transform::new(keys.suite, &keys.send, Protocol::Rtp)?,
            send_rtcp: Transform::new(keys.suite, &keys.send, Protocol::Rtcp)?,
            receive_rtp: Transform::new(keys.suite, &keys.receive, Protocol::Rtp)?,
            receive_rtcp: Transform::new(keys.suite, &keys.receive, Protocol::Rtcp)?,
        };
        Ok(SrtpSession { plain, ciphers })
    }
}

impl Serialize for SrtpSession {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.plain.serialize(serializer)
    }
}

impl fmt::Debug for SrtpSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plain.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::Secret;
    use wigwag_sip::sdp::Suite;

    use super::*;
    use crate::{rtp::HEADER, srtp::transform::tests::hex};

    /// Two ends of a leg: what one sends the other receives.
    fn ends(suite: Suite) -> (SrtpSession, SrtpSession) {
        let key = |first: u8| {
            Secret::new(
                (first..)
                    .take(suite.key_bytes() + suite.salt_bytes())
                    .collect::<Vec<_>>(),
            )
        };
        let keys = |send, receive| SrtpKeys { suite, send, receive };
        let session = |keys| SrtpSession::new(keys).expect("keys of the right length");
        (session(keys(key(0), key(100))), session(keys(key(100), key(0))))
    }

    fn rtp(sequence: u16, payload: &[u8]) -> (Header, Vec<u8>) {
        let header = Header {
            payload_type: 8,
            marker: false,
            sequence,
            timestamp: 160,
            ssrc: 0xcafe_babe,
        };
        let mut packet = vec![0; HEADER];
        header.write(packet.first_chunk_mut().expect("twelve bytes"));
        packet.extend(payload);
        (header, packet)
    }

    fn seal(session: &mut SrtpSession, sequence: u16, payload: &[u8]) -> Result<Vec<u8>, DropReason> {
        let (header, mut packet) = rtp(sequence, payload);
        let plain = packet.len();
        packet.resize(plain + 20, 0);
        let len = session.seal_rtp(&mut packet, HEADER, plain, &header)?;
        packet.truncate(len);
        Ok(packet)
    }

    fn open(session: &mut SrtpSession, packet: &[u8]) -> Result<Vec<u8>, DropReason> {
        let mut packet = packet.to_vec();
        let (header, header_bytes) = Header::parse(&packet).expect("a header");
        let len = session.open_rtp(&mut packet, header_bytes, &header)?;
        packet.truncate(len);
        Ok(packet[header_bytes..].to_vec())
    }

    #[test]
    fn libsrtp_makes_the_same_packets() {
        let counter_128 = "e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6";
        let counter_256 =
            "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6 3b04803de51ee7c96423ab5b78d2";
        let galois_128 = "000102030405060708090a0b0c0d0e0f a0a1a2a3a4a5a6a7a8a9aaab";
        let sealed = [
            (
                Suite::AesCm128HmacSha1_80,
                counter_128,
                "4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb",
            ),
            (
                Suite::AesCm256HmacSha1_80,
                counter_256,
                "f1d9de17ff251ff1aa007774b0b4b40d a08d9d9a5b3a55d8873b",
            ),
            (
                Suite::AeadAes128Gcm,
                galois_128,
                "c5002ede04cfdd2eb91159e0880aa06e d2976826f796b201df3131a127e8a392",
            ),
        ];
        for (suite, key, sealed) in sealed {
            let key = Secret::new(hex(key));
            let keys = SrtpKeys {
                suite,
                send: key.clone(),
                receive: key,
            };
            let mut session = SrtpSession::new(keys).expect("keys of the right length");
            let plain = hex("800f1234 decafbad cafebabe abababababababababababababababab");
            let (header, _) = Header::parse(&plain).expect("a header");
            let mut buffer = [&plain[..], &[0; 20]].concat();
            let len = session
                .seal_rtp(&mut buffer, HEADER, plain.len(), &header)
                .expect("a new packet");
            assert_eq!(buffer[HEADER..len], hex(sealed), "{suite:?}");
            assert_eq!(open(&mut session, &buffer[..len]), Ok(plain[HEADER..].to_vec()));
        }
    }

    #[test]
    fn libsrtp_makes_the_same_rtcp() {
        let key = Secret::new(hex("e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6"));
        let keys = SrtpKeys {
            suite: Suite::AesCm128HmacSha1_80,
            send: key.clone(),
            receive: key,
        };
        let mut session = SrtpSession::new(keys).expect("keys of the right length");
        let plain = hex("81c8000b cafebabe abababababababababababababababab");
        let mut buffer = [&plain[..], &[0; 20]].concat();
        let len = session
            .seal_rtcp(&mut buffer, plain.len(), 0xcafe_babe)
            .expect("a fresh key");
        let sealed = "81c8000b cafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798";
        assert_eq!(buffer[..len], hex(sealed));
    }

    #[test]
    fn every_suite_carries_rtp_and_rtcp_over_the_wrap_of_sequence_numbers() {
        for suite in Suite::ALL {
            let (mut us, mut phone) = ends(suite);
            for n in 0..1_000u32 {
                let sealed = seal(&mut us, (65_000 + n) as u16, b"sound").expect("a new packet");
                assert_eq!(open(&mut phone, &sealed).as_deref(), Ok(&b"sound"[..]), "{suite:?} {n}");
                if n % 100 == 0 {
                    let compound = [0x80, 201, 0, 1, 1, 2, 3, 4, 0x81, 202, 0, 1, 5, 5, 5, 5];
                    let mut buffer = [&compound[..], &[0; 20]].concat();
                    let len = us
                        .seal_rtcp(&mut buffer, compound.len(), 0x0102_0304)
                        .expect("a fresh key");
                    assert_eq!(buffer[..8], compound[..8]);
                    assert_ne!(buffer[8..16], compound[8..]);
                    let sealed = buffer[..len].to_vec();
                    let opened = phone.open_rtcp(&mut buffer[..len]).expect("an authentic compound");
                    assert_eq!(buffer[..opened], compound);
                    assert_eq!(phone.open_rtcp(&mut sealed.clone()), Err(DropReason::Replayed));
                }
            }
        }
    }

    #[test]
    fn what_is_changed_cut_or_repeated_does_not_pass() {
        for suite in Suite::ALL {
            let (mut us, mut phone) = ends(suite);
            let sealed = seal(&mut us, 1, b"sound").expect("a new packet");
            for place in 0..sealed.len() {
                let mut changed = sealed.clone();
                changed[place] ^= 0x40;
                // Another version or more sources are not for SRTP to see.
                if place != 0 {
                    assert_eq!(
                        open(&mut phone, &changed),
                        Err(DropReason::NotAuthentic),
                        "{suite:?} {place}"
                    );
                }
            }
            for len in HEADER..sealed.len() {
                assert_eq!(open(&mut phone, &sealed[..len]), Err(DropReason::NotAuthentic));
            }
            assert_eq!(open(&mut phone, &sealed).as_deref(), Ok(&b"sound"[..]));
            assert_eq!(open(&mut phone, &sealed), Err(DropReason::Replayed));
            for len in 0..40 {
                let mut noise = vec![0x81; len];
                assert!(phone.open_rtcp(&mut noise).is_err());
            }
        }
    }

    #[test]
    fn no_index_is_sealed_twice() {
        let (mut us, _) = ends(Suite::AeadAes128Gcm);
        assert!(seal(&mut us, 7, b"one").is_ok());
        assert_eq!(seal(&mut us, 7, b"two"), Err(DropReason::Replayed));
    }

    #[test]
    fn a_frozen_session_goes_on_where_it_was() {
        let (mut us, mut phone) = ends(Suite::AesCm128HmacSha1_80);
        let mut before = Vec::new();
        for n in 65_000..66_000u32 {
            before = seal(&mut us, n as u16, b"sound").expect("a new packet");
            open(&mut phone, &before).expect("an authentic packet");
        }
        let frozen = postcard::to_allocvec(&phone).expect("plain data");
        let mut thawed: SrtpSession = postcard::from_bytes(&frozen).expect("what was frozen");
        assert_eq!(open(&mut thawed, &before), Err(DropReason::Replayed));
        let next = seal(&mut us, 66_000u32 as u16, b"sound").expect("a new packet");
        assert_eq!(open(&mut thawed, &next).as_deref(), Ok(&b"sound"[..]));
    }

    #[test]
    fn a_phone_of_many_sources_does_not_fill_memory() {
        let (us, mut phone) = ends(Suite::AesCm128HmacSha1_32);
        for ssrc in 0..100 {
            let (header, mut packet) = rtp(1, b"sound");
            let header = Header { ssrc, ..header };
            header.write(packet.first_chunk_mut().expect("twelve bytes"));
            let plain = packet.len();
            packet.resize(plain + 4, 0);
            us.ciphers.send_rtp.seal_rtp(&mut packet, HEADER, plain, ssrc, 1);
            assert!(open(&mut phone, &packet).is_ok());
        }
        assert_eq!(phone.plain.heard.len(), SOURCES);
    }
}
