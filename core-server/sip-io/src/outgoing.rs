//! What waits to be written to one connection.

use std::collections::VecDeque;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

/// A bounded queue from many threads to one writer. When it is full the connection is closed: the peer does not read.
#[derive(Debug)]
pub(crate) struct Outgoing {
    queue: Mutex<Queue>,
    writable: Notify,
    aborted: Notify,
    limit_bytes: usize,
}

#[derive(Debug)]
enum Queue {
    Open {
        packets: VecDeque<Bytes>,
        bytes: usize,
    },
    /// The writer ends after the last packet.
    Finishing {
        packets: VecDeque<Bytes>,
    },
    /// The connection ends now.
    Aborted,
}

/// The connection takes no more packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Closed;

impl Outgoing {
    pub(crate) fn new(limit_bytes: usize) -> Self {
        Outgoing {
            queue: Mutex::new(Queue::Open {
                packets: VecDeque::new(),
                bytes: 0,
            }),
            writable: Notify::new(),
            aborted: Notify::new(),
            limit_bytes,
        }
    }

    pub(crate) fn push(&self, packet: Bytes) -> Result<(), Closed> {
        match &mut *self.queue.lock() {
            Queue::Open { packets, bytes } if *bytes + packet.len() <= self.limit_bytes => {
                *bytes += packet.len();
                packets.push_back(packet);
                self.writable.notify_one();
                return Ok(());
            }
            Queue::Open { .. } => {}
            Queue::Finishing { .. } | Queue::Aborted => return Err(Closed),
        }
        self.abort();
        Err(Closed)
    }

    /// Takes no more packets and lets the writer end after the last.
    pub(crate) fn finish(&self) {
        let mut queue = self.queue.lock();
        if let Queue::Open { packets, .. } = &mut *queue {
            *queue = Queue::Finishing {
                packets: std::mem::take(packets),
            };
        }
        self.writable.notify_one();
    }

    /// Forgets what is unwritten and ends the connection.
    pub(crate) fn abort(&self) {
        *self.queue.lock() = Queue::Aborted;
        self.writable.notify_one();
        self.aborted.notify_one();
    }

    /// The next packet to write, or that the connection ends. For one writer; may be dropped and called again.
    pub(crate) async fn next(&self) -> Option<Bytes> {
        loop {
            match &mut *self.queue.lock() {
                Queue::Open { packets, bytes } => {
                    if let Some(packet) = packets.pop_front() {
                        *bytes -= packet.len();
                        return Some(packet);
                    }
                }
                Queue::Finishing { packets } => return packets.pop_front(),
                Queue::Aborted => return None,
            }
            self.writable.notified().await;
        }
    }

    /// Waits until the connection has to end with whatever is unwritten. For one waiter.
    pub(crate) async fn aborted(&self) {
        while !matches!(*self.queue.lock(), Queue::Aborted) {
            self.aborted.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_pushed_is_written_before_the_end() {
        let outgoing = Outgoing::new(100);
        outgoing.push(Bytes::from_static(b"one")).unwrap();
        outgoing.push(Bytes::from_static(b"two")).unwrap();
        outgoing.finish();
        assert_eq!(outgoing.push(Bytes::from_static(b"three")), Err(Closed));
        assert_eq!(outgoing.next().await.as_deref(), Some(&b"one"[..]));
        assert_eq!(outgoing.next().await.as_deref(), Some(&b"two"[..]));
        assert_eq!(outgoing.next().await, None);
    }

    #[tokio::test]
    async fn a_full_queue_ends_the_connection() {
        let outgoing = Outgoing::new(4);
        outgoing.push(Bytes::from_static(b"one")).unwrap();
        assert_eq!(outgoing.push(Bytes::from_static(b"two")), Err(Closed));
        outgoing.aborted().await;
        assert_eq!(outgoing.next().await, None);
    }
}
