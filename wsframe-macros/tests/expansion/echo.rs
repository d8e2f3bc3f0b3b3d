struct Echo;
const _: () = {
    use ::wsframe::private::NoHandler as _;
    impl ::wsframe::Endpoint for Echo {
        const PATH: &'static str = "/echo";
        fn options() -> ::wsframe::Options {
            ::wsframe::Options::new().max_message_size(16777216).max_fragments(70000)
        }
        async fn bind(
            _: &mut ::wsframe::Handshake,
        ) -> ::core::result::Result<Self, ::wsframe::Refusal> {
            ::core::result::Result::Ok(Self {})
        }
        const BLOCKING: ::wsframe::MessageKinds = ::wsframe::private::blocking(
            Self::__WSFRAME_TEXT_HANDLER_BLOCKS,
            Self::__WSFRAME_BINARY_HANDLER_BLOCKS,
            Self::__WSFRAME_PONG_HANDLER_BLOCKS,
        );
        fn on_handshake(
            &mut self,
            handshake: &mut ::wsframe::Handshake,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<(), ::wsframe::Refusal>,
        > + ::core::marker::Send {
            Self::__wsframe_only_one_on_handshake_per_endpoint(self, handshake)
        }
        fn on_open(
            &mut self,
            session: &::wsframe::Session,
        ) -> impl ::core::future::Future<
            Output = ::wsframe::Outcome,
        > + ::core::marker::Send {
            Self::__wsframe_only_one_on_open_per_endpoint(self, session)
        }
        fn on_message(
            &mut self,
            session: &::wsframe::Session,
            message: ::wsframe::Message,
        ) -> impl ::core::future::Future<
            Output = ::wsframe::Outcome,
        > + ::core::marker::Send {
            match message.kind() {
                ::wsframe::MessageKind::Text => {
                    ::wsframe::private::Either::Left(
                        Self::__wsframe_only_one_text_handler_per_endpoint(
                            self,
                            session,
                            message,
                        ),
                    )
                }
                ::wsframe::MessageKind::Binary => {
                    ::wsframe::private::Either::Right(
                        ::wsframe::private::Either::Left(
                            Self::__wsframe_only_one_binary_handler_per_endpoint(
                                self,
                                session,
                                message,
                            ),
                        ),
                    )
                }
                ::wsframe::MessageKind::Pong => {
                    ::wsframe::private::Either::Right(
                        ::wsframe::private::Either::Right(
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
        fn intake(kind: ::wsframe::MessageKind) -> ::wsframe::Intake {
            ::wsframe::private::intake(
                kind,
                Self::__WSFRAME_TEXT_HANDLER_TAKES,
                Self::__WSFRAME_BINARY_HANDLER_TAKES,
            )
        }
        fn on_incoming(
            &mut self,
            session: &::wsframe::Session,
            incoming: ::wsframe::Incoming,
        ) -> impl ::core::future::Future<
            Output = ::wsframe::Outcome,
        > + ::core::marker::Send {
            match incoming.kind() {
                ::wsframe::MessageKind::Text => {
                    ::wsframe::private::Either::Left(
                        Self::__wsframe_incoming_text(self, session, incoming),
                    )
                }
                _ => {
                    ::wsframe::private::Either::Right(
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
            session: &::wsframe::Session,
        ) -> impl ::core::future::Future<
            Output = ::wsframe::Outcome,
        > + ::core::marker::Send {
            Self::__wsframe_only_one_on_tick_per_endpoint(self, session)
        }
        fn event() -> ::core::option::Option<::core::any::TypeId> {
            Self::__wsframe_type_of_on_event()
        }
        fn on_event(
            &mut self,
            session: &::wsframe::Session,
            event: ::wsframe::Event,
        ) -> impl ::core::future::Future<
            Output = ::wsframe::Outcome,
        > + ::core::marker::Send {
            Self::__wsframe_only_one_on_event_per_endpoint(self, session, event)
        }
        fn on_close(
            &mut self,
            session: &::wsframe::Session,
            reason: ::wsframe::CloseReason,
        ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
            Self::__wsframe_only_one_on_close_per_endpoint(self, session, reason)
        }
        fn on_error(
            &mut self,
            session: &::wsframe::Session,
            failure: &::wsframe::Failure,
        ) -> impl ::core::future::Future<
            Output = ::wsframe::OnError,
        > + ::core::marker::Send {
            Self::__wsframe_only_one_on_error_per_endpoint(self, session, failure)
        }
    }
    ::wsframe::private::inventory::submit! {
        ::wsframe::private::Descriptor::of:: < Echo > (::wsframe::private::Place {
        package : ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line :
        ::core::line!(), })
    }
};
impl Echo {
    fn echo(&self, message: Message) -> Message {
        message
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_binary_handler_per_endpoint(
        &mut self,
        _: &::wsframe::Session,
        message: ::wsframe::Message,
    ) -> impl ::core::future::Future<Output = ::wsframe::Outcome> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move {
            let payload = <Message as ::wsframe::FromMessage>::from_message(message)?;
            ::wsframe::IntoReply::into_reply(Self::echo(self, payload))
        }
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_text_handler_per_endpoint(
        &mut self,
        _: &::wsframe::Session,
        message: ::wsframe::Message,
    ) -> impl ::core::future::Future<Output = ::wsframe::Outcome> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move {
            let payload = <Message as ::wsframe::FromMessage>::from_message(message)?;
            ::wsframe::IntoReply::into_reply(Self::echo(self, payload))
        }
    }
}
