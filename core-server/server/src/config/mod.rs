//! The configuration file: TOML, a default for everything, one file per section, unknown keys refused.
//!
//! What a company can change is data, never in this file.

mod database;
mod http;
mod log;
mod media;
mod network;
mod reference;
mod retention;
mod sip;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub(crate) use self::{
    database::DatabaseSection, http::HttpSection, log::LogSection, media::MediaSection, network::NetworkSection,
    reference::page as reference_page, retention::RetentionSection, sip::SipSection,
};

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    pub(crate) database: DatabaseSection,
    pub(crate) http: HttpSection,
    pub(crate) log: LogSection,
    pub(crate) media: MediaSection,
    pub(crate) network: NetworkSection,
    pub(crate) retention: RetentionSection,
    pub(crate) sip: SipSection,
}

/// Why the configuration cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    #[error("cannot read the configuration file {path}: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("the configuration file {path} is not understood:\n{source}")]
    Malformed {
        path: PathBuf,
        source: Box<toml::de::Error>,
    },
    #[error("the configuration has {} problem(s):\n{}", .0.len(), list(.0))]
    Problems(Vec<ConfigProblem>),
}

/// Something in the configuration that cannot work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigProblem {
    /// Section and key.
    pub(crate) key: &'static str,
    /// What is wrong and what would be right.
    pub(crate) problem: String,
}

impl Config {
    /// Reads `path`, or the defaults when there is none, and checks everything at once.
    pub(crate) fn load(path: Option<&Path>) -> Result<Self, ConfigError> {
        let config = match path {
            None => Config::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
                    path: path.to_owned(),
                    source,
                })?;
                toml::from_str(&text).map_err(|source| ConfigError::Malformed {
                    path: path.to_owned(),
                    source: Box::new(source),
                })?
            }
        };
        config.check()?;
        Ok(config)
    }

    /// Finds every problem.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let mut problems = Vec::new();
        self.http.check(&mut problems);
        self.media.check(&mut problems);
        self.network.check(&mut problems);
        self.retention.check(&mut problems);
        self.sip.check(&mut problems);
        self.log.check(&mut problems);
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::Problems(problems))
        }
    }
}

fn list(problems: &[ConfigProblem]) -> String {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("- {}: {}", problem.key, problem.problem))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sound_and_survive_their_own_text() {
        let config = Config::default();
        config.check().expect("no problems");
        let text = toml::to_string(&config).expect("can be printed");
        assert_eq!(toml::from_str::<Config>(&text).expect("can be read"), config);
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let error = toml::from_str::<Config>("[sip]\nport = 5060\n").expect_err("no such key");
        assert!(error.to_string().contains("unknown field `port`"), "{error}");
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let config: Config =
            toml::from_str("[media]\nports = \"200-100\"\n[sip]\ndomain = \"\"\n").expect("well formed");
        let ConfigError::Problems(problems) = config.check().expect_err("two problems") else {
            panic!("problems")
        };
        let keys: Vec<&str> = problems.iter().map(|problem| problem.key).collect();
        assert_eq!(keys, ["media.ports", "sip.domain"]);
    }
}
