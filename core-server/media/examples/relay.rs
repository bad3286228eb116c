//! A media plane alone, for load generators: `relay CALLS RELAY_PORT PHONE_PORT [THREADS]` on loopback.
//!
//! Phone n (0, 1, …) sends PCMU from port `PHONE_PORT + 2n` to `RELAY_PORT + 2n`; phones 0 and 1, 2 and 3, … hear each
//! other. Runs until its standard input ends, then prints the counters.

use std::{
    env,
    io::{Read, stdin},
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use wigwag_media::{IpFamily, LegKey, MediaConfig, MediaPlane, PortRange, Ports};
use wigwag_sansio::Entropy;
use wigwag_sip::sdp::{Agreement, Capabilities, Codec, Direction};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<u16> = env::args()
        .skip(1)
        .map(|argument| argument.parse())
        .collect::<Result<_, _>>()?;
    let [calls, relay_port, phone_port, ref rest @ ..] = arguments[..] else {
        return Err("relay CALLS RELAY_PORT PHONE_PORT [THREADS]".into());
    };
    let config = MediaConfig {
        ports: Ports::Range(PortRange::new(relay_port, relay_port + 4 * calls - 1)?),
        bind_v4: Some(Ipv4Addr::LOCALHOST),
        threads: rest.first().map_or(1, |threads| usize::from(*threads)),
        no_media_after: Duration::from_secs(3600),
        ..MediaConfig::default()
    };
    let plane = MediaPlane::start(config, Entropy::from_number(1), |_| {})?;
    // The ports come in a shuffled order: the port of a leg tells which phone it is for.
    let mut leg_of_phone = vec![None; usize::from(2 * calls)];
    for leg in (0..2 * calls).map(|leg| LegKey { call: 0, leg }) {
        let port = plane.open(u64::from(leg.leg), leg, IpFamily::V4)?.rtp.port();
        let phone = (port - relay_port) / 2;
        plane.configure(leg, agreement((Ipv4Addr::LOCALHOST, phone_port + 2 * phone).into()));
        leg_of_phone[usize::from(phone)] = Some(leg);
    }
    for pair in leg_of_phone.chunks(2) {
        if let [Some(even), Some(odd)] = pair {
            plane.bridge(*even, *odd);
        }
    }
    eprintln!("process {} relays {calls} calls", std::process::id());
    stdin().read_to_end(&mut Vec::new())?;
    plane.clone().shutdown();
    eprintln!("{:#?}", plane.metrics());
    Ok(())
}

fn agreement(remote: SocketAddr) -> Agreement {
    let capabilities = Capabilities::of_codecs([Codec::PCMU]);
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
