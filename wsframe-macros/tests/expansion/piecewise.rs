impl Upload {
    fn line(&mut self, part: Part<Text>) -> Option<String> {
        None
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
            Self::__wsframe_incoming_text(
                    self,
                    session,
                    ::wsframe::private::part_of(message),
                )
                .await
        }
    }
    #[doc(hidden)]
    pub(crate) const __WSFRAME_TEXT_HANDLER_TAKES: ::wsframe::Intake = ::wsframe::Intake::Parts;
    #[doc(hidden)]
    pub(crate) fn __wsframe_incoming_text(
        &mut self,
        _: &::wsframe::Session,
        incoming: ::wsframe::Incoming,
    ) -> impl ::core::future::Future<
        Output = ::wsframe::Outcome,
    > + ::core::marker::Send {
        async move {
            let payload = ::wsframe::private::part::<Text>(incoming)?;
            ::wsframe::IntoReply::into_reply(Self::line(self, payload))
        }
    }
    async fn store(&self, mut file: MessageReader, session: &Session) -> Result {}
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
            Self::__wsframe_incoming_binary(
                    self,
                    session,
                    ::wsframe::private::reader_of(message),
                )
                .await
        }
    }
    #[doc(hidden)]
    pub(crate) const __WSFRAME_BINARY_HANDLER_TAKES: ::wsframe::Intake = ::wsframe::Intake::Reader;
    #[doc(hidden)]
    pub(crate) fn __wsframe_incoming_binary(
        &mut self,
        session: &::wsframe::Session,
        incoming: ::wsframe::Incoming,
    ) -> impl ::core::future::Future<
        Output = ::wsframe::Outcome,
    > + ::core::marker::Send {
        async move {
            let payload = ::wsframe::private::reader(incoming)?;
            ::wsframe::IntoReply::into_reply(Self::store(self, payload, session).await)
        }
    }
}
