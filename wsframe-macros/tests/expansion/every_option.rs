struct Tuned;
const _: () = {
    use ::ws::private::NoHandler as _;
    impl ::ws::Endpoint for Tuned {
        const PATH: &'static str = "/";
        fn options() -> ::ws::Options {
            ::ws::Options::new()
                .subprotocols(["b", "a"])
                .origins(::ws::Origins::list(["https://example.org"]))
                .max_message_size(LIMIT)
                .max_frame_size(65536)
                .max_fragments(16)
                .assembly_timeout(::core::option::Option::<::core::time::Duration>::None)
                .outbox(64 * 1024)
                .outbox_messages(8)
                .overflow(::ws::Overflow::DropOldest)
                .inbound(1024)
                .inbound_messages(4)
                .ping_interval(::core::time::Duration::from_secs(25))
                .pong_timeout(::core::time::Duration::from_millis(100))
                .idle_timeout(::core::time::Duration::from_secs(3600))
                .write_timeout(config::WRITE)
                .send_timeout(::core::time::Duration::from_secs(0))
                .close_timeout(::core::time::Duration::from_secs(5))
                .finish_within(::core::time::Duration::from_secs(120))
        }
        async fn bind(
            _: &mut ::ws::Handshake,
        ) -> ::core::result::Result<Self, ::ws::Refusal> {
            ::core::result::Result::Ok(Self {})
        }
        const BLOCKING: ::ws::MessageKinds = ::ws::private::blocking(
            Self::__WSFRAME_TEXT_HANDLER_BLOCKS,
            Self::__WSFRAME_BINARY_HANDLER_BLOCKS,
            Self::__WSFRAME_PONG_HANDLER_BLOCKS,
        );
        fn on_handshake(
            &mut self,
            handshake: &mut ::ws::Handshake,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), ::ws::Refusal>,
        > + ::core::marker::Send {
            Self::__wsframe_only_one_on_handshake_per_endpoint(self, handshake)
        }
        fn on_open(
            &mut self,
            session: &::ws::Session,
        ) -> impl ::core::future::Future<Output = ::ws::Outcome> + ::core::marker::Send {
            Self::__wsframe_only_one_on_open_per_endpoint(self, session)
        }
        fn on_message(
            &mut self,
            session: &::ws::Session,
            message: ::ws::Message,
        ) -> impl ::core::future::Future<Output = ::ws::Outcome> + ::core::marker::Send {
            match message.kind() {
                ::ws::MessageKind::Text => {
                    ::ws::private::Either::Left(
                        Self::__wsframe_only_one_text_handler_per_endpoint(
                            self,
                            session,
                            message,
                        ),
                    )
                }
                ::ws::MessageKind::Binary => {
                    ::ws::private::Either::Right(
                        ::ws::private::Either::Left(
                            Self::__wsframe_only_one_binary_handler_per_endpoint(
                                self,
                                session,
                                message,
                            ),
                        ),
                    )
                }
                ::ws::MessageKind::Pong => {
                    ::ws::private::Either::Right(
                        ::ws::private::Either::Right(
                            Self::__wsframe_only_one_pong_handler_per_endpoint(
                                self,
                                session,
                                message,
                            ),
                        ),
                    )
                }
            }
        }
        fn intake(kind: ::ws::MessageKind) -> ::ws::Intake {
            ::ws::private::intake(
                kind,
                Self::__WSFRAME_TEXT_HANDLER_TAKES,
                Self::__WSFRAME_BINARY_HANDLER_TAKES,
            )
        }
        fn on_incoming(
            &mut self,
            session: &::ws::Session,
            incoming: ::ws::Incoming,
        ) -> impl ::core::future::Future<Output = ::ws::Outcome> + ::core::marker::Send {
            match incoming.kind() {
                ::ws::MessageKind::Text => {
                    ::ws::private::Either::Left(
                        Self::__wsframe_incoming_text(self, session, incoming),
                    )
                }
                _ => {
                    ::ws::private::Either::Right(
                        Self::__wsframe_incoming_binary(self, session, incoming),
                    )
                }
            }
        }
        fn tick() -> ::core::option::Option<::core::time::Duration> {
            Self::__wsframe_period_of_on_tick()
        }
        fn on_tick(
            &mut self,
            session: &::ws::Session,
        ) -> impl ::core::future::Future<Output = ::ws::Outcome> + ::core::marker::Send {
            Self::__wsframe_only_one_on_tick_per_endpoint(self, session)
        }
        fn event() -> ::core::option::Option<::core::any::TypeId> {
            Self::__wsframe_type_of_on_event()
        }
        fn on_event(
            &mut self,
            session: &::ws::Session,
            event: ::ws::Event,
        ) -> impl ::core::future::Future<Output = ::ws::Outcome> + ::core::marker::Send {
            Self::__wsframe_only_one_on_event_per_endpoint(self, session, event)
        }
        fn on_close(
            &mut self,
            session: &::ws::Session,
            reason: ::ws::CloseReason,
        ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
            Self::__wsframe_only_one_on_close_per_endpoint(self, session, reason)
        }
        fn on_error(
            &mut self,
            session: &::ws::Session,
            failure: &::ws::Failure,
        ) -> impl ::core::future::Future<Output = ::ws::OnError> + ::core::marker::Send {
            Self::__wsframe_only_one_on_error_per_endpoint(self, session, failure)
        }
    }
    ::ws::private::inventory::submit! {
        ::ws::private::Descriptor::of:: < Tuned > (::ws::private::Place { package :
        ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line : ::core::line!(),
        })
    }
};
