//! XML on its way out: whatever is put in, nothing can leave its place (XML 1.0 §2.2, §2.4).

use std::fmt::{self, Write};

/// A document that is being written.
#[derive(Default)]
pub(super) struct Xml {
    text: String,
}

impl Xml {
    /// An empty document.
    pub(super) fn new() -> Self {
        Xml {
            text: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"),
        }
    }

    /// An element with these attributes; `inside` writes what it contains.
    pub(super) fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, &dyn fmt::Display)],
        inside: impl FnOnce(&mut Xml),
    ) {
        self.start(name, attributes);
        self.text.push('>');
        inside(self);
        self.raw(format_args!("</{name}>"));
    }

    /// An element with attributes and nothing in it; with a space, as there are phones that look for the very words.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &dyn fmt::Display)]) {
        self.start(name, attributes);
        self.text.push_str(" />");
    }

    /// An element with text in it.
    pub(super) fn leaf(&mut self, name: &str, attributes: &[(&str, &dyn fmt::Display)], text: impl fmt::Display) {
        self.element(name, attributes, |xml| xml.escaped(text));
    }

    /// The finished document.
    pub(super) fn finish(mut self) -> String {
        self.text.push_str("\r\n");
        self.text
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &dyn fmt::Display)]) {
        self.raw(format_args!("<{name}"));
        for (name, value) in attributes {
            self.raw(format_args!(" {name}=\""));
            self.escaped(value);
            self.text.push('"');
        }
    }

    fn raw(&mut self, markup: fmt::Arguments<'_>) {
        self.text.write_fmt(markup).expect("printing into memory does not fail");
    }

    fn escaped(&mut self, text: impl fmt::Display) {
        write!(Escaped(&mut self.text), "{text}").expect("printing into memory does not fail");
    }
}

/// Lets only characters through that a document may contain.
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&apos;"),
                '\t' | '\n' | '\r' => self.0.push(' '),
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
                other => self.0.push(other),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_leaves_its_place() {
        let mut xml = Xml::new();
        xml.leaf("a", &[("b", &"\"><x>'&\u{0}\n")], "</a>ü");
        assert_eq!(
            xml.finish().lines().nth(1),
            Some("<a b=\"&quot;&gt;&lt;x&gt;&apos;&amp; \">&lt;/a&gt;ü</a>")
        );
    }

    proptest! {
        #[test]
        fn any_text_adds_no_markup(text in any::<String>()) {
            let mut xml = Xml::new();
            xml.leaf("a", &[("b", &text)], &text);
            let document = xml.finish();
            prop_assert_eq!(document.matches('<').count(), 3);
            prop_assert_eq!(document.matches('"').count(), 6);
            let is_forbidden = |c: char| c < ' ' && c != '\r' && c != '\n';
            prop_assert!(!document.contains(is_forbidden), "control characters");
        }
    }
}
