struct Chat {
    room: Room,
    nick: String,
}
const _: () = {
    use ::wsframe::private::NoHandler as _;
    impl ::wsframe::Endpoint for Chat {
        const PATH: &'static str = "/chat/<room>";
        async fn bind(
            handshake: &mut ::wsframe::Handshake,
        ) -> ::core::result::Result<Self, ::wsframe::Refusal> {
            ::core::result::Result::Ok(Self {
                room: ::wsframe::private::bind::path::<Room>(handshake, "room")?,
                nick: ::wsframe::private::bind::query::<String>(handshake, "nick")?,
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
    fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        handshake.claim(Principal::new(self.nick.as_str()))
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
            ::wsframe::private::IntoVerdict::into_verdict(Self::admit(self, handshake))
        }
    }
    async fn here(&self) {
        self.room.send(Json(json!({ "here" : self.room.user_ids() }))).await;
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_on_close_per_endpoint(
        &mut self,
        _: &::wsframe::Session,
        _: ::wsframe::CloseReason,
    ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move { Self::here(self).await }
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_on_open_per_endpoint(
        &mut self,
        _: &::wsframe::Session,
    ) -> impl ::core::future::Future<Output = ::wsframe::Outcome> + ::core::marker::Send
    where
        Self: ::wsframe::Endpoint,
    {
        async move { ::wsframe::IntoReply::into_reply(Self::here(self).await) }
    }
    async fn say(
        &self,
        Json(said): Json<Value>,
        session: &Session,
    ) -> Option<Json<Value>> {
        let at = std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis() as u64;
        let news = json!(
            { "from" : self.nick, "to" : said["to"], "text" : said["text"], "at" : at }
        );
        let delivered = match said["to"].as_str() {
            Some(nick) => session.user(nick).send(Json(&news)).await,
            None => self.room.send_kept(50, Json(&news)).await,
        };
        said["to"]
            .is_string()
            .then(|| Json(json!({ "told" : news, "heard" : delivered.queued })))
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
            let payload = <Json<
                Value,
            > as ::wsframe::FromMessage>::from_message(message)?;
            ::wsframe::IntoReply::into_reply(Self::say(self, payload, session).await)
        }
    }
}
