//! An endpoint made of closures: one object serves all its connections, and each has a state.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use super::{Endpoint, Handshake, IntoReply, Outcome, Reply};
use crate::{
    handshake::Refusal,
    message::{CloseReason, Failure, Message, OnError},
    session::Session,
};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Bind<S> = dyn for<'a> Fn(&'a mut Handshake) -> Boxed<'a, Result<S, Refusal>> + Send + Sync;
type Open<S> = dyn for<'a> Fn(&'a mut S, &'a Session) -> Boxed<'a, Outcome> + Send + Sync;
type Receive<S> =
    dyn for<'a> Fn(&'a mut S, &'a Session, Message) -> Boxed<'a, Outcome> + Send + Sync;
type Close<S> = dyn for<'a> Fn(&'a mut S, &'a Session, CloseReason) -> Boxed<'a, ()> + Send + Sync;
type Fail = dyn Fn(&Session, &Failure) -> OnError + Send + Sync;

/// Writes the trait of one kind of closure. Async closures that borrow their arguments have no
/// other bound so far that says of their futures that they are `Send`.
macro_rules! closure {
    ($(#[$doc:meta])* $name:ident($($arg:ty),*) -> $bound:path) => {
        $(#[$doc])*
        pub trait $name<'a, S: 'a>: Fn($($arg),*) -> Self::Future {
            /// What it comes to.
            type Out: $bound;
            /// Its future.
            type Future: Future<Output = Self::Out> + Send + 'a;
        }

        impl<'a, S: 'a, F, Fut, O> $name<'a, S> for F
        where
            F: Fn($($arg),*) -> Fut,
            Fut: Future<Output = O> + Send + 'a,
            O: $bound,
        {
            type Out = O;
            type Future = Fut;
        }
    };
}

/// What a bound handshake may come to.
pub trait IntoState<S> {
    /// The state or the refusal.
    ///
    /// # Errors
    ///
    /// The refusal.
    fn into_state(self) -> Result<S, Refusal>;
}

impl<S, E: Into<Refusal>> IntoState<S> for Result<S, E> {
    fn into_state(self) -> Result<S, Refusal> {
        self.map_err(Into::into)
    }
}

closure! {
    /// A closure that makes the state of a connection from the handshake.
    BindClosure(&'a mut Handshake) -> IntoState<S>
}
closure! {
    /// A closure for the opening of a session.
    OpenClosure(&'a mut S, &'a Session) -> IntoReply
}
closure! {
    /// A closure for a message.
    MessageClosure(&'a mut S, &'a Session, Message) -> IntoReply
}
closure! {
    /// A closure for the end of a session.
    CloseClosure(&'a mut S, &'a Session, CloseReason) -> Unit
}

/// `()`: what is returned by who has nothing more to say.
pub trait Unit {}

impl Unit for () {}

/// The closures of one route.
pub(crate) struct Script<S> {
    bind: Box<Bind<S>>,
    on_open: Option<Box<Open<S>>>,
    on_message: Option<Box<Receive<S>>>,
    on_close: Option<Box<Close<S>>>,
    on_error: Option<Box<Fail>>,
}

impl<S: Send + 'static> Script<S> {
    pub(crate) fn new<F>(bind: F) -> Self
    where
        F: for<'a> BindClosure<'a, S> + Send + Sync + 'static,
    {
        Self {
            bind: Box::new(move |handshake| {
                let bound = bind(handshake);
                Box::pin(async move { bound.await.into_state() })
            }),
            on_open: None,
            on_message: None,
            on_close: None,
            on_error: None,
        }
    }

    pub(crate) fn on_open<F>(&mut self, open: F)
    where
        F: for<'a> OpenClosure<'a, S> + Send + Sync + 'static,
    {
        self.on_open = Some(Box::new(move |state, session| {
            let opened = open(state, session);
            Box::pin(async move { opened.await.into_reply() })
        }));
    }

    pub(crate) fn on_message<F>(&mut self, receive: F)
    where
        F: for<'a> MessageClosure<'a, S> + Send + Sync + 'static,
    {
        self.on_message = Some(Box::new(move |state, session, message| {
            let received = receive(state, session, message);
            Box::pin(async move { received.await.into_reply() })
        }));
    }

    pub(crate) fn on_close<F>(&mut self, close: F)
    where
        F: for<'a> CloseClosure<'a, S> + Send + Sync + 'static,
    {
        self.on_close = Some(Box::new(move |state, session, reason| {
            let closed = close(state, session, reason);
            Box::pin(async move {
                closed.await;
            })
        }));
    }

    pub(crate) fn on_error(
        &mut self,
        fail: impl Fn(&Session, &Failure) -> OnError + Send + Sync + 'static,
    ) {
        self.on_error = Some(Box::new(fail));
    }

    /// The object of one connection.
    ///
    /// # Errors
    ///
    /// The refusal of the closure that binds.
    pub(crate) async fn admit(
        self: Arc<Self>,
        handshake: &mut Handshake,
    ) -> Result<Scripted<S>, Refusal> {
        let state = (self.bind)(handshake).await?;
        Ok(Scripted { state, script: self })
    }
}

impl<S> fmt::Debug for Script<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script")
            .field("on_open", &self.on_open.is_some())
            .field("on_message", &self.on_message.is_some())
            .field("on_close", &self.on_close.is_some())
            .field("on_error", &self.on_error.is_some())
            .finish()
    }
}

/// One connection of a route: its state, and the closures that all share.
#[derive(Debug)]
pub(crate) struct Scripted<S> {
    state: S,
    script: Arc<Script<S>>,
}

impl<S: Send + 'static> Endpoint for Scripted<S> {
    const PATH: &'static str = "/";

    /// Never called: a route is admitted by its script.
    async fn bind(_: &mut Handshake) -> Result<Self, Refusal> {
        Err(Refusal::internal())
    }

    async fn on_open(&mut self, session: &Session) -> Outcome {
        match &self.script.on_open {
            Some(open) => open(&mut self.state, session).await,
            None => Ok(Reply::none()),
        }
    }

    async fn on_message(&mut self, session: &Session, message: Message) -> Outcome {
        match &self.script.on_message {
            Some(receive) => receive(&mut self.state, session, message).await,
            None => Ok(Reply::unsupported()),
        }
    }

    async fn on_close(&mut self, session: &Session, reason: CloseReason) {
        if let Some(close) = &self.script.on_close {
            close(&mut self.state, session, reason).await;
        }
    }

    async fn on_error(&mut self, session: &Session, failure: &Failure) -> OnError {
        match &self.script.on_error {
            Some(fail) => fail(session, failure),
            None => OnError::Default,
        }
    }
}
