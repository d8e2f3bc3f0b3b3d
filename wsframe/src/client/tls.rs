//! `wss`.

use tokio::{net::TcpStream, time::Instant};

use super::{
    Client, Config,
    connect::within,
    error::{ConnectError, Step},
    stream::Stream,
    url::Target,
};
use crate::tls::ClientTls;

impl Client {
    /// How `wss` connections are secured: other roots than the system's, a client certificate, the
    /// name to ask for. It counts for nothing where the URL is `ws`.
    ///
    /// ```no_run
    /// use wsframe::{Client, ClientTls, Pem};
    ///
    /// # async fn example() -> Result<(), wsframe::ConnectError> {
    /// let tls = ClientTls::new().roots(Pem::file("/etc/feed/ca.pem"));
    /// let (session, messages) = Client::new("wss://feed.internal/").tls(tls).connect().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn tls(self, tls: ClientTls) -> Self {
        self.set(|config| config.tls = tls)
    }
}

impl Config {
    /// Secures what reaches the target, if it is to be.
    pub(super) async fn secured(
        &self,
        tcp: TcpStream,
        target: &Target,
        named: bool,
        http2: bool,
        deadline: Instant,
    ) -> Result<Stream, ConnectError> {
        if !target.secure {
            return Ok(Stream::Tcp(tcp));
        }
        let securing = self.tls.secure(tcp, &target.host, named, http2);
        let tls = within(deadline, Step::Tls, securing).await??;
        Ok(Stream::Tls(Box::new(tls)))
    }
}
