//! What requests and responses have in common: the octets, their index, and header look-ups.

use std::{fmt, hash::Hasher, ops::Range, sync::Arc};

use bytes::Bytes;

use super::{
    error::{Fault, HeaderError},
    header::{Header, Multiplicity},
    index::{At, Field, Index, Origin, index},
    lex::elements,
    limits,
    name::{HeaderName, NameId},
    token::Token,
};

/// Octets and the index over them; two pointers to clone.
#[derive(Clone)]
pub(super) struct Raw {
    bytes: Bytes,
    fields: Arc<[Field]>,
    headers_end: u32,
    body: u32,
}

impl Raw {
    /// Indexes one message and cuts off what lies behind its body (RFC 3261 §18.3).
    pub(super) fn parse(bytes: Bytes, origin: Origin) -> At<(Raw, Range<usize>)> {
        let start = first_octet(&bytes)?;
        let bytes = bytes.slice(start..);
        if origin == Origin::Peer && bytes.len() > limits::MAX_MESSAGE {
            return Err((Fault::TooLarge, 0));
        }
        let Index {
            start_line,
            fields,
            headers_end,
            body,
            content_length,
        } = index(&bytes, origin)?;
        let available = bytes.len() - body;
        let length = content_length.unwrap_or(available);
        if origin == Origin::Peer && length > limits::MAX_BODY && length <= available {
            return Err((Fault::BodyTooLarge, body));
        }
        if length > available {
            return Err((Fault::Truncated, body));
        }
        let small = |offset: usize| u32::try_from(offset).map_err(|_| (Fault::TooLarge, 0));
        let raw = Raw {
            bytes: bytes.slice(..body + length),
            fields: Arc::from(fields.as_slice()),
            headers_end: small(headers_end)?,
            body: small(body)?,
        };
        Ok((raw, start_line))
    }

    /// Indexes what this crate has written itself.
    pub(super) fn own(bytes: Vec<u8>) -> (Raw, Range<usize>) {
        Raw::parse(Bytes::from(bytes), Origin::Ourselves).expect("builders write well-formed lines and a true length")
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(super) fn body(&self) -> Bytes {
        self.bytes.slice(self.body as usize..)
    }

    /// The start line with its end.
    pub(super) fn start(&self) -> &[u8] {
        let end = self
            .fields
            .first()
            .map_or(self.headers_end(), |field| field.name as usize);
        &self.bytes[..end]
    }

    pub(super) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Where the empty line between headers and body begins.
    pub(super) fn headers_end(&self) -> usize {
        self.headers_end as usize
    }

    /// The octets of the field at `position`, folds and line ends included.
    pub(super) fn lines(&self, position: usize) -> &[u8] {
        let start = self.fields[position].name as usize;
        let end = self
            .fields
            .get(position + 1)
            .map_or(self.headers_end(), |next| next.name as usize);
        &self.bytes[start..end]
    }

    /// The name of the field at `position`.
    pub(super) fn name(&self, position: usize) -> HeaderName {
        let field = &self.fields[position];
        HeaderName::known(field.id).unwrap_or_else(|| {
            let token = Token::from_bytes(field.name(&self.bytes));
            HeaderName::Other(token.expect("the index admits token characters only"))
        })
    }

    pub(super) fn headers<'a>(&'a self, name: HeaderName) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let id = name.id();
        let is_meant = move |field: &&Field| {
            let spelling = || field.name(&self.bytes).eq_ignore_ascii_case(name.as_str().as_bytes());
            field.id == id && (id != NameId::Other || spelling())
        };
        self.fields
            .iter()
            .filter(is_meant)
            .map(|field| field.value(&self.bytes))
    }

    pub(super) fn typed<H: Header>(&self) -> Result<Option<H>, HeaderError> {
        let mut values = self.headers(H::NAME);
        let Some(first) = values.next() else { return Ok(None) };
        let parsed = match H::MULTIPLICITY {
            Multiplicity::One if values.next().is_some() => return Err(HeaderError::Repeated(H::NAME)),
            Multiplicity::One | Multiplicity::Lines => H::parse(first),
            Multiplicity::List => H::parse(elements(first).next().unwrap_or_default()),
            Multiplicity::Set => match values.next() {
                None => H::parse(first),
                Some(second) => {
                    let lines: Vec<&[u8]> = [first, second].into_iter().chain(values).collect();
                    H::parse(&lines.join(&b", "[..]))
                }
            },
        };
        parsed
            .map(Some)
            .map_err(|reason| HeaderError::Malformed(H::NAME, reason))
    }

    pub(super) fn typed_all<H: Header>(&self) -> Result<Vec<H>, HeaderError> {
        match H::MULTIPLICITY {
            Multiplicity::One | Multiplicity::Set => Ok(self.typed()?.into_iter().collect()),
            Multiplicity::Lines => read_all(self.headers(H::NAME)),
            Multiplicity::List => read_all(self.headers(H::NAME).flat_map(elements)),
        }
    }
}

fn read_all<'a, H: Header>(values: impl Iterator<Item = &'a [u8]>) -> Result<Vec<H>, HeaderError> {
    let mut headers = Vec::new();
    for value in values {
        if headers.len() == limits::MAX_VALUES {
            return Err(HeaderError::TooMany(H::NAME));
        }
        headers.push(H::parse(value).map_err(|reason| HeaderError::Malformed(H::NAME, reason))?);
    }
    Ok(headers)
}

/// Gives a message type the look-ups of [`Raw`].
macro_rules! header_access {
    ($message:ident) => {
        impl $message {
            /// The octets on the wire.
            pub fn bytes(&self) -> &Bytes {
                self.raw.bytes()
            }

            /// The octets behind the headers.
            pub fn body(&self) -> Bytes {
                self.raw.body()
            }

            /// The first value of this header, trimmed, with its folds (see [`unfold`](crate::wire::unfold)).
            pub fn header(&self, name: HeaderName) -> Option<&[u8]> {
                self.raw.headers(name).next()
            }

            /// The values of this header, one per field, trimmed, with their folds and commas.
            pub fn headers(&self, name: HeaderName) -> impl Iterator<Item = &[u8]> {
                self.raw.headers(name)
            }

            /// Every field in order, as spelled by the sender: name and trimmed value.
            pub fn fields(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
                let bytes = self.raw.bytes();
                self.raw
                    .fields()
                    .iter()
                    .map(|field| (field.name(bytes), field.value(bytes)))
            }

            /// The header `H`, if there; of a list its first element.
            pub fn typed<H: Header>(&self) -> Result<Option<H>, HeaderError> {
                self.raw.typed()
            }

            /// The header `H`, which must be there.
            pub fn require<H: Header>(&self) -> Result<H, HeaderError> {
                self.typed()?.ok_or(HeaderError::Missing(H::NAME))
            }

            /// All values of the header `H`, in order, whether separated by commas or on lines of their own.
            pub fn typed_all<H: Header>(&self) -> Result<Vec<H>, HeaderError> {
                self.raw.typed_all()
            }
        }

        impl PartialEq for $message {
            /// Octet for octet.
            fn eq(&self, other: &Self) -> bool {
                self.bytes() == other.bytes()
            }
        }

        impl Eq for $message {}

        impl Serialize for $message {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.bytes().serialize(serializer)
            }
        }

        impl<'de> Deserialize<'de> for $message {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let octets = Bytes::deserialize(deserializer)?;
                $message::thaw(octets).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(super) use header_access;

/// Tells messages apart in `Debug` output without showing what is in them.
pub(super) struct Fingerprint<'a>(pub(super) &'a [u8]);

impl fmt::Debug for Fingerprint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(self.0);
        write!(f, "{} octets #{:016x}", self.0.len(), hasher.finish())
    }
}

/// Where the message begins: line ends before it are no part of it (RFC 3261 §7.5).
pub(super) fn first_octet(bytes: &[u8]) -> At<usize> {
    bytes
        .iter()
        .position(|&b| b != b'\r' && b != b'\n')
        .ok_or((Fault::Empty, 0))
}
