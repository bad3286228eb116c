//! An ear in a call: a leg of the media plane whose sound is kept here, so that it can be measured.

use std::{
    collections::VecDeque,
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::{net::UdpSocket, sync::watch, task::JoinHandle};
use wigwag_media::codec::Decoder;
use wigwag_sip::sdp::{Agreement, Capabilities, Codec, Direction};

use crate::heard::WINDOW;

/// RFC 3550 §5.1: our own packets have no contributing sources and no extension.
const RTP_HEADER: usize = 12;

/// Listens to a call; all clones hear the same.
#[derive(Clone, Debug)]
pub(crate) struct Ear {
    sound: Arc<Mutex<VecDeque<i16>>>,
    /// How many samples were heard in all.
    count: watch::Receiver<u64>,
}

/// What an ear hears by. It is deaf when this is dropped.
#[derive(Debug)]
pub(crate) struct EarDrum {
    pub(crate) address: SocketAddr,
    ear: Ear,
    task: JoinHandle<()>,
}

impl EarDrum {
    /// Opens a port for sound that leaves the media plane.
    pub(crate) fn open(ip: IpAddr) -> io::Result<EarDrum> {
        let socket = std::net::UdpSocket::bind((ip, 0))?;
        socket.set_nonblocking(true)?;
        let address = socket.local_addr()?;
        let socket = UdpSocket::from_std(socket)?;
        let (heard, count) = watch::channel(0);
        let sound = Arc::<Mutex<VecDeque<i16>>>::default();
        let ear = Ear {
            sound: Arc::clone(&sound),
            count,
        };
        let task = tokio::spawn(listen(socket, sound, heard));
        Ok(EarDrum { address, ear, task })
    }

    pub(crate) fn ear(&self) -> Ear {
        self.ear.clone()
    }

    /// What the media plane is told of it.
    pub(crate) fn agreement(&self) -> Agreement {
        let capabilities = Capabilities::of_codecs([Codec::PCMU]);
        Agreement {
            remote_rtp: Some(self.address),
            remote_rtcp: None,
            rtcp_mux: true,
            direction: Direction::SendOnly,
            receive: capabilities.clone(),
            send: capabilities,
            srtp: None,
        }
    }
}

impl Drop for EarDrum {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Ear {
    /// The next whole window of sound, from now on; `None` once the call is over.
    pub(crate) async fn next(&mut self) -> Option<Vec<i16>> {
        let start = *self.count.borrow();
        let enough = |count: &u64| count - start >= WINDOW as u64;
        self.count.wait_for(enough).await.ok()?;
        Some(self.sound.lock().iter().copied().collect())
    }
}

async fn listen(socket: UdpSocket, sound: Arc<Mutex<VecDeque<i16>>>, heard: watch::Sender<u64>) {
    let Some(mut decoder) = Decoder::of(&Codec::PCMU) else {
        return;
    };
    let mut packet = [0; 2048];
    loop {
        let Ok(length) = socket.recv(&mut packet).await else {
            continue;
        };
        let mut samples = Vec::new();
        let payload = packet.get(RTP_HEADER..length).unwrap_or_default();
        if decoder.decode(payload, &mut samples).is_none() {
            continue;
        }
        let count = samples.len() as u64;
        {
            let mut sound = sound.lock();
            sound.extend(samples);
            let surplus = sound.len().saturating_sub(WINDOW);
            sound.drain(..surplus);
        }
        heard.send_modify(|heard| *heard += count);
    }
}
