//! Secrets in SIP messages, made unreadable before anything is kept: digests, tickets, SRTP keys.

use std::borrow::Cow;

/// Header names whose values prove who somebody is.
const SECRET_HEADERS: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "authentication-info",
    "proxy-authentication-info",
];
/// The start of an SRTP key in SDP (RFC 4568 §6.1).
const INLINE_KEY: &str = "inline:";
/// Digest parameters that prove knowledge of a password or let somebody guess it (RFC 7616 §3.4).
const SECRET_PARAMETERS: [&str; 3] = ["response=", "cnonce=", "nonce="];

/// The message as text without its secrets; bytes that are not UTF-8 are replaced.
pub(super) fn masked(message: &[u8]) -> String {
    let text = String::from_utf8_lossy(message);
    let mut masked = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let header = line.split_once(':').map_or("", |(name, _)| name.trim());
        if SECRET_HEADERS.iter().any(|secret| header.eq_ignore_ascii_case(secret)) {
            masked.push_str(&without_parameters(line));
        } else if let Some(start) = line.find(INLINE_KEY) {
            let key = start + INLINE_KEY.len();
            let end = line[key..]
                .find(['|', ' ', '\r', '\n', ';'])
                .map_or(line.len(), |length| key + length);
            masked.push_str(&line[..key]);
            masked.push('…');
            masked.push_str(&line[end..]);
        } else {
            masked.push_str(line);
        }
    }
    masked
}

fn without_parameters(line: &str) -> Cow<'_, str> {
    let mut line = Cow::Borrowed(line);
    for parameter in SECRET_PARAMETERS {
        let mut from = 0;
        while let Some(found) = line[from..].to_ascii_lowercase().find(parameter) {
            let value = from + found + parameter.len();
            let end = end_of_value(&line, value);
            line = Cow::Owned(format!("{}\"…\"{}", &line[..value], &line[end..]));
            from = value + "\"…\"".len();
        }
    }
    line
}

fn end_of_value(line: &str, start: usize) -> usize {
    let value = &line[start..];
    match value.strip_prefix('"') {
        Some(quoted) => quoted.find('"').map_or(line.len(), |length| start + length + 2),
        None => value
            .find([',', ' ', '\r', '\n'])
            .map_or(line.len(), |length| start + length),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_and_keys_are_masked_and_nothing_else() {
        let message = "INVITE sip:202@pbx SIP/2.0\r\n\
            Authorization: Digest username=\"201000\", realm=\"pbx\", nonce=\"abc\", uri=\"sip:202@pbx\", \
            response=\"0123\", cnonce=xyz, nc=00000001\r\n\
            Subject: nonce=\"kept\"\r\n\r\n\
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0|2^31\r\n";
        assert_eq!(
            masked(message.as_bytes()),
            "INVITE sip:202@pbx SIP/2.0\r\n\
            Authorization: Digest username=\"201000\", realm=\"pbx\", nonce=\"…\", uri=\"sip:202@pbx\", \
            response=\"…\", cnonce=\"…\", nc=00000001\r\n\
            Subject: nonce=\"kept\"\r\n\r\n\
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:…|2^31\r\n"
        );
    }

    #[test]
    fn hostile_text_does_not_break_the_mask() {
        for hostile in [
            "Authorization: response=",
            "Authorization: response=\"",
            "a=crypto:1 x inline:",
            "\u{fffd}:\n",
        ] {
            assert!(!masked(hostile.as_bytes()).is_empty());
        }
    }
}
