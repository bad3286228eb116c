//! What sound that we make costs: `sound` prints the CPU time of the media thread for each leg and second of played,
//! transcoded and mixed legs, network included, on loopback.

use std::{
    fs,
    net::{SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use wigwag_media::{
    IpFamily, LegKey, MediaConfig, MediaPlane, Part, Programme, RoomKey, Sound, Times, Tone, codec::Encoder,
};
use wigwag_sansio::Entropy;
use wigwag_sip::sdp::{Agreement, Capabilities, Codec, Direction, Format};

type Failure = Box<dyn std::error::Error>;

/// Who pays attention to what.
enum Trial {
    Tone,
    Recording,
    /// The legs are bridged in pairs, and every second one speaks the other codec.
    Bridge(Codec),
    /// All are in rooms of so many, of whom so many speak.
    Room(u16, u16),
}

struct Phone {
    socket: UdpSocket,
    at: SocketAddr,
    packet: Vec<u8>,
}

const FRAMES: u32 = 500;
const WARM_UP: u32 = 100;

fn main() -> Result<(), Failure> {
    const PCMA: Codec = Codec::PCMA;
    let trials = [
        ("tone, PCMA", Trial::Tone, PCMA, 60),
        ("recording of 16 kHz, PCMA", Trial::Recording, PCMA, 60),
        ("recording of 16 kHz, G.722", Trial::Recording, Codec::G722, 60),
        ("recording of 16 kHz, Opus", Trial::Recording, Codec::OPUS, 20),
        ("relay, PCMA", Trial::Bridge(Codec::PCMA), PCMA, 60),
        ("PCMA and PCMU", Trial::Bridge(Codec::PCMU), PCMA, 60),
        ("PCMA and G.722", Trial::Bridge(Codec::G722), PCMA, 60),
        ("PCMA and Opus", Trial::Bridge(Codec::OPUS), PCMA, 20),
        ("rooms of 3, PCMA", Trial::Room(3, 3), PCMA, 60),
        ("rooms of 3, G.722", Trial::Room(3, 3), Codec::G722, 60),
        ("rooms of 3, Opus", Trial::Room(3, 3), Codec::OPUS, 12),
        ("room of 60, one speaks, PCMA", Trial::Room(60, 1), PCMA, 60),
        ("room of 60, one speaks, Opus", Trial::Room(60, 1), Codec::OPUS, 60),
    ];
    for (name, trial, codec, legs) in trials {
        let millis = measure(&trial, &codec, legs)?;
        eprintln!("{name:32} {millis:.2} ms CPU a second and leg");
    }
    Ok(())
}

fn measure(trial: &Trial, codec: &Codec, legs: u16) -> Result<f64, Failure> {
    let config = MediaConfig {
        threads: 1,
        ..MediaConfig::loopback()
    };
    let plane = MediaPlane::start(config, Entropy::from_number(1), |_| {})?;
    let sound = Arc::new(Sound::new(
        16_000,
        (0..160_000).map(|n| (n % 40 * 200) as i16).collect(),
    )?);
    let mut phones = Vec::new();
    for n in 0..legs {
        let leg = LegKey { call: 0, leg: n };
        let codec = match trial {
            Trial::Bridge(other) if n % 2 == 1 => other,
            Trial::Bridge(_) | Trial::Tone | Trial::Recording | Trial::Room(..) => codec,
        };
        phones.push(Phone::new(&plane, leg, codec)?);
        match trial {
            Trial::Tone => plane.play(leg, Tone::Ringing),
            Trial::Recording => {
                let music = Programme::new(0).sound(Arc::clone(&sound));
                plane.play(leg, music.repeated(Times::Forever));
            }
            Trial::Bridge(_) if n % 2 == 1 => plane.bridge(LegKey { call: 0, leg: n - 1 }, leg),
            Trial::Bridge(_) => {}
            Trial::Room(size, _) => plane.join(leg, RoomKey(u64::from(n / size)), Part::default()),
        }
    }
    // Somebody beside them gives the time.
    let time = Phone::new(&plane, LegKey { call: 1, leg: 0 }, &Codec::PCMA)?;
    plane.play(LegKey { call: 1, leg: 0 }, Tone::Silence);
    let mut begin = 0;
    for frame in 0..WARM_UP + FRAMES {
        time.hear()?;
        if frame == WARM_UP {
            begin = cpu_ns()?;
        }
        for (n, phone) in (0..).zip(&mut phones) {
            let speaks = match trial {
                Trial::Tone | Trial::Recording => false,
                Trial::Bridge(_) => true,
                Trial::Room(size, speakers) => n % size < *speakers,
            };
            if speaks {
                phone.say(frame)?;
            }
        }
    }
    let spent = cpu_ns()? - begin;
    plane.shutdown();
    Ok(spent as f64 / 1e6 / f64::from(legs) / (f64::from(FRAMES) / 50.0))
}

/// What the media thread has used so far.
fn cpu_ns() -> Result<u64, Failure> {
    for task in fs::read_dir("/proc/self/task")? {
        let task = task?.path();
        if fs::read_to_string(task.join("comm"))?.starts_with("media-") {
            let spent = fs::read_to_string(task.join("schedstat"))?;
            return Ok(spent.split(' ').next().unwrap_or_default().parse()?);
        }
    }
    Err("there is no media thread".into())
}

impl Phone {
    fn new(plane: &MediaPlane, leg: LegKey, codec: &Codec) -> Result<Phone, Failure> {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.set_read_timeout(Some(Duration::from_secs(10)))?;
        let at = plane.open(0, leg, IpFamily::V4)?.rtp;
        plane.configure(leg, agreement(socket.local_addr()?, codec));
        let samples: Vec<i16> = (0..codec.sample_rate() / 50).map(|n| (n % 16 * 500) as i16).collect();
        let mut packet = vec![0; 1_500];
        let mut encoder = Encoder::of(codec).ok_or("a codec of others")?;
        let bytes = encoder.encode(&samples, &mut packet[12..]).ok_or("no room")?;
        packet.truncate(12 + bytes);
        packet[..2].copy_from_slice(&[0x80, 97]);
        Ok(Phone { socket, at, packet })
    }

    fn hear(&self) -> Result<(), Failure> {
        self.socket.recv_from(&mut [0; 2_048])?;
        Ok(())
    }

    fn say(&mut self, n: u32) -> Result<(), Failure> {
        self.packet[2..4].copy_from_slice(&(n as u16).to_be_bytes());
        self.socket.send_to(&self.packet, self.at)?;
        Ok(())
    }
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
