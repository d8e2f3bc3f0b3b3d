//! From a verified answer to a session.

use std::{any::TypeId, borrow::Cow, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Uri};
use tokio::net::TcpStream;

use super::{
    Config, endpoint::ClientEndpoint, error::ConnectError, hub::Hub, request::Asked,
    verify::Answered,
};
use crate::{
    connection::Transport,
    endpoint::{Endpoint, Source, resolve},
    outbox::Writer,
    room::Space,
    route::Params,
    session::{Facts, Head, Home, Session},
    wire::Role,
};

/// An open socket on which WebSocket is spoken from now on.
pub(super) struct Open {
    pub(super) socket: (Transport, Writer),
    pub(super) peer: Option<SocketAddr>,
    pub(super) answered: Answered,
    /// What was asked for, and the headers of the answer; for `on_open`.
    pub(super) head: Option<Head>,
}

/// A session that nothing drives yet.
pub(super) struct Dialled {
    pub(super) session: Session,
    pub(super) transport: Transport,
    /// Looks after the heartbeat as long as it is kept.
    pub(super) hub: Arc<Hub>,
}

impl Open {
    pub(super) fn tcp(
        tcp: TcpStream,
        early: Bytes,
        answered: Answered,
        uri: Uri,
        headers: HeaderMap,
    ) -> Self {
        let peer = tcp.peer_addr().ok();
        let head = Some(Head::new(uri, headers));
        Self { socket: Transport::tcp(tcp, early), peer, answered, head }
    }

    pub(super) fn session(self, home: Arc<Home>) -> Dialled {
        let hub = Hub::here();
        let Some(seat) = hub.directory.sit(usize::MAX) else { unreachable!("no limit") };
        let (transport, writer) = self.socket;
        let Answered { subprotocol, deflate } = self.answered;
        let facts = Facts::new(self.peer, Params::default(), subprotocol, deflate);
        let session = Session::open(seat, facts, self.head, home, writer);
        Dialled { session, transport, hub }
    }
}

impl Config {
    /// What the sessions of an endpoint run with: what was set here goes before its attribute.
    pub(super) fn home<E: Endpoint>(&self) -> Result<Arc<Home>, ConnectError> {
        let levels = [(Source::Configure, &self.options), (Source::Attribute, &E::options())];
        let options = resolve(&levels);
        let settings = options.settings;
        if let Some((name, why)) = settings.zeros().next() {
            return Err(ConnectError::InvalidRequest(format!("`{name}` is zero: {why}")));
        }
        if let Some(mistake) = options.deflate.mistakes().into_iter().next() {
            return Err(ConnectError::InvalidRequest(mistake));
        }
        let rooms = Arc::new(Space::new());
        Ok(Arc::new(Home { role: Role::Client, settings, rooms, event: E::EVENT }))
    }

    /// The same for all that is started: thousands of one kind share it.
    pub(super) fn shared_home<E: ClientEndpoint>(&self) -> Result<Arc<Home>, ConnectError> {
        let id = TypeId::of::<E>();
        if let Some((started, home)) = self.started.get()
            && *started == id
        {
            return Ok(home.clone());
        }
        let home = self.home::<E>()?;
        match self.started.get_or_init(|| (id, home.clone())) {
            // Another was first.
            (started, shared) if *started == id => Ok(shared.clone()),
            _ => Ok(home),
        }
    }

    /// What to ask for: the subprotocols of the attribute, unless others were set, and compression.
    pub(super) fn asked_for<E: Endpoint>(&self) -> Cow<'_, Asked> {
        let mut asked = Cow::Borrowed(&self.asked);
        let levels = [(Source::Configure, &self.options), (Source::Attribute, &E::options())];
        if let Some(deflate) = resolve(&levels).deflate.enabled() {
            asked.to_mut().deflated(deflate);
        }
        if self.asked.subprotocols().is_empty() {
            for name in resolve(&[(Source::Attribute, &E::options())]).subprotocols {
                asked.to_mut().subprotocol(name.into_owned());
            }
        }
        asked
    }
}
