//! Where tests put a transport of their own in the place of a dial, so that the clock can stand still.

use std::{fmt, sync::Arc};

use http::{Response, Uri};
use tokio::io::DuplexStream;

use super::{Client, error::ConnectError, open::Open, verify::Answered};
use crate::connection::Transport;

type Dial = dyn Fn() -> Result<DuplexStream, ConnectError> + Send + Sync;

#[derive(Clone)]
pub(super) struct Seam(Arc<Dial>);

impl Seam {
    pub(super) fn open(&self) -> Result<Open, ConnectError> {
        let socket = Transport::stream((self.0)()?, bytes::Bytes::new());
        let (uri, response) = (Uri::default(), Response::default());
        Ok(Open { socket, peer: None, answered: Answered::default(), uri, response })
    }
}

impl Client {
    /// Each dial comes to this: a stream on which WebSocket is spoken at once, or why there is none.
    #[doc(hidden)]
    pub fn dialled_by(
        self,
        dial: impl Fn() -> Result<DuplexStream, ConnectError> + Send + Sync + 'static,
    ) -> Self {
        self.set(|config| config.seam = Some(Seam(Arc::new(dial))))
    }
}

impl fmt::Debug for Seam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seam").finish_non_exhaustive()
    }
}
