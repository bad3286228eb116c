//! The sound of one call: a tone goes out, and what comes in is recorded.

use std::f64::consts::TAU;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::ear::{Ear, RATE, Recording};
use super::ulaw;

/// Samples of one packet: 20 ms.
const PACKET: u32 = 160;
const PACE: Duration = Duration::from_millis(20);
const HEADER: usize = 12;
/// Half of full scale.
const AMPLITUDE: f64 = 16_384.0;

/// The sound of one call. It ends when this is dropped.
#[derive(Debug)]
pub(super) struct Voice {
    address: SocketAddr,
    to: watch::Sender<Option<SocketAddr>>,
    ear: Ear,
    tasks: Vec<JoinHandle<()>>,
}

impl Voice {
    /// Opens a port at `ip`; nothing is sent yet.
    pub(super) fn open(ip: IpAddr, hz: f64) -> Voice {
        let socket = std::net::UdpSocket::bind((ip, 0)).expect("the kernel has a free port");
        socket.set_nonblocking(true).expect("a socket need not block");
        let socket = Arc::new(UdpSocket::from_std(socket).expect("there is a runtime"));
        let address = socket.local_addr().expect("a bound socket has an address");
        let (to, target) = watch::channel(None);
        let (announce, more) = watch::channel(());
        let recording = Recording::default();
        let ear = Ear::new(recording.clone(), more);
        let tasks = vec![
            tokio::spawn(speak(Arc::clone(&socket), target, hz)),
            tokio::spawn(listen(socket, recording, announce)),
        ];
        Voice {
            address,
            to,
            ear,
            tasks,
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Speaks to this address from now on, or to nobody.
    pub(super) fn speak_to(&self, to: Option<SocketAddr>) {
        self.to.send_replace(to);
    }

    pub(super) fn ear(&self) -> Ear {
        self.ear.clone()
    }

    /// Falls silent and deaf; the port is free again.
    pub(super) fn stop(&mut self) {
        self.tasks.drain(..).for_each(|task| task.abort());
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn speak(socket: Arc<UdpSocket>, to: watch::Receiver<Option<SocketAddr>>, hz: f64) {
    let mut pace = tokio::time::interval(PACE);
    let (mut sequence, mut timestamp) = (1_u16, 0_u32);
    loop {
        pace.tick().await;
        let target = *to.borrow();
        if let Some(target) = target {
            // Nobody may listen at the other end any more.
            let _ = socket.send_to(&packet(sequence, timestamp, hz), target).await;
            sequence = sequence.wrapping_add(1);
        }
        timestamp = timestamp.wrapping_add(PACKET);
    }
}

async fn listen(socket: Arc<UdpSocket>, recording: Recording, announce: watch::Sender<()>) {
    let mut packet = [0; 2048];
    loop {
        let Ok(length) = socket.recv(&mut packet).await else {
            continue;
        };
        let is_sound = length > HEADER && packet[0] >> 6 == 2 && packet[1] & 0x7f == 0;
        if is_sound {
            recording.append(packet[HEADER..length].iter().map(|octet| ulaw::decode(*octet)));
            announce.send_replace(());
        }
    }
}

/// An RTP packet (RFC 3550 §5.1) with 20 ms of a sine.
fn packet(sequence: u16, timestamp: u32, hz: f64) -> Vec<u8> {
    let mut packet = vec![0x80, 0];
    packet.extend(sequence.to_be_bytes());
    packet.extend(timestamp.to_be_bytes());
    packet.extend(0x5157_4721_u32.to_be_bytes());
    let sample = |index: u32| {
        let seconds = f64::from(timestamp.wrapping_add(index)) / f64::from(RATE);
        (AMPLITUDE * (TAU * hz * seconds).sin()) as i16
    };
    packet.extend((0..PACKET).map(|index| ulaw::encode(sample(index))));
    packet
}
