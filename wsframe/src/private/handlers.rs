//! The part of `impl Endpoint` that is the same for every struct.

/// Calls by path into the hidden functions, one for each event. None of them adds a future of its
/// own.
///
/// A macro by example, because rustc expands it faster than a procedural one hands over its tokens.
/// What only some endpoints have shares one function; see `endpoint::rare`.
///
/// A message is told by its kind, because `match` on the kind is exhaustive; `Message` may grow.
#[doc(hidden)]
#[macro_export]
macro_rules! __endpoint_handlers {
    () => {
        const FACTS: $crate::private::Facts = $crate::private::Facts {
            text_blocks: Self::__WSFRAME_TEXT_HANDLER_BLOCKS,
            binary_blocks: Self::__WSFRAME_BINARY_HANDLER_BLOCKS,
            pong_blocks: Self::__WSFRAME_PONG_HANDLER_BLOCKS,
            text: Self::__WSFRAME_TEXT_HANDLER_TAKES,
            binary: Self::__WSFRAME_BINARY_HANDLER_TAKES,
            tick: Self::__WSFRAME_PERIOD_OF_ON_TICK,
            event: Self::__WSFRAME_TYPE_OF_ON_EVENT,
        };

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

        fn on_close(
            &mut self,
            session: &$crate::Session,
            reason: $crate::CloseReason,
        ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
            Self::__wsframe_only_one_on_close_per_endpoint(self, session, reason)
        }

        fn rare<'a>(&'a mut self, call: $crate::private::Rare<'a>) -> $crate::private::Called<'a> {
            match call {
                $crate::private::Rare::Handshake(handshake) => {
                    $crate::private::Called::Verdict(::std::boxed::Box::pin(
                        Self::__wsframe_only_one_on_handshake_per_endpoint(self, handshake),
                    ))
                }
                $crate::private::Rare::Text(session, incoming) => $crate::private::Called::Outcome(
                    ::std::boxed::Box::pin(Self::__wsframe_incoming_text(self, session, incoming)),
                ),
                $crate::private::Rare::Binary(session, incoming) => {
                    $crate::private::Called::Outcome(::std::boxed::Box::pin(
                        Self::__wsframe_incoming_binary(self, session, incoming),
                    ))
                }
                $crate::private::Rare::Tick(session) => {
                    $crate::private::Called::Outcome(::std::boxed::Box::pin(
                        Self::__wsframe_only_one_on_tick_per_endpoint(self, session),
                    ))
                }
                $crate::private::Rare::Event(session, event) => {
                    $crate::private::Called::Outcome(::std::boxed::Box::pin(
                        Self::__wsframe_only_one_on_event_per_endpoint(self, session, event),
                    ))
                }
                $crate::private::Rare::Error(session, failure) => {
                    $crate::private::Called::OnError(::std::boxed::Box::pin(
                        Self::__wsframe_only_one_on_error_per_endpoint(self, session, failure),
                    ))
                }
            }
        }
    };
}

pub use __endpoint_handlers as handlers;
