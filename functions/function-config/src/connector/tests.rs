use std::sync::atomic::AtomicUsize;

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::*;

#[test]
fn the_roots_in_the_binary_parse_and_are_not_near_their_end() {
    let expected = [
        ("Amazon Root CA 1", "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e"),
        ("Amazon Root CA 2", "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4"),
        ("Amazon Root CA 3", "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4"),
        ("Amazon Root CA 4", "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092"),
        (
            "Starfield Services Root Certificate Authority - G2",
            "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
        ),
    ];
    let roots: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(AMAZON_ROOTS).map(Result::unwrap).collect();
    assert_eq!(roots.len(), expected.len());
    let mut store = rustls::RootCertStore::empty();
    let in_two_years = x509_parser::time::ASN1Time::now().timestamp() + 2 * 365 * 86_400;
    for (root, (name, sha256)) in roots.into_iter().zip(expected) {
        let digest = ring::digest::digest(&ring::digest::SHA256, &root);
        let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, sha256, "{name}");
        let (_, certificate) = X509Certificate::from_der(&root).unwrap();
        assert_eq!(certificate.subject().iter_common_name().next().unwrap().as_str().unwrap(), name);
        let end = certificate.validity().not_after;
        assert!(end.timestamp() > in_two_years, "{name} ends on {end}: see whether AWS has a new root");
        store.add(root).unwrap();
    }
}

/// An HTTPS server of a certificate authority that nobody knows: its address, the authority's PEM, and how many connections it has taken.
async fn stranger() -> (String, Vec<u8>, Arc<AtomicUsize>) {
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = key.cert.pem().into_bytes();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from_pem_slice(&pem).unwrap()],
            PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let (acceptor, taken) = (TlsAcceptor::from(Arc::new(config)), Arc::<AtomicUsize>::default());
    let count = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let (acceptor, count) = (acceptor.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(socket).await else { return };
                count.fetch_add(1, Ordering::Relaxed);
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                    stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno").await.unwrap();
                }
            });
        }
    });
    (endpoint, pem, taken)
}

fn connector(first: TrustStore, system: Vec<u8>) -> AwsConnector {
    let patience = Duration::from_secs(10);
    AwsConnector::of(build(first, patience), move || {
        build(TrustStore::empty().with_pem_certificate(system.clone()), patience)
    })
}

#[tokio::test]
async fn a_chain_that_ends_in_none_of_our_roots_is_asked_of_the_systems() {
    let (endpoint, pem, _) = stranger().await;
    let connector = connector(amazon_roots(), pem);
    for _ in 0..2 {
        let response = connector.call(HttpRequest::get(&endpoint).unwrap()).await.unwrap();
        assert_eq!(response.status().as_u16(), 403);
    }
    assert!(connector.0.system.get().is_some());
}

#[tokio::test]
async fn a_known_chain_never_loads_the_systems_roots() {
    let (endpoint, pem, _) = stranger().await;
    let connector =
        AwsConnector::of(build(TrustStore::empty().with_pem_certificate(pem), Duration::from_secs(10)), || {
            panic!("the system's roots were asked for")
        });
    connector.call(HttpRequest::get(&endpoint).unwrap()).await.unwrap();
    assert!(connector.0.trusted.load(Ordering::Relaxed));
}

#[tokio::test]
async fn the_first_call_takes_the_connection_that_was_opened_at_the_start() {
    let (endpoint, pem, taken) = stranger().await;
    for first in [TrustStore::empty().with_pem_certificate(pem.clone()), amazon_roots()] {
        taken.store(0, Ordering::Relaxed);
        let connector = connector(first, pem.clone());
        connector.open(&endpoint);
        // At once, while it is still under way.
        connector.call(HttpRequest::get(&endpoint).unwrap()).await.unwrap();
        assert_eq!(taken.load(Ordering::Relaxed), 1);
    }
}

#[tokio::test]
async fn a_connection_that_can_not_be_opened_is_the_first_calls_to_tell() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let connector = AwsConnector::new(Duration::from_secs(1));
    connector.open(&format!("https://{nobody}/"));
    connector.open("no url at all");
    assert!(connector.call(HttpRequest::get(format!("https://{nobody}/")).unwrap()).await.is_err());
}
