//! Text to [`Description`]: lenient with everyday devices, strict with what only an attacker sends.
//!
//! Accepted: bare LF, blank lines, any order within a section, a missing `s=` or `t=`, unknown letters and attributes,
//! text that is not UTF-8. Refused: anything above [`limits`](super::limits), control characters, lines that are no
//! `x=value`, a port that is no port, a body without `v=0` or `o=`.

use smol_str::SmolStr;
use thiserror::Error;
use wigwag_sansio::Pii;

use super::{
    Address, Attribute, Description, Line, Media, Origin, Section,
    limits::{MAX_ATTRIBUTES, MAX_BODY_BYTES, MAX_FORMATS, MAX_LINES, MAX_MEDIA},
};

/// Why a body is no session description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("line {line} of the session description: {fault}")]
pub struct ParseError {
    /// Counted from 1; 0 when the body as a whole is meant.
    pub line: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What can be wrong with a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// The body is larger than any description.
    #[error("the body is larger than {MAX_BODY_BYTES} bytes")]
    TooLong,
    /// No `v=0`.
    #[error("there is no v=0")]
    NoVersion,
    /// No `o=`.
    #[error("there is no origin")]
    NoOrigin,
    /// Not a letter, an equals sign and a value.
    #[error("it is not of the form x=value")]
    NotALine,
    /// A character that could end a line elsewhere, or worse.
    #[error("it has a control character")]
    ControlCharacter,
    /// `o=` does not have six words.
    #[error("the origin is malformed")]
    Origin,
    /// `c=` names no host.
    #[error("the connection is malformed")]
    Connection,
    /// `m=` lacks words, or its port is not between 0 and 65535.
    #[error("the media line is malformed")]
    Media,
    /// More streams than any call has.
    #[error("there are more than {MAX_MEDIA} media lines")]
    TooManyMedia,
    /// More formats than any phone has.
    #[error("there are more than {MAX_FORMATS} formats")]
    TooManyFormats,
    /// More attributes than any section has.
    #[error("there are more than {MAX_ATTRIBUTES} attributes")]
    TooManyAttributes,
    /// More other lines than any section has.
    #[error("there are more than {MAX_LINES} other lines")]
    TooManyLines,
}

impl Description {
    /// Reads a body.
    ///
    /// # Errors
    /// [`ParseError`] with the first line that cannot be accepted.
    pub fn parse(body: &[u8]) -> Result<Description, ParseError> {
        if body.len() > MAX_BODY_BYTES {
            return Err(Fault::TooLong.at(0));
        }
        let text = String::from_utf8_lossy(body);
        let mut draft = Draft::default();
        for (index, line) in text.split('\n').enumerate() {
            draft.read(line.trim_end()).map_err(|fault| fault.at(index + 1))?;
        }
        draft.finish().map_err(|fault| fault.at(0))
    }
}

impl Fault {
    fn at(self, line: usize) -> ParseError {
        ParseError { line, fault: self }
    }
}

/// A description of which some lines have been read.
#[derive(Default)]
struct Draft {
    version_seen: bool,
    origin: Option<Origin>,
    name: Option<SmolStr>,
    session: Section,
    media: Vec<Media>,
}

impl Draft {
    fn read(&mut self, line: &str) -> Result<(), Fault> {
        if line.is_empty() {
            return Ok(());
        }
        if line.chars().any(|c| c.is_control() && c != '\t') {
            return Err(Fault::ControlCharacter);
        }
        let (kind, value) = line.split_once('=').ok_or(Fault::NotALine)?;
        let kind = single_letter(kind).ok_or(Fault::NotALine)?;
        let value = value.trim();
        match kind {
            'v' if value == "0" => self.version_seen = true,
            'v' => return Err(Fault::NoVersion),
            'o' => self.origin = Some(Origin::parse(value).ok_or(Fault::Origin)?),
            's' => self.name = Some(value.into()).filter(|name: &SmolStr| !name.is_empty()),
            'm' => return self.read_media(value),
            'c' if self.section().connection.is_none() => {
                self.section().connection = Some(Address::parse(value).ok_or(Fault::Connection)?);
            }
            'a' => return self.read_attribute(value),
            kind => return keep(self.section(), kind, value),
        }
        Ok(())
    }

    fn read_media(&mut self, value: &str) -> Result<(), Fault> {
        let media = Media::parse(value).ok_or(Fault::Media)?;
        if self.media.len() == MAX_MEDIA {
            return Err(Fault::TooManyMedia);
        }
        if media.formats.len() > MAX_FORMATS {
            return Err(Fault::TooManyFormats);
        }
        self.media.push(media);
        Ok(())
    }

    fn read_attribute(&mut self, value: &str) -> Result<(), Fault> {
        if value.is_empty() {
            return Ok(());
        }
        let attributes = &mut self.section().attributes;
        if attributes.len() == MAX_ATTRIBUTES {
            return Err(Fault::TooManyAttributes);
        }
        attributes.push(Attribute::parse(value));
        Ok(())
    }

    /// The section that the next line belongs to.
    fn section(&mut self) -> &mut Section {
        match self.media.last_mut() {
            Some(media) => &mut media.section,
            None => &mut self.session,
        }
    }

    fn finish(mut self) -> Result<Description, Fault> {
        if !self.version_seen {
            return Err(Fault::NoVersion);
        }
        if !self.session.lines.iter().any(|line| line.kind == 't') {
            keep(&mut self.session, 't', "0 0")?;
        }
        self.session.sort_lines();
        self.media.iter_mut().for_each(|media| media.section.sort_lines());
        Ok(Description {
            origin: self.origin.ok_or(Fault::NoOrigin)?,
            name: Pii::new(self.name.unwrap_or(SmolStr::new_static("-"))),
            session: self.session,
            media: self.media,
        })
    }
}

fn single_letter(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let letter = characters.next().filter(char::is_ascii_alphabetic)?;
    characters.next().is_none().then_some(letter)
}

fn keep(section: &mut Section, kind: char, value: &str) -> Result<(), Fault> {
    if section.lines.len() == MAX_LINES {
        return Err(Fault::TooManyLines);
    }
    let value = Pii::new(value.into());
    section.lines.push(Line { kind, value });
    Ok(())
}
