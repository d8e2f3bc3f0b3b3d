//! TLS through rustls, which is named nowhere else. The provider of its cryptography is ring: it
//! needs no more than a C compiler to build. It is passed to every configuration, so nothing has to
//! be installed for the whole process, and nothing that is installed there counts.
//!
//! [`pem`] reads certificates and keys for whoever needs them, [`client`] is the dialling side, `server` the serving one,
//! [`any`] is what a client checks that has been told to check nothing.

#[cfg(feature = "client")]
mod any;
#[cfg(feature = "client")]
mod client;
mod error;
mod pem;
#[cfg(feature = "server")]
mod server;

use std::sync::{Arc, LazyLock};

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};

#[cfg(feature = "client")]
pub use self::client::ClientTls;
#[cfg(feature = "server")]
pub use self::server::{ServerTls, TlsInfo};
pub use self::{
    error::{CertificateFault, TlsError},
    pem::{Pem, PemError, PemFault},
};

/// A connection as its client sees it.
#[cfg(feature = "client")]
pub(crate) type Secured<S> = tokio_rustls::client::TlsStream<S>;

/// A connection as its server sees it.
#[cfg(feature = "server")]
pub(crate) type Accepted<S> = tokio_rustls::server::TlsStream<S>;

/// The protocol that both sides have agreed on.
#[cfg(all(feature = "client", feature = "http2"))]
pub(crate) fn agreed_on<S>(secured: &Secured<S>) -> Option<&[u8]> {
    secured.get_ref().1.alpn_protocol()
}

/// Whether its client has chosen HTTP/2, which a server offers only where it is to.
#[cfg(all(feature = "server", feature = "http2"))]
pub(crate) fn speaks_http2<S>(accepted: &Accepted<S>) -> bool {
    accepted.get_ref().1.alpn_protocol() == Some(b"h2")
}

/// The cryptography of every connection.
static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(ring::default_provider()));
