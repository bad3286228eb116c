//! The certificate that browsers are shown.

use std::{fmt, sync::Arc};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};
use thiserror::Error;
use tokio_rustls::TlsAcceptor;

/// What HTTP is encrypted with.
#[derive(Clone)]
pub struct Https(TlsAcceptor);

/// Why a certificate cannot be used.
#[derive(Debug, Error)]
pub enum HttpsError {
    /// The chain is not PEM, or has no certificate in it.
    #[error("the certificate chain cannot be read")]
    Chain,
    /// The key is not PEM, or of no known kind.
    #[error("the private key cannot be read")]
    Key,
    /// Chain, key and algorithms do not fit together.
    #[error("the certificate cannot be used")]
    Unusable(#[from] rustls::Error),
}

impl Https {
    /// A certificate chain, the leaf first, with its key, both as PEM text.
    ///
    /// # Errors
    /// When the texts cannot be read or the certificate not be used.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, HttpsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|_| HttpsError::Chain)?;
        if chain.is_empty() {
            return Err(HttpsError::Chain);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| HttpsError::Key)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Https(Arc::new(config).into()))
    }

    pub(crate) fn acceptor(&self) -> &TlsAcceptor {
        &self.0
    }
}

impl fmt::Debug for Https {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Https")
    }
}
