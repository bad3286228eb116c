//! Playing and mixing allocate nothing while they go on: seconds of a recording and of a room in every codec, with
//! every allocation of the process counted. A test binary of its own, since neighbours would be counted too.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

use std::{
    alloc::System,
    net::{SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use wigwag_media::{
    IpFamily, Keys, LegKey, MediaConfig, MediaPlane, Part, Programme, RoomKey, Sound, Times, codec::Encoder,
};
use wigwag_sansio::Entropy;
use wigwag_sip::sdp::{Agreement, Capabilities, Codec, Direction, Format};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// More than the second after which who is silent shares an encoding.
const WARM_UP: u32 = 70;
const FRAMES: u32 = 100;

struct Phone {
    socket: UdpSocket,
    leg: LegKey,
    at: SocketAddr,
    packet: Vec<u8>,
}

impl Phone {
    fn new(plane: &MediaPlane, leg: u16, codec: &Codec) -> Phone {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let leg = LegKey { call: 1, leg };
        let at = plane.open(1, leg, IpFamily::V4).unwrap().rtp;
        plane.configure(leg, agreement(socket.local_addr().unwrap(), codec));
        let rate = codec.sample_rate();
        let samples: Vec<i16> = (0..rate / 50).map(|n| (n % 16 * 500) as i16).collect();
        let mut packet = vec![0; 1_500];
        let bytes = Encoder::of(codec).unwrap().encode(&samples, &mut packet[12..]).unwrap();
        packet.truncate(12 + bytes);
        packet[..2].copy_from_slice(&[0x80, 97]);
        Phone {
            socket,
            leg,
            at,
            packet,
        }
    }

    fn hear(&self) {
        let mut packet = [0; 2_048];
        self.socket.recv_from(&mut packet).unwrap();
    }

    fn say(&mut self, n: u32) {
        self.packet[2..4].copy_from_slice(&(n as u16).to_be_bytes());
        self.socket.send_to(&self.packet, self.at).unwrap();
    }
}

#[test]
fn seconds_of_recordings_and_rooms_allocate_nothing() {
    let config = MediaConfig {
        threads: 1,
        // Who only listens is not reported meanwhile.
        no_media_after: Duration::from_secs(3_600),
        ..MediaConfig::loopback()
    };
    let plane = MediaPlane::start(config, Entropy::from_number(1), |_| {}).unwrap();
    let codecs = [Codec::PCMA, Codec::PCMU, Codec::G722, Codec::OPUS];
    let sound = Arc::new(Sound::new(48_000, (0..48_000).map(|n| (n % 96 * 100) as i16).collect()).unwrap());
    let mut legs = 0..;
    let mut of_codec = |codec| Phone::new(&plane, legs.next().unwrap(), codec);
    let listeners: Vec<Phone> = codecs.iter().map(&mut of_codec).collect();
    let mut guests: Vec<Phone> = codecs.iter().chain(&codecs[..2]).map(&mut of_codec).collect();
    let mut pair: Vec<Phone> = [Codec::PCMA, Codec::OPUS].iter().map(&mut of_codec).collect();
    for phone in &listeners {
        let music = Programme::new(1).sound(Arc::clone(&sound)).gain(-3);
        plane.play(phone.leg, music.repeated(Times::Forever));
    }
    for (n, phone) in (0..).zip(&guests) {
        let part = Part {
            muted: n > 3,
            gain_db: 2,
        };
        plane.join(phone.leg, RoomKey(1), part);
        let keys = Keys {
            in_sound: true,
            ..Keys::default()
        };
        plane.treat_keys(phone.leg, keys);
    }
    plane.bridge(pair[0].leg, pair[1].leg);

    let mut frame = |n: u32| {
        listeners.iter().for_each(Phone::hear);
        for phone in guests.iter_mut().chain(&mut pair) {
            phone.hear();
            phone.say(n);
        }
    };
    (0..WARM_UP).for_each(&mut frame);
    let region = Region::new(ALLOCATOR);
    (WARM_UP..WARM_UP + FRAMES).for_each(&mut frame);
    let change = region.change();
    assert_eq!((change.allocations, change.reallocations), (0, 0), "{change:?}");
    plane.clone().shutdown();
    assert!(plane.metrics().packets_mixed >= u64::from(FRAMES));
}

fn agreement(remote: SocketAddr, codec: &Codec) -> Agreement {
    let capabilities = Capabilities {
        codecs: vec![Format::new(97, codec.clone())],
        ..Capabilities::default()
    };
    Agreement {
        remote_rtp: Some(remote),
        remote_rtcp: None,
        rtcp_mux: false,
        direction: Direction::SendRecv,
        receive: capabilities.clone(),
        send: capabilities,
        srtp: None,
    }
}
