//! SIP and SIPS URIs (RFC 3261 §19.1.1).

use std::fmt;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use super::escape::{Escape, check_escapes, unescape};
use crate::wire::{error::Malformed, host::Host, lex::split_once, limits};

/// Whether every hop must be secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scheme {
    /// `sip`
    Sip,
    /// `sips`
    Sips,
}

/// A `sip:` or `sips:` URI; its parts are kept as spelled.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SipUri {
    scheme: Scheme,
    /// `user` or `user:password`
    user_info: Option<SmolStr>,
    host: Host,
    port: Option<u16>,
    params: UriParams,
    headers: Option<Box<str>>,
}

/// The parameters of a URI, as spelled.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UriParams(Vec<(SmolStr, Option<SmolStr>)>);

impl SipUri {
    /// The URI of a host.
    pub fn new(scheme: Scheme, host: Host) -> Self {
        SipUri {
            scheme,
            user_info: None,
            host,
            port: None,
            params: UriParams::default(),
            headers: None,
        }
    }

    /// With this user; what a user part may not contain is escaped.
    #[must_use]
    pub fn with_user(mut self, user: &str) -> Self {
        self.user_info = (!user.is_empty()).then(|| Escape::User.escape(user));
        self
    }

    /// With this port.
    #[must_use]
    pub fn with_port(mut self, port: Option<u16>) -> Self {
        self.port = port;
        self
    }

    /// With this parameter in place of any of its name; what a parameter may not contain is escaped.
    #[must_use]
    pub fn with_param(mut self, name: &str, value: Option<&str>) -> Self {
        self.params.set(name, value);
        self
    }

    /// Without this parameter.
    #[must_use]
    pub fn without_param(mut self, name: &str) -> Self {
        self.params.remove(name);
        self
    }

    /// With this header in place of any of its name, to be sent with the request (for Refer-To); escaped as needed.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let field = format!("{}={}", Escape::Header.escape(name), Escape::Header.escape(value));
        let kept = self
            .header_fields()
            .filter(|(other, _)| !other.eq_ignore_ascii_case(name));
        let mut fields: Vec<String> = kept.map(|(name, value)| format!("{name}={value}")).collect();
        fields.push(field);
        self.headers = Some(fields.join("&").into_boxed_str());
        self
    }

    /// Without headers.
    #[must_use]
    pub fn without_headers(mut self) -> Self {
        self.headers = None;
        self
    }

    /// `sip` or `sips`.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The user, unescaped.
    pub fn user(&self) -> Option<SmolStr> {
        self.spelled_user().map(unescape)
    }

    /// The host.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, if named.
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The parameters.
    pub fn params(&self) -> &UriParams {
        &self.params
    }

    /// Everything behind the question mark, as spelled.
    pub fn headers(&self) -> Option<&str> {
        self.headers.as_deref()
    }

    /// The unescaped value of a header behind the question mark.
    pub fn header(&self, name: &str) -> Option<SmolStr> {
        self.header_fields()
            .find(|(other, _)| unescape(other).eq_ignore_ascii_case(name))
            .map(|(_, value)| unescape(value))
    }

    pub(super) fn spelled_user(&self) -> Option<&str> {
        let info = self.user_info.as_deref()?;
        Some(info.split_once(':').map_or(info, |(user, _)| user))
    }

    pub(super) fn spelled_password(&self) -> Option<&str> {
        let (_, password) = self.user_info.as_deref()?.split_once(':')?;
        Some(password)
    }

    pub(super) fn header_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        let fields = self.headers.as_deref().unwrap_or_default();
        fields
            .split('&')
            .filter(|field| !field.is_empty())
            .map(|field| field.split_once('=').unwrap_or((field, "")))
    }

    /// Reads what stands behind the colon of the scheme; the caller has checked that it is visible ASCII.
    pub(super) fn parse(scheme: Scheme, text: &str) -> Result<Self, Malformed> {
        let (user_info, rest) = match split_once(text, b'@') {
            Some((user_info, rest)) => (Some(user_info), rest),
            None => (None, text),
        };
        if user_info.is_some_and(|info| info.is_empty() || info.starts_with(':')) {
            return Err(Malformed::Uri);
        }
        check_escapes(text)?;
        let (rest, headers) = match split_once(rest, b'?') {
            Some((rest, headers)) => (rest, Some(headers)),
            None => (rest, None),
        };
        let (host, params) = match split_once(rest, b';') {
            Some((host, params)) => (host, UriParams::parse(params)?),
            None => (rest, UriParams::default()),
        };
        if headers == Some("")
            || rest
                .bytes()
                .chain(headers.unwrap_or_default().bytes())
                .any(is_forbidden)
        {
            return Err(Malformed::Uri);
        }
        let (host, port) = Host::parse_with_port(host.as_bytes()).map_err(|_| Malformed::Uri)?;
        Ok(SipUri {
            scheme,
            user_info: user_info.map(SmolStr::new),
            host,
            port,
            params,
            headers: headers.map(Box::from),
        })
    }
}

/// What may stand in user parts only, where phones put it, and what may stand nowhere.
const fn is_forbidden(byte: u8) -> bool {
    matches!(byte, b'@' | b'\\' | b'^' | b'`' | b'{' | b'}' | b'|')
}

impl UriParams {
    /// The value of this parameter as spelled, empty where it has none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.unwrap_or_default())
    }

    /// Whether the parameter is there.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All parameters in order, as spelled.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    pub(super) fn set(&mut self, name: &str, value: Option<&str>) {
        let entry = (
            Escape::Param.escape(name),
            value.map(|value| Escape::Param.escape(value)),
        );
        match self.0.iter_mut().find(|(other, _)| other.eq_ignore_ascii_case(name)) {
            _ if name.is_empty() => {}
            Some(old) => *old = entry,
            None => self.0.push(entry),
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    pub(super) fn parse(text: &str) -> Result<Self, Malformed> {
        let mut params = Vec::new();
        for param in text.split(';') {
            let (name, value) = match param.split_once('=') {
                Some((name, value)) => (name, Some(SmolStr::new(value))),
                None => (param, None),
            };
            if name.is_empty() || params.len() == limits::MAX_PARAMS {
                return Err(Malformed::Uri);
            }
            params.push((SmolStr::new(name), value));
        }
        Ok(UriParams(params))
    }
}

impl fmt::Display for SipUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.scheme {
            Scheme::Sip => "sip:",
            Scheme::Sips => "sips:",
        })?;
        if let Some(info) = &self.user_info {
            write!(f, "{info}@")?;
        }
        self.host.fmt(f)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        self.params.fmt(f)?;
        match &self.headers {
            Some(headers) => write!(f, "?{headers}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for UriParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|(name, value)| match value {
            Some(value) => write!(f, ";{name}={value}"),
            None => write!(f, ";{name}"),
        })
    }
}

impl fmt::Debug for SipUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SipUri([personal])")
    }
}

impl fmt::Debug for UriParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UriParams({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_escaped_on_their_way_in_and_unescaped_on_their_way_out() {
        let uri = SipUri::new(Scheme::Sip, Host::parse("h").unwrap())
            .with_user("a@b;c\r\n")
            .with_port(Some(5070))
            .with_param("transport", Some("ws"))
            .with_param("Transport", Some("w;s"))
            .with_header("Replaces", "id@h;to-tag=1;from-tag=2");
        assert_eq!(
            uri.to_string(),
            "sip:a%40b;c%0D%0A@h:5070;Transport=w%3Bs?Replaces=id%40h%3Bto-tag%3D1%3Bfrom-tag%3D2"
        );
        assert_eq!(uri.user().unwrap(), "a@b;c\r\n");
        assert_eq!(uri.header("replaces").unwrap(), "id@h;to-tag=1;from-tag=2");
    }
}
