//! What is generated, compared with files. `BLESS=1 cargo test -p wsframe-macros` rewrites them.

use std::{env, fs, path::PathBuf};

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

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

/// The annotated structs of an example and their `impl` blocks, expanded as rustc would: from the
/// example itself, so that the two cannot drift apart.
fn example(name: &str) -> TokenStream {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "..", "examples", name, "main.rs"].iter().collect();
    let source = fs::read_to_string(&path).unwrap();
    let items = syn::parse_file(&source).unwrap().items;
    items.into_iter().filter_map(expanded_item).collect()
}

fn expanded_item(item: syn::Item) -> Option<TokenStream> {
    match item {
        syn::Item::Struct(mut item) => {
            let (name, args) = take_attribute(&mut item.attrs)?;
            Some(match &*name {
                "client_endpoint" => stages::client_endpoint(args, item.into_token_stream()),
                _ => stages::endpoint(args, item.into_token_stream()),
            })
        }
        syn::Item::Impl(mut item) => {
            let methods = std::mem::take(&mut item.items).into_iter().map(|method| match method {
                syn::ImplItem::Fn(method) => expanded_method(method),
                other => other.into_token_stream(),
            });
            let owner = item.self_ty;
            Some(quote!(impl #owner { #(#methods)* }))
        }
        _ => None,
    }
}

/// The first attribute is applied first, and finds the second on the method.
fn expanded_method(mut method: syn::ImplItemFn) -> TokenStream {
    let Some((name, args)) = take_attribute(&mut method.attrs) else {
        return method.into_token_stream();
    };
    let attribute = match &*name {
        "on_handshake" => Attribute::Handshake,
        "on_open" => Attribute::Open,
        "on_message" => Attribute::Message,
        "on_close" => Attribute::Close,
        "on_error" => Attribute::Error,
        "on_disconnect" => Attribute::Disconnect,
        other => panic!("the attribute `{other}` is new here"),
    };
    let tokens = stages::handler(attribute, args, &method.into_token_stream());
    let wrapped: syn::ItemImpl = syn::parse2(quote!(impl Owner { #tokens })).unwrap();
    let mut items = wrapped.items.into_iter();
    let Some(syn::ImplItem::Fn(method)) = items.next() else { panic!("the method comes first") };
    let method = expanded_method(method);
    quote!(#method #(#items)*)
}

/// Our first attribute: its name, its arguments.
fn take_attribute(attrs: &mut Vec<syn::Attribute>) -> Option<(String, TokenStream)> {
    let name = |attr: &syn::Attribute| attr.path().get_ident().map(ToString::to_string);
    let ours = |attr: &syn::Attribute| {
        name(attr).is_some_and(|n| n.ends_with("_endpoint") || n.starts_with("on_"))
    };
    let attr = attrs.remove(attrs.iter().position(ours)?);
    let args = match &attr.meta {
        syn::Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    Some((name(&attr)?, args))
}

#[test]
fn example_echo() {
    compare("echo", example("echo"));
}

#[test]
fn example_chat() {
    compare("chat", example("chat"));
}

#[test]
fn example_relay() {
    compare("relay", example("relay"));
}

#[test]
fn example_bot() {
    compare("bot", example("bot"));
}

/// What the page of the documentation shows is what is generated.
#[test]
fn the_page_about_the_expansion_shows_it() {
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let read = |file: &str| {
        let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "wsframe", file].iter().collect();
        fs::read_to_string(path).unwrap()
    };
    let expansion = prettyplease::unparse(&syn::parse2(example("relay")).unwrap());
    let handlers = read("src/private/handlers.rs").replace("$crate", "::wsframe");
    let expansion = flat(&(expansion + &handlers));
    let page = read("docs/expansion.md");
    let blocks: Vec<_> = page.split("```").skip(1).step_by(2).collect();
    let shown = blocks.iter().filter_map(|block| block.strip_prefix("text"));
    let mut count = 0;
    for block in shown {
        count += 1;
        // Marks what the page leaves out.
        for part in flat(block).split("// …") {
            assert!(
                expansion.contains(part.trim()),
                "the page differs from the expansion:\n{block}"
            );
        }
    }
    assert!(count >= 5, "{count} blocks found");
}

#[test]
fn every_argument() {
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
    compare("every_argument", quote!(#endpoint #handlers));
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
        deflate = on,
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
fn every_argument_of_a_client() {
    let endpoint = stages::client_endpoint(
        quote!(subprotocols = ["b", "a"], ping_interval = "10s", crate = ::ws),
        quote! {
            /// A bot.
            #[derive(Debug)]
            pub struct Bot { token: String }
        },
    );
    let handlers = methods(
        &quote!(Bot),
        [(
            Attribute::Disconnect,
            quote!(crate = ::ws),
            quote! { async fn again(&self, disconnect: Disconnect) -> Retry { Retry::Now } },
        )],
    );
    compare("every_argument_of_a_client", quote!(#endpoint #handlers));
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
            (
                Attribute::Message,
                quote!(text, blocking),
                quote! {
                    #[cfg(unix)]
                    fn search(&mut self, words: Words) -> String { String::new() }
                },
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
fn coders() {
    let handlers = methods(
        &quote!(Lines),
        [
            (
                Attribute::Message,
                quote!(text, coder = codec),
                quote! {
                    async fn said(&mut self, line: &str, session: &Session) -> Option<Line> { None }
                },
            ),
            (
                Attribute::Message,
                quote!(binary, coder = 0, blocking),
                quote! { fn sealed(&mut self, opened: Opened) {} },
            ),
        ],
    );
    compare("coders", handlers);
}

#[test]
fn piecewise() {
    let handlers = methods(
        &quote!(Upload),
        [
            (
                Attribute::Message,
                quote!(),
                quote! {
                    fn line(&mut self, part: Part<Text>) -> Option<String> { None }
                },
            ),
            (
                Attribute::Message,
                quote!(binary),
                quote! {
                    async fn store(&self, mut file: MessageReader, session: &Session) -> Result {}
                },
            ),
        ],
    );
    compare("piecewise", handlers);
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
    let client = stages::client_endpoint(
        quote!("/chat", origins = any, outbocks = 1),
        quote! { struct Bot { #[query] a: u8 } },
    );
    compare("mistakes_of_a_client", client);
}
