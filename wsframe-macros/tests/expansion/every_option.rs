struct Tuned;
const _: () = {
    use ::ws::private::NoHandler as _;
    impl ::ws::Endpoint for Tuned {
        const PATH: &'static str = "/";
        fn options() -> ::ws::Options {
            ::ws::Options::new()
                .subprotocols(["b", "a"])
                .origins(::ws::Origins::list(["https://example.org"]))
                .max_message_size(LIMIT)
                .max_frame_size(65536)
                .max_fragments(16)
                .assembly_timeout(::core::option::Option::<::core::time::Duration>::None)
                .outbox(64 * 1024)
                .outbox_messages(8)
                .overflow(::ws::Overflow::DropOldest)
                .inbound(1024)
                .inbound_messages(4)
                .ping_interval(::core::time::Duration::from_secs(25))
                .pong_timeout(::core::time::Duration::from_millis(100))
                .idle_timeout(::core::time::Duration::from_secs(3600))
                .write_timeout(config::WRITE)
                .send_timeout(::core::time::Duration::from_secs(0))
                .close_timeout(::core::time::Duration::from_secs(5))
                .finish_within(::core::time::Duration::from_secs(120))
                .deflate(true)
        }
        async fn bind(
            _: &mut ::ws::Handshake,
        ) -> ::core::result::Result<Self, ::ws::Refusal> {
            ::core::result::Result::Ok(Self {})
        }
        ::ws::private::handlers!();
    }
    ::ws::private::inventory::submit! {
        ::ws::private::Descriptor::of:: < Tuned > (::ws::private::Place { package :
        ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line : ::core::line!(),
        })
    }
};
