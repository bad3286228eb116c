//! Relaying allocates nothing: ten thousand packets through plain and encrypted legs, with every allocation of the
//! process counted. A test binary of its own, since neighbours would be counted too.

use std::{
    alloc::System,
    net::{SocketAddr, UdpSocket},
    sync::mpsc::channel,
    time::Duration,
};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use wigwag_media::{IpFamily, LegKey, MediaConfig, MediaPlane};
use wigwag_sansio::{Entropy, Secret};
use wigwag_sip::sdp::{Agreement, Capabilities, Codec, Direction, SrtpKeys, Suite};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: u32 = 5_000;

#[test]
fn ten_thousand_relayed_packets_allocate_nothing() {
    let config = MediaConfig {
        threads: 1,
        ..MediaConfig::loopback()
    };
    let plane = MediaPlane::start(config, Entropy::from_number(1), |_| {}).unwrap();
    let phones: [UdpSocket; 4] = std::array::from_fn(|_| {
        let phone = UdpSocket::bind("127.0.0.1:0").unwrap();
        phone.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        phone
    });
    // Alice → first leg → second leg, encrypted → back in → third leg, decrypted → fourth leg → Bob.
    let keys = [None, Some((1, 2)), Some((2, 1)), None];
    let mut ports = Vec::new();
    for (leg, (phone, keys)) in (0..).zip(phones.iter().zip(keys)) {
        let leg = LegKey { call: 1, leg };
        ports.push(plane.open(1, leg, IpFamily::V4).unwrap().rtp);
        plane.configure(leg, agreement(phone.local_addr().unwrap(), keys));
    }
    plane.bridge(LegKey { call: 1, leg: 0 }, LegKey { call: 1, leg: 1 });
    plane.bridge(LegKey { call: 1, leg: 2 }, LegKey { call: 1, leg: 3 });
    let (done, ready) = channel();
    plane.statistics(LegKey { call: 1, leg: 3 }, move |_| done.send(()).unwrap());
    ready.recv().unwrap();

    let [alice, encrypted_out, encrypted_in, bob] = &phones;
    let mut packet = [0xd5; 172];
    let mut round = |n: u32| {
        packet[..2].copy_from_slice(&[0x80, 8]);
        packet[2..4].copy_from_slice(&(n as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&(n * 160).to_be_bytes());
        alice.send_to(&packet, ports[0]).unwrap();
        let mut sealed = [0; 256];
        let (len, _) = encrypted_out.recv_from(&mut sealed).unwrap();
        encrypted_in.send_to(&sealed[..len], ports[2]).unwrap();
        let mut plain = [0; 256];
        let (len, _) = bob.recv_from(&mut plain).unwrap();
        assert_eq!(plain[12..len], packet[12..]);
    };
    // The first packets latch, and the channels of the test grow.
    (0..100).for_each(&mut round);
    let region = Region::new(ALLOCATOR);
    (100..100 + ROUNDS).for_each(&mut round);
    let change = region.change();
    assert_eq!((change.allocations, change.reallocations), (0, 0), "{change:?}");
    plane.clone().shutdown();
    assert_eq!(plane.metrics().packets_relayed, u64::from(2 * (100 + ROUNDS)));
}

fn agreement(remote: SocketAddr, keys: Option<(u8, u8)>) -> Agreement {
    let capabilities = Capabilities::of_codecs([Codec::PCMA]);
    let suite = Suite::AesCm128HmacSha1_80;
    let key = |fill| Secret::new(vec![fill; suite.key_bytes() + suite.salt_bytes()]);
    Agreement {
        remote_rtp: Some(remote),
        remote_rtcp: None,
        rtcp_mux: false,
        direction: Direction::SendRecv,
        receive: capabilities.clone(),
        send: capabilities,
        srtp: keys.map(|(send, receive)| SrtpKeys {
            suite,
            send: key(send),
            receive: key(receive),
        }),
    }
}
