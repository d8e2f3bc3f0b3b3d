//! A configurator, whatever endpoint it is for.

use std::{any::type_name, borrow::Cow, fmt, marker::PhantomData, sync::Arc};

use http::request::Parts;

use super::descriptor::{Admission, Admitted};
use crate::{
    endpoint::{Configurator, Endpoint, Handshake, StateKey},
    handshake::{Choices, Deflate, Refusal},
    telemetry,
};

/// A configurator whose type is forgotten.
pub(crate) trait Configured: Choices + Send + Sync {
    fn states(&self) -> Vec<StateKey>;

    /// Makes the object of one connection and lets it decide about the handshake.
    fn admit(self: Arc<Self>, handshake: Handshake) -> Admission;
}

/// A configurator of `E`.
pub(crate) struct For<E, C>(C, PhantomData<fn() -> E>);

impl<E: Endpoint, C: Configurator<E>> For<E, C> {
    pub(crate) fn new(configurator: C) -> Self {
        Self(configurator, PhantomData)
    }
}

impl<E: Endpoint, C: Configurator<E>> Choices for For<E, C> {
    fn origin(&self, head: &Parts, allowed: bool) -> bool {
        self.0.check_origin(head, allowed)
    }

    fn subprotocol(
        &self,
        head: &Parts,
        requested: &[&str],
        spoken: &[Cow<'static, str>],
    ) -> Result<Option<Box<str>>, Refusal> {
        let chosen = self.0.choose_subprotocol(requested, spoken);
        if let Some(chosen) = &chosen
            && !requested.contains(&&**chosen)
        {
            let why = "it chose a subprotocol that the client did not request";
            telemetry::http_failed(head.uri.path(), "the configurator", &why);
            return Err(Refusal::internal());
        }
        Ok(chosen.map(String::into_boxed_str))
    }

    fn deflate(&self, head: &Parts, deflate: Option<Deflate>) -> Result<Option<Deflate>, Refusal> {
        let chosen = self.0.choose_deflate(head, deflate.unwrap_or_default());
        if let Some(mistake) = chosen.mistakes().first() {
            telemetry::http_failed(head.uri.path(), "the configurator", mistake);
            return Err(Refusal::internal());
        }
        Ok(chosen.enabled())
    }
}

impl<E: Endpoint, C: Configurator<E>> Configured for For<E, C> {
    fn states(&self) -> Vec<StateKey> {
        self.0.states()
    }

    fn admit(self: Arc<Self>, mut handshake: Handshake) -> Admission {
        Box::pin(async move {
            let mut endpoint = self.0.create(&mut handshake).await?;
            endpoint.on_handshake(&mut handshake).await?;
            self.0.respond(&mut handshake);
            Ok(Admitted::new(handshake, endpoint))
        })
    }
}

impl<E, C> fmt::Debug for For<E, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a configurator of {}", type_name::<E>())
    }
}
