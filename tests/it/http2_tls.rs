//! Serving over HTTP/2 behind TLS, where both sides agree on it.

use std::sync::Arc;

use http::Method;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig as RustlsConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use wsframe::{Bytes, Client, ClientTls, Options, Pem, ServerTls, TlsInfo, prelude::*};
use wsframe_tests::{Authority, Multiplexed, Running, serve, soon};

/// Echoes, and says with how many certificates it was reached.
#[server_endpoint("/both", max_message_size = "2MiB")]
struct Both;

impl Both {
    #[on_handshake]
    fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        let tls = handshake.extensions().get::<TlsInfo>();
        tls.map(drop).ok_or_else(|| Refusal::forbidden("not over TLS"))
    }

    #[on_message]
    fn who(&self, _: &str, session: &Session) -> String {
        session.get::<TlsInfo>().map_or(0, |tls| tls.certificates().len()).to_string()
    }

    #[on_message]
    fn echo(&self, bytes: Bytes) -> Bytes {
        bytes
    }
}

async fn secured(issuer: &Authority, http2: bool) -> Running {
    let issued = issuer.local();
    let tls = ServerTls::new(Pem::bytes(issued.pem), Pem::bytes(issued.key));
    let tls = tls.optional_client_certificates(Pem::bytes(issuer.pem.clone()));
    serve(Server::new().only::<Both>().tls(tls).http2(http2)).await
}

/// A connection on which one of these protocols is to be spoken.
async fn connect(server: &Running, issuer: &Authority, protocols: &[&str]) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(issuer.pem.as_bytes()).unwrap()).unwrap();
    let mut config = RustlsConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let tcp = TcpStream::connect(server.addr).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    soon("TLS", TlsConnector::from(Arc::new(config)).connect(name, tcp)).await.unwrap()
}

#[tokio::test]
async fn who_may_choose_gets_it() {
    let issuer = Authority::new("ours");
    for (http2, offered, agreed) in [
        (true, &["h2", "http/1.1"][..], Some("h2")),
        (true, &["http/1.1", "h2"], Some("h2")),
        (true, &["http/1.1"], Some("http/1.1")),
        (true, &[], None),
        (false, &["h2", "http/1.1"], Some("http/1.1")),
    ] {
        let server = secured(&issuer, http2).await;
        let tls = connect(&server, &issuer, offered).await;
        let got = tls.get_ref().1.alpn_protocol().map(|name| std::str::from_utf8(name).unwrap());
        assert_eq!(got, agreed, "{offered:?}");
    }
}

#[tokio::test]
async fn our_client_over_it() {
    let issuer = Authority::new("ours");
    let server = secured(&issuer, true).await;
    let shown = issuer.issue(&["a client"], (2020, 2090));
    let tls = ClientTls::new().roots(Pem::bytes(issuer.pem.clone()));
    let known = tls.clone().identity(Pem::bytes(shown.pem), Pem::bytes(shown.key));
    for (http2, tls, certificates) in [(true, tls.clone(), 0), (true, known, 1), (false, tls, 0)] {
        let client = Client::new(format!("wss://{}/both", server.addr))
            .tls(tls)
            .http2(http2)
            .options(Options::new().max_message_size(2 << 20));
        let (session, mut messages) = soon("a session", client.connect()).await.unwrap();
        // The session and, over HTTP/2, its connection.
        assert_eq!(server.handle.connections(), 1 + usize::from(http2));
        session.send("who?").await.unwrap();
        let answer = soon("the answer", messages.next()).await;
        assert_eq!(answer, Some(Message::from(certificates.to_string())));
        for size in [0, 1, 65_536, 1 << 20] {
            let payload = Message::from(Bytes::from(vec![7; size]));
            session.send(payload.clone()).await.unwrap();
            assert_eq!(soon("the echo", messages.next()).await, Some(payload));
        }
        session.close(Close::normal());
        assert!(soon("the end", session.closed()).await.was_clean());
        drop((session, messages));
        while server.handle.connections() > 0 {
            tokio::task::yield_now().await;
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn the_origin_is_compared_with_port_443() {
    let issuer = Authority::new("ours");
    let server = secured(&issuer, true).await;
    for (authority, origin, status) in [
        ("chat.test", "https://chat.test", 200),
        ("chat.test", "http://chat.test", 403),
        ("chat.test:8443", "https://chat.test:8443", 200),
        ("chat.test", "https://evil.test", 403),
    ] {
        let tls = connect(&server, &issuer, &["h2"]).await;
        let client = Multiplexed::over(tls, authority.into()).await;
        let request = client.handshake("/both", &[("origin", origin)]);
        assert_eq!(client.ask(request).await.status(), status, "{authority} {origin}");
        let page = client.ask(client.head(Method::GET, "/page", None, &[])).await;
        assert_eq!(page.status(), 404);
    }
}
