//! Servers and proxies in raw sockets, which say what they are told and need not mean it.

use std::{
    future::Future,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The head of a 101 that is right, without its end.
pub const RIGHT: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\
                         Upgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n";

/// The head of a request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// All of it.
    pub head: String,
    /// Where it came from.
    pub from: SocketAddr,
}

impl Asked {
    /// Reads a head; `None` if it is cut.
    ///
    /// # Panics
    ///
    /// If it is not UTF-8.
    pub async fn read(tcp: &mut TcpStream) -> Option<Self> {
        let from = tcp.peer_addr().ok()?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            // One by one: what follows the head is somebody else's.
            head.push(tcp.read_u8().await.ok()?);
        }
        Some(Self { head: String::from_utf8(head).expect("a head"), from })
    }

    /// What is asked for.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The text with `{accept}` as the key of this request wants it.
    pub fn answer(&self, text: &str) -> String {
        let key = self.header("sec-websocket-key").unwrap_or_default();
        text.replace("{accept}", &derive_accept_key(key.as_bytes()))
    }
}

/// A server that does as it is told with every connection; it and they end when this is dropped.
#[derive(Debug)]
pub struct Liar {
    /// Where it listens.
    pub addr: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    task: AbortHandle,
}

impl Liar {
    /// One that tells this lie to every request.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub async fn new<F>(lie: impl Fn(TcpStream, Asked) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let kept = asked.clone();
        let serving = tokio::spawn(async move {
            let (mut lies, lie) = (JoinSet::new(), Arc::new(Mutex::new(lie)));
            while let Ok((mut tcp, _)) = listener.accept().await {
                let (kept, lie) = (kept.clone(), lie.clone());
                lies.spawn(async move {
                    let Some(asked) = Asked::read(&mut tcp).await else { return };
                    kept.lock().expect("no panic").push(asked.clone());
                    let lying = (lie.lock().expect("no panic"))(tcp, asked);
                    lying.await;
                });
            }
        });
        Self { addr, asked, task: serving.abort_handle() }
    }

    /// One that answers with the text that is made of a request, and closes when the client has.
    pub async fn answering(text: impl Fn(&Asked) -> String + Send + 'static) -> Self {
        Self::new(move |mut tcp, asked| {
            let text = asked.answer(&text(&asked));
            async move {
                let _ = tcp.write_all(text.as_bytes()).await;
                let _ = tcp.read_to_end(&mut Vec::new()).await;
            }
        })
        .await
    }

    /// One that always answers with this text.
    pub async fn saying(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::answering(move |_| text.clone()).await
    }

    /// One that opens a tunnel to wherever `CONNECT` names.
    pub async fn proxy() -> Self {
        Self::new(|mut tcp, asked| async move {
            let Ok(mut server) = TcpStream::connect(asked.target()).await else {
                let _ = tcp.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").await;
                return;
            };
            // A length in such an answer counts for nothing; RFC 9110 section 9.3.6.
            let opened = b"HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n";
            if tcp.write_all(opened).await.is_ok() {
                let _ = tokio::io::copy_bidirectional(&mut tcp, &mut server).await;
            }
        })
        .await
    }

    /// What it was asked so far.
    ///
    /// # Panics
    ///
    /// If one of its connections has panicked.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.task.abort();
    }
}
