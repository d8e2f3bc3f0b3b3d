impl Lines {
    async fn said(&mut self, line: &str, session: &Session) -> Option<Line> {
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
            let payload = <_ as ::wsframe::Coder>::decode(&mut self.codec, message)?;
            let reply = Self::said(self, &payload, session).await;
            ::wsframe::private::encode(&mut self.codec, reply)
        }
    }
    fn sealed(&mut self, opened: Opened) {}
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
            let payload = <_ as ::wsframe::Coder>::decode(&mut self.0, message)?;
            let reply = Self::sealed(self, payload);
            ::wsframe::private::encode(&mut self.0, reply)
        }
    }
    #[doc(hidden)]
    pub(crate) const __WSFRAME_BINARY_HANDLER_BLOCKS: bool = true;
}
