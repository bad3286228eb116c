//! Everyday traffic, made up: what phones and carriers exchange all day.

use proptest::{collection::vec, option, prelude::*, sample::select};

/// A request with the parts that both parsers have to agree on.
#[derive(Clone, Debug)]
pub(crate) struct Everyday {
    pub(crate) method: &'static str,
    pub(crate) uri: String,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
    pub(crate) from_tag: String,
    pub(crate) to_tag: Option<String>,
    pub(crate) contact: String,
    pub(crate) branch: String,
    pub(crate) hops: u8,
    pub(crate) text: String,
}

const METHODS: [&str; 10] = [
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "REGISTER",
    "OPTIONS",
    "INFO",
    "SUBSCRIBE",
    "NOTIFY",
    "REFER",
];

pub(crate) fn everyday() -> impl Strategy<Value = Everyday> {
    let names = (
        option::of("[A-Z][a-z]{1,8}( [A-Z][a-z]{1,8})?"),
        option::of("[A-Z][a-z]{1,8}"),
    );
    let ids = (
        "[a-zA-Z0-9]{1,20}",
        "[a-z0-9]{4,12}",
        option::of("[a-z0-9]{4,12}"),
        "[a-zA-Z0-9]{4,20}",
    );
    let numbers = (0..1_000_000_u32, 1..=255_u8, 0..100_usize);
    (
        select(&METHODS[..]),
        names,
        (uri(), uri(), uri(), uri()),
        host(),
        ids,
        numbers,
        vec(host(), 0..3),
    )
        .prop_map(
            |(method, (from_name, to_name), (uri, from, to, contact), via, ids, (cseq, hops, body), hosts)| {
                let (word, from_tag, to_tag, branch) = ids;
                let call_id = format!("{word}@{via}");
                let quoted = |name: Option<String>| name.map(|name| format!("\"{name}\" ")).unwrap_or_default();
                let routes: String = hosts
                    .iter()
                    .map(|host| format!("Record-Route: <sip:{host};lr>\r\n"))
                    .collect();
                let to_param = to_tag.as_ref().map(|tag| format!(";tag={tag}")).unwrap_or_default();
                let body = "x".repeat(body);
                let text = format!(
                    "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bK{branch};rport\r\n{routes}\
                 Max-Forwards: {hops}\r\nFrom: {}<{from}>;tag={from_tag}\r\nTo: {}<{to}>{to_param}\r\n\
                 Call-ID: {call_id}\r\nCSeq: {cseq} {method}\r\nContact: <{contact}>\r\nUser-Agent: Phone/1.0\r\n\
                 Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
                    quoted(from_name),
                    quoted(to_name),
                    body.len()
                );
                Everyday {
                    method,
                    uri,
                    call_id,
                    cseq,
                    from_tag,
                    to_tag,
                    contact,
                    branch,
                    hops,
                    text,
                }
            },
        )
}

fn uri() -> impl Strategy<Value = String> {
    let transport = option::of(select(&["udp", "tcp", "tls", "ws"][..]));
    (
        select(&["sip", "sips"][..]),
        "[a-z0-9]{1,10}",
        host(),
        option::of(1024..65_535_u16),
        transport,
    )
        .prop_map(|(scheme, user, host, port, transport)| {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let transport = transport
                .map(|transport| format!(";transport={transport}"))
                .unwrap_or_default();
            format!("{scheme}:{user}@{host}{port}{transport}")
        })
}

fn host() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,8}\\.[a-z]{2,8}\\.example",
        (1..=223_u8, any::<u8>(), any::<u8>(), any::<u8>()).prop_map(|(a, b, c, d)| format!("{a}.{b}.{c}.{d}")),
    ]
}
