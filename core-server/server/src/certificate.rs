//! The certificate for SIP over TLS: configured, or self-made and kept in the data folder.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use anyhow::Context;
use rcgen::{CertificateParams, DnType, KeyPair};
use wigwag_sip_io::Tls;

use crate::config::SipSection;

/// The certificate that phones are shown.
pub(crate) fn load(data: &Path, sip: &SipSection) -> anyhow::Result<Tls> {
    let (chain, key) = match (&sip.tls_certificate, &sip.tls_key) {
        (Some(chain), Some(key)) => (read(chain)?, read(key)?),
        (None, _) | (_, None) => own(data, &sip.domain)?,
    };
    Tls::from_pem(&chain, &key, &[]).context("the certificate for SIP over TLS cannot be used")
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The self-made certificate, made at the first start.
fn own(data: &Path, domain: &str) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
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
