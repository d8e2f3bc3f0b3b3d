//! A stream that comes with a request: the session runs over it, and no HTTP connection is there
//! to be upgraded.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http::Extensions;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{HttpService, ServerHandle, http1, serving::Serving};
use crate::{connection::Transport, outbox::Writer};

/// Among the extensions of a request: the stream that its session is to run over.
#[derive(Clone)]
pub(crate) struct Carried(Arc<Mutex<Option<Cut>>>);

/// A stream in its two halves.
type Cut = (Transport, Writer);

impl Carried {
    pub(crate) fn new<S>(stream: S) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        Self(Arc::new(Mutex::new(Some(Transport::stream(stream, Bytes::new())))))
    }

    /// The stream, for the first who asks.
    pub(super) fn into_transport(self) -> Option<Cut> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carried")
    }
}

impl ServerHandle {
    /// Speaks HTTP over `stream`, as over an accepted socket, until it is over or upgraded.
    pub(crate) async fn speak<S>(&self, service: HttpService, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let serving = Serving {
            service: Ok(service),
            core: self.0.clone(),
            limits: self.0.limits(),
            peer: None,
            proxies: None,
            known: Extensions::new(),
        };
        http1::serve(serving, stream).await;
    }
}
