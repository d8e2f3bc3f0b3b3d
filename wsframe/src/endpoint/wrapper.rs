//! Endpoints around another one, on a connection that is open.

/// The part of `impl Endpoint` in which a wrapper of an `$endpoint` is that endpoint; `$inner` is the
/// method that gives it. What happens at a message and at the end is for the wrapper to say.
///
/// In one place, because a constant that a wrapper forgets falls back to its default in silence.
macro_rules! wrapper {
    ($endpoint:ident, $inner:ident) => {
        const PATH: &'static str = $endpoint::PATH;
        const TEXT_INTAKE: $crate::endpoint::Intake = $endpoint::TEXT_INTAKE;
        const BINARY_INTAKE: $crate::endpoint::Intake = $endpoint::BINARY_INTAKE;
        const TICK: ::core::option::Option<::core::time::Duration> = $endpoint::TICK;
        const FACTS: $crate::endpoint::Facts = $endpoint::FACTS;
        const EVENT: ::core::option::Option<::core::any::TypeId> = $endpoint::EVENT;

        fn options() -> $crate::endpoint::Options {
            $endpoint::options()
        }

        fn states() -> ::std::vec::Vec<$crate::endpoint::StateKey> {
            $endpoint::states()
        }

        /// Never called: the handshake is over when a wrapper is made.
        async fn bind(
            _: &mut $crate::endpoint::Handshake,
        ) -> ::core::result::Result<Self, $crate::handshake::Refusal> {
            Err($crate::handshake::Refusal::internal())
        }

        fn on_handshake<'a>(
            &'a mut self,
            handshake: &'a mut $crate::endpoint::Handshake,
        ) -> impl Future<Output = ::core::result::Result<(), $crate::handshake::Refusal>> + Send + 'a {
            self.$inner().on_handshake(handshake)
        }

        fn on_open(
            &mut self,
            session: &$crate::session::Session,
        ) -> impl Future<Output = $crate::endpoint::Outcome> + Send {
            self.$inner().on_open(session)
        }

        fn on_tick<'a>(
            &'a mut self,
            session: &'a $crate::session::Session,
        ) -> impl Future<Output = $crate::endpoint::Outcome> + Send + 'a {
            self.$inner().on_tick(session)
        }

        fn on_event<'a>(
            &'a mut self,
            session: &'a $crate::session::Session,
            event: $crate::session::Event,
        ) -> impl Future<Output = $crate::endpoint::Outcome> + Send + 'a {
            self.$inner().on_event(session, event)
        }

        fn on_error<'a>(
            &'a mut self,
            session: &'a $crate::session::Session,
            failure: &'a $crate::message::Failure,
        ) -> impl Future<Output = $crate::message::OnError> + Send + 'a {
            self.$inner().on_error(session, failure)
        }

        fn rare<'a>(
            &'a mut self,
            call: $crate::endpoint::Rare<'a>,
        ) -> $crate::endpoint::Called<'a> {
            self.$inner().rare(call)
        }
    };
}

pub(crate) use wrapper;
