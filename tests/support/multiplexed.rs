//! A client that has several streams over one connection of HTTP/2, and knows what comes on each.

use std::{future::poll_fn, net::SocketAddr};

use bytes::Bytes;
use h2::{
    RecvStream, SendStream,
    client::{SendRequest, handshake},
    ext::Protocol,
};
use http::{Method, Request, Response, Version};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex, split},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::Role};

use crate::soon;

/// The connection.
#[derive(Debug)]
pub struct Multiplexed {
    authority: String,
    sender: SendRequest<Bytes>,
    driving: JoinHandle<Result<(), h2::Error>>,
}

/// A WebSocket over one of its streams.
pub type OverStream = WebSocketStream<DuplexStream>;

impl Multiplexed {
    /// Connects without TLS, and knows that HTTP/2 is spoken.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub async fn connect(addr: SocketAddr) -> Self {
        let tcp = TcpStream::connect(addr).await.expect("connect");
        tcp.set_nodelay(true).expect("nodelay");
        Self::over(tcp, addr.to_string()).await
    }

    /// The same over a connection that is there.
    ///
    /// # Panics
    ///
    /// If HTTP/2 is not spoken.
    pub async fn over<S>(stream: S, authority: String) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (sender, connection) = soon("HTTP/2", handshake(stream)).await.expect("HTTP/2");
        Self { authority, sender, driving: tokio::spawn(connection) }
    }

    /// A request with these headers, or without a protocol what is no extended CONNECT.
    ///
    /// # Panics
    ///
    /// If it makes no sense.
    pub fn head(
        &self,
        method: Method,
        path: &str,
        protocol: Option<&'static str>,
        headers: &[(&str, &str)],
    ) -> Request<()> {
        let uri = format!("http://{}{path}", self.authority);
        let mut request = Request::builder().method(method).uri(uri).version(Version::HTTP_2);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(protocol) = protocol {
            request = request.extension(Protocol::from_static(protocol));
        }
        request.body(()).expect("a request")
    }

    /// A proper handshake, with these headers beside.
    pub fn handshake(&self, path: &str, headers: &[(&str, &str)]) -> Request<()> {
        let headers = [&[("sec-websocket-version", "13")][..], headers].concat();
        self.head(Method::CONNECT, path, Some("websocket"), &headers)
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// What became of the stream or the connection in place of an answer.
    pub async fn send(
        &self,
        request: Request<()>,
        ends: bool,
    ) -> Result<(Response<RecvStream>, SendStream<Bytes>), h2::Error> {
        let mut sender = soon("room", self.sender.clone().ready()).await?;
        let (response, sending) = sender.send_request(request, ends)?;
        Ok((soon("an answer", response).await?, sending))
    }

    /// What a request is answered: the head, and the body.
    ///
    /// # Panics
    ///
    /// If it is not.
    pub async fn ask(&self, request: Request<()>) -> Response<String> {
        let (response, _sending) = self.send(request, true).await.expect("an answer");
        let (head, mut body) = response.into_parts();
        let mut text = Vec::new();
        while let Some(data) = soon("the body", body.data()).await {
            let data = data.expect("data");
            body.flow_control().release_capacity(data.len()).expect("capacity");
            text.extend(data);
        }
        Response::from_parts(head, String::from_utf8(text).expect("UTF-8"))
    }

    /// Opens a WebSocket.
    ///
    /// # Panics
    ///
    /// If the answer is not a 200.
    pub async fn open(&self, path: &str) -> OverStream {
        self.opened(self.handshake(path, &[])).await.1
    }

    /// The same with a request of one's own, and the answer beside it.
    ///
    /// # Panics
    ///
    /// If the answer is not a 200.
    pub async fn opened(&self, request: Request<()>) -> (Response<()>, OverStream) {
        let (response, sending) = self.send(request, false).await.expect("an answer");
        assert_eq!(response.status(), 200, "{response:?}");
        let (head, receiving) = response.into_parts();
        let (near, far) = duplex(64 * 1024);
        let (reader, writer) = split(far);
        tokio::spawn(receive(receiving, writer));
        tokio::spawn(send(reader, sending));
        let socket = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
        (Response::from_parts(head, ()), socket)
    }

    /// Waits for the server to end the connection; what it said for a reason.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub async fn ended(self) -> Result<(), h2::Error> {
        drop(self.sender);
        soon("the end of the connection", self.driving).await.expect("no panic")
    }

    /// The same where it is to be ended by the server, not because nothing is left to do.
    ///
    /// # Panics
    ///
    /// If it does not.
    pub async fn ended_by_server(&mut self) -> Result<(), h2::Error> {
        soon("the end of the connection", &mut self.driving).await.expect("no panic")
    }
}

async fn receive(mut stream: RecvStream, mut into: impl AsyncWrite + Unpin) {
    while let Some(Ok(data)) = stream.data().await {
        if into.write_all(&data).await.is_err() {
            return;
        }
        let _ = stream.flow_control().release_capacity(data.len());
    }
    let _ = into.shutdown().await;
}

async fn send(mut from: impl AsyncRead + Unpin, mut stream: SendStream<Bytes>) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(n) = from.read(&mut buffer).await else { return };
        // No more than the server has room for.
        stream.reserve_capacity(n);
        while stream.capacity() < n {
            let Some(Ok(_)) = poll_fn(|cx| stream.poll_capacity(cx)).await else { return };
        }
        if stream.send_data(Bytes::copy_from_slice(&buffer[..n]), n == 0).is_err() || n == 0 {
            return;
        }
    }
}
