//! A bound, not a model: how close to raw tokio a frame layer gets whose buffers are pooled, which
//! flushes before its read parks, and which reads a large frame into a buffer of its size and writes
//! it with writev. It has no fragments, UTF-8, ping, limits or close.
//!
//! * `own`: echo.
//! * `direct`: one room; the task that relays a message writes to every socket itself.

mod echo;
mod frame;
mod room;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use peers::{args, hyper_serve, listen, run};
use tokio::net::TcpStream;

async fn socket(upgrade: OnUpgrade) -> Option<TcpStream> {
    Some(upgrade.await.ok()?.downcast::<TokioIo<TcpStream>>().ok()?.io.into_inner())
}

fn main() {
    let (variant, port) = args();
    match variant.as_str() {
        "own" => run(listen(port, |stream| {
            hyper_serve(stream, async |upgrade| {
                if let Some(io) = socket(upgrade).await {
                    echo::echo(io).await;
                }
            })
        })),
        "direct" => {
            let room = room::Room::default();
            run(listen(port, move |stream| {
                let room = room.clone();
                hyper_serve(stream, move |upgrade| {
                    let room = room.clone();
                    async move {
                        if let Some(io) = socket(upgrade).await {
                            room::member(io, &room).await;
                        }
                    }
                })
            }));
        }
        other => panic!("no variant {other}"),
    }
}
