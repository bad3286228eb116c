//! STUN binding requests on the SIP port (RFC 5389 §7.3.1, RFC 5626 §4.4.2): a phone learns that its flow lives.

use std::net::{IpAddr, SocketAddr};

/// Whether a datagram is STUN and not SIP: no SIP message begins with a byte below 4 (RFC 5626 §8.1).
pub(crate) fn is_stun(datagram: &[u8]) -> bool {
    datagram.first().is_some_and(|&first| first < 4)
}

/// The answer to a binding request from `source`: a success, an error 420, or nothing for what is no such request.
pub(crate) fn answer(datagram: &[u8], source: SocketAddr) -> Option<Vec<u8>> {
    let request = Request::parse(datagram)?;
    if request.unknown.is_empty() {
        Some(finish(
            BINDING_SUCCESS,
            &request,
            &xor_mapped_address(source, &request.transaction),
        ))
    } else {
        let mut attributes = attribute(ERROR_CODE, b"\0\0\x04\x14Unknown Attribute");
        let unknown: Vec<u8> = request.unknown.iter().flat_map(|kind| kind.to_be_bytes()).collect();
        attributes.extend(attribute(UNKNOWN_ATTRIBUTES, &unknown));
        Some(finish(BINDING_ERROR, &request, &attributes))
    }
}

/// What matters of a well-formed binding request.
struct Request {
    transaction: [u8; 12],
    has_fingerprint: bool,
    unknown: Vec<u16>,
}

impl Request {
    fn parse(datagram: &[u8]) -> Option<Request> {
        let (header, mut rest) = datagram.split_first_chunk::<HEADER>()?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let is_binding = header[..2] == BINDING_REQUEST && header[4..8] == MAGIC_COOKIE;
        if !is_binding || length != rest.len() || rest.len() > MAX_ATTRIBUTES {
            return None;
        }
        let transaction = header[8..]
            .try_into()
            .expect("twelve bytes follow the first eight of twenty");
        let mut request = Request {
            transaction,
            has_fingerprint: false,
            unknown: Vec::new(),
        };
        while let Some((head, behind)) = rest.split_first_chunk::<4>() {
            let kind = u16::from_be_bytes([head[0], head[1]]);
            let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
            let value = behind.get(..length)?;
            match kind {
                FINGERPRINT => {
                    let end = datagram.len() - rest.len();
                    request.has_fingerprint = true;
                    if behind.len() != length || value != fingerprint(&datagram[..end]) {
                        return None;
                    }
                }
                USERNAME | MESSAGE_INTEGRITY | PRIORITY | 0x8000.. => {}
                unknown => request.unknown.push(unknown),
            }
            rest = behind.get(length.next_multiple_of(4)..)?;
        }
        rest.is_empty().then_some(request)
    }
}

fn finish(kind: [u8; 2], request: &Request, attributes: &[u8]) -> Vec<u8> {
    let total = attributes.len() + if request.has_fingerprint { 8 } else { 0 };
    let length = u16::try_from(total).expect("the attributes of an answer fit a datagram");
    let mut answer = Vec::with_capacity(HEADER + total);
    answer.extend_from_slice(&kind);
    answer.extend_from_slice(&length.to_be_bytes());
    answer.extend_from_slice(&MAGIC_COOKIE);
    answer.extend_from_slice(&request.transaction);
    answer.extend_from_slice(attributes);
    if request.has_fingerprint {
        let checksum = fingerprint(&answer);
        answer.extend(attribute(FINGERPRINT, &checksum));
    }
    answer
}

/// RFC 5389 §15.2.
fn xor_mapped_address(address: SocketAddr, transaction: &[u8; 12]) -> Vec<u8> {
    let port = address.port() ^ u16::from_be_bytes([MAGIC_COOKIE[0], MAGIC_COOKIE[1]]);
    let (family, mut octets) = match address.ip().to_canonical() {
        IpAddr::V4(address) => (1, address.octets().to_vec()),
        IpAddr::V6(address) => (2, address.octets().to_vec()),
    };
    for (octet, mask) in octets.iter_mut().zip(MAGIC_COOKIE.iter().chain(transaction)) {
        *octet ^= mask;
    }
    let mut value = vec![0, family];
    value.extend_from_slice(&port.to_be_bytes());
    value.extend(octets);
    attribute(XOR_MAPPED_ADDRESS, &value)
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).expect("our attributes are short");
    let mut attribute = Vec::with_capacity(4 + value.len().next_multiple_of(4));
    attribute.extend_from_slice(&kind.to_be_bytes());
    attribute.extend_from_slice(&length.to_be_bytes());
    attribute.extend_from_slice(value);
    attribute.resize(4 + value.len().next_multiple_of(4), 0);
    attribute
}

/// RFC 5389 §15.5, over everything in front of it.
fn fingerprint(bytes: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (CRC_32 & (crc & 1).wrapping_neg());
        }
    }
    (!crc ^ 0x5354_554e).to_be_bytes()
}

const HEADER: usize = 20;
const MAX_ATTRIBUTES: usize = 548;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const BINDING_ERROR: [u8; 2] = [0x01, 0x11];
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const UNKNOWN_ATTRIBUTES: u16 = 0x000a;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const PRIORITY: u16 = 0x0024;
const FINGERPRINT: u16 = 0x8028;
const CRC_32: u32 = 0xedb8_8320;

#[cfg(test)]
mod tests {
    use wigwag_sansio::Entropy;

    use super::*;

    /// RFC 5769 §2.1, with its padding of 0x20.
    const SAMPLE_REQUEST: &[u8] = b"\x00\x01\x00\x58\x21\x12\xa4\x42\xb7\xe7\xa7\x01\xbc\x34\xd6\x86\xfa\x87\xdf\xae\
        \x80\x22\x00\x10STUN test client\x00\x24\x00\x04\x6e\x00\x01\xff\
        \x80\x29\x00\x08\x93\x2f\xf9\xb1\x51\x26\x3b\x36\x00\x06\x00\x09evtj:h6vY\x20\x20\x20\
        \x00\x08\x00\x14\x9a\xea\xa7\x0c\xbf\xd8\xcb\x56\x78\x1e\xf2\xb5\xb2\xd3\xf2\x49\xc1\xb5\x71\xa2\
        \x80\x28\x00\x04\xe5\x7a\x3b\xcf";

    fn plain() -> Vec<u8> {
        let mut request = SAMPLE_REQUEST[..20].to_vec();
        request[3] = 0;
        request
    }

    #[test]
    fn the_sample_request_of_rfc_5769_is_answered_with_the_addresses_of_its_sample_responses() {
        let v4 = answer(SAMPLE_REQUEST, "192.0.2.1:32853".parse().unwrap()).unwrap();
        assert_eq!(v4[..4], [1, 1, 0, 20]);
        assert_eq!(v4[4..20], SAMPLE_REQUEST[4..20]);
        assert_eq!(v4[20..32], *b"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43");
        assert_eq!(v4[32..36], *b"\x80\x28\x00\x04");
        let v6 = answer(
            SAMPLE_REQUEST,
            "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap(),
        )
        .unwrap();
        assert_eq!(
            v6[20..44],
            *b"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9"
        );
    }

    #[test]
    fn a_plain_request_gets_a_plain_answer() {
        let answer = answer(&plain(), "192.0.2.1:5060".parse().unwrap()).unwrap();
        assert_eq!(answer.len(), 32);
        assert!(is_stun(&answer) && !is_stun(b"OPTIONS sip:") && !is_stun(b"\r\n\r\n"));
    }

    #[test]
    fn an_unknown_attribute_that_must_be_understood_is_refused() {
        let mut request = plain();
        request[3] = 8;
        request.extend_from_slice(b"\x00\x1a\x00\x04oops");
        let answer = answer(&request, "192.0.2.1:5060".parse().unwrap()).unwrap();
        assert_eq!(answer[..2], BINDING_ERROR);
        assert_eq!(answer[answer.len() - 8..], *b"\x00\x0a\x00\x02\x00\x1a\x00\x00");
    }

    #[test]
    fn what_is_no_whole_binding_request_gets_no_answer() {
        let source = "192.0.2.1:5060".parse().unwrap();
        for end in 0..SAMPLE_REQUEST.len() {
            assert_eq!(answer(&SAMPLE_REQUEST[..end], source), None, "{end} bytes");
        }
        // All but the type of FINGERPRINT, without which the request is one without checksum.
        for broken in (0..100).chain(102..SAMPLE_REQUEST.len()) {
            let mut request = SAMPLE_REQUEST.to_vec();
            request[broken] ^= 0x10;
            assert_eq!(answer(&request, source), None, "byte {broken}");
        }
        let mut success = plain();
        success[0] = 1;
        assert_eq!(answer(&success, source), None, "an answer is not answered");
    }

    #[test]
    fn noise_behind_a_good_header_does_no_harm() {
        let mut entropy = Entropy::from_number(1);
        for _ in 0..10_000 {
            let mut request = plain();
            request.resize(20 + 4 * entropy.below(16) as usize, 0);
            entropy.fill(&mut request[20..]);
            request[3] = u8::try_from(request.len() - 20).expect("at most 60");
            for attribute in request[20..].chunks_mut(8) {
                attribute[0] &= 0x80;
                attribute[2] = 0;
                attribute[attribute.len() - 1] &= 7;
            }
            let answered = answer(&request, "192.0.2.1:5060".parse().unwrap());
            assert!(answered.is_none_or(|answer| answer.len() <= 100));
        }
    }
}
