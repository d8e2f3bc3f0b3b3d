//! What the listener and the handshakes run under, and how it is set.

use std::{fmt::Debug, time::Duration};

use super::Server;
use crate::limits::{
    Rate,
    server::{
        ADMISSION_TIMEOUT, HEAD_TIMEOUT, HTTP2_STREAMS, LEAST_HEAD_SIZE, MAX_CONNECTIONS,
        MAX_HEAD_SIZE, MAX_HEADERS, OUTBOX_TOTAL, SHUTDOWN_GRACE,
    },
};

/// The limits of a server as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) connections: usize,
    pub(super) per_address: Option<usize>,
    pub(super) per_principal: Option<usize>,
    pub(super) connection_rate: Option<Rate>,
    pub(super) shed_connections: Option<usize>,
    pub(super) shed_memory: Option<u64>,
    pub(super) outbox_total: usize,
    pub(super) head_timeout: Duration,
    pub(super) head_size: usize,
    pub(super) headers: usize,
    pub(super) admission_timeout: Duration,
    pub(super) http2: bool,
    pub(super) http2_streams: u32,
    pub(super) notice: Duration,
    pub(super) window: Duration,
    pub(super) grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: MAX_CONNECTIONS,
            per_address: None,
            per_principal: None,
            connection_rate: None,
            shed_connections: None,
            shed_memory: None,
            outbox_total: OUTBOX_TOTAL,
            head_timeout: HEAD_TIMEOUT,
            head_size: MAX_HEAD_SIZE,
            headers: MAX_HEADERS,
            admission_timeout: ADMISSION_TIMEOUT,
            http2: false,
            http2_streams: HTTP2_STREAMS,
            notice: Duration::ZERO,
            window: Duration::ZERO,
            grace: SHUTDOWN_GRACE,
        }
    }
}

impl Limits {
    /// Name and value of each, as an operator reads them.
    fn all(&self) -> [(&'static str, String); 16] {
        fn maybe(value: Option<impl Debug>) -> String {
            value.map_or("off".to_owned(), |value| format!("{value:?}"))
        }
        [
            ("max_connections", self.connections.to_string()),
            ("max_connections_per_address", maybe(self.per_address)),
            ("max_connections_per_principal", maybe(self.per_principal)),
            ("connection_rate", maybe(self.connection_rate)),
            ("shed_above_connections", maybe(self.shed_connections)),
            ("shed_above_memory", maybe(self.shed_memory)),
            ("outbox_total", self.outbox_total.to_string()),
            ("head_timeout", format!("{:?}", self.head_timeout)),
            ("max_head_size", self.head_size.to_string()),
            ("max_headers", self.headers.to_string()),
            ("admission_timeout", format!("{:?}", self.admission_timeout)),
            ("http2", self.http2.to_string()),
            ("max_http2_streams", self.http2_streams.to_string()),
            ("shutdown_notice", format!("{:?}", self.notice)),
            ("shutdown_window", format!("{:?}", self.window)),
            ("shutdown_grace", format!("{:?}", self.grace)),
        ]
    }
}

impl Limits {
    /// One line for each: `max_connections = 10000 (default)`. `operated` is what the operator has set,
    /// and where.
    pub(super) fn shown(&self, operated: &[(&'static str, String)]) -> String {
        let lines = self.all().into_iter().zip(Self::default().all());
        let lines = lines.map(|((name, value), (_, default))| {
            let place = operated.iter().find(|(operated, _)| *operated == name);
            let source = match place {
                Some((_, place)) => place,
                None if value == default => "default",
                None => "server",
            };
            format!("{name} = {value} ({source})")
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    pub(super) fn set_head_size(&mut self, bytes: usize) {
        self.head_size = bytes.max(LEAST_HEAD_SIZE);
    }
}

/// Limits of the server as a whole; those of connections are [`Options`](crate::Options).
impl Server {
    /// Most connections at a time; further ones are answered 503, before any layer. A connection
    /// counts from its accept until its socket is closed, whatever is spoken on it. Default 10,000.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wsframe::Server;
    ///
    /// let server = Server::new()
    ///     .max_connections(50_000)
    ///     .head_timeout(Duration::from_secs(5))
    ///     .shutdown_grace(Duration::from_secs(20));
    /// # let _ = server;
    /// ```
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.limits.connections = connections;
        self
    }

    /// Most connections of one address at a time; further ones are answered 429, before any layer.
    /// IPv6 addresses with the same first 64 bits count as one. `None`, the default, for no limit:
    /// many people may share an address, and behind a proxy all of them do.
    ///
    /// ```
    /// let server = wsframe::Server::new().max_connections_per_address(100);
    /// # let _ = server;
    /// ```
    pub fn max_connections_per_address(mut self, connections: impl Into<Option<usize>>) -> Self {
        self.limits.per_address = connections.into();
        self
    }

    /// Most sessions of one [`Principal`](crate::Principal) at a time; a further handshake is
    /// answered 429, and a session that gets its principal later is closed with 1008. `None`, the
    /// default, for no limit.
    pub fn max_connections_per_principal(mut self, connections: impl Into<Option<usize>>) -> Self {
        self.limits.per_principal = connections.into();
        self
    }

    /// How fast new connections may come, all addresses together; beyond it they are answered 503
    /// with a `Retry-After` that is not the same for all of them. `None`, the default, for any speed.
    ///
    /// ```
    /// use wsframe::{Rate, Server};
    ///
    /// // After a restart everybody comes back at the same moment.
    /// let server = Server::new().connection_rate(Rate::per_second(500).burst(2000));
    /// # let _ = server;
    /// ```
    pub fn connection_rate(mut self, rate: impl Into<Option<Rate>>) -> Self {
        self.limits.connection_rate = rate.into();
        self
    }

    /// Beyond so many connections handshakes are answered 503, while HTTP is served on, up to
    /// [`max_connections`](Self::max_connections). `None`, the default, for no such mark.
    pub fn shed_above_connections(mut self, connections: impl Into<Option<usize>>) -> Self {
        self.limits.shed_connections = connections.into();
        self
    }

    /// While the process takes more memory than so many bytes (its resident set, which is looked at
    /// a few times a second), handshakes are answered 503; sessions that are open go on. `None`, the
    /// default, for no such mark. Counts for nothing where there is no `/proc`.
    ///
    /// Where the kernel sets a limit, stay some way below it: a container with 512 MiB sheds from
    /// 450 MiB on.
    pub fn shed_above_memory(mut self, bytes: impl Into<Option<u64>>) -> Self {
        self.limits.shed_memory = bytes.into();
        self
    }

    /// Bytes that may wait in the outboxes of all sessions together. Beyond it the sessions for
    /// which most waits end with 1013 reported, until enough is free, and handshakes meanwhile get
    /// 503. Default 256 MiB.
    ///
    /// Counted in steps of 4 KiB for each session, and only where a peer reads too slowly.
    pub fn outbox_total(mut self, bytes: usize) -> Self {
        self.limits.outbox_total = bytes;
        self
    }

    /// How long the head of a request may take: the first one of a connection from the moment it
    /// is accepted, a further one from the end of the response before it; then the connection is
    /// closed without an answer. Default 10 s.
    pub fn head_timeout(mut self, timeout: Duration) -> Self {
        self.limits.head_timeout = timeout;
        self
    }

    /// Largest head of a request in bytes; a larger one is answered 431. Default 16 KiB, at least
    /// 8 KiB.
    pub fn max_head_size(mut self, bytes: usize) -> Self {
        self.limits.set_head_size(bytes);
        self
    }

    /// Most header fields of a request; one with more is answered 431. Default 64.
    pub fn max_headers(mut self, fields: usize) -> Self {
        self.limits.headers = fields;
        self
    }

    /// How long the binding of fields and `on_handshake` may take together; then the handshake is
    /// answered 503. Default 10 s.
    pub fn admission_timeout(mut self, timeout: Duration) -> Self {
        self.limits.admission_timeout = timeout;
        self
    }

    /// How long a shutdown may take in all; what is left then is cut. Default 30 s.
    pub fn shutdown_grace(mut self, grace: Duration) -> Self {
        self.limits.grace = grace;
        self
    }
}
