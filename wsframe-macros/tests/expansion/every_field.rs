struct Fields {
    two: u8,
    session: Option<String>,
    request: String,
    tag: Vec<String>,
    r#type: Kind,
    rest: String,
    #[cfg(unix)]
    log: Arc<Log>,
    user: User,
    plain: u32,
}
const _: () = {
    use ::wsframe::private::NoHandler as _;
    impl ::wsframe::Endpoint for Fields {
        const PATH: &'static str = "/<type>/<rest..>";
        fn states() -> ::std::vec::Vec<::wsframe::StateKey> {
            ::std::vec::Vec::from([
                #[cfg(unix)]
                ::wsframe::private::bind::state_key::<Arc<Log>>(),
            ])
        }
        async fn bind(
            handshake: &mut ::wsframe::Handshake,
        ) -> ::core::result::Result<Self, ::wsframe::Refusal> {
            ::core::result::Result::Ok(Self {
                user: <User as ::wsframe::FromHandshake>::from_handshake(handshake)
                    .await?,
                r#type: ::wsframe::private::bind::path::<Kind>(handshake, "type")?,
                rest: ::wsframe::private::bind::path::<String>(handshake, "rest")?,
                tag: ::wsframe::private::bind::query_vec::<String>(handshake, "tag")?,
                request: ::wsframe::private::bind::header::<
                    String,
                >(handshake, "x-request-id")?,
                session: ::wsframe::private::bind::cookie_option::<
                    String,
                >(handshake, "sid")?,
                #[cfg(unix)]
                log: ::wsframe::private::bind::state::<Arc<Log>>(handshake)?,
                two: 1 + 1,
                plain: ::wsframe::private::bind::initial::<u32>(),
            })
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
        ::wsframe::private::Descriptor::of:: < Fields > (::wsframe::private::Place {
        package : ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line :
        ::core::line!(), })
    }
};
