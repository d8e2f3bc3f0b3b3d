//! A server that speaks nothing but HTTP/2, on plain TCP, and takes WebSockets over it.

use std::{
    convert::Infallible,
    future::pending,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::{SinkExt, StreamExt};
use hyper::{
    Method, Request, Response, StatusCode, body::Incoming, ext::Protocol, server::conn::http2,
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    net::TcpListener,
    task::{AbortHandle, JoinSet},
};
use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::Role};

/// The server; it and its connections end when this is dropped.
#[derive(Debug)]
pub struct Http2 {
    /// Where it listens.
    pub addr: SocketAddr,
    /// Connections that are open.
    open: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<http::request::Parts>>>,
    task: AbortHandle,
}

impl Http2 {
    /// One that `takes_websockets`, or says in its settings that it does not. At `/echo` it sends
    /// everything back, `/refuse` is 403, `/moved` leads to `/echo`, and `/silent` is never answered.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub async fn start(takes_websockets: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener.local_addr().expect("an address");
        let open = Arc::new(AtomicUsize::new(0));
        let asked = Arc::default();
        let (counted, kept) = (open.clone(), Arc::clone(&asked));
        let serving = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((tcp, _)) = listener.accept().await {
                let (counted, kept) = (Counted::new(&counted), Arc::clone(&kept));
                connections.spawn(async move {
                    let service = service_fn(move |request| {
                        let kept = Arc::clone(&kept);
                        async move { Ok::<_, Infallible>(answer(request, &kept).await) }
                    });
                    let mut server = http2::Builder::new(TokioExecutor::new());
                    if takes_websockets {
                        server.enable_connect_protocol();
                    }
                    let _ = server.serve_connection(TokioIo::new(tcp), service).await;
                    drop(counted);
                });
            }
        });
        Self { addr, open, asked, task: serving.abort_handle() }
    }

    /// How many connections are open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// The heads of what it was asked.
    ///
    /// # Panics
    ///
    /// If one of its connections has panicked.
    pub fn asked(&self) -> Vec<http::request::Parts> {
        self.asked.lock().expect("no panic").clone()
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A connection that is open until this is dropped.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(open.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn answer(
    request: Request<Incoming>,
    asked: &Mutex<Vec<http::request::Parts>>,
) -> Response<String> {
    let (head, body) = request.into_parts();
    asked.lock().expect("no panic").push(head.clone());
    let websocket = head.extensions.get::<Protocol>().map(Protocol::as_str) == Some("websocket");
    let response = Response::builder();
    let response = match head.uri.path() {
        "/echo" if head.method == Method::CONNECT && websocket => {
            let upgrade = hyper::upgrade::on(Request::from_parts(head, body));
            tokio::spawn(async move {
                let Ok(upgraded) = upgrade.await else { return };
                let io = TokioIo::new(upgraded);
                let mut socket = WebSocketStream::from_raw_socket(io, Role::Server, None).await;
                while let Some(Ok(message)) = socket.next().await {
                    if (message.is_text() || message.is_binary())
                        && socket.send(message).await.is_err()
                    {
                        return;
                    }
                }
            });
            response.header("sec-websocket-protocol", "chat.v1").body(String::new())
        }
        "/refuse" => response.status(StatusCode::FORBIDDEN).body("not you".into()),
        "/moved" => response.status(StatusCode::FOUND).header("location", "/echo").body("".into()),
        "/silent" => pending().await,
        _ => response.status(StatusCode::NOT_FOUND).body("nothing here".into()),
    };
    response.expect("a response")
}
