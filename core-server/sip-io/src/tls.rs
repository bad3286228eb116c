//! Certificates for TLS, in and out (RFC 3261 §26.2.1, RFC 5922).

use std::{fmt, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore, ServerConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    version::{TLS12, TLS13},
};
use thiserror::Error;

/// Our certificate, and whom we trust.
#[derive(Clone)]
pub struct Tls {
    pub(crate) server: Arc<ServerConfig>,
    pub(crate) client: Arc<ClientConfig>,
}

/// Why certificates cannot be used.
#[derive(Debug, Error)]
pub enum TlsError {
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

impl Tls {
    /// A certificate chain, the leaf first, with its key; connections of ours are checked against `roots`.
    ///
    /// # Errors
    /// When key and certificate do not fit together or use unknown algorithms.
    pub fn new(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        roots: Vec<CertificateDer<'static>>,
    ) -> Result<Self, TlsError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(Tls {
            server: Arc::new(server),
            client: Arc::new(client(provider, roots)?),
        })
    }

    /// As [`Tls::new`], from PEM text.
    ///
    /// # Errors
    /// When the texts cannot be read or the certificate not be used.
    pub fn from_pem(chain: &[u8], key: &[u8], roots: &[u8]) -> Result<Self, TlsError> {
        let certificates = |pem| CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
        let chain = certificates(chain).map_err(|_| TlsError::Chain)?;
        let roots = certificates(roots).map_err(|_| TlsError::Chain)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Key)?;
        if chain.is_empty() {
            return Err(TlsError::Chain);
        }
        Tls::new(chain, key, roots)
    }
}

fn client(provider: Arc<CryptoProvider>, roots: Vec<CertificateDer<'static>>) -> Result<ClientConfig, rustls::Error> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root)?;
    }
    Ok(ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_root_certificates(store)
        .with_no_client_auth())
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}
