//! The dialling side: whom it trusts, as whom it comes, and the handshake.

use std::{
    fmt,
    panic::resume_unwind,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use rustls::{
    ClientConfig, InconsistentKeys, RootCertStore, client::WebPkiServerVerifier,
    pki_types::ServerName,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::OnceCell,
    task::spawn_blocking,
};
use tokio_rustls::{TlsConnector, rustls};

use super::{
    PROVIDER, Secured, TlsError,
    any::AnyCertificate,
    pem::{Pem, PemFault},
};

/// The system's roots, once they are read: the connections of a process share them.
static NATIVE: Mutex<Option<Arc<RootCertStore>>> = Mutex::new(None);

/// What every client has that was told nothing else.
static PLAIN: LazyLock<ClientTls> = LazyLock::new(ClientTls::new);

/// How a [`Client`](crate::Client) secures its connections: TLS 1.3 or 1.2 through rustls.
///
/// Without any setting the system's root certificates are trusted, and the server's certificate
/// has to be for the host of the URL. They are read once in the life of the process; the variables
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` name others.
///
/// ```no_run
/// use wsframe::{Client, ClientTls, Pem};
///
/// # async fn example() -> Result<(), wsframe::ConnectError> {
/// let tls = ClientTls::new()
///     .roots(Pem::file("/etc/feed/ca.pem"))
///     .identity(Pem::file("/etc/feed/bot.pem"), Pem::file("/etc/feed/bot.key"));
/// let (session, messages) = Client::new("wss://feed.internal/prices").tls(tls).connect().await?;
/// # Ok(())
/// # }
/// ```
///
/// Clones share what was read from files and the tickets with which a server recognises a client
/// that comes again. The files are read on tokio's blocking pool when the first connection needs
/// them; make a new one to have them read again.
///
/// Specification: RFC 8446, RFC 6455 section 4.1 step 5.
#[derive(Clone, Debug, Default)]
#[must_use = "it counts when it is given to a client"]
#[doc(alias = "SSLContext")]
pub struct ClientTls {
    settings: Arc<Settings>,
    made: Arc<Made>,
}

/// What the caller asked for.
#[derive(Clone, Debug, Default)]
struct Settings {
    roots: Vec<Pem>,
    native_roots: bool,
    identity: Option<(Pem, Pem)>,
    server_name: Option<String>,
    any_certificate: bool,
}

/// What was made of it.
#[derive(Default)]
struct Made {
    /// For the server that the caller named.
    named: OnceCell<Arc<ClientConfig>>,
    /// For another one that it redirected to: without the client certificate.
    other: OnceCell<Arc<ClientConfig>>,
}

impl ClientTls {
    /// The system's roots, and no client certificate.
    pub fn new() -> Self {
        Self::default()
    }

    fn with(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.settings));
        self.made = Arc::default();
        self
    }

    /// Trusts every certificate in this PEM as a root, beside others that were given. The system's
    /// roots do not count any more, unless [`native_roots`](Self::native_roots) says so.
    pub fn roots(self, roots: Pem) -> Self {
        self.with(|settings| settings.roots.push(roots))
    }

    /// Trusts the system's roots too, beside those that were given.
    pub fn native_roots(self) -> Self {
        self.with(|settings| settings.native_roots = true)
    }

    /// Shows this certificate to a server that asks for one: `chain` has the certificate and then
    /// those that lead to its root, `key` its private key (PKCS #8, PKCS #1 or SEC 1; not
    /// encrypted). It is not shown to another server that the first one redirects to.
    #[doc(alias = "mTLS")]
    pub fn identity(self, chain: Pem, key: Pem) -> Self {
        self.with(|settings| settings.identity = Some((chain, key)))
    }

    /// Asks for the certificate of this name, in place of the URL's host. It does not count for
    /// another server that the first one redirects to.
    #[doc(alias = "SNI")]
    pub fn server_name(self, name: impl Into<String>) -> Self {
        self.with(|settings| settings.server_name = Some(name.into()))
    }

    /// Accepts whatever certificate the server shows: expired, for another name, signed by nobody.
    /// **Who can reach into the connection can then read and change everything.** For a test
    /// against a server whose certificate cannot be known before; a self-signed one that is known
    /// can be given to [`roots`](Self::roots).
    pub fn dangerous_accept_any_certificate(self) -> Self {
        self.with(|settings| settings.any_certificate = true)
    }

    /// What a client has that was told nothing else; all such clients share it.
    pub(crate) fn plain() -> Self {
        PLAIN.clone()
    }

    /// Secures a stream to `host`, which is the server that the caller `named`, or another one. HTTP/1.1
    /// is spoken over it, or, if `http2` says so, what the server likes better.
    pub(crate) async fn secure<S>(
        &self,
        stream: S,
        host: &str,
        named: bool,
        http2: bool,
    ) -> Result<Secured<S>, TlsError>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let name = self.settings.server_name.as_deref().filter(|_| named).unwrap_or(host);
        let name = ServerName::try_from(name.to_owned())
            .map_err(|_| TlsError::ServerName(name.to_owned()))?;
        let cell = if named { &self.made.named } else { &self.made.other };
        let config = cell.get_or_try_init(|| make(self.settings.clone(), named)).await?;
        let connector = TlsConnector::from(config.clone());
        let protocols: &[&[u8]] = if http2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
        let protocols = protocols.iter().map(|name| name.to_vec()).collect();
        let connecting = connector.with_alpn(protocols).connect(name, stream);
        connecting.await.map_err(TlsError::from_io)
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// Reads what has to be read, where that may block.
async fn make(settings: Arc<Settings>, named: bool) -> Result<Arc<ClientConfig>, TlsError> {
    match spawn_blocking(move || settings.config(named)).await {
        Ok(made) => made.map(Arc::new),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_) => Err(TlsError::Handshake("the runtime is going down".into())),
        },
    }
}

impl Settings {
    fn config(&self, named: bool) -> Result<ClientConfig, TlsError> {
        let builder = ClientConfig::builder_with_provider(PROVIDER.clone())
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::of(&error))?
            .dangerous();
        let builder = if self.any_certificate {
            builder.with_custom_certificate_verifier(Arc::new(AnyCertificate(PROVIDER.clone())))
        } else {
            let verifier =
                WebPkiServerVerifier::builder_with_provider(self.trusted()?, PROVIDER.clone())
                    .build()
                    .map_err(|error| TlsError::NativeRoots(error.to_string()))?;
            builder.with_custom_certificate_verifier(verifier)
        };
        Ok(match &self.identity {
            Some((chain, key)) if named => builder
                .with_client_auth_cert(chain.certificates()?, key.key()?)
                .map_err(|error| match error {
                    rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                        chain.wrong(PemFault::OtherKey)
                    }
                    rustls::Error::InvalidCertificate(_) => {
                        chain.wrong(PemFault::Certificate(error.to_string()))
                    }
                    error => key.wrong(PemFault::Key(error.to_string())),
                })?,
            _ => builder.with_no_client_auth(),
        })
    }

    fn trusted(&self) -> Result<Arc<RootCertStore>, TlsError> {
        if self.roots.is_empty() {
            return native();
        }
        let mut store = match self.native_roots {
            true => RootCertStore::clone(&*native()?),
            false => RootCertStore::empty(),
        };
        for pem in &self.roots {
            for certificate in pem.certificates()? {
                store
                    .add(certificate)
                    .map_err(|error| pem.wrong(PemFault::Certificate(error.to_string())))?;
            }
        }
        Ok(Arc::new(store))
    }
}

/// A system may have roots that nobody understands beside those that count, so one is enough.
fn native() -> Result<Arc<RootCertStore>, TlsError> {
    let mut kept = NATIVE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kept) = &*kept {
        return Ok(kept.clone());
    }
    let found = rustls_native_certs::load_native_certs();
    let mut store = RootCertStore::empty();
    store.add_parsable_certificates(found.certs);
    if store.is_empty() {
        let why = found.errors.first().map_or("there are none".to_owned(), ToString::to_string);
        return Err(TlsError::NativeRoots(why));
    }
    Ok(kept.insert(Arc::new(store)).clone())
}
