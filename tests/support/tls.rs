//! Certificates of our own, and TLS in front of a server that does not speak it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use tokio::{
    io::{copy, copy_bidirectional, sink},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ALL_VERSIONS, RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        server::WebPkiClientVerifier,
        version::TLS12,
    },
};

/// Somebody who signs certificates.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    /// Its own certificate.
    pub pem: String,
}

/// A certificate and its key.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The certificate.
    pub pem: String,
    /// Its key.
    pub key: String,
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).expect("names")
}

impl Authority {
    /// A new one.
    ///
    /// # Panics
    ///
    /// If no key can be made.
    pub fn new(name: &str) -> Self {
        let mut params = params(&[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// A certificate for these names, valid between these years.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    pub fn issue(&self, names: &[&str], years: (i32, i32)) -> Issued {
        let mut params = params(names);
        params.not_before = date_time_ymd(years.0, 1, 1);
        params.not_after = date_time_ymd(years.1, 1, 1);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Issued { pem: certificate.pem(), key: key.serialize_pem() }
    }

    /// A certificate for the loopback addresses and `localhost`.
    pub fn local(&self) -> Issued {
        self.issue(&["127.0.0.1", "::1", "localhost"], (2000, 4000))
    }
}

impl Issued {
    /// One for the loopback address that nobody else has signed.
    ///
    /// # Panics
    ///
    /// If it cannot be made.
    pub fn by_itself(is_authority: bool) -> Self {
        let mut params = params(&["127.0.0.1", "localhost"]);
        if is_authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        Self { pem: certificate.pem(), key: key.serialize_pem() }
    }
}

/// What a client has shown in a TLS handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The name that it asked for.
    pub name: Option<String>,
    /// The protocol that was agreed on.
    pub protocol: Option<String>,
    /// Whether it had a certificate.
    pub certificate: bool,
}

/// TLS in front of a server; it and its connections end when this is dropped.
#[derive(Debug)]
pub struct Secured {
    /// Where it listens.
    pub addr: SocketAddr,
    shown: Arc<Mutex<Vec<Shown>>>,
    task: AbortHandle,
}

/// How a server is secured.
#[derive(Debug)]
pub struct Front<'a> {
    /// Its certificate.
    pub issued: &'a Issued,
    /// The versions of TLS that it speaks.
    pub versions: &'static [&'static SupportedProtocolVersion],
    /// Whose certificates it asks clients for.
    pub clients: Option<&'a Authority>,
    /// Whether a client without one may enter.
    pub without: bool,
    /// The protocols that it offers, the one it likes best first, with commas in between.
    pub protocol: &'a str,
}

impl<'a> Front<'a> {
    /// With this certificate, for everybody.
    pub fn new(issued: &'a Issued) -> Self {
        let versions = ALL_VERSIONS;
        Self { issued, versions, clients: None, without: false, protocol: "http/1.1" }
    }

    /// Speaks TLS 1.2 and nothing newer.
    pub fn only_tls12(mut self) -> Self {
        static ONLY: [&SupportedProtocolVersion; 1] = [&TLS12];
        self.versions = &ONLY;
        self
    }

    fn config(&self) -> ServerConfig {
        let provider = Arc::new(ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(self.versions)
            .expect("versions");
        let builder = match self.clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                let root = CertificateDer::from_pem_slice(authority.pem.as_bytes());
                roots.add(root.expect("PEM")).expect("a root");
                let roots = Arc::new(roots);
                let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider);
                let verifier =
                    if self.without { verifier.allow_unauthenticated() } else { verifier };
                builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
            }
        };
        let chain = CertificateDer::pem_slice_iter(self.issued.pem.as_bytes());
        let chain = chain.collect::<Result<_, _>>().expect("PEM");
        let key = PrivateKeyDer::from_pem_slice(self.issued.key.as_bytes()).expect("PEM");
        let mut config = builder.with_single_cert(chain, key).expect("a key that fits");
        config.alpn_protocols =
            self.protocol.split(',').map(|name| name.as_bytes().to_vec()).collect();
        config
    }

    /// Begins, in front of `behind`.
    ///
    /// # Panics
    ///
    /// If it cannot.
    pub async fn start(self, behind: SocketAddr) -> Secured {
        let acceptor = TlsAcceptor::from(Arc::new(self.config()));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let shown = Arc::new(Mutex::new(Vec::new()));
        let kept = shown.clone();
        let serving = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                let (acceptor, kept) = (acceptor.clone(), kept.clone());
                connections.spawn(async move {
                    let mut tls = match acceptor.accept(tcp).into_fallible().await {
                        Ok(tls) => tls,
                        Err((_, mut tcp)) => {
                            // Or the alert is lost with what the client has sent meanwhile.
                            let _ = copy(&mut tcp, &mut sink()).await;
                            return;
                        }
                    };
                    kept.lock().expect("no panic").push(Shown::of(tls.get_ref().1));
                    if let Ok(mut server) = TcpStream::connect(behind).await {
                        let _ = copy_bidirectional(&mut tls, &mut server).await;
                    }
                });
            }
        });
        Secured { addr, shown, task: serving.abort_handle() }
    }
}

impl Shown {
    fn of(connection: &ServerConnection) -> Self {
        let protocol = connection.alpn_protocol().map(String::from_utf8_lossy);
        Self {
            name: connection.server_name().map(str::to_owned),
            protocol: protocol.map(Into::into),
            certificate: connection.peer_certificates().is_some(),
        }
    }
}

impl Secured {
    /// What the clients have shown that were let in.
    ///
    /// # Panics
    ///
    /// If one of its connections has panicked.
    pub fn shown(&self) -> Vec<Shown> {
        self.shown.lock().expect("no panic").clone()
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        self.task.abort();
    }
}
