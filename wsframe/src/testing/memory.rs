//! A server without a port.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Peer, Refused, Request};
use crate::{
    limits::testing::DEADLINE,
    server::{HttpService, Server, ServerHandle, StartupError},
};

/// A server that listens nowhere; sessions are opened by calling it.
///
/// See the [module](super) for an example. It ends as a
/// [mounted](crate::Server::into_service) one does: by [`ServerHandle::shutdown`], or when it and
/// its last session are gone. [`max_connections`](crate::Server::max_connections) counts for
/// nothing here.
#[derive(Clone, Debug)]
pub struct InMemory {
    service: HttpService,
    handle: ServerHandle,
    deadline: Duration,
}

impl Server {
    /// Checks the endpoints and serves them in memory, without a port: for [tests](crate::testing).
    ///
    /// # Errors
    ///
    /// All faults of the endpoints together.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time enabled.
    pub fn in_memory(self) -> Result<InMemory, StartupError> {
        let handle = self.handle();
        Ok(InMemory { service: self.into_service()?, handle, deadline: DEADLINE })
    }
}

impl InMemory {
    /// Opens a session: `target` is path and query, `/chat/rust?nick=ann`. Without an `Origin`,
    /// and with `localhost` as the host; [`request`](Self::request) says more.
    ///
    /// It resolves with the 101, as for every client, and `#[on_open]` may still run then. A test
    /// that needs it finished waits for what it sends.
    ///
    /// # Errors
    ///
    /// The [answer](Refused) of a server that refuses.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future is a client that leaves.
    pub async fn connect(&self, target: &str) -> Result<Peer, Refused> {
        self.request(target).connect().await
    }

    /// A handshake to be written out: headers, origin, subprotocols, cookies, the peer's address.
    pub fn request(&self, target: &str) -> Request<'_> {
        Request::new(self, target)
    }

    /// How long a [`Peer`] waits for what it is told to expect, in tokio's time. Default 5 s;
    /// [`Peer::deadline`] sets it for one.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The handle of the server.
    pub fn handle(&self) -> &ServerHandle {
        &self.handle
    }

    /// The server as a tower service, for requests that are no handshake.
    pub fn service(&self) -> HttpService {
        self.service.clone()
    }

    /// Speaks HTTP/1.1 over a stream as over an accepted socket, with the upgrade to a WebSocket:
    /// for clients of another make, at the other end of a `tokio::io::duplex` or of a Unix socket.
    /// Resolves when the stream has been upgraded or is over.
    ///
    /// ```
    /// # use wsframe::prelude::*;
    /// # #[server_endpoint("/echo")] struct Echo;
    /// # impl Echo { #[on_message] fn echo(&self, text: String) -> String { text } }
    /// # async fn example() {
    /// let app = Server::new().only::<Echo>().in_memory().unwrap();
    /// let (ours, theirs) = tokio::io::duplex(4096);
    /// tokio::spawn(async move { app.speak(ours).await });
    /// let (client, _) = tokio_tungstenite::client_async("ws://localhost/echo", theirs).await.unwrap();
    /// # drop(client);
    /// # }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example());
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cuts the stream, unless it has been upgraded.
    pub async fn speak<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        self.handle.speak(self.service.clone(), stream).await;
    }

    pub(super) fn patience(&self) -> Duration {
        self.deadline
    }
}
