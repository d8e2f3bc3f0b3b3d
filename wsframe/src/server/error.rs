//! Why a server did not start, or did not take one more endpoint.

use std::{fmt, io};

#[cfg(feature = "tls")]
use crate::tls::TlsError;
use crate::{message::Error, registry::Faults};

/// Why a server did not start, or did not take one more endpoint.
///
/// `Debug` is the same readable report as `Display`, because `main` prints `Debug`.
///
/// ```
/// use wsframe::{Server, StartupError};
///
/// # #[tokio::main]
/// # async fn main() {
/// let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
/// let address = taken.local_addr().unwrap();
/// # #[wsframe::server_endpoint("/startup")] struct Echo;
/// match Server::new().only::<Echo>().bind(address).await {
///     Ok(_) => unreachable!("two listeners on one port"),
///     Err(StartupError::Bind { address, source }) => println!("{address}: {source}"),
///     Err(error) => panic!("{error}"),
/// }
/// # }
/// ```
#[non_exhaustive]
#[doc(alias = "DeploymentException")]
pub enum StartupError {
    /// Something is wrong with the endpoints; the report lists every fault with its place.
    Endpoints(Report),
    /// The address cannot be listened on.
    Bind {
        /// The address as it was given.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// Something was to be deployed on a server that has not started yet, or is shutting down.
    NotServing,
    /// What [`Server::config`](crate::Server::config) was given: each setting that does not exist or
    /// cannot be, with its place.
    Config(Vec<String>),
    /// These were to be trusted proxies, and are no addresses of hosts or networks.
    Proxies(Vec<String>),
    /// The certificate or the key of the server cannot be used.
    #[cfg(feature = "tls")]
    Tls(TlsError),
    /// An [`on_start`](crate::Server::on_start) has failed.
    OnStart(Error),
    /// The signals that end the server cannot be listened for.
    Signals(io::Error),
}

impl fmt::Display for StartupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Endpoints(report) => report.0.fmt(f),
            Self::Bind { address, source } => write!(f, "cannot listen on {address}: {source}"),
            Self::NotServing => {
                f.write_str("nothing is deployed: the server has not started, or it shuts down")
            }
            Self::Config(faults) => {
                write!(f, "config:\n- {}", faults.join("\n- "))
            }
            Self::Proxies(texts) => {
                let texts: Vec<_> = texts.iter().map(|text| format!("{text:?}")).collect();
                write!(
                    f,
                    "trusted_proxies: {}: write addresses such as 10.0.0.7 or networks such as \
                     10.0.0.0/8",
                    texts.join(", ")
                )
            }
            #[cfg(feature = "tls")]
            Self::Tls(error) => write!(f, "TLS: {error}"),
            Self::OnStart(error) => write!(f, "on_start: {error}"),
            Self::Signals(source) => write!(f, "cannot listen for signals: {source}"),
        }
    }
}

impl fmt::Debug for StartupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for StartupError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Endpoints(_) | Self::NotServing | Self::Config(_) | Self::Proxies(_) => None,
            Self::Bind { source, .. } | Self::Signals(source) => Some(source),
            #[cfg(feature = "tls")]
            Self::Tls(error) => Some(error),
            Self::OnStart(error) => Some(&**error),
        }
    }
}

impl StartupError {
    pub(super) fn faults(faults: Faults) -> Self {
        Self::Endpoints(Report(faults))
    }
}

/// What is wrong with the endpoints: displays as a list of all faults, each with its `file:line`.
///
/// ```
/// use wsframe::{Server, StartupError, server_endpoint};
///
/// #[server_endpoint("/report/<x>")]
/// struct One {
///     x: String,
/// }
///
/// #[server_endpoint("/report/<y>")] // the same paths
/// struct Other {
///     y: String,
///     #[state]
///     missing: std::sync::Arc<u64>,
/// }
///
/// # #[tokio::main]
/// # async fn main() {
/// let bound = Server::new().only::<One>().only::<Other>().bind("127.0.0.1:0").await;
/// let Err(StartupError::Endpoints(report)) = bound else { panic!("it must not start") };
/// assert_eq!(report.faults(), 2);
/// assert!(report.to_string().contains("/report/<y>"));
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Report(Faults);

impl Report {
    /// How many faults there are.
    pub fn faults(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
