//! The certificates for SIP over TLS and for HTTPS: configured, or self-made and kept in the data folder.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use anyhow::Context;
use rcgen::{CertificateParams, DnType, KeyPair};
use wigwag_api::Https;
use wigwag_sip_io::Tls;

use crate::config::{HttpSection, SipSection};

/// The certificate that phones are shown.
pub(crate) fn load(data: &Path, sip: &SipSection) -> anyhow::Result<Tls> {
    let (chain, key) = configured_or_own(&sip.tls_certificate, &sip.tls_key, data, &sip.domain)?;
    Tls::from_pem(&chain, &key, &[]).context("the certificate for SIP over TLS cannot be used")
}

/// The certificate that browsers are shown: the phones' where no other is configured.
pub(crate) fn load_https(data: &Path, http: &HttpSection, sip: &SipSection) -> anyhow::Result<Https> {
    let (chain, key) = match &http.tls_certificate {
        Some(_) => configured_or_own(&http.tls_certificate, &http.tls_key, data, &sip.domain)?,
        None => configured_or_own(&sip.tls_certificate, &sip.tls_key, data, &sip.domain)?,
    };
    Https::from_pem(&chain, &key).context("the certificate for HTTPS cannot be used")
}

/// A chain and its key.
type Pem = (Vec<u8>, Vec<u8>);

fn configured_or_own(chain: &Option<PathBuf>, key: &Option<PathBuf>, data: &Path, domain: &str) -> anyhow::Result<Pem> {
    match (chain, key) {
        (Some(chain), Some(key)) => Ok((read(chain)?, read(key)?)),
        (None, _) | (_, None) => own(data, domain),
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The self-made certificate, made at the first start.
fn own(data: &Path, domain: &str) -> anyhow::Result<Pem> {
    let (chain, key) = (data.join("tls-certificate.pem"), data.join("tls-key.pem"));
    if !chain.exists() || !key.exists() {
        let pair = KeyPair::generate()?;
        let names = [domain, "localhost", "127.0.0.1", "::1"].map(str::to_owned);
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, domain);
        let certificate = params.self_signed(&pair)?;
        write(&key, 0o600, &pair.serialize_pem())?;
        write(&chain, 0o644, &certificate.pem())?;
    }
    Ok((read(&chain)?, read(&key)?))
}

fn write(path: &Path, mode: u32, text: &str) -> anyhow::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("cannot write {}", path.display()))
}
