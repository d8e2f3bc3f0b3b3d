struct Bot {
    a: u8,
}
impl ::wsframe::Endpoint for Bot {
    const PATH: &'static str = "/";
    async fn bind(
        _: &mut ::wsframe::Handshake,
    ) -> ::core::result::Result<Self, ::wsframe::Refusal> {
        ::core::unreachable!()
    }
}
::core::compile_error! {
    "a client endpoint has no path: it dials the URL of `Client::new(…)`"
}
::core::compile_error! {
    "who dials fills the fields: `Client::new(url).run(Bot { … })`; remove this attribute, and take headers of the answer from `session.head()` in `#[on_open]`"
}
::core::compile_error! {
    "`origins` are those that a server lets in; what a client sends is said with `Client::new(url).origin(…)`"
}
::core::compile_error! {
    "unknown option `outbocks`; the options are `subprotocols`, `max_message_size`, `max_frame_size`, `max_fragments`, `assembly_timeout`, `outbox`, `outbox_messages`, `overflow`, `inbound`, `inbound_messages`, `ping_interval`, `pong_timeout`, `idle_timeout`, `write_timeout`, `send_timeout`, `close_timeout`, `finish_within`, `deflate`, `keep`, `message_rate`, `byte_rate`, `excess`, `crate`"
}
impl ::wsframe::ClientEndpoint for Bot {}
