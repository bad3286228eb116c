//! What the endpoint counts, for the API to show.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters since the start, and gauges; all may be read at any time.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Messages that were received whole.
    pub received: Messages,
    /// Messages that were sent, retransmissions included.
    pub sent: Messages,
    /// What was received and is no valid message.
    pub malformed: Counter,
    /// Keep-alives answered: CRLF pings and STUN binding requests.
    pub keep_alives: Counter,
    /// Requests answered with 503 because there were too many transactions.
    pub overloaded: Counter,
    /// Datagrams that could not be sent.
    pub unsent: Counter,
    /// Connections now open or being opened.
    pub connections: Counter,
    /// Connections refused because there were too many.
    pub connections_refused: Counter,
    /// Connections closed because the peer was too slow, silent for too long, or did not read.
    pub connections_dropped: Counter,
}

/// Messages by kind.
#[derive(Debug, Default)]
pub struct Messages {
    requests: [Counter; METHODS.len()],
    responses: [Counter; 6],
}

/// One number that many threads change.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Its value now.
    pub fn value(&self) -> u64 {
        self.0.load(Relaxed)
    }

    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Relaxed);
    }

    pub(crate) fn decrement(&self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Messages {
    /// How many requests, by method; those with methods that nobody knows are counted as `other`.
    pub fn requests(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        METHODS
            .iter()
            .zip(&self.requests)
            .map(|(method, counter)| (*method, counter.value()))
    }

    /// How many responses, by the first digit of their status.
    pub fn responses(&self) -> impl Iterator<Item = (u16, u64)> + '_ {
        (1..)
            .zip(&self.responses)
            .map(|(class, counter)| (class, counter.value()))
    }

    /// Counts a message by its first bytes, which is all that is needed.
    pub(crate) fn count(&self, message: &[u8]) {
        if let Some(status) = message.strip_prefix(b"SIP/2.0 ") {
            let class = status.first().map_or(u8::MAX, |digit| digit.wrapping_sub(b'1'));
            if let Some(counter) = self.responses.get(usize::from(class)) {
                counter.increment();
            }
            return;
        }
        let end = message.iter().take(LONGEST_METHOD + 1).position(|&byte| byte == b' ');
        let method = &message[..end.unwrap_or(0)];
        let known = METHODS.iter().position(|known| known.as_bytes() == method);
        self.requests[known.unwrap_or(METHODS.len() - 1)].increment();
    }
}

const METHODS: [&str; 15] = [
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "REGISTER",
    "OPTIONS",
    "INFO",
    "UPDATE",
    "PRACK",
    "REFER",
    "SUBSCRIBE",
    "NOTIFY",
    "MESSAGE",
    "PUBLISH",
    "other",
];
const LONGEST_METHOD: usize = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_by_their_first_bytes() {
        let messages = Messages::default();
        for text in [
            "INVITE sip:a@b SIP/2.0",
            "FOO sip:a@b SIP/2.0",
            "SIP/2.0 180 Ringing",
            "SIP/2.0 ",
            "",
            "SIP/2.0 x",
        ] {
            messages.count(text.as_bytes());
        }
        let requests: Vec<_> = messages.requests().filter(|(_, count)| *count > 0).collect();
        assert_eq!(requests, [("INVITE", 1), ("other", 2)]);
        let responses: Vec<_> = messages.responses().map(|(_, count)| count).collect();
        assert_eq!(responses, [1, 0, 0, 0, 0, 0]);
    }
}
