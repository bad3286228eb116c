//! Parameters of header values: `;name=value` (RFC 3261 §25.1, generic-param).

use std::fmt::{self, Display};

use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use smol_str::SmolStr;

use super::{
    error::Malformed,
    lex::{Cursor, Quoted, is_lws, is_token, text},
    limits,
};

/// The parameters of a header value, in order.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Params(SmallVec<[Param; 1]>);

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Param {
    name: SmolStr,
    value: Value,
}

/// How the value was or will be spelled.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Value {
    Absent,
    Bare(SmolStr),
    Quoted(SmolStr),
}

impl Params {
    /// The value without quotes, empty where the parameter has none; names are compared without case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.unwrap_or_default())
    }

    /// Whether the parameter is there.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All parameters in order, values without quotes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|param| (param.name.as_str(), param.value.text()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a parameter in place of any of its name, quoted where it has to be.
    ///
    /// Characters of `name` that no token may have are left out; without any other, nothing is set.
    pub fn set(&mut self, name: &str, value: impl AsRef<str>) {
        let value = SmolStr::new(value);
        let bare = !value.is_empty() && value.bytes().all(|b| is_token(b) || matches!(b, b'[' | b']' | b':'));
        self.put(name, if bare { Value::Bare(value) } else { Value::Quoted(value) });
    }

    /// Sets a parameter in quotes, as some headers demand.
    pub fn set_quoted(&mut self, name: &str, value: impl AsRef<str>) {
        self.put(name, Value::Quoted(SmolStr::new(value)));
    }

    /// Sets a parameter without value.
    pub fn set_flag(&mut self, name: &str) {
        self.put(name, Value::Absent);
    }

    /// Takes a parameter away.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|param| !param.name.eq_ignore_ascii_case(name));
    }

    /// Reads `;name=value` until the end of the value.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let mut params = Params::default();
        while cursor.eat(b';') {
            params.push(Param::parse(cursor)?)?;
        }
        cursor.end()?;
        Ok(params)
    }

    /// Reads `name=value, name=value` until the end of the value, as challenges and credentials have it.
    pub(super) fn parse_commas(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let mut params = Params::default();
        loop {
            params.push(Param::parse(cursor)?)?;
            if !cursor.eat(b',') {
                break;
            }
        }
        cursor.end()?;
        Ok(params)
    }

    /// Prints as [`Params::parse_commas`] reads.
    pub(super) fn fmt_commas(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(position, param)| {
            f.write_str(if position == 0 { "" } else { ", " })?;
            param.fmt(f)
        })
    }

    /// Bounds what a peer sends, so that comparing each parameter with each stays cheap.
    fn push(&mut self, param: Param) -> Result<(), Malformed> {
        if self.0.len() == limits::MAX_PARAMS {
            return Err(Malformed::TooMany);
        }
        self.0.push(param);
        Ok(())
    }

    fn put(&mut self, name: &str, value: Value) {
        let name: SmolStr = name.chars().filter(|c| c.is_ascii() && is_token(*c as u8)).collect();
        match self.0.iter_mut().find(|param| param.name.eq_ignore_ascii_case(&name)) {
            _ if name.is_empty() => {}
            Some(param) => param.value = value,
            None => self.0.push(Param { name, value }),
        }
    }
}

impl Param {
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let name = SmolStr::new(cursor.token()?);
        if !cursor.eat(b'=') {
            return Ok(Param {
                name,
                value: Value::Absent,
            });
        }
        let value = match cursor.peek() {
            Some(b'"') => Value::Quoted(cursor.quoted()?),
            _ => Value::Bare(text(cursor.take_while(is_bare))),
        };
        match &value {
            Value::Bare(bare) if bare.is_empty() => Err(Malformed::Syntax),
            Value::Bare(_) | Value::Quoted(_) | Value::Absent => Ok(Param { name, value }),
        }
    }
}

impl Value {
    fn text(&self) -> Option<&str> {
        match self {
            Value::Absent => None,
            Value::Bare(text) | Value::Quoted(text) => Some(text),
        }
    }
}

/// More than the grammar's tokens and hosts: phones put slashes, at signs and equals signs into tags and branches.
fn is_bare(byte: u8) -> bool {
    !is_lws(byte) && !matches!(byte, b';' | b',' | b'"' | b'<' | b'>' | 0 | 0x7f)
}

impl Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|param| {
            f.write_str(";")?;
            param.fmt(f)
        })
    }
}

impl Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.value {
            Value::Absent => Ok(()),
            Value::Bare(value) => write!(f, "={value}"),
            Value::Quoted(value) => write!(f, "={}", Quoted(value)),
        }
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Params({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Params, Malformed> {
        Params::parse(&mut Cursor::new(text.as_bytes()))
    }

    #[test]
    fn spelling_survives() {
        let text = r#";tag=a-1;+sip.instance="<urn:uuid:1>";lr;x="a \"b\";c";received=[2001:db8::1]"#;
        let params = parse(text).unwrap();
        assert_eq!(params.to_string(), text);
        assert_eq!(params.get("+SIP.instance"), Some("<urn:uuid:1>"));
        assert_eq!(
            (params.get("lr"), params.get("x"), params.get("y")),
            (Some(""), Some("a \"b\";c"), None)
        );
        assert_eq!(parse(" ; a \r\n = 1").unwrap().to_string(), ";a=1");
    }

    #[test]
    fn broken_parameters_are_refused() {
        for text in [
            ";", ";;", ";a=", ";a=;b", ";=b", "a", ";a b", ";a=b c", ";a=\"b", ";a,b",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn nobody_sends_this_many() {
        assert!(parse(&";a".repeat(limits::MAX_PARAMS)).is_ok());
        assert_eq!(parse(&";a".repeat(limits::MAX_PARAMS + 1)), Err(Malformed::TooMany));
    }

    #[test]
    fn what_is_set_can_be_read() {
        let mut params = Params::default();
        params.set("a", "x y");
        params.set("a;b", "1");
        params.set(";", "1");
        params.set("r", "[::1]");
        params.set_quoted("q", "t");
        params.set_flag("f");
        assert_eq!(params.to_string(), r#";a="x y";ab=1;r=[::1];q="t";f"#);
        assert_eq!(parse(&params.to_string()).unwrap(), params);
    }
}
