//! Changed copies of a message: untouched lines are copied as they are.

use std::{borrow::Cow, fmt, marker::PhantomData};

use super::{
    builder::Lines,
    header::{Header, Multiplicity},
    lex::{split_first, trim},
    name::HeaderName,
    raw::Raw,
    request::Request,
    response::Response,
};

/// A changed copy in the making; `M` is [`Request`] or [`Response`].
pub struct Edit<'a, M> {
    start: Cow<'a, [u8]>,
    lines: Vec<Line<'a>>,
    rest: &'a [u8],
    message: PhantomData<M>,
}

struct Line<'a> {
    name: HeaderName,
    octets: Cow<'a, [u8]>,
}

impl<'a, M> Edit<'a, M> {
    pub(super) fn new(raw: &'a Raw) -> Self {
        let lines = (0..raw.fields().len())
            .map(|position| Line {
                name: raw.name(position),
                octets: Cow::Borrowed(raw.lines(position)),
            })
            .collect();
        Edit {
            start: Cow::Borrowed(raw.start()),
            lines,
            rest: &raw.bytes()[raw.headers_end()..],
            message: PhantomData,
        }
    }

    /// Puts a header above all of its kind.
    #[must_use]
    pub fn prepend<H: Header>(self, header: &H) -> Self {
        self.change(H::NAME, |lines, at| lines.insert(at.unwrap_or(0), Line::new(header)))
    }

    /// Puts a header behind all others.
    #[must_use]
    pub fn append<H: Header>(self, header: &H) -> Self {
        self.change(H::NAME, |lines, _| lines.push(Line::new(header)))
    }

    /// Puts a header in the place of all of its kind.
    #[must_use]
    pub fn replace<H: Header>(self, header: &H) -> Self {
        self.change(H::NAME, |lines, at| {
            let at = at.unwrap_or(lines.len());
            lines.retain(|line| line.name != H::NAME);
            lines.insert(at, Line::new(header));
        })
    }

    /// Takes all headers of this name away.
    #[must_use]
    pub fn remove(self, name: HeaderName) -> Self {
        self.change(name.clone(), |lines, _| lines.retain(|line| line.name != name))
    }

    /// Takes the first element of a list header away.
    #[must_use]
    pub fn remove_top(self, name: HeaderName) -> Self {
        self.change(name.clone(), |lines, at| {
            let Some(at) = at else { return };
            let rest = lines.remove(at).behind_first_element();
            lines.splice(at..at, rest.map(|rest| Line::raw(name, &rest)));
        })
    }

    /// Puts a header in the place of the first element of its kind.
    #[must_use]
    pub fn replace_top<H: Header>(self, header: &H) -> Self {
        let edit = match H::MULTIPLICITY {
            Multiplicity::List => self.remove_top(H::NAME),
            Multiplicity::One | Multiplicity::Lines | Multiplicity::Set => self.remove(H::NAME),
        };
        edit.prepend(header)
    }

    /// Changes the lines, given where the first of this name stands; Content-Length is not for anybody to change.
    fn change(mut self, name: HeaderName, change: impl FnOnce(&mut Vec<Line<'a>>, Option<usize>)) -> Self {
        if name != HeaderName::ContentLength {
            let at = self.lines.iter().position(|line| line.name == name);
            change(&mut self.lines, at);
        }
        self
    }

    fn octets(self) -> Vec<u8> {
        let headers: usize = self.lines.iter().map(|line| line.octets.len()).sum();
        let mut octets = Vec::with_capacity(self.start.len() + headers + self.rest.len());
        octets.extend_from_slice(&self.start);
        for line in &self.lines {
            octets.extend_from_slice(&line.octets);
        }
        octets.extend_from_slice(self.rest);
        octets
    }
}

impl Edit<'_, Request> {
    /// Sends the request elsewhere; characters that would break the start line are percent-encoded.
    #[must_use]
    pub fn uri(mut self, uri: impl fmt::Display) -> Self {
        let method = self.start.split(|&b| b == b' ').next().unwrap_or_default();
        let mut lines = Lines::default();
        lines.request_line(method, uri);
        self.start = Cow::Owned(lines.into_head());
        self
    }

    /// The changed request.
    pub fn finish(self) -> Request {
        let (raw, start_line) = Raw::own(self.octets());
        Request::from_raw(raw, start_line).expect("the request line was copied or written by us")
    }
}

impl Edit<'_, Response> {
    /// The changed response.
    pub fn finish(self) -> Response {
        let (raw, start_line) = Raw::own(self.octets());
        Response::from_raw(raw, start_line).expect("the status line was copied")
    }
}

impl Line<'_> {
    fn new<H: Header>(header: &H) -> Self {
        let mut lines = Lines::default();
        lines.header(header);
        Line {
            name: H::NAME,
            octets: Cow::Owned(lines.into_head()),
        }
    }

    fn raw(name: HeaderName, value: &[u8]) -> Self {
        let mut lines = Lines::default();
        lines.raw(&name, value);
        Line {
            name,
            octets: Cow::Owned(lines.into_head()),
        }
    }

    /// What follows the first comma that separates elements.
    fn behind_first_element(&self) -> Option<Vec<u8>> {
        let colon = memchr::memchr(b':', &self.octets)?;
        let (_, rest) = split_first(&self.octets[colon + 1..], b',');
        rest.map(|rest| trim(rest).to_vec())
    }
}

impl<M> fmt::Debug for Edit<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edit({} headers)", self.lines.len())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::wire::{
        Message,
        header::{MaxForwards, Via},
    };

    fn request(headers: &str) -> Request {
        let octets = Bytes::from(format!("OPTIONS sip:a@b SIP/2.0\r\n{headers}\r\nbody"));
        match Message::parse(octets).unwrap() {
            Message::Request(request) => request,
            Message::Response(_) => panic!("a response"),
        }
    }

    fn text(request: &Request) -> String {
        String::from_utf8(request.bytes().to_vec()).unwrap()
    }

    const VIAS: &str =
        "X:  odd \r\n folded\r\nv: SIP/2.0/UDP a;x=\",\" , SIP/2.0/UDP b\r\nVia: SIP/2.0/UDP c\r\nmax-forwards: 9\r\n";

    #[test]
    fn untouched_lines_stay_as_they_are() {
        let edited = request(VIAS).replace(&MaxForwards::new(8));
        let expected = VIAS.replace("max-forwards: 9", "Max-Forwards: 8");
        assert_eq!(text(&edited), format!("OPTIONS sip:a@b SIP/2.0\r\n{expected}\r\nbody"));
        assert_eq!(edited.replace(&MaxForwards::new(8)), edited);
    }

    #[test]
    fn vias_are_a_stack_whether_on_lines_or_behind_commas() {
        let original = request(VIAS);
        let sent_by = |request: &Request| -> Vec<String> {
            let vias: Vec<Via> = request.typed_all().unwrap();
            vias.iter().map(|via| via.host().to_string()).collect()
        };
        assert_eq!(sent_by(&original), ["a", "b", "c"]);
        let popped = original.without_top_via();
        assert_eq!(sent_by(&popped), ["b", "c"]);
        let pushed = popped.with_via(&Via::parse(b"SIP/2.0/WSS d").unwrap());
        assert_eq!(sent_by(&pushed), ["d", "b", "c"]);
        assert_eq!(
            sent_by(&pushed.without_top_via().without_top_via().without_top_via()),
            [""; 0]
        );
    }

    #[test]
    fn the_source_is_noted_in_the_top_via() {
        let source = "192.0.2.7:4242".parse().unwrap();
        let noted = request("v: SIP/2.0/UDP a;rport;branch=1, SIP/2.0/UDP b\r\n")
            .with_received(source)
            .unwrap();
        assert_eq!(
            text(&noted),
            "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a;rport=4242;branch=1;received=192.0.2.7\r\n\
             Via: SIP/2.0/UDP b\r\n\r\nbody"
        );
        let same = request("Via: SIP/2.0/UDP 192.0.2.7:4242;branch=1\r\n");
        assert_eq!(same.with_received(source).unwrap(), same);
    }

    #[test]
    fn the_content_length_stays_true() {
        let original = request("l: 4\r\n");
        assert_eq!(original.remove(HeaderName::ContentLength), original);
    }

    #[test]
    fn the_uri_changes_alone() {
        let moved = request(VIAS).edit().uri("sip:new place@b").finish();
        assert_eq!(moved.uri_text(), "sip:new%20place@b");
        assert_eq!(moved.body(), "body");
    }
}
