//! What stands for a password (RFC 7616 §3.4.2): `H(username:realm:password)`.

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;
use wigwag_sansio::Secret;

use super::algorithm::Algorithm;

/// A password for one user, realm and algorithm, as far as Digest needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ha1 {
    pub(super) algorithm: Algorithm,
    pub(super) realm: SmolStr,
    pub(super) hash: Secret<SmolStr>,
}

impl Ha1 {
    /// Computes it once, when a configuration is loaded.
    pub fn new(algorithm: Algorithm, username: &str, realm: &str, password: &str) -> Self {
        let hash = algorithm.hash(&[username, realm, password]);
        Ha1 {
            algorithm,
            realm: SmolStr::new(realm),
            hash: Secret::new(hash),
        }
    }

    /// The algorithm that it holds for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The realm that it holds in.
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// The proof that RFC 7616 §3.4.1 asks for; without `protection` that of RFC 2069.
    pub(super) fn response(&self, method: &str, uri: &str, nonce: &str, protection: Option<Protection<'_>>) -> SmolStr {
        let ha1 = self.hash.expose();
        let ha2 = self.algorithm.hash(&[method, uri]);
        match protection {
            Some(Protection { nc, cnonce }) => self.algorithm.hash(&[ha1, nonce, nc, cnonce, "auth", &ha2]),
            None => self.algorithm.hash(&[ha1, nonce, &ha2]),
        }
    }
}

/// What `qop=auth` adds to a proof.
#[derive(Clone, Copy)]
pub(super) struct Protection<'a> {
    pub(super) nc: &'a str,
    pub(super) cnonce: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_2617() {
        let ha1 = Ha1::new(Algorithm::Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
        assert_eq!(ha1.hash.expose(), "939e7578ed9e3c518a452acee763bce9");
        let protection = Protection {
            nc: "00000001",
            cnonce: "0a4f113b",
        };
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        assert_eq!(
            ha1.response("GET", "/dir/index.html", nonce, Some(protection)),
            "6629fae49393a05397450978507c4ef1"
        );
    }

    #[test]
    fn the_examples_of_rfc_7616() {
        let protection = Protection {
            nc: "00000001",
            cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        };
        let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
        let response = |algorithm| {
            let ha1 = Ha1::new(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
            ha1.response("GET", "/dir/index.html", nonce, Some(protection))
        };
        assert_eq!(response(Algorithm::Md5), "8ca523f5e9506fed4657c9700eebdbec");
        assert_eq!(
            response(Algorithm::Sha256),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }

    #[test]
    fn a_password_is_not_printed() {
        let ha1 = Ha1::new(Algorithm::Md5, "u", "r", "hunter2");
        assert!(format!("{ha1:?}").contains("hash: [secret]"));
    }
}
