//! Certificates and keys in PEM, from files or from memory; RFC 7468.

use std::{fmt, fs, io, path::PathBuf};

use bytes::Bytes;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, PrivateKeyDer,
    pem::{self, PemObject},
};

/// Certificates or a key in PEM: a file, or the text itself.
///
/// A file is read when the first connection needs it, and then no more.
///
/// ```
/// use wsframe::Pem;
///
/// let from_a_file = Pem::file("/etc/ssl/private-ca.pem");
/// let in_the_program = Pem::bytes("-----BEGIN CERTIFICATE-----\n…");
/// // What is inside of it may be a key and is not shown.
/// assert_eq!(format!("{in_the_program:?}"), "Pem(..)");
/// # let _ = from_a_file;
/// ```
///
/// Specification: RFC 7468.
#[derive(Clone)]
pub struct Pem(Source);

#[derive(Clone)]
enum Source {
    File(PathBuf),
    Bytes(Bytes),
}

impl Pem {
    /// The file at this path.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// This text.
    pub fn bytes(pem: impl Into<Bytes>) -> Self {
        Self(Source::Bytes(pem.into()))
    }

    /// All certificates in it, at least one.
    pub(super) fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, PemError> {
        let text = self.read()?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        match found {
            Ok(found) if found.is_empty() => Err(self.wrong(PemFault::NoCertificate)),
            Ok(found) => Ok(found),
            Err(error) => Err(self.wrong(malformed(&error))),
        }
    }

    /// The first key in it.
    pub(super) fn key(&self) -> Result<PrivateKeyDer<'static>, PemError> {
        let text = self.read()?;
        PrivateKeyDer::from_pem_slice(&text).map_err(|error| {
            let encrypted = b"BEGIN ENCRYPTED PRIVATE KEY";
            let is_encrypted = text.windows(encrypted.len()).any(|at| at == encrypted);
            self.wrong(match error {
                pem::Error::NoItemsFound if is_encrypted => PemFault::EncryptedKey,
                pem::Error::NoItemsFound => PemFault::NoKey,
                error => malformed(&error),
            })
        })
    }

    /// Blocks; call it where that may be.
    fn read(&self) -> Result<Bytes, PemError> {
        match &self.0 {
            Source::Bytes(bytes) => Ok(bytes.clone()),
            Source::File(path) => fs::read(path)
                .map(Bytes::from)
                .map_err(|error| self.wrong(PemFault::Unreadable(error))),
        }
    }

    pub(super) fn wrong(&self, fault: PemFault) -> PemError {
        let file = match &self.0 {
            Source::File(path) => Some(path.clone()),
            Source::Bytes(_) => None,
        };
        PemError { file, fault }
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::File(path) => f.debug_tuple("Pem").field(path).finish(),
            Source::Bytes(_) => f.write_str("Pem(..)"),
        }
    }
}

fn malformed(error: &pem::Error) -> PemFault {
    PemFault::Malformed(match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no end".to_owned(),
        pem::Error::IllegalSectionStart { .. } => "the first line of a section is none".to_owned(),
        error => error.to_string(),
    })
}

/// A [`Pem`] that cannot be used, and why.
///
/// ```
/// use wsframe::{Client, ClientTls, ConnectError, Pem, TlsError};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
/// # let url = format!("wss://{}/", listener.local_addr().unwrap());
/// let tls = ClientTls::new().roots(Pem::file("/no/such/ca.pem"));
/// match Client::new(url).tls(tls).connect().await {
///     Err(ConnectError::Tls(TlsError::Pem(error))) => {
///         assert!(error.to_string().starts_with("`/no/such/ca.pem` cannot be read"), "{error}");
///     }
///     other => panic!("{other:?}"),
/// }
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct PemError {
    /// The file; `None` where the text was given.
    pub file: Option<PathBuf>,
    /// What is wrong with it.
    pub fault: PemFault,
}

impl fmt::Display for PemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(path) => write!(f, "`{}` {}", path.display(), self.fault),
            None => write!(f, "the PEM text {}", self.fault),
        }
    }
}

impl std::error::Error for PemError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            PemFault::Unreadable(error) => Some(error),
            _ => None,
        }
    }
}

/// What is wrong with a [`Pem`].
///
/// ```
/// assert_eq!(wsframe::PemFault::NoKey.to_string(), "has no private key");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum PemFault {
    /// The file cannot be read.
    Unreadable(io::Error),
    /// It is no PEM.
    Malformed(String),
    /// There is no certificate in it.
    NoCertificate,
    /// There is no private key in it.
    NoKey,
    /// The private key is encrypted; there is no way to give a password for it.
    EncryptedKey,
    /// A certificate in it cannot be used.
    Certificate(String),
    /// The private key in it cannot be used.
    Key(String),
    /// The certificate belongs to another private key.
    OtherKey,
}

impl fmt::Display for PemFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Self::Malformed(why) => write!(f, "is no PEM: {why}"),
            Self::NoCertificate => f.write_str("has no certificate"),
            Self::NoKey => f.write_str("has no private key"),
            Self::EncryptedKey => f.write_str("has an encrypted private key, which is not read"),
            Self::Certificate(why) => write!(f, "has a certificate that cannot be used: {why}"),
            Self::Key(why) => write!(f, "has a private key that cannot be used: {why}"),
            Self::OtherKey => f.write_str("has a certificate of another private key"),
        }
    }
}
