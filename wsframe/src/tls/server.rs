//! The serving side: what it shows, whom it asks for a certificate, and the handshake.

use std::{
    fmt,
    panic::resume_unwind,
    sync::{Arc, PoisonError, RwLock},
};

use bytes::Bytes;
use rustls::{InconsistentKeys, RootCertStore, ServerConfig, server::WebPkiClientVerifier};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::spawn_blocking,
};
use tokio_rustls::{TlsAcceptor, rustls, server::TlsStream};

use super::{
    PROVIDER, TlsError,
    pem::{Pem, PemFault},
};

/// How a [`Server`](crate::Server) is secured: TLS 1.3 or 1.2 through rustls.
///
/// The certificate and its key are read at the start; what is wrong with them keeps the server from
/// starting, and the message names the file. Clones are the same: keep one to
/// [`reload`](Self::reload).
///
/// ```no_run
/// use wsframe::{Pem, Server, ServerTls, server_endpoint};
///
/// #[server_endpoint("/echo")]
/// struct Echo;
///
/// #[tokio::main]
/// async fn main() -> Result<(), wsframe::StartupError> {
///     let tls = ServerTls::new(Pem::file("/etc/chat/chain.pem"), Pem::file("/etc/chat/key.pem"));
///     Server::new().tls(tls).serve("0.0.0.0:443").await
/// }
/// ```
///
/// Specification: RFC 8446, RFC 6455 section 10.6.
#[derive(Clone, Debug)]
#[must_use = "it counts when it is given to a server"]
#[doc(alias = "SSLHostConfig")]
pub struct ServerTls {
    settings: Arc<Settings>,
    /// What is in force; nothing before the start.
    config: Arc<RwLock<Option<Loaded>>>,
}

/// One for those who are offered HTTP/1.1, one for those who may choose HTTP/2.
#[derive(Clone, Debug)]
struct Loaded {
    http1: Arc<ServerConfig>,
    http2: Arc<ServerConfig>,
}

#[derive(Clone, Debug)]
struct Settings {
    chain: Pem,
    key: Pem,
    clients: Option<Clients>,
}

/// Which certificates clients have.
#[derive(Clone, Debug)]
struct Clients {
    roots: Pem,
    required: bool,
}

impl ServerTls {
    /// Shows this certificate, with those of the authorities behind it, and has this key.
    pub fn new(chain: Pem, key: Pem) -> Self {
        Self::with(Settings { chain, key, clients: None })
    }

    fn with(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), config: Arc::default() }
    }

    fn clients(self, roots: Pem, required: bool) -> Self {
        let clients = Some(Clients { roots, required });
        Self::with(Settings { clients, ..Settings::clone(&self.settings) })
    }

    /// Asks every client for a certificate that one of these roots has signed; who has none does not
    /// get in. See [`TlsInfo`] for what it says.
    pub fn client_certificates(self, roots: Pem) -> Self {
        self.clients(roots, true)
    }

    /// The same, but who has none gets in as well.
    pub fn optional_client_certificates(self, roots: Pem) -> Self {
        self.clients(roots, false)
    }

    /// Reads the files anew. New connections see what is in them from then on; sessions that are open
    /// go on with what they have. If something is wrong, everything stays as it was.
    ///
    /// ```no_run
    /// # async fn example(tls: wsframe::ServerTls) {
    /// // After a certificate was renewed.
    /// if let Err(error) = tls.reload().await {
    ///     eprintln!("the old certificate stays: {error}");
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What is wrong with the certificates or the key, with the file.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future changes nothing.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub async fn reload(&self) -> Result<(), TlsError> {
        let settings = self.settings.clone();
        let config = match spawn_blocking(move || settings.config()).await {
            Ok(config) => config?,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => return Err(TlsError::Handshake("the runtime is going down".into())),
            },
        };
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = Some(Loaded::new(config));
        Ok(())
    }

    /// Secures an accepted stream, and offers HTTP/2 if `http2` says so.
    pub(crate) async fn accept<S>(&self, stream: S, http2: bool) -> Result<TlsStream<S>, TlsError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let config = self.config.read().unwrap_or_else(PoisonError::into_inner).clone();
        let loaded = config.ok_or_else(|| TlsError::Handshake("it is not loaded".into()))?;
        let config = if http2 { loaded.http2 } else { loaded.http1 };
        TlsAcceptor::from(config).accept(stream).await.map_err(TlsError::from_io)
    }
}

impl Loaded {
    fn new(mut config: ServerConfig) -> Self {
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let http2 = Arc::new(config.clone());
        config.alpn_protocols.remove(0);
        Self { http1: Arc::new(config), http2 }
    }
}

impl Settings {
    fn config(&self) -> Result<ServerConfig, TlsError> {
        let builder = ServerConfig::builder_with_provider(PROVIDER.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::of(&error))?;
        let builder = match &self.clients {
            None => builder.with_no_client_auth(),
            Some(Clients { roots, required }) => {
                let mut store = RootCertStore::empty();
                for certificate in roots.certificates()? {
                    store
                        .add(certificate)
                        .map_err(|error| roots.wrong(PemFault::Certificate(error.to_string())))?;
                }
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(store.into(), PROVIDER.clone());
                let verifier = if *required { verifier } else { verifier.allow_unauthenticated() };
                let verifier = verifier
                    .build()
                    .map_err(|error| roots.wrong(PemFault::Certificate(error.to_string())))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let (chain, key) = (self.chain.certificates()?, self.key.key()?);
        let config = builder.with_single_cert(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                self.chain.wrong(PemFault::OtherKey)
            }
            rustls::Error::InvalidCertificate(_) => {
                self.chain.wrong(PemFault::Certificate(error.to_string()))
            }
            error => self.key.wrong(PemFault::Key(error.to_string())),
        })?;
        Ok(config)
    }
}

/// Among the [extensions](crate::Handshake::extensions) of a request that came over TLS to this
/// server; and attached to its session, where the client has shown a certificate.
///
/// ```
/// use wsframe::{Handshake, Refusal, Session, TlsInfo, on_handshake, on_message, server_endpoint};
///
/// #[server_endpoint("/vault")]
/// struct Vault;
///
/// impl Vault {
///     #[on_handshake]
///     fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
///         let tls = handshake.extensions().get::<TlsInfo>();
///         match tls.and_then(|tls| tls.certificates().first()) {
///             Some(_certificate) => Ok(()), // its DER, for a parser of certificates
///             None => Err(Refusal::forbidden("show a certificate")),
///         }
///     }
///
///     #[on_message]
///     fn who(&self, _: &str, session: &Session) -> String {
///         let shown = session.get::<TlsInfo>().map_or(0, |tls| tls.certificates().len());
///         format!("a chain of {shown}")
///     }
/// }
/// ```
#[derive(Clone)]
pub struct TlsInfo(Arc<[Bytes]>);

impl TlsInfo {
    pub(crate) fn of<S>(stream: &TlsStream<S>) -> Self {
        let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
        Self(shown.iter().map(|der| Bytes::copy_from_slice(der)).collect())
    }

    /// The client's certificate, and those of authorities that it sent along, each as DER. Empty if it
    /// has none. They are verified.
    #[doc(alias = "getPeerCertificates")]
    pub fn certificates(&self) -> &[Bytes] {
        &self.0
    }
}

impl fmt::Debug for TlsInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsInfo").field("certificates", &self.0.len()).finish()
    }
}
