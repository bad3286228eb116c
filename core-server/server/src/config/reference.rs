//! The reference of all configuration: what the sections' own documentation says, with the defaults in force.

use std::fmt::Write;

use super::Config;

/// A section and the text of its code, where each value is documented.
const SECTIONS: &[(&str, &str)] = &[
    ("database", include_str!("database.rs")),
    ("http", include_str!("http.rs")),
    ("log", include_str!("log.rs")),
    ("media", include_str!("media.rs")),
    ("network", include_str!("network.rs")),
    ("retention", include_str!("retention.rs")),
    ("sip", include_str!("sip.rs")),
];

const HEAD: &str = "# Configuration

`wigwag --config FILE` reads a TOML file. Everything has a default, unknown keys are refused, and all problems are told
at once. `wigwag config` prints what is in force. What a company can change for itself is no configuration.

This page is made from the code: `wigwag config --reference > docs/configuration.md`.
";

/// One value of a section.
struct Key {
    name: String,
    /// Lines, as they stand in the code.
    about: Vec<String>,
}

/// The page, in Markdown.
pub(crate) fn page() -> String {
    let defaults = toml::Table::try_from(Config::default()).expect("the defaults can be printed");
    let mut page = HEAD.to_owned();
    for (section, source) in SECTIONS {
        let about = about(source);
        write!(page, "\n## {about}\n\n```toml\n[{section}]\n").expect("a string takes all");
        for key in keys(source) {
            for line in &key.about {
                writeln!(page, "# {line}").expect("a string takes all");
            }
            match defaults[*section].get(&key.name) {
                Some(value) => writeln!(page, "{} = {value}", key.name),
                None => writeln!(page, "# {} = (not set)", key.name),
            }
            .expect("a string takes all");
        }
        page.push_str("```\n");
    }
    page
}

/// The first paragraph of the file's own documentation.
fn about(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//! "));
    lines.collect::<Vec<_>>().join(" ")
}

/// The fields of the section's struct, which is the first of the file.
fn keys(source: &str) -> Vec<Key> {
    let body = source
        .lines()
        .skip_while(|line| !line.starts_with("pub(crate) struct"))
        .skip(1);
    let (mut keys, mut about) = (Vec::new(), Vec::new());
    for line in body.map(str::trim).take_while(|line| *line != "}") {
        if let Some(text) = line.strip_prefix("/// ") {
            about.push(text.to_owned());
        } else if let Some((name, _)) = line.strip_prefix("pub(crate) ").and_then(|field| field.split_once(':')) {
            keys.push(Key {
                name: name.to_owned(),
                about: std::mem::take(&mut about),
            });
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_and_every_value_of_the_configuration_is_explained() {
        let config = toml::Table::try_from(Config::default()).unwrap();
        let sections: Vec<&str> = SECTIONS.iter().map(|(section, _)| *section).collect();
        assert_eq!(config.keys().map(String::as_str).collect::<Vec<_>>(), sections);
        for (section, source) in SECTIONS {
            let keys = keys(source);
            assert!(keys.iter().all(|key| !key.about.is_empty()), "{section}");
            let named = |name: &String| keys.iter().any(|key| key.name == *name);
            assert!(config[*section].as_table().unwrap().keys().all(named), "{section}");
        }
    }

    #[test]
    fn the_committed_reference_is_true() {
        let committed = include_str!("../../../../docs/configuration.md");
        assert!(
            page() == committed,
            "run: wigwag config --reference > docs/configuration.md"
        );
    }
}
