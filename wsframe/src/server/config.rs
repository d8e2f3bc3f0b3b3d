//! What operators set from outside: variables of the environment and a file.

#[cfg(feature = "toml")]
mod file;
mod keys;
mod quantity;

use std::fmt;

use self::keys::Key;
use super::{Server, StartupError};

/// What those who run a server set from outside of the program: the address, limits, certificates.
///
/// ```
/// use wsframe::{Config, Server, StartupError, server_endpoint};
///
/// #[server_endpoint("/echo")]
/// struct Echo;
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), StartupError> {
/// // `WSFRAME_MAX_CONNECTIONS=50000 WSFRAME_PING_INTERVAL=10s ./chat` would be the same.
/// let operator = [("WSFRAME_MAX_CONNECTIONS", "50000"), ("WSFRAME_PING_INTERVAL", "10s")];
/// let server = Server::new().only::<Echo>().max_connections(100);
/// let bound = server.config(Config::new().vars(operator)).bind("127.0.0.1:0").await?;
/// let limits = bound.limits().to_string();
/// assert!(limits.contains("max_connections = 50000 (WSFRAME_MAX_CONNECTIONS)"));
/// assert!(bound.table().to_string().contains("ping_interval = 10s (config)"));
/// # Ok(())
/// # }
/// ```
///
/// # What wins
///
/// Within it the last call. What it sets of the server as a whole wins over what the program sets,
/// wherever that stands. What it sets of connections wins over [`Server::options`], and an endpoint's own
/// attribute wins over it: its author knew why. [`Bound::limits`](super::Bound::limits) and
/// [`Bound::table`](super::Bound::table) show what is in force, and where each value comes from;
/// [`Server::serve`] writes both at the start.
///
/// # What can be set
///
/// The names are those of the setters, in capitals behind `WSFRAME_` in the environment; the values are
/// written as in an attribute: `50_000`, `64KiB`, `25s`, `20/s`, `on`, and `off` where there may be none.
///
/// | of the | names |
/// |---|---|
/// | listener | `address`, in place of the program's; `health_on`; `http2` and `max_http2_streams` (feature `http2`); `tls_certificate` and `tls_key`, files in PEM, in place of [`Server::tls`] (feature `tls`) |
/// | server | `max_connections`, `max_connections_per_address`, `max_connections_per_principal`, `connection_rate`, `shed_above_connections`, `shed_above_memory`, `outbox_total`, `head_timeout`, `max_head_size`, `max_headers`, `admission_timeout`, `shutdown_notice`, `shutdown_window`, `shutdown_grace` |
/// | connections | `max_message_size`, `max_frame_size`, `max_fragments`, `assembly_timeout`, `outbox`, `outbox_messages`, `inbound`, `inbound_messages`, `ping_interval`, `pong_timeout`, `idle_timeout`, `write_timeout`, `send_timeout`, `close_timeout`, `finish_within`, `message_rate`, `byte_rate`, `deflate`, and `origins`: a list with commas |
/// | log | `log`: `off` keeps [`Server::serve`] from writing to the terminal where no `tracing` subscriber is set |
///
/// A name that does not exist and a value that cannot be keep the server from starting; all of them are
/// reported together, each with its place. Passed over is what Kubernetes adds for a Service of the name
/// `wsframe`: `WSFRAME_PORT`, for example.
///
/// Where the server is [mounted](Server::into_service), what is the listener's counts for nothing, as it
/// does where the program sets it.
#[derive(Clone, Default)]
#[must_use = "it counts when it is given to a server"]
#[doc(alias = "application.properties")]
pub struct Config {
    set: Vec<Setting>,
    faults: Vec<String>,
}

/// One setting, not read yet.
#[derive(Clone, Debug)]
struct Setting {
    key: &'static Key,
    text: String,
    /// The variable, or file and line.
    place: String,
}

/// Kubernetes gives every container such variables, behind the name of each Service: one that is called
/// `wsframe` has nothing to do with us.
fn is_kubernetes(name: &str) -> bool {
    let port = name.strip_prefix("SERVICE_").unwrap_or(name);
    name == "SERVICE_HOST" || port == "PORT" || port.starts_with("PORT_")
}

/// Behind it, in capitals, come the names of settings.
const PREFIX: &str = "WSFRAME_";

/// The variable that names a file.
#[cfg(feature = "toml")]
const FILE: &str = "WSFRAME_CONFIG";

impl Config {
    /// Nothing is set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the variables of the process that begin with `WSFRAME_`. With the feature `toml`
    /// `WSFRAME_CONFIG` may name a file, which is read first, so that variables win over it.
    pub fn env(self) -> Self {
        let mut vars = Vec::new();
        let mut config = self;
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
                continue;
            };
            match value.into_string() {
                Ok(value) => vars.push((name.to_owned(), value)),
                Err(_) => config.faults.push(format!("{name}: the value is no text")),
            }
        }
        // In an order of its own, so that reports are the same each time.
        vars.sort();
        config.vars(vars)
    }

    /// Takes these variables in place of those of the process; names without `WSFRAME_` are passed over.
    pub fn vars<N, V>(mut self, vars: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: AsRef<str>,
        V: Into<String>,
    {
        let vars: Vec<_> = vars.into_iter().collect();
        #[cfg(feature = "toml")]
        let (files, vars): (Vec<_>, Vec<_>) =
            vars.into_iter().partition(|(name, _)| name.as_ref() == FILE);
        #[cfg(feature = "toml")]
        for (_, path) in files {
            self = self.file(path.into());
        }
        for (name, value) in vars {
            let variable = name.as_ref();
            let Some(name) = variable.strip_prefix(PREFIX) else { continue };
            match keys::find(&name.to_ascii_lowercase()) {
                Err(_) if is_kubernetes(name) => {}
                Ok(key) => self.add(key, value.into(), variable.to_owned()),
                Err(near) => {
                    let near = near.map(|near| format!("{PREFIX}{}", near.to_ascii_uppercase()));
                    self.unknown(variable, "", near);
                }
            }
        }
        self
    }

    fn add(&mut self, key: &'static Key, text: String, place: String) {
        self.set.retain(|setting| !std::ptr::eq(setting.key, key));
        self.set.push(Setting { key, text, place });
    }

    /// Nothing of that name can be set.
    fn unknown(&mut self, place: &str, name: &str, near: Option<String>) {
        let meant = near.map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
        let name = if name.is_empty() { String::new() } else { format!("`{name}`: ") };
        self.faults.push(format!("{place}: {name}there is no such setting{meant}"));
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.set.iter().map(|one| (one.key.name, &one.text))).finish()
    }
}

impl Server {
    /// Lets whoever runs the program set what [`Config`] names. A second call replaces the first.
    ///
    /// ```no_run
    /// use wsframe::{Config, Server, StartupError};
    ///
    /// #[tokio::main]
    /// async fn main() -> Result<(), StartupError> {
    ///     Server::new().config(Config::new().env()).serve("127.0.0.1:8080").await
    /// }
    /// ```
    ///
    /// What is wrong with it is said when the server starts, as [`StartupError::Config`].
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Does what the operator has set, over whatever the program has.
    ///
    /// # Errors
    ///
    /// Everything that cannot be, together.
    pub(super) fn configured(mut self) -> Result<Self, StartupError> {
        let Config { set, mut faults } = std::mem::take(&mut self.config);
        for Setting { key, text, place } in set {
            match (key.set)(&mut self, &text) {
                Ok(()) => self.operated.push((key.name, place)),
                Err(why) => faults.push(format!("{place}: `{}` = {text:?}: {why}", key.name)),
            }
        }
        #[cfg(feature = "tls")]
        faults.extend(self.secured_by_config());
        if faults.is_empty() { Ok(self) } else { Err(StartupError::Config(faults)) }
    }

    /// The files of a certificate and of its key come together.
    #[cfg(feature = "tls")]
    fn secured_by_config(&mut self) -> Option<String> {
        use crate::tls::{Pem, ServerTls};

        let (certificate, key) = std::mem::take(&mut self.pem);
        let named = if certificate.is_some() { "tls_certificate" } else { "tls_key" };
        match (certificate, key) {
            (Some(certificate), Some(key)) => {
                self.tls = Some(ServerTls::new(Pem::file(certificate), Pem::file(key)));
                None
            }
            (None, None) => None,
            _ => {
                let place = self.operated.iter().find(|(name, _)| *name == named);
                let place = place.map_or("config", |(_, place)| place);
                Some(format!(
                    "{place}: `tls_certificate` and `tls_key` are set together or not at all"
                ))
            }
        }
    }
}
