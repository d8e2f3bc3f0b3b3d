impl Other {
    async fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        Ok(())
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_on_handshake_per_endpoint(
        &mut self,
        handshake: &mut ::wsframe::Handshake,
    ) -> impl ::core::future::Future<
        Output = ::core::result::Result<(), ::wsframe::Refusal>,
    > + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move {
            use ::wsframe::private::NoHandler as _;
            ::wsframe::private::answers_handshakes(Self::__WSFRAME_SIDE);
            ::wsframe::private::IntoVerdict::into_verdict(
                Self::admit(self, handshake).await,
            )
        }
    }
    fn shape(&mut self, shape: &Shape) -> Option<Bytes> {
        None
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_binary_handler_per_endpoint(
        &mut self,
        _: &ws::Session,
        message: ws::Message,
    ) -> impl ::core::future::Future<Output = ws::Outcome> + ::core::marker::Send
    where
        Self: ws::Endpoint,
    {
        async move {
            let payload = <Shape as ws::FromMessage>::from_message(message)?;
            ws::IntoReply::into_reply(Self::shape(self, &payload))
        }
    }
    #[cfg(unix)]
    fn search(&mut self, words: Words) -> String {
        String::new()
    }
    #[cfg(unix)]
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
            let payload = <Words as ::wsframe::FromMessage>::from_message(message)?;
            ::wsframe::IntoReply::into_reply(Self::search(self, payload))
        }
    }
    #[cfg(unix)]
    #[doc(hidden)]
    pub(crate) const __WSFRAME_TEXT_HANDLER_BLOCKS: bool = true;
    fn pong(&mut self, _: &Pong, _: &Session) {}
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_pong_handler_per_endpoint(
        &mut self,
        session: &::wsframe::Session,
        message: ::wsframe::Message,
    ) -> impl ::core::future::Future<Output = ::wsframe::Outcome> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move {
            let payload = <Pong as ::wsframe::FromMessage>::from_message(message)?;
            ::wsframe::IntoReply::into_reply(Self::pong(self, &payload, session))
        }
    }
    async fn failed(&self, failure: &Failure) -> OnError {
        OnError::Continue
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_on_error_per_endpoint(
        &mut self,
        _: &::wsframe::Session,
        failure: &::wsframe::Failure,
    ) -> impl ::core::future::Future<Output = ::wsframe::OnError> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move { Self::failed(self, failure).await }
    }
}
