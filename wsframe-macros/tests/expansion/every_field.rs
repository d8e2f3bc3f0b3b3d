struct Fields {
    two: u8,
    session: Option<String>,
    request: String,
    tag: Vec<String>,
    r#type: Kind,
    rest: String,
    #[cfg(unix)]
    log: Arc<Log>,
    user: User,
    plain: u32,
}
const _: () = {
    use ::wsframe::private::NoHandler as _;
    impl ::wsframe::Endpoint for Fields {
        const PATH: &'static str = "/<type>/<rest..>";
        fn states() -> ::std::vec::Vec<::wsframe::StateKey> {
            ::std::vec::Vec::from([
                #[cfg(unix)]
                ::wsframe::private::bind::state_key::<Arc<Log>>(),
            ])
        }
        async fn bind(
            handshake: &mut ::wsframe::Handshake,
        ) -> ::core::result::Result<Self, ::wsframe::Refusal> {
            ::core::result::Result::Ok(Self {
                user: <User as ::wsframe::FromHandshake>::from_handshake(handshake)
                    .await?,
                r#type: ::wsframe::private::bind::path::<Kind>(handshake, "type")?,
                rest: ::wsframe::private::bind::path::<String>(handshake, "rest")?,
                tag: ::wsframe::private::bind::query_vec::<String>(handshake, "tag")?,
                request: ::wsframe::private::bind::header::<
                    String,
                >(handshake, "x-request-id")?,
                session: ::wsframe::private::bind::cookie_option::<
                    String,
                >(handshake, "sid")?,
                #[cfg(unix)]
                log: ::wsframe::private::bind::state::<Arc<Log>>(handshake)?,
                two: 1 + 1,
                plain: ::wsframe::private::bind::initial::<u32>(),
            })
        }
        ::wsframe::private::handlers!();
    }
    ::wsframe::private::inventory::submit! {
        ::wsframe::private::Descriptor::of:: < Fields > (::wsframe::private::Place {
        package : ::core::env!("CARGO_PKG_NAME"), file : ::core::file!(), line :
        ::core::line!(), })
    }
};
