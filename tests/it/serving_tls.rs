//! A server over TLS.

use std::{fs, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{
        ClientConfig as RustlsConfig, RootCertStore,
        crypto::ring,
        pki_types::{CertificateDer, ServerName, pem::PemObject},
    },
};
use wsframe::{
    Bytes, Client, ClientTls, ConnectError, Options, Pem, PemFault, ServerTls, StartupError,
    TlsError, TlsInfo, prelude::*,
};
use wsframe_tests::{Authority, Issued, Running, serve, soon};

/// Tells what it knows of whoever connects.
#[server_endpoint("/secured", max_message_size = "2MiB")]
struct Secured;

impl Secured {
    #[on_handshake]
    fn admit(&self, handshake: &mut Handshake) -> Result<(), Refusal> {
        let tls = handshake.extensions().get::<TlsInfo>();
        tls.map(drop).ok_or_else(|| Refusal::forbidden("not over TLS"))
    }

    #[on_message]
    fn shown(&self, _: &str, session: &Session) -> String {
        let shown = session.get::<TlsInfo>();
        format!("{}", shown.map_or(0, |tls| tls.certificates().len()))
    }

    #[on_message]
    fn echo(&self, bytes: Bytes) -> Bytes {
        bytes
    }
}

fn tls(issued: &Issued) -> ServerTls {
    ServerTls::new(Pem::bytes(issued.pem.clone()), Pem::bytes(issued.key.clone()))
}

async fn secured(tls: ServerTls) -> Running {
    serve(Server::new().only::<Secured>().tls(tls)).await
}

fn client(server: &Running, authority: &Authority) -> (Client, ClientTls) {
    let tls = ClientTls::new().roots(Pem::bytes(authority.pem.clone()));
    (Client::new(format!("wss://{}/secured", server.addr)).tls(tls.clone()), tls)
}

async fn shows(client: Client) -> Result<String, ConnectError> {
    let (session, mut messages) = soon("a session", client.connect()).await?;
    session.send("who?").await.unwrap();
    let answer = soon("the answer", messages.next()).await.expect("an answer");
    session.close(Close::normal());
    assert!(soon("the end", session.closed()).await.was_clean());
    Ok(String::from_utf8_lossy(answer.as_bytes()).into_owned())
}

#[tokio::test]
async fn messages_go_both_ways() {
    let authority = Authority::new("ours");
    let server = secured(tls(&authority.local())).await;
    let client = client(&server, &authority).0.options(Options::new().max_message_size(2 << 20));
    let (session, mut messages) = soon("a session", client.connect()).await.unwrap();
    for size in [0, 1, 125, 65_536, 1 << 20] {
        let payload = Message::from(Bytes::from(vec![7; size]));
        session.send(payload.clone()).await.unwrap();
        assert_eq!(soon("the echo", messages.next()).await, Some(payload));
    }
    assert_eq!(server.handle.connections(), 1);
    // Each is told at a shutdown, and nothing is left.
    server.stop().await;
    assert_eq!(soon("the end", messages.next()).await, None);
    let reason = soon("the reason", session.closed()).await;
    assert_eq!((reason.code(), reason.was_clean()), (1001.into(), true));
}

/// The status of a handshake with these headers.
async fn status(server: &Running, authority: &Authority, headers: &str) -> String {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap()).unwrap();
    let config = RustlsConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(server.addr).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut tls = TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap();
    let head = format!(
        "GET /secured HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{headers}\r\n"
    );
    tls.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    soon("the answer", tls.read_exact(&mut answer)).await.unwrap();
    String::from_utf8_lossy(&answer[9..]).into_owned()
}

/// A page of the same host may connect, and no other. Without a port `Host` means 443 here, so a page
/// that came without TLS is another.
#[tokio::test]
async fn the_origin_is_compared_with_port_443() {
    let authority = Authority::new("ours");
    let server = secured(tls(&authority.local())).await;
    for (headers, expected) in [
        ("Host: chat.test\r\nOrigin: https://chat.test\r\n", "101"),
        ("Host: chat.test\r\nOrigin: http://chat.test\r\n", "403"),
        ("Host: chat.test:8443\r\nOrigin: https://chat.test:8443\r\n", "101"),
        ("Host: chat.test\r\nOrigin: https://evil.test\r\n", "403"),
        ("Host: chat.test\r\n", "101"),
    ] {
        assert_eq!(status(&server, &authority, headers).await, expected, "{headers:?}");
    }
}

#[tokio::test]
async fn certificates_of_clients_are_asked_for_and_can_be_read() {
    let (authority, clients) = (Authority::new("ours"), Authority::new("theirs"));
    let issued = authority.local();
    let roots = || Pem::bytes(clients.pem.clone());
    let identity = clients.local();
    let with = |tls: ClientTls| {
        tls.identity(Pem::bytes(identity.pem.clone()), Pem::bytes(identity.key.clone()))
    };

    let server = secured(tls(&issued).client_certificates(roots())).await;
    let (without, settings) = client(&server, &authority);
    assert_eq!(shows(without.clone().tls(with(settings))).await.unwrap(), "1");
    assert!(shows(without).await.is_err());

    let server = secured(tls(&issued).optional_client_certificates(roots())).await;
    let (without, settings) = client(&server, &authority);
    assert_eq!(shows(without.clone()).await.unwrap(), "0");
    assert_eq!(shows(without.clone().tls(with(settings.clone()))).await.unwrap(), "1");
    // One that somebody else has signed.
    let other = Issued::by_itself(false);
    let other = settings.identity(Pem::bytes(other.pem), Pem::bytes(other.key));
    assert!(shows(without.tls(other)).await.is_err());
}

#[tokio::test]
async fn a_certificate_is_renewed_under_way() {
    let (before, after) = (Authority::new("before"), Authority::new("after"));
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("renewed-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
    let write = |issued: &Issued| {
        fs::write(&chain, &issued.pem).unwrap();
        fs::write(&key, &issued.key).unwrap();
    };
    write(&before.local());
    let tls = ServerTls::new(Pem::file(&chain), Pem::file(&key));
    let server = secured(tls.clone()).await;
    let (old, _) = client(&server, &before);
    let (session, mut messages) = soon("a session", old.connect()).await.unwrap();

    // Half-way: the key of another certificate. Everything stays.
    fs::write(&key, after.local().key).unwrap();
    match tls.reload().await {
        Err(TlsError::Pem(error)) => {
            assert_eq!(error.file, Some(chain.clone()));
            assert!(matches!(error.fault, PemFault::OtherKey), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(shows(client(&server, &before).0).await.unwrap(), "0");

    write(&after.local());
    tls.reload().await.unwrap();
    assert!(
        shows(client(&server, &before).0).await.is_err(),
        "the new one is not of that authority"
    );
    assert_eq!(shows(client(&server, &after).0).await.unwrap(), "0");
    session.send("still here").await.unwrap();
    assert_eq!(soon("the answer", messages.next()).await, Some("0".into()));
    fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn what_cannot_be_used_keeps_the_server_from_starting() {
    let issued = Authority::new("ours").local();
    let starts = async |tls: ServerTls| {
        let bound = Server::new().only::<Secured>().tls(tls).bind("127.0.0.1:0").await;
        match bound {
            Err(StartupError::Tls(error)) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let absent = ServerTls::new(Pem::file("/nowhere/chain.pem"), Pem::bytes(issued.key.clone()));
    let text = starts(absent).await;
    assert!(text.contains("/nowhere/chain.pem"), "{text}");
    let no_key = ServerTls::new(Pem::bytes(issued.pem.clone()), Pem::bytes(issued.pem.clone()));
    let text = starts(no_key).await;
    assert!(text.contains("key"), "{text}");
    let other = Authority::new("other").local();
    let text = starts(ServerTls::new(Pem::bytes(issued.pem), Pem::bytes(other.key))).await;
    assert!(text.contains("key"), "{text}");
}

/// Who says nothing, nothing of TLS, or half of it, is cut, and takes nobody's place.
#[tokio::test]
async fn what_is_no_tls_is_cut() {
    let authority = Authority::new("ours");
    let server = Server::new()
        .only::<Secured>()
        .tls(tls(&authority.local()))
        .head_timeout(Duration::from_millis(100));
    let server = serve(server).await;
    for said in ["", "GET /secured HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02"] {
        let mut tcp = TcpStream::connect(server.addr).await.unwrap();
        tcp.write_all(said.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = soon("the end", tcp.read_to_end(&mut answer)).await;
        assert!(!answer.starts_with(b"HTTP"), "{said:?}");
    }
    soon("the connections to end", async {
        while server.handle.connections() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(shows(client(&server, &authority).0).await.unwrap(), "0");
    server.stop().await;
}
