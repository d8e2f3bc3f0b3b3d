struct Relay {
    name: String,
}
const _: () = {
    use ::wsframe::private::NoHandler as _;
    impl ::wsframe::Endpoint for Relay {
        const PATH: &'static str = "/room/<name>";
        async fn bind(
            handshake: &mut ::wsframe::Handshake,
        ) -> ::core::result::Result<Self, ::wsframe::Refusal> {
            ::core::result::Result::Ok(Self {
                name: ::wsframe::private::bind::path::<String>(handshake, "name")?,
            })
        }
        ::wsframe::private::handlers!();
    }
    ::wsframe::private::inventory::submit! {
        ::wsframe::private::Descriptor::of:: < Relay > (::wsframe::private::Place {
        package : ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line :
        ::core::line!(), })
    }
};
impl Relay {
    async fn enter(&mut self, session: &Session) -> wsframe::Result {
        session.join(&self.name).await?;
        Ok(())
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_on_open_per_endpoint(
        &mut self,
        session: &::wsframe::Session,
    ) -> impl ::core::future::Future<Output = ::wsframe::Outcome> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move { ::wsframe::IntoReply::into_reply(Self::enter(self, session).await) }
    }
    async fn relay(&mut self, message: Message, session: &Session) {
        session.room(&self.name).send(message).await;
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_binary_handler_per_endpoint(
        &mut self,
        session: &::wsframe::Session,
        message: ::wsframe::Message,
    ) -> impl ::core::future::Future<Output = ::wsframe::Outcome> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move {
            let payload = <Message as ::wsframe::FromMessage>::from_message(message)?;
            ::wsframe::IntoReply::into_reply(Self::relay(self, payload, session).await)
        }
    }
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
            let payload = <Message as ::wsframe::FromMessage>::from_message(message)?;
            ::wsframe::IntoReply::into_reply(Self::relay(self, payload, session).await)
        }
    }
}
