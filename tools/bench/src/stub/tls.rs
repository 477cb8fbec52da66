//! A certificate authority of its own, known to the measured functions alone.

use std::{fs, path::Path, sync::Arc};

use anyhow::{Context as _, Result};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// What the functions carry inside.
const AMAZON_ROOTS: &str = include_str!("../../../../functions/function-config/data/amazon-roots.pem");

/// Where Linux distributions keep the roots that a client loads.
const SYSTEM_ROOTS: [&str; 3] =
    ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"];

/// Makes the authority and a certificate for `localhost`; writes what is to be trusted, so that loading it costs what it costs on
/// Lambda: for peers the system's roots, as their SDKs load them, for our functions Amazon's, which they carry; and this one more.
pub(crate) fn acceptor(bundle: &Path, own_bundle: &Path) -> Result<TlsAcceptor> {
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "benchmark authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));

    let system = SYSTEM_ROOTS.iter().find_map(|path| fs::read_to_string(path).ok()).unwrap_or_default();
    for (bundle, roots) in [(bundle, system.as_str()), (own_bundle, AMAZON_ROOTS)] {
        let text = [roots, "\n", &authority.pem()].concat();
        fs::write(bundle, text).with_context(|| format!("can't write {}", bundle.display()))?;
    }

    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
