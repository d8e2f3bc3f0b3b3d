//! A client written out by hand, so that it can also do what no proper client does.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use bytes::BytesMut;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::soon;

/// The key of every masked frame.
const KEY: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

/// An HTTP response.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    head: String,
    /// The body, as far as `Content-Length` says.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).first().copied()
    }

    /// Every header of that name.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect()
    }
}

/// A frame from the server.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// The first byte: FIN, RSV, opcode.
    pub first: u8,
    /// The payload.
    pub payload: Vec<u8>,
}

/// A proper handshake request for `path`, with `extra` header lines.
pub fn request(path: &str, extra: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extra}\r\n"
    )
}

/// A request that asks for no WebSocket.
pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

/// A connection to a server.
#[derive(Debug)]
pub struct Client {
    /// The socket, for what is not foreseen here.
    pub tcp: TcpStream,
    received: BytesMut,
}

impl Client {
    /// Connects and says nothing.
    ///
    /// # Panics
    ///
    /// If nobody listens.
    pub async fn tcp(addr: SocketAddr) -> Self {
        let tcp = TcpStream::connect(addr).await.expect("connect");
        tcp.set_nodelay(true).expect("nodelay");
        Self { tcp, received: BytesMut::new() }
    }

    /// Connects from another address of the loopback, and says nothing.
    ///
    /// # Panics
    ///
    /// If nobody listens.
    pub async fn tcp_from(source: IpAddr, addr: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((source, 0).into()).expect("an address of ours");
        let tcp = socket.connect(addr).await.expect("connect");
        Self { tcp, received: BytesMut::new() }
    }

    /// Opens a WebSocket.
    ///
    /// # Panics
    ///
    /// If the answer is not a 101.
    pub async fn open(addr: SocketAddr, path: &str) -> Self {
        let mut client = Self::tcp(addr).await;
        client.write(request(path, "")).await;
        let response = client.response().await;
        assert_eq!(response.status, 101, "{response:?}");
        client
    }

    /// Asks once on a new connection.
    pub async fn ask(addr: SocketAddr, request: impl AsRef<[u8]>) -> Response {
        let mut client = Self::tcp(addr).await;
        client.write(request).await;
        client.response().await
    }

    /// Writes bytes as they are.
    ///
    /// # Panics
    ///
    /// If the server is gone.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) {
        soon("a write", self.tcp.write_all(bytes.as_ref())).await.expect("write");
    }

    /// Reads some more; `false` at the end.
    async fn read(&mut self) -> bool {
        match soon("bytes", self.tcp.read_buf(&mut self.received)).await {
            Ok(n) => n > 0,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("read: {error}"),
        }
    }

    /// Reads an HTTP response.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub async fn response(&mut self) -> Response {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.read().await, "no response, but {:?}", self.received);
        };
        let head = String::from_utf8(self.received.split_to(end).to_vec()).expect("a head");
        let status = head.get(9..12).and_then(|code| code.parse().ok()).expect("a status");
        let mut response = Response { status, head, body: Vec::new() };
        let len = response.header("content-length").map_or(0, |len| len.parse().expect("length"));
        while self.received.len() < len {
            assert!(self.read().await, "the body is cut");
        }
        response.body = self.received.split_to(len).to_vec();
        response
    }

    /// A masked frame.
    pub fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![first];
        match payload.len() {
            len @ 0..=125 => frame.push(0x80 | len as u8),
            len @ 126..=0xffff => {
                frame.push(0x80 | 126);
                frame.extend((len as u16).to_be_bytes());
            }
            len => {
                frame.push(0x80 | 127);
                frame.extend((len as u64).to_be_bytes());
            }
        }
        frame.extend(KEY);
        frame.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
        frame
    }

    /// Sends a frame.
    pub async fn send(&mut self, first: u8, payload: impl AsRef<[u8]>) {
        self.write(Self::frame(first, payload.as_ref())).await;
    }

    /// Sends a text message.
    pub async fn text(&mut self, text: &str) {
        self.send(0x81, text).await;
    }

    /// Sends a close frame.
    pub async fn close(&mut self, code: u16, reason: &str) {
        let payload = [&code.to_be_bytes()[..], reason.as_bytes()].concat();
        self.send(0x88, payload).await;
    }

    /// The next frame; `None` at the end of the stream.
    ///
    /// # Panics
    ///
    /// If it is cut, or masked.
    pub async fn next(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.parse() {
                return Some(frame);
            }
            if !self.read().await {
                assert!(self.received.is_empty(), "a frame is cut: {:?}", self.received);
                return None;
            }
        }
    }

    fn parse(&mut self) -> Option<Frame> {
        let bytes = &self.received;
        let (len, at) = match *bytes.get(1)? {
            126 => (usize::from(u16::from_be_bytes(*bytes.get(2..4)?.first_chunk()?)), 4),
            127 => (u64::from_be_bytes(*bytes.get(2..10)?.first_chunk()?) as usize, 10),
            len => (usize::from(len), 2),
        };
        assert!(len < 1 << 40, "a masked frame");
        if bytes.len() < at + len {
            return None;
        }
        let frame = self.received.split_to(at + len);
        Some(Frame { first: frame[0], payload: frame[at..].to_vec() })
    }

    /// The next frame, which has to be a text message.
    ///
    /// # Panics
    ///
    /// If it is another.
    pub async fn expect_text(&mut self) -> String {
        let frame = self.next().await.expect("a frame");
        assert_eq!(frame.first, 0x81, "{frame:?}");
        String::from_utf8(frame.payload).expect("UTF-8")
    }

    /// The next frame, which has to be a close frame; its code (1005 if it has none) and reason.
    ///
    /// # Panics
    ///
    /// If it is another.
    pub async fn expect_close(&mut self) -> (u16, String) {
        let frame = self.next().await.expect("a frame");
        assert_eq!(frame.first, 0x88, "{frame:?}");
        match frame.payload.split_first_chunk() {
            Some((code, reason)) => {
                (u16::from_be_bytes(*code), String::from_utf8(reason.to_vec()).expect("UTF-8"))
            }
            None => (1005, String::new()),
        }
    }

    /// The stream has to end here.
    ///
    /// # Panics
    ///
    /// If there is another frame.
    pub async fn expect_end(&mut self) {
        assert_eq!(self.next().await, None);
    }

    /// Takes the connection down with an RST.
    ///
    /// # Panics
    ///
    /// If the socket option cannot be set.
    pub fn reset(self) {
        self.tcp.set_zero_linger().expect("linger");
    }
}
