struct Chat {
    a: u8,
    b: u8,
}
impl ::wsframe::Endpoint for Chat {
    const PATH: &'static str = "/";
    async fn bind(
        _: &mut ::wsframe::Handshake,
    ) -> ::core::result::Result<Self, ::wsframe::Refusal> {
        ::core::unreachable!()
    }
}
::core::compile_error! {
    "write `#[header(\"x-name\")]`"
}
::core::compile_error! {
    "`{room}` is how others spell it; write `<room>`\n\n    /chat/{room}\n          ^^^^^^\n"
}
::core::compile_error! {
    "unknown option `outbocks`; the options are `subprotocols`, `origins`, `max_message_size`, `max_frame_size`, `max_fragments`, `assembly_timeout`, `outbox`, `outbox_messages`, `overflow`, `inbound`, `inbound_messages`, `ping_interval`, `pong_timeout`, `idle_timeout`, `write_timeout`, `send_timeout`, `close_timeout`, `finish_within`, `deflate`, `keep`, `message_rate`, `byte_rate`, `excess`, `crate`"
}
::core::compile_error! {
    "a field comes from one place; remove this attribute or the other"
}
impl Chat {
    fn said(self, reason: CloseReason) {}
    ::core::compile_error! {
        "a handler takes `&mut self` or `&self`: the object lives as long as the connection"
    }
    ::core::compile_error! {
        "`CloseReason` cannot be an argument of `#[on_message]`, which takes one payload and `&Session`"
    }
}
