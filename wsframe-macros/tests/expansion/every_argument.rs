/// A room.
#[derive(Debug)]
pub struct Chat {
    said: u32,
    room: String,
    nick: String,
    log: Arc<Log>,
    user: User,
}
const _: () = {
    use ::wsframe::private::NoHandler as _;
    impl ::wsframe::Endpoint for Chat {
        const PATH: &'static str = "/chat/<room>";
        fn options() -> ::wsframe::Options {
            ::wsframe::Options::new()
                .ping_interval(::core::time::Duration::from_secs(10))
                .max_message_size(16384)
                .origins(::wsframe::Origins::Any)
        }
        fn states() -> ::std::vec::Vec<::wsframe::StateKey> {
            ::std::vec::Vec::from([::wsframe::private::bind::state_key::<Arc<Log>>()])
        }
        async fn bind(
            handshake: &mut ::wsframe::Handshake,
        ) -> ::core::result::Result<Self, ::wsframe::Refusal> {
            ::core::result::Result::Ok(Self {
                user: <User as ::wsframe::FromHandshake>::from_handshake(handshake)
                    .await?,
                room: ::wsframe::private::bind::path::<String>(handshake, "room")?,
                nick: ::wsframe::private::bind::query::<String>(handshake, "nick")?,
                log: ::wsframe::private::bind::state::<Arc<Log>>(handshake)?,
                said: ::wsframe::private::bind::initial::<u32>(),
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
        ::wsframe::private::Descriptor::of:: < Chat > (::wsframe::private::Place {
        package : ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line :
        ::core::line!(), })
    }
};
impl Chat {
    async fn joined(&mut self, session: &Session) -> wsframe::Result {
        session.join(&self.room).await
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_on_open_per_endpoint(
        &mut self,
        session: &::wsframe::Session,
    ) -> impl ::core::future::Future<Output = ::wsframe::Outcome> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move {
            ::wsframe::IntoReply::into_reply(Self::joined(self, session).await)
        }
    }
    /// Says it to all.
    pub async fn said(&mut self, text: &str, session: Session) {}
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_text_handler_per_endpoint(
        &mut self,
        session: &::wsframe::Session,
        message: ::wsframe::Message,
    ) -> impl ::core::future::Future<Output = ::wsframe::Outcome> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move {
            let payload = <::wsframe::Text as ::wsframe::FromMessage>::from_message(
                message,
            )?;
            ::wsframe::IntoReply::into_reply(
                Self::said(self, &payload, ::core::clone::Clone::clone(session)).await,
            )
        }
    }
    #[cfg(unix)]
    async fn left(&mut self, session: &Session, reason: CloseReason) {}
    #[cfg(unix)]
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_on_close_per_endpoint(
        &mut self,
        session: &::wsframe::Session,
        reason: ::wsframe::CloseReason,
    ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move { Self::left(self, session, reason).await }
    }
}
