//! Endpoints by hand out of closures, as the application writes them.

use std::{borrow::Cow, fmt, future::Future, panic::Location, sync::Arc};

use super::{
    deployment::{Deployment, place},
    descriptor::{Admission, Admitted, Descriptor, Place},
};
use crate::{
    endpoint::{
        Handshake, IntoReply, Options,
        script::{BindClosure, CloseClosure, MessageClosure, OpenClosure, Script, Scripted},
    },
    handshake::Refusal,
    message::{CloseReason, Failure, Message, OnError},
    session::Session,
};

/// An endpoint made of closures, at a path that is given at run time.
///
/// ```
/// use wsframe::{Message, Route, Server, Session};
///
/// let echo = Route::new("/echo/<name>").on_message(|session: Session, message: Message| async move {
///     let name = session.param("name").unwrap_or_default();
///     match message {
///         Message::Text(text) => Some(format!("{name}: {text}")),
///         _ => None,
///     }
/// });
/// let server = Server::new().without_link_time().deploy(echo);
/// # let _ = server;
/// ```
///
/// The closures are shared by all connections and get the [`Session`]; what they return is a reply,
/// as with the attributes. [`bind`](Self::bind) gives each connection a state of its own. An event
/// without a closure does what an endpoint does that has no handler for it: messages close with
/// 1003. All but the rooms' names is as with other endpoints: `session.room(name)` is a room of
/// this route, which other code reaches through [`Session::shared_room`] alone. Ticks and events
/// of one's own need a type.
///
/// A message costs an allocation, for its future.
#[must_use = "nothing is served before it is deployed"]
#[doc(alias = "addMessageHandler")]
pub struct Route(StatefulRoute<()>);

/// A [`Route`] whose connections have a state.
#[must_use = "nothing is served before it is deployed"]
pub struct StatefulRoute<S> {
    path: Cow<'static, str>,
    options: Options,
    place: Place,
    script: Script<S>,
}

impl Route {
    /// A route that does nothing yet, at this template: `/chat/<room>`. It is checked when it is
    /// deployed.
    #[track_caller]
    pub fn new(path: impl Into<Cow<'static, str>>) -> Self {
        let nothing = |_: &mut Handshake| std::future::ready(Ok::<(), Refusal>(()));
        Self(StatefulRoute {
            path: path.into(),
            options: Options::new(),
            place: place(Location::caller(), ""),
            script: Script::new(nothing),
        })
    }

    /// Gives each connection a state, made from the handshake before the 101; or refuses it. The
    /// other closures then get `&mut` to it. Call it before them.
    ///
    /// ```
    /// use wsframe::{Handshake, Message, Refusal, Route, Session};
    ///
    /// struct Count {
    ///     name: String,
    ///     messages: u32,
    /// }
    ///
    /// let route = Route::new("/count")
    ///     .bind(async |handshake: &mut Handshake| match handshake.query("name") {
    ///         Some(name) => Ok(Count { name, messages: 0 }),
    ///         None => Err(Refusal::bad_request("missing query parameter `name`")),
    ///     })
    ///     .on_message(async |count: &mut Count, _: &Session, _: Message| {
    ///         count.messages += 1;
    ///         format!("{} {}", count.name, count.messages)
    ///     });
    /// # let _ = wsframe::Server::new().deploy(route);
    /// ```
    ///
    /// An `async fn` serves as well. An async closure that captures something cannot be lent the
    /// state at the same time (rustc says so); what all connections share is put into the state
    /// here:
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use wsframe::{Handshake, Message, Refusal, Route, Session};
    /// let names = Arc::new(vec!["ann", "bob"]);
    /// let route = Route::new("/names").bind(move |_: &mut Handshake| {
    ///     let names = names.clone();
    ///     async move { Ok::<_, Refusal>(names) }
    /// });
    /// let route = route.on_message(async |names: &mut Arc<Vec<&str>>, _: &Session, _: Message| {
    ///     names.join(", ")
    /// });
    /// # let _ = wsframe::Server::new().deploy(route);
    /// ```
    pub fn bind<S, F>(self, bind: F) -> StatefulRoute<S>
    where
        S: Send + 'static,
        F: for<'a> BindClosure<'a, S> + Send + Sync + 'static,
    {
        let StatefulRoute { path, options, place, .. } = self.0;
        StatefulRoute { path, options, place, script: Script::new(bind) }
    }

    /// Sets options, as an attribute would.
    pub fn options(mut self, set: impl FnOnce(Options) -> Options) -> Self {
        self.0 = self.0.options(set);
        self
    }

    /// The session is open; finishes before the first message. A second closure replaces the first,
    /// here and below.
    pub fn on_open<F, Fut>(mut self, open: F) -> Self
    where
        F: Fn(Session) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoReply> + Send + 'static,
    {
        self.0.script.on_open(move |_: &mut (), session: &Session| open(session.clone()));
        self
    }

    /// A message came, of any kind: text, binary, pong.
    pub fn on_message<F, Fut>(mut self, receive: F) -> Self
    where
        F: Fn(Session, Message) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoReply> + Send + 'static,
    {
        self.0.script.on_message(move |_: &mut (), session: &Session, message: Message| {
            receive(session.clone(), message)
        });
        self
    }

    /// The session has ended; called once if the opening was.
    pub fn on_close<F, Fut>(mut self, close: F) -> Self
    where
        F: Fn(Session, CloseReason) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.0.script.on_close(move |_: &mut (), session: &Session, reason: CloseReason| {
            close(session.clone(), reason)
        });
        self
    }

    /// Decides about a failure; see [`Endpoint::on_error`](crate::Endpoint::on_error).
    pub fn on_error(
        mut self,
        fail: impl Fn(&Session, &Failure) -> OnError + Send + Sync + 'static,
    ) -> Self {
        self.0.script.on_error(fail);
        self
    }
}

impl<S: Send + 'static> StatefulRoute<S> {
    /// Sets options, as an attribute would.
    pub fn options(mut self, set: impl FnOnce(Options) -> Options) -> Self {
        self.options = set(self.options);
        self
    }

    /// The session is open; finishes before the first message. A second closure replaces the first,
    /// here and below.
    pub fn on_open<F>(mut self, open: F) -> Self
    where
        F: for<'a> OpenClosure<'a, S> + Send + Sync + 'static,
    {
        self.script.on_open(open);
        self
    }

    /// A message came, of any kind: text, binary, pong.
    pub fn on_message<F>(mut self, receive: F) -> Self
    where
        F: for<'a> MessageClosure<'a, S> + Send + Sync + 'static,
    {
        self.script.on_message(receive);
        self
    }

    /// The session has ended; called once if the opening was.
    pub fn on_close<F>(mut self, close: F) -> Self
    where
        F: for<'a> CloseClosure<'a, S> + Send + Sync + 'static,
    {
        self.script.on_close(close);
        self
    }

    /// Decides about a failure; see [`Endpoint::on_error`](crate::Endpoint::on_error).
    pub fn on_error(
        mut self,
        fail: impl Fn(&Session, &Failure) -> OnError + Send + Sync + 'static,
    ) -> Self {
        self.script.on_error(fail);
        self
    }
}

impl From<Route> for Deployment {
    fn from(route: Route) -> Self {
        route.0.into()
    }
}

impl<S: Send + 'static> From<StatefulRoute<S>> for Deployment {
    fn from(route: StatefulRoute<S>) -> Self {
        let StatefulRoute { path, options, place, script } = route;
        let script = Arc::new(script);
        let admit = move |handshake| admit(script.clone(), handshake);
        let descriptor =
            Descriptor { type_name: || "Route", ..Descriptor::of::<Scripted<S>>(place) };
        Self::made_by(descriptor, path, Arc::new(admit)).options(|_| options)
    }
}

fn admit<S: Send + 'static>(script: Arc<Script<S>>, mut handshake: Handshake) -> Admission {
    Box::pin(async move {
        let endpoint = script.admit(&mut handshake).await?;
        Ok(Admitted::new(handshake, endpoint))
    })
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route").field("path", &self.0.path).finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for StatefulRoute<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatefulRoute").field("path", &self.path).finish_non_exhaustive()
    }
}
