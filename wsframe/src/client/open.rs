//! From a verified answer to a session.

use std::{
    any::TypeId,
    borrow::Cow,
    mem,
    net::SocketAddr,
    sync::{Arc, PoisonError},
};

use http::{Response, Uri};

use super::{Config, error::ConnectError, hub::Hub, request::Asked, verify::Answered};
use crate::{
    connection::Transport,
    endpoint::{Endpoint, Source, resolve},
    outbox::Writer,
    room::Space,
    route::Params,
    session::{Facts, Head, Home, Session},
    wire::Role,
};

/// A server that has said yes: from now on WebSocket is spoken.
pub(super) struct Open {
    pub(super) socket: (Transport, Writer),
    pub(super) peer: Option<SocketAddr>,
    pub(super) answered: Answered,
    /// What was asked for, of the server that answered.
    pub(super) uri: Uri,
    /// Its answer.
    pub(super) response: Response<()>,
}

/// A session that nothing drives yet.
pub(super) struct Dialled {
    pub(super) session: Session,
    pub(super) transport: Transport,
    /// Looks after the heartbeat as long as it is kept.
    pub(super) hub: Arc<Hub>,
}

impl Open {
    /// A session whose `on_open` can read the head of the answer.
    pub(super) fn session(mut self, home: Arc<Home>) -> Dialled {
        let head = Head::new(mem::take(&mut self.uri), mem::take(self.response.headers_mut()));
        self.enter(home, Some(head))
    }

    /// A session, and the answer beside it.
    pub(super) fn session_and_response(mut self, home: Arc<Home>) -> (Dialled, Response<()>) {
        let response = mem::take(&mut self.response);
        (self.enter(home, None), response)
    }

    fn enter(self, home: Arc<Home>, head: Option<Head>) -> Dialled {
        let hub = Hub::here();
        let Some(seat) = hub.directory.sit(usize::MAX) else { unreachable!("no limit") };
        let (transport, writer) = self.socket;
        let Answered { subprotocol, deflate } = self.answered;
        let facts = Facts::new(self.peer, Params::default(), subprotocol, deflate);
        let session = Session::open(seat, facts, head, home, writer);
        Dialled { session, transport, hub }
    }
}

impl Config {
    /// What the sessions of an endpoint run with: what was set here goes before its attribute.
    fn home<E: Endpoint>(&self) -> Result<Arc<Home>, ConnectError> {
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
        Ok(Arc::new(Home {
            role: Role::Client,
            name: "client".into(),
            settings,
            rooms,
            event: E::EVENT,
        }))
    }

    /// The same for all of one kind that this client dials: there may be thousands of them.
    pub(super) fn shared_home<E: Endpoint>(&self) -> Result<Arc<Home>, ConnectError> {
        let id = TypeId::of::<E>();
        let homes = || self.homes.lock().unwrap_or_else(PoisonError::into_inner);
        let known = homes().get(&id).cloned();
        match known {
            Some(home) => Ok(home),
            // Made outside of the lock: the endpoint's options are the user's code.
            None => {
                let home = self.home::<E>()?;
                Ok(homes().entry(id).or_insert(home).clone())
            }
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
