struct Bot {
    joined: bool,
}
const _: () = {
    use ::wsframe::private::NoHandler as _;
    impl ::wsframe::Endpoint for Bot {
        ::wsframe::private::unserved!();
        ::wsframe::private::handlers!();
    }
    impl ::wsframe::ClientEndpoint for Bot {
        ::wsframe::private::reconnecting!();
    }
    impl Bot {
        #[doc(hidden)]
        #[allow(dead_code)]
        pub(crate) const __WSFRAME_SIDE: ::wsframe::private::Dials = ::wsframe::private::Dials;
    }
};
impl Bot {
    fn enter(&mut self) {
        self.joined = false;
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_on_open_per_endpoint(
        &mut self,
        _: &::wsframe::Session,
    ) -> impl ::core::future::Future<Output = ::wsframe::Outcome> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move { ::wsframe::IntoReply::into_reply(Self::enter(self)) }
    }
    fn answer(&mut self, Json(news): Json<Value>) -> Option<Json<Value>> {
        self.joined |= news["here"].is_array();
        let (from, said) = (news["from"].as_str()?, news["text"].as_str()?);
        let to = news["to"].is_string().then_some(from);
        let answer = format!("{from}, that had {} letters", said.chars().count());
        (self.joined && from != "bot")
            .then(|| Json(json!({ "text" : answer, "to" : to })))
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
            let payload = <Json<
                Value,
            > as ::wsframe::FromMessage>::from_message(message)?;
            ::wsframe::IntoReply::into_reply(Self::answer(self, payload))
        }
    }
    fn again(&mut self, disconnect: &Disconnect) -> Retry {
        match disconnect.cause() {
            Cause::Failed(
                wsframe::ConnectError::Refused { status, .. },
            ) if *status == 409 => Retry::Backoff,
            _ => Retry::Default,
        }
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_on_disconnect_per_endpoint(
        &mut self,
        disconnect: &::wsframe::Disconnect,
    ) -> impl ::core::future::Future<Output = ::wsframe::Retry> + ::core::marker::Send
    where
        Self: ::wsframe::ClientEndpoint,
    {
        async move { Self::again(self, disconnect) }
    }
}
