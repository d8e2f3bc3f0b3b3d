//! Why there is no TLS.

use std::{fmt, io};

use tokio_rustls::rustls;

use super::pem::PemError;

/// Why a connection is not secured.
///
/// ```
/// use wsframe::{CertificateFault, TlsError};
///
/// let error = TlsError::Certificate(CertificateFault::Expired);
/// assert_eq!(error.to_string(), "the certificate is not accepted: it has expired");
/// ```
///
/// Specification: RFC 8446, RFC 5280.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A certificate or a key that was given cannot be used.
    #[error("{0}")]
    Pem(#[from] PemError),
    /// The system's roots cannot be read, or there are none. On a minimal image, install its
    /// package `ca-certificates`.
    #[error("the system's root certificates cannot be used: {0}")]
    NativeRoots(String),
    /// The name of the server cannot stand in a certificate.
    #[error("`{0}` is no name that a certificate can have")]
    ServerName(String),
    /// The certificate of the other end is not accepted.
    #[error("the certificate is not accepted: {0}")]
    Certificate(CertificateFault),
    /// The other end refused, and this is the alert that it gave: `CertificateRequired`, for
    /// example, where it wants a client certificate.
    #[error("the other end refused: {0}")]
    Alert(String),
    /// The other end does not speak TLS.
    #[error("the other end does not speak TLS")]
    NotTls,
    /// The two have no version or no algorithm in common, or the protocol was broken.
    #[error("the TLS handshake failed: {0}")]
    Handshake(String),
    /// The transport broke on the way.
    #[error("the connection broke during the TLS handshake: {0}")]
    Io(#[source] io::Error),
}

/// What is wrong with the certificate of the other end.
///
/// ```
/// assert_eq!(wsframe::CertificateFault::WrongName.to_string(), "it is for another name");
/// ```
///
/// Specification: RFC 5280 section 6, RFC 9525.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateFault {
    /// No root that is trusted has signed it: it may be self-signed, or an intermediate
    /// certificate is missing.
    UnknownIssuer,
    /// It is for another name.
    WrongName,
    /// It has expired.
    Expired,
    /// It is not valid yet.
    NotYetValid,
    /// It was revoked.
    Revoked,
    /// Its signature is not of whom it names as its issuer.
    Signature,
    /// Something else: `CaUsedAsEndEntity`, for example, where a server shows the certificate of an
    /// authority, as `openssl req -x509` makes one.
    Other(String),
}

impl fmt::Display for CertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownIssuer => "nobody who is trusted has signed it",
            Self::WrongName => "it is for another name",
            Self::Expired => "it has expired",
            Self::NotYetValid => "it is not valid yet",
            Self::Revoked => "it was revoked",
            Self::Signature => "its signature is not of whom it names as its issuer",
            Self::Other(why) => why,
        })
    }
}

impl TlsError {
    /// What an error of a secured stream means.
    pub(super) fn from_io(error: io::Error) -> Self {
        Self::inside(&error).unwrap_or(Self::Io(error))
    }

    /// The fault of TLS that an error of a stream carries, if it is one.
    pub(crate) fn inside(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().map(Self::of)
    }

    pub(super) fn of(error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidCertificate(fault) => Self::Certificate(certificate(fault)),
            rustls::Error::AlertReceived(alert) => Self::Alert(format!("{alert:?}")),
            rustls::Error::InvalidMessage(_) => Self::NotTls,
            error => Self::Handshake(error.to_string()),
        }
    }
}

fn certificate(fault: &rustls::CertificateError) -> CertificateFault {
    use rustls::CertificateError as Fault;
    match fault {
        Fault::UnknownIssuer => CertificateFault::UnknownIssuer,
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            CertificateFault::WrongName
        }
        Fault::Expired | Fault::ExpiredContext { .. } => CertificateFault::Expired,
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => CertificateFault::NotYetValid,
        Fault::Revoked => CertificateFault::Revoked,
        Fault::BadSignature => CertificateFault::Signature,
        Fault::Other(other) => CertificateFault::Other(other.to_string()),
        fault => CertificateFault::Other(fault.to_string()),
    }
}
