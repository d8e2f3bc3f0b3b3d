//! TLS through rustls, which is named nowhere else. The provider of its cryptography is ring: it
//! needs no more than a C compiler to build. It is passed to every configuration, so nothing has to
//! be installed for the whole process, and nothing that is installed there counts.
//!
//! [`pem`] reads certificates and keys for whoever needs them, [`client`] is the dialling side,
//! [`any`] is what a client checks that has been told to check nothing.

mod any;
mod client;
mod error;
mod pem;

use std::sync::{Arc, LazyLock};

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};

pub use self::{
    client::ClientTls,
    error::{CertificateFault, TlsError},
    pem::{Pem, PemError, PemFault},
};

/// A connection as its client sees it.
pub(crate) type Secured<S> = tokio_rustls::client::TlsStream<S>;

/// The protocol that both sides have agreed on.
#[cfg(all(feature = "client", feature = "http2"))]
pub(crate) fn agreed_on<S>(secured: &Secured<S>) -> Option<&[u8]> {
    secured.get_ref().1.alpn_protocol()
}

/// The cryptography of every connection.
static PROVIDER: LazyLock<Arc<CryptoProvider>> =
    LazyLock::new(|| Arc::new(ring::default_provider()));
