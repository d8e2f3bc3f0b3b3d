/// A bot.
#[derive(Debug)]
pub struct Bot {
    token: String,
}
const _: () = {
    use ::ws::private::NoHandler as _;
    impl ::ws::Endpoint for Bot {
        fn options() -> ::ws::Options {
            ::ws::Options::new()
                .subprotocols(["b", "a"])
                .ping_interval(::core::time::Duration::from_secs(10))
        }
        ::ws::private::unserved!();
        ::ws::private::handlers!();
    }
    impl ::ws::ClientEndpoint for Bot {
        ::ws::private::reconnecting!();
    }
    impl Bot {
        #[doc(hidden)]
        #[allow(dead_code)]
        pub(crate) const __WSFRAME_SIDE: ::ws::private::Dials = ::ws::private::Dials;
    }
};
impl Bot {
    async fn again(&self, disconnect: Disconnect) -> Retry {
        Retry::Now
    }
    #[doc(hidden)]
    pub(crate) fn __wsframe_only_one_on_disconnect_per_endpoint(
        &mut self,
        disconnect: &::ws::Disconnect,
    ) -> impl ::core::future::Future<Output = ::ws::Retry> + ::core::marker::Send
    where
        Self: ::ws::ClientEndpoint,
    {
        async move { Self::again(self, ::core::clone::Clone::clone(disconnect)).await }
    }
}
