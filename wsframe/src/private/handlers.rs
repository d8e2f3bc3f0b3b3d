//! The part of `impl Endpoint` that is the same for every struct.

/// Calls by path into the hidden functions, one for each event. None of them adds a future of its
/// own.
///
/// A macro by example, because rustc expands it faster than a procedural one hands over its tokens.
/// What only some endpoints have is marked `inline`: then it is compiled where it is called, and the
/// driver calls it for those alone.
///
/// A message is told by its kind, because `match` on the kind is exhaustive; `Message` may grow.
#[doc(hidden)]
#[macro_export]
macro_rules! __endpoint_handlers {
    () => {
        const BLOCKING: $crate::MessageKinds = $crate::private::blocking(
            Self::__WSFRAME_TEXT_HANDLER_BLOCKS,
            Self::__WSFRAME_BINARY_HANDLER_BLOCKS,
            Self::__WSFRAME_PONG_HANDLER_BLOCKS,
        );
        const TEXT_INTAKE: $crate::Intake = Self::__WSFRAME_TEXT_HANDLER_TAKES;
        const BINARY_INTAKE: $crate::Intake = Self::__WSFRAME_BINARY_HANDLER_TAKES;
        const TICK: ::core::option::Option<::core::time::Duration> =
            Self::__WSFRAME_PERIOD_OF_ON_TICK;
        const EVENT: ::core::option::Option<::core::any::TypeId> = Self::__WSFRAME_TYPE_OF_ON_EVENT;

        fn on_handshake(
            &mut self,
            handshake: &mut $crate::Handshake,
        ) -> impl ::core::future::Future<Output = ::core::result::Result<(), $crate::Refusal>>
        + ::core::marker::Send {
            Self::__wsframe_only_one_on_handshake_per_endpoint(self, handshake)
        }

        fn on_open(
            &mut self,
            session: &$crate::Session,
        ) -> impl ::core::future::Future<Output = $crate::Outcome> + ::core::marker::Send {
            Self::__wsframe_only_one_on_open_per_endpoint(self, session)
        }

        fn on_message(
            &mut self,
            session: &$crate::Session,
            message: $crate::Message,
        ) -> impl ::core::future::Future<Output = $crate::Outcome> + ::core::marker::Send {
            match message.kind() {
                $crate::MessageKind::Text => $crate::private::Handling::Text {
                    future: Self::__wsframe_only_one_text_handler_per_endpoint(
                        self, session, message,
                    ),
                },
                $crate::MessageKind::Binary => $crate::private::Handling::Binary {
                    future: Self::__wsframe_only_one_binary_handler_per_endpoint(
                        self, session, message,
                    ),
                },
                $crate::MessageKind::Pong => $crate::private::Handling::Pong {
                    future: Self::__wsframe_only_one_pong_handler_per_endpoint(
                        self, session, message,
                    ),
                },
            }
        }

        #[inline]
        fn on_incoming(
            &mut self,
            session: &$crate::Session,
            incoming: $crate::Incoming,
        ) -> impl ::core::future::Future<Output = $crate::Outcome> + ::core::marker::Send {
            match incoming.kind() {
                $crate::MessageKind::Text => $crate::private::Either::Left(
                    Self::__wsframe_incoming_text(self, session, incoming),
                ),
                _ => $crate::private::Either::Right(Self::__wsframe_incoming_binary(
                    self, session, incoming,
                )),
            }
        }

        #[inline]
        fn on_tick(
            &mut self,
            session: &$crate::Session,
        ) -> impl ::core::future::Future<Output = $crate::Outcome> + ::core::marker::Send {
            Self::__wsframe_only_one_on_tick_per_endpoint(self, session)
        }

        #[inline]
        fn on_event(
            &mut self,
            session: &$crate::Session,
            event: $crate::Event,
        ) -> impl ::core::future::Future<Output = $crate::Outcome> + ::core::marker::Send {
            Self::__wsframe_only_one_on_event_per_endpoint(self, session, event)
        }

        fn on_close(
            &mut self,
            session: &$crate::Session,
            reason: $crate::CloseReason,
        ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
            Self::__wsframe_only_one_on_close_per_endpoint(self, session, reason)
        }

        fn on_error(
            &mut self,
            session: &$crate::Session,
            failure: &$crate::Failure,
        ) -> impl ::core::future::Future<Output = $crate::OnError> + ::core::marker::Send {
            Self::__wsframe_only_one_on_error_per_endpoint(self, session, failure)
        }
    };
}

pub use __endpoint_handlers as handlers;
