//! An echo and its page over TLS, with HTTP/1.1 and HTTP/2.
//!
//! `cargo run -p wsframe-examples --features tls --bin secure [ADDRESS] [CHAIN.pem KEY.pem]`, then
//! open `https://127.0.0.1:8443`. Without a certificate of yours one is made that nobody has signed,
//! so the browser asks whether you mean it. With `--plain` there is no TLS, and a client that begins with
//! HTTP/2 gets it (h2c).

use axum::{Router, response::Html, routing::get};
use wsframe::{Pem, ServerTls, prelude::*};

#[server_endpoint("/echo", max_message_size = "16MiB", max_fragments = 70_000)]
struct Echo;

impl Echo {
    #[on_message(text)]
    #[on_message(binary)]
    fn echo(&self, message: Message) -> Message {
        message
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments: Vec<_> = std::env::args().skip(1).collect();
    let plain = arguments.iter().position(|argument| argument == "--plain");
    let plain = plain.map(|at| arguments.remove(at)).is_some();
    let mut arguments = arguments.into_iter();
    let address = arguments.next().unwrap_or("127.0.0.1:8443".into());
    let page = Router::new().route("/", get(async || Html(include_str!("page.html"))));
    let server = Server::new().fallback(page).http2(true);
    let server = match (plain, arguments.next(), arguments.next()) {
        (true, ..) => server,
        (false, Some(chain), Some(key)) => {
            server.tls(ServerTls::new(Pem::file(chain), Pem::file(key)))
        }
        (false, Some(_), None) => return Err("a chain needs its key as well".into()),
        (false, None, _) => server.tls(unsigned()?),
    };
    Ok(server.serve(address).await?)
}

/// A certificate for this machine that nobody has signed.
fn unsigned() -> Result<ServerTls, rcgen::Error> {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names)?;
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    Ok(ServerTls::new(Pem::bytes(chain), Pem::bytes(key)))
}
