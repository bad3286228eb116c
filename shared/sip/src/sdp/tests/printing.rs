//! Printing is the inverse of reading.

use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::{collection::vec, option, prelude::*};
use smol_str::SmolStr;
use wigwag_sansio::{Pii, Secret};

use super::*;
use crate::sdp::{
    Address, Attribute, Codec, Crypto, InlineKey, Line, Media, MediaKind, Mki, Origin, Protocol, Section,
};

#[test]
fn every_body_from_the_field_survives_printing() {
    for text in [
        BARESIP,
        CHROME,
        CISCO,
        FAX,
        IPV6,
        LINPHONE,
        PJSIP,
        SIPP,
        YEALINK,
        YEALINK_SRTP,
    ] {
        let description = read(text);
        assert_eq!(Description::parse(&description.to_bytes()), Ok(description.clone()));
        if text == BARESIP {
            assert_eq!(shown(&description), text, "what is in order stays byte for byte");
        }
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(description in description()) {
        let again = Description::parse(&description.to_bytes());
        prop_assert_eq!(again.as_ref(), Ok(&description), "{}", description);
    }

    #[test]
    fn what_is_read_prints_the_same_ever_after(body in "(v=0\n)?(o=- 1 1 IN IP4 1.2.3.4\n)?([a-z]=[ -~é]{0,20}\r?\n){0,8}") {
        if let Ok(description) = Description::parse(body.as_bytes()) {
            let printed = description.to_bytes();
            prop_assert_eq!(Description::parse(&printed).map(|again| again.to_bytes()), Ok(printed));
        }
    }

    #[test]
    fn no_bytes_do_harm(body in vec(any::<u8>(), 0..400)) {
        let _ = Description::parse(&body);
    }

    #[test]
    fn no_description_does_harm_to_a_leg(offer in description(), answer in description()) {
        let playable = crate::sdp::Capabilities::of_codecs([Codec::PCMA, Codec::PCMU, Codec::OPUS]);
        let mut leg = leg(1);
        let _ = leg.answer(&offer, &caller_side(), &playable);
        let _ = leg.refresh(&offer);
        let _ = leg.reoffer(Direction::SendOnly);
        let _ = leg.accept_answer(&answer);
        let ours = leg.offer(&caller_side(), &playable);
        prop_assert_eq!(Description::parse(&ours.to_bytes()), Ok(ours));
    }
}

fn description() -> impl Strategy<Value = Description> {
    let session = section(vec![Line {
        kind: 't',
        value: Pii::new("0 0".into()),
    }]);
    (origin(), word(), session, vec(media(), 0..4)).prop_map(|(origin, name, session, media)| Description {
        origin,
        name: Pii::new(name),
        session,
        media,
    })
}

fn origin() -> impl Strategy<Value = Origin> {
    (word(), "[0-9]{1,20}", "[0-9]{1,20}", host()).prop_map(|(username, id, version, address)| Origin {
        username: Pii::new(username),
        id: id.into(),
        version: version.into(),
        address,
    })
}

fn section(lines: Vec<Line>) -> impl Strategy<Value = Section> {
    (option::of(host()), vec(attribute(), 0..8)).prop_map(move |(connection, attributes)| Section {
        connection,
        lines: lines.clone(),
        attributes,
    })
}

fn media() -> impl Strategy<Value = Media> {
    let kind = prop_oneof![4 => Just(MediaKind::Audio), 1 => Just(MediaKind::Video), 1 => Just(MediaKind::Image)];
    let protocol = prop_oneof![
        4 => Just(Protocol::RtpAvp),
        1 => Just(Protocol::RtpSavp),
        1 => Just(Protocol::UdpTlsRtpSavpf),
        1 => Just(Protocol::Other("udptl".into())),
    ];
    let formats = vec(
        prop_oneof![Just("0"), Just("8"), Just("96"), Just("101"), Just("t38")],
        0..6,
    );
    (
        kind,
        any::<u16>(),
        option::of(any::<u16>()),
        protocol,
        formats,
        section(Vec::new()),
    )
        .prop_map(|(kind, port, port_count, protocol, formats, section)| Media {
            kind,
            port,
            port_count,
            protocol,
            formats: formats.into_iter().map(SmolStr::from).collect(),
            section,
        })
}

fn attribute() -> impl Strategy<Value = Attribute> {
    let codec = (word(), 1..100_000_u32, 1..9_u8).prop_map(|(name, clock_rate, channels)| Codec {
        name,
        clock_rate,
        channels,
    });
    let codec = prop_oneof![
        codec,
        Just(Codec::PCMA),
        Just(Codec::OPUS),
        Just(Codec::telephone_event(8000))
    ];
    prop_oneof![
        (prop_oneof![Just(8), Just(96), Just(101), 0..128_u8], codec)
            .prop_map(|(payload_type, codec)| Attribute::RtpMap { payload_type, codec }),
        (word(), "[!-~]( ?[!-~]){0,20}").prop_map(|(format, parameters)| Attribute::Fmtp {
            format,
            parameters: parameters.into(),
        }),
        (1..=1000_u32).prop_map(Attribute::Ptime),
        (1..=1000_u32).prop_map(Attribute::MaxPtime),
        (any::<bool>(), any::<bool>())
            .prop_map(|(sends, receives)| Attribute::Direction(Direction::of(sends, receives))),
        (any::<u16>(), option::of(host())).prop_map(|(port, address)| Attribute::Rtcp { port, address }),
        Just(Attribute::RtcpMux),
        crypto().prop_map(Attribute::Crypto),
        word().prop_map(Attribute::IceUfrag),
        word().prop_map(|password| Attribute::IcePwd(Secret::new(password))),
        ("x-[a-z]{1,8}", option::of("([!-~]( ?[!-~]){0,20})?")).prop_map(|(name, value)| Attribute::Other {
            name: name.into(),
            value: value.map(|value| Pii::new(value.into())),
        }),
    ]
}

fn crypto() -> impl Strategy<Value = Crypto> {
    let suite = (0..Suite::ALL.len()).prop_map(|index| Suite::ALL[index]);
    let mki = (any::<u64>(), 1..=128_u8).prop_map(|(value, length)| Mki { value, length });
    let extras = (option::of(1..u64::MAX), option::of(mki));
    (
        0..1_000_000_000_u32,
        suite,
        vec((any::<u64>(), extras), 1..3),
        vec(word(), 0..3),
    )
        .prop_map(|(tag, suite, keys, parameters)| Crypto {
            tag,
            suite,
            keys: keys
                .into_iter()
                .map(|(seed, (lifetime, mki))| InlineKey {
                    key_salt: Crypto::generate_key(suite, &mut Entropy::from_number(seed)),
                    lifetime,
                    mki,
                })
                .collect(),
            parameters,
        })
}

fn host() -> impl Strategy<Value = Address> {
    prop_oneof![
        any::<u32>().prop_map(|bits| Address::V4(Ipv4Addr::from_bits(bits))),
        any::<u128>().prop_map(|bits| Address::V6(Ipv6Addr::from_bits(bits))),
        "[a-z]{1,8}\\.example".prop_map(|name| Address::Name(name.into())),
    ]
}

fn word() -> impl Strategy<Value = SmolStr> {
    "[A-Za-z0-9][A-Za-z0-9.-]{0,11}".prop_map(SmolStr::from)
}
