//! The server's figures, as Prometheus reads them.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Client;

use crate::patience::within;

/// What is in use while somebody calls, and free again afterwards.
const IN_USE: [&str; 4] = [
    "wigwag_calls",
    "wigwag_lines_in_use",
    "wigwag_media_legs",
    "wigwag_media_ports_in_use",
];
/// A phone that has vanished is given 32 s to answer its BYE (RFC 3261 §17.1.2.2).
const SETTLING: Duration = Duration::from_secs(60);
/// How often the figures are read while they change.
const READ_AGAIN: Duration = Duration::from_millis(50);

/// The server's figures at one moment, by name with labels.
#[derive(Clone, Debug)]
pub struct Figures(BTreeMap<String, f64>);

impl Figures {
    pub(super) async fn read(root: &str) -> Figures {
        let client = Client::builder()
            .no_proxy()
            .build()
            .expect("an HTTP client can be made");
        let response = client
            .get(format!("{root}/metrics"))
            .send()
            .await
            .expect("the server answers");
        let text = response.text().await.expect("the server finishes its answer");
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let figures = lines.filter_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Figures(figures.collect())
    }

    /// Reads until `wanted` is true of them.
    pub(super) async fn until(root: &str, what: &str, wanted: impl Fn(&Figures) -> bool) -> Figures {
        let mut last = None;
        let reading = async {
            let mut again = tokio::time::interval(READ_AGAIN);
            loop {
                again.tick().await;
                let figures = last.insert(Figures::read(root).await);
                if wanted(figures) {
                    return figures.clone();
                }
            }
        };
        match within(SETTLING, reading).await {
            Some(figures) => figures,
            None => panic!("{what}: {last:#?}"),
        }
    }

    /// A figure by its name, with its labels if it has any: `wigwag_calls`.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn of(&self, name: &str) -> u64 {
        let value = self
            .0
            .get(name)
            .unwrap_or_else(|| panic!("no figure is called {name}: {self:#?}"));
        *value as u64
    }

    /// Whether nobody calls and nothing is left of those who did.
    pub(super) fn are_at_rest(&self) -> bool {
        IN_USE.iter().all(|name| self.of(name) == 0)
    }
}
