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
        ::wsframe::private::handlers!();
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
