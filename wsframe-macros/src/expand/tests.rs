//! What is generated, compared with files. `BLESS=1 cargo test -p wsframe-macros` rewrites them.

use std::{env, fs, path::PathBuf};

use proc_macro2::TokenStream;
use quote::quote;

use crate::{parse::Attribute, stages};

/// Compares tokens, laid out by prettyplease, with `tests/expansion/{name}.rs`.
fn compare(name: &str, tokens: TokenStream) {
    let file = syn::parse2(tokens).unwrap_or_else(|error| panic!("{name}: {error}"));
    let found = prettyplease::unparse(&file);
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "tests", "expansion", &format!("{name}.rs")].iter().collect();
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{} differs; run with BLESS=1:\n{found}", path.display());
}

/// An `impl` block with these methods, each with its attribute applied.
fn methods(
    owner: &TokenStream,
    methods: impl IntoIterator<Item = (Attribute, TokenStream, TokenStream)>,
) -> TokenStream {
    let methods = methods.into_iter().map(|(attr, args, item)| stages::handler(attr, args, &item));
    quote!(impl #owner { #(#methods)* })
}

#[test]
fn echo() {
    let endpoint = stages::endpoint(
        quote!("/echo"),
        quote!(
            struct Echo;
        ),
    );
    let handlers = methods(
        &quote!(Echo),
        [(Attribute::Message, quote!(), quote! { fn echo(&self, text: Text) -> Text { text } })],
    );
    compare("echo", quote!(#endpoint #handlers));
}

#[test]
fn chat() {
    let endpoint = stages::endpoint(
        quote!("/chat/<room>", ping_interval = "10s", max_message_size = "16KiB", origins = any),
        quote! {
            /// A room.
            #[derive(Debug)]
            pub struct Chat {
                said: u32,
                room: String,
                #[query] nick: String,
                #[state] log: Arc<Log>,
                #[extract] user: User,
            }
        },
    );
    let handlers = methods(
        &quote!(Chat),
        [
            (
                Attribute::Open,
                quote!(),
                quote! {
                    async fn joined(&mut self, session: &Session) -> wsframe::Result {
                        session.join(&self.room).await
                    }
                },
            ),
            (
                Attribute::Message,
                quote!(),
                quote! {
                    /// Says it to all.
                    pub async fn said(&mut self, text: &str, session: Session) {}
                },
            ),
            (
                Attribute::Close,
                quote!(),
                quote! {
                    #[cfg(unix)]
                    async fn left(&mut self, session: &Session, reason: CloseReason) {}
                },
            ),
        ],
    );
    compare("chat", quote!(#endpoint #handlers));
}

#[test]
fn every_option() {
    let args = quote!(
        "/",
        subprotocols = ["b", "a"],
        origins = ["https://example.org"],
        max_message_size = LIMIT,
        max_frame_size = "64KiB",
        max_fragments = 16,
        assembly_timeout = off,
        outbox = 64 * 1024,
        outbox_messages = 8,
        overflow = drop_oldest,
        inbound = 1024,
        inbound_messages = 4,
        ping_interval = "25s",
        pong_timeout = "100ms",
        idle_timeout = "1h",
        write_timeout = config::WRITE,
        send_timeout = "0s",
        close_timeout = "5s",
        finish_within = "2m",
        crate = ::ws,
    );
    compare(
        "every_option",
        stages::endpoint(
            args,
            quote!(
                struct Tuned;
            ),
        ),
    );
}

#[test]
fn every_field() {
    let item = quote! {
        struct Fields {
            #[default(1 + 1)] two: u8,
            #[cookie("sid")] session: Option<String>,
            #[header("X-Request-Id")] request: String,
            #[query] tag: Vec<String>,
            r#type: Kind,
            rest: String,
            #[cfg(unix)] #[state] log: Arc<Log>,
            #[extract] user: User,
            plain: u32,
        }
    };
    compare("every_field", stages::endpoint(quote!("/<type>/<rest..>"), item));
}

#[test]
fn other_handlers() {
    let handlers = methods(
        &quote!(Other),
        [
            (
                Attribute::Handshake,
                quote!(),
                quote! {
                    async fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> { Ok(()) }
                },
            ),
            (
                Attribute::Message,
                quote!(binary, crate = ws),
                quote! { fn shape(&mut self, shape: &Shape) -> Option<Bytes> { None } },
            ),
            (Attribute::Message, quote!(), quote! { fn pong(&mut self, _: &Pong, _: &Session) {} }),
            (
                Attribute::Error,
                quote!(),
                quote! { async fn failed(&self, failure: &Failure) -> OnError { OnError::Continue } },
            ),
        ],
    );
    compare("other_handlers", handlers);
}

#[test]
fn mistakes() {
    let endpoint = stages::endpoint(
        quote!("/chat/{room}", outbocks = 1),
        quote! { struct Chat { #[query] #[state] a: u8, #[header] b: u8 } },
    );
    let handlers = methods(
        &quote!(Chat),
        [(Attribute::Message, quote!(), quote! { fn said(self, reason: CloseReason) {} })],
    );
    compare("mistakes", quote!(#endpoint #handlers));
}
