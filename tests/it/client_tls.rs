//! `wss`: whom our client trusts, as whom it comes, and what it says when it does not go.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wsframe::{
    Bytes, CertificateFault, Client, ClientTls, Close, ConnectError, Message, Options, Pem,
    PemFault, Step, TlsError,
};
use wsframe_tests::{
    Authority, Front, Issued, Liar, RIGHT, Running, Secured, Watch, in_a_process_of_its_own,
    probed, soon,
};

/// A server behind TLS.
async fn secured(front: Front<'_>) -> (Running, Watch, Secured) {
    let (server, watch) = probed(|options| options.max_message_size(2 << 20)).await;
    let secured = front.start(server.addr).await;
    (server, watch, secured)
}

fn client(secured: &Secured, tls: ClientTls) -> Client {
    Client::new(format!("wss://{}/probe", secured.addr)).tls(tls)
}

fn trusting(authority: &Authority) -> ClientTls {
    ClientTls::new().roots(Pem::bytes(authority.pem.clone()))
}

async fn fails(client: Client) -> ConnectError {
    match soon("an error", client.connect()).await {
        Ok(_) => panic!("it connected"),
        Err(error) => error,
    }
}

async fn tls_error(client: Client) -> TlsError {
    match fails(client).await {
        ConnectError::Tls(error) => error,
        other => panic!("{other:?}"),
    }
}

async fn fault(client: Client) -> CertificateFault {
    match tls_error(client).await {
        TlsError::Certificate(fault) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn messages_go_both_ways() {
    let authority = Authority::new("ours");
    let issued = authority.local();
    for front in [Front::new(&issued), Front::new(&issued).only_tls12()] {
        let (server, mut watch, secured) = secured(front).await;
        let client = client(&secured, trusting(&authority))
            .options(Options::new().max_message_size(2 << 20));
        let (session, mut messages) = soon("a session", client.connect()).await.unwrap();
        let there = watch.opened().await;
        assert_eq!(session.peer(), Some(secured.addr));
        for size in [0, 1, 4096, 65_536, 1 << 20] {
            let payload = Message::from(Bytes::from(vec![7; size]));
            session.send(payload.clone()).await.unwrap();
            assert_eq!(watch.message().await, payload);
            assert_eq!(soon("the echo", messages.next()).await, Some(payload));
        }
        // From another task, while the driver waits for the socket.
        let sender = session.clone();
        tokio::spawn(async move { sender.send("echo grüß").await }).await.unwrap().unwrap();
        assert_eq!(soon("the echo", messages.next()).await, Some("grüß".into()));
        watch.message().await;
        there.close(Close::new(4001, "bye"));
        assert_eq!(soon("the end", messages.next()).await, None);
        let reason = soon("the reason", session.closed()).await;
        assert_eq!((reason.code(), reason.was_clean()), (4001.into(), true));
        let shown = secured.shown().remove(0);
        assert_eq!(shown.protocol.as_deref(), Some("http/1.1"));
        assert_eq!((shown.name, shown.certificate), (None, false));
        server.stop().await;
    }
}

#[tokio::test]
async fn only_the_right_certificate_is_accepted() {
    let (authority, other) = (Authority::new("ours"), Authority::new("other"));
    // It has the name of the one that is trusted, but not its key.
    let false_one = Authority::new("ours");
    let tls = || trusting(&authority);
    let table = [
        (authority.local(), None),
        (authority.issue(&["example.org"], (2000, 4000)), Some(CertificateFault::WrongName)),
        (authority.issue(&["127.0.0.1"], (2000, 2001)), Some(CertificateFault::Expired)),
        (authority.issue(&["127.0.0.1"], (3000, 4000)), Some(CertificateFault::NotYetValid)),
        (other.local(), Some(CertificateFault::UnknownIssuer)),
        (false_one.local(), Some(CertificateFault::Signature)),
        (Issued::by_itself(false), Some(CertificateFault::UnknownIssuer)),
        (Issued::by_itself(true), Some(CertificateFault::Other("CaUsedAsEndEntity".into()))),
    ];
    for (issued, wanted) in table {
        let (_server, _watch, secured) = secured(Front::new(&issued)).await;
        match wanted {
            None => drop(soon("a session", client(&secured, tls()).connect()).await.unwrap()),
            Some(wanted) => {
                assert_eq!(fault(client(&secured, tls())).await, wanted);
                assert!(secured.shown().is_empty());
            }
        }
        // Whatever it is, it can be accepted; and it has to be said so.
        let any = tls().dangerous_accept_any_certificate();
        soon("a session", client(&secured, any).connect()).await.unwrap();
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_signed_can_be_a_root() {
    let issued = Issued::by_itself(false);
    let (_server, _watch, secured) = secured(Front::new(&issued)).await;
    let tls = ClientTls::new().roots(Pem::bytes(issued.pem.clone()));
    soon("a session", client(&secured, tls).connect()).await.unwrap();
    // Nobody in the system knows it. Where the system knows nobody, that is said.
    let native = tls_error(client(&secured, ClientTls::new())).await;
    let unknown = CertificateFault::UnknownIssuer;
    assert!(
        matches!(&native, TlsError::Certificate(fault) if *fault == unknown)
            || matches!(native, TlsError::NativeRoots(_)),
        "{native:?}"
    );
    let untold = Client::new(format!("wss://{}/probe", secured.addr));
    assert_eq!(tls_error(untold).await.to_string(), native.to_string());
}

#[tokio::test]
#[ignore = "run by the test below"]
async fn dials_with_the_roots_of_the_system() {
    let Ok(addr) = std::env::var("SECURED") else { return };
    let other = Authority::new("other");
    for (tls, trusts) in [
        (ClientTls::new(), true),
        (trusting(&other), false),
        (trusting(&other).native_roots(), true),
    ] {
        let client = Client::new(format!("wss://{addr}/probe")).tls(tls.clone());
        let dialled = soon("an answer", client.connect()).await;
        assert_eq!(dialled.is_ok(), trusts, "{tls:?}");
    }
}

#[tokio::test]
async fn the_roots_of_the_system_count_unless_others_do() {
    let authority = Authority::new("ours");
    let issued = authority.local();
    let (_server, _watch, secured) = secured(Front::new(&issued)).await;
    let roots = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("roots-{}.pem", std::process::id()));
    std::fs::write(&roots, &authority.pem).unwrap();
    let variables =
        [("SECURED", secured.addr.to_string()), ("SSL_CERT_FILE", roots.display().to_string())];
    let test = "client_tls::dials_with_the_roots_of_the_system";
    assert!(in_a_process_of_its_own(test, &variables).await);
    std::fs::remove_file(roots).unwrap();
}

#[tokio::test]
async fn the_name_can_be_another_than_the_host() {
    let authority = Authority::new("ours");
    let issued = authority.issue(&["feed.test", "localhost"], (2000, 4000));
    let (_server, _watch, secured) = secured(Front::new(&issued)).await;
    let named = client(&secured, trusting(&authority).server_name("feed.test"));
    soon("a session", named.connect()).await.unwrap();
    let wrong = client(&secured, trusting(&authority).server_name("other.test"));
    assert_eq!(fault(wrong).await, CertificateFault::WrongName);
    let none = client(&secured, trusting(&authority).server_name("a b"));
    assert!(matches!(tls_error(none).await, TlsError::ServerName(name) if name == "a b"));
    let url = format!("wss://localhost:{}/probe", secured.addr.port());
    soon("a session", Client::new(url).tls(trusting(&authority)).connect()).await.unwrap();
    let names: Vec<_> = secured.shown().into_iter().map(|shown| shown.name).collect();
    assert_eq!(names, [Some("feed.test".to_owned()), Some("localhost".to_owned())]);
}

#[tokio::test]
async fn a_client_shows_its_certificate_where_one_is_wanted() {
    let (authority, clients) = (Authority::new("servers"), Authority::new("clients"));
    let (issued, ours) = (authority.local(), clients.local());
    let theirs = Authority::new("other").local();
    let identity = |issued: &Issued| {
        let chain = Pem::bytes(issued.pem.clone());
        trusting(&authority).identity(chain, Pem::bytes(issued.key.clone()))
    };
    for mut front in [Front::new(&issued), Front::new(&issued).only_tls12()] {
        front.clients = Some(&clients);
        let (_server, _watch, secured) = secured(front).await;
        soon("a session", client(&secured, identity(&ours)).connect()).await.unwrap();
        for tls in [trusting(&authority), identity(&theirs)] {
            let error = tls_error(client(&secured, tls)).await;
            assert!(matches!(error, TlsError::Alert(_)), "{error:?}");
        }
        assert_eq!(secured.shown().len(), 1);
        assert!(secured.shown()[0].certificate);
    }
}

/// The certificate says who dials, so it is for the server that the caller named; so is the name.
#[tokio::test]
async fn a_redirect_does_not_take_the_certificate_along() {
    let (authority, clients) = (Authority::new("servers"), Authority::new("clients"));
    let issued = authority.issue(&["127.0.0.1", "feed.test"], (2000, 4000));
    let front = || {
        let mut front = Front::new(&issued);
        front.clients = Some(&clients);
        front.without = true;
        front
    };
    let (_server, _watch, there) = secured(front()).await;
    let url = format!("https://{}/probe", there.addr);
    let liar = Liar::answering(move |asked| match asked.target() {
        "/" => "HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n".to_owned(),
        _ => format!("HTTP/1.1 302 Found\r\nLocation: {url}\r\n\r\n"),
    })
    .await;
    let here = front().start(liar.addr).await;
    let ours = clients.local();
    let tls = trusting(&authority)
        .identity(Pem::bytes(ours.pem), Pem::bytes(ours.key))
        .server_name("feed.test");
    let client = Client::new(format!("wss://{}/", here.addr)).tls(tls).bearer("secret");
    soon("a session", client.connect()).await.unwrap();
    let shown: Vec<_> =
        here.shown().into_iter().map(|shown| (shown.certificate, shown.name)).collect();
    let feed = || Some("feed.test".to_owned());
    assert_eq!(shown, [(true, feed()), (true, feed())]);
    assert_eq!((there.shown()[0].certificate, there.shown()[0].name.clone()), (false, None));
    assert!(liar.asked().iter().all(|asked| asked.header("authorization").is_some()));
}

#[tokio::test]
async fn no_redirect_leads_out_of_tls() {
    let authority = Authority::new("ours");
    let issued = authority.local();
    let plain = Liar::saying(format!("{RIGHT}\r\n")).await;
    for scheme in ["ws", "http"] {
        let url = format!("{scheme}://{}/", plain.addr);
        let liar = Liar::saying(format!("HTTP/1.1 301 Moved\r\nLocation: {url}\r\n\r\n")).await;
        let secured = Front::new(&issued).start(liar.addr).await;
        let error = fails(client(&secured, trusting(&authority))).await;
        assert!(matches!(error, ConnectError::Redirect("it leads out of TLS")), "{error:?}");
    }
    assert!(plain.asked().is_empty());
    // Into it, one does; and as that is another scheme, nothing goes along.
    let inside = Liar::saying(format!("{RIGHT}\r\n")).await;
    let secured = Front::new(&issued).start(inside.addr).await;
    let url = format!("https://{}/", secured.addr);
    let liar = Liar::saying(format!("HTTP/1.1 301 Moved\r\nLocation: {url}\r\n\r\n")).await;
    let client = Client::new(format!("ws://{}/", liar.addr)).tls(trusting(&authority)).bearer("x");
    soon("a session", client.connect()).await.unwrap();
    assert_eq!(inside.asked()[0].header("authorization"), None);
}

#[tokio::test]
async fn who_does_not_speak_tls_is_told_from_who_says_nothing() {
    let authority = Authority::new("ours");
    let issued = authority.local();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("wss://{}/", listener.local_addr().unwrap());
    let dial = |time| {
        let client = Client::new(url.as_str()).tls(trusting(&authority));
        tokio::spawn(fails(client.connect_timeout(Duration::from_millis(time))))
    };
    // Answers in HTTP, closes, says nothing, or begins what could become something.
    let dialling = dial(20_000);
    let (mut tcp, _) = listener.accept().await.unwrap();
    let _ = tcp.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let error = dialling.await.unwrap();
    assert!(matches!(error, ConnectError::Tls(TlsError::NotTls)), "{error:?}");
    drop(tcp);

    let dialling = dial(20_000);
    let (mut tcp, _) = listener.accept().await.unwrap();
    assert!(tcp.read(&mut [0; 4096]).await.unwrap() > 0);
    drop(tcp);
    let error = dialling.await.unwrap();
    assert!(matches!(error, ConnectError::Tls(TlsError::Io(_))), "{error:?}");

    for begun in [&[][..], &[22, 3, 3, 0x30, 0]] {
        let dialling = dial(50);
        let (mut tcp, _) = listener.accept().await.unwrap();
        let _ = tcp.write_all(begun).await;
        let error = dialling.await.unwrap();
        assert!(matches!(error, ConnectError::Timeout { what: Step::Tls }), "{error:?}");
    }

    // One that speaks only HTTP/2 does not get as far as a handshake.
    let mut front = Front::new(&issued);
    front.protocol = "h2";
    let (_server, _watch, secured) = secured(front).await;
    let error = tls_error(client(&secured, trusting(&authority))).await;
    assert_eq!(error.to_string(), "the other end refused: NoApplicationProtocol");
}

/// Each names the file and says what is wrong with it.
#[tokio::test]
async fn what_is_wrong_with_a_file_is_said() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join(format!("tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let authority = Authority::new("ours");
    let (issued, other) = (authority.local(), authority.local());
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        Pem::file(path)
    };
    let section = |kind| format!("-----BEGIN {kind}-----\nAAAA\n-----END {kind}-----\n");
    let locked = section("ENCRYPTED PRIVATE KEY");
    let (junk, bad_key) = (section("CERTIFICATE"), section("PRIVATE KEY"));
    let chain = || file("chain.pem", &issued.pem);
    let key = || file("key.pem", &issued.key);
    let root = |pem| ClientTls::new().roots(pem);
    let identity = |chain, key| trusting(&authority).identity(chain, key);
    let unusable = "certificate that cannot be used";
    let table = [
        ("absent.pem", "cannot be read", root(Pem::file(folder.join("absent.pem")))),
        ("", "cannot be read", root(Pem::file(&folder))),
        ("empty.pem", "has no certificate", root(file("empty.pem", ""))),
        ("only-key.pem", "has no certificate", root(file("only-key.pem", &issued.key))),
        ("cut.pem", "is no PEM", root(file("cut.pem", &authority.pem[..100]))),
        ("junk.pem", unusable, root(file("junk.pem", &junk))),
        ("no-key.pem", "has no private key", identity(chain(), file("no-key.pem", &issued.pem))),
        ("locked.pem", "encrypted", identity(chain(), file("locked.pem", &locked))),
        ("bad.pem", "key that cannot be used", identity(chain(), file("bad.pem", &bad_key))),
        ("other.pem", "another private key", identity(file("other.pem", &other.pem), key())),
        ("junk.pem", unusable, identity(file("junk.pem", &junk), key())),
    ];
    let (_server, _watch, secured) = secured(Front::new(&issued)).await;
    for (name, why, tls) in table {
        match tls_error(client(&secured, tls)).await {
            TlsError::Pem(error) => {
                let at = folder.join(name);
                assert!(error.file.as_ref().is_some_and(|file| file.starts_with(at)), "{error}");
                assert!(error.to_string().contains(why), "{why}: {error}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let text = tls_error(client(&secured, root(Pem::bytes("")))).await;
    assert_eq!(text.to_string(), "the PEM text has no certificate");
    assert!(matches!(text, TlsError::Pem(error) if matches!(error.fault, PemFault::NoCertificate)));
    soon("a session", client(&secured, identity(chain(), key())).connect()).await.unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}
