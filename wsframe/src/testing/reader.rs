//! What a peer does by itself: reads, answers pings, answers the server's close frame.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf},
    sync::{Mutex, mpsc::UnboundedSender, watch},
};

use crate::{
    handshake::Direction,
    limits::Settings,
    message::{Close, CloseCode, CloseReason, Initiator, Message},
    wire::{Buffer, Decoder, Event, Inflater, Opcode, Piecewise, Role, encode},
};

/// What the peer and its reader share.
#[derive(Debug)]
pub(super) struct Line {
    writer: Mutex<WriteHalf<DuplexStream>>,
    /// Whether anything is read at all.
    pub(super) reading: watch::Sender<bool>,
    /// A close frame of ours is out.
    closing: AtomicBool,
}

/// What came from the server.
#[derive(Debug)]
pub(super) enum Came {
    Message(Message),
    /// Nothing comes after it.
    End(CloseReason),
}

impl Line {
    pub(super) fn new(writer: WriteHalf<DuplexStream>) -> Arc<Self> {
        let (writer, closing) = (Mutex::new(writer), AtomicBool::new(false));
        Arc::new(Self { writer, reading: watch::Sender::new(true), closing })
    }

    /// Writes bytes as they are; `false` if the server is gone.
    pub(super) async fn write(&self, bytes: &[u8]) -> bool {
        self.writer.lock().await.write_all(bytes).await.is_ok()
    }

    /// Nothing more is written; so the server need not wait for the peer's end of the transport.
    async fn shut(&self) {
        // A server that is gone has shut it before.
        let _ = self.writer.lock().await.shutdown().await;
    }

    /// Writes one frame.
    pub(super) async fn frame(&self, opcode: Opcode, fin: bool, payload: &[u8]) -> bool {
        let mut bytes = Vec::new();
        encode::frame(&mut bytes, opcode, fin, payload, Some(rand::random()));
        self.write(&bytes).await
    }

    /// Writes the close frame, if there was none.
    pub(super) async fn close(&self, close: Option<&Close>) -> bool {
        if self.closing.swap(true, Ordering::Relaxed) {
            return true;
        }
        let mut bytes = Vec::new();
        encode::close(&mut bytes, close, Some(rand::random()));
        self.write(&bytes).await
    }
}

/// Reads until the server is gone.
pub(super) async fn read(
    mut from: ReadHalf<DuplexStream>,
    line: Arc<Line>,
    came: UnboundedSender<Came>,
    pings: UnboundedSender<Bytes>,
    compressed: bool,
) {
    // The peer may be dropped at any moment; then nobody wants to know any more.
    let limits = Settings {
        max_message_size: usize::MAX,
        max_frame_size: usize::MAX,
        max_fragments: usize::MAX,
        ..Settings::default()
    };
    let mut decoder = Decoder::new(Role::Client, Piecewise::default());
    if compressed {
        // It inflates what was compressed without a context as well.
        let inflater = Inflater::new(Direction { takeover: true, bits: 15 });
        decoder.inflate(inflater);
    }
    let mut buffer = Buffer::default();
    let mut said_close = false;
    loop {
        while let (false, decoded) = (said_close, decoder.decode(&mut buffer, &limits)) {
            match decoded {
                Ok(None) => break,
                Ok(Some(Event::Message(message))) => drop(came.send(Came::Message(message))),
                // Nothing is taken piecewise here.
                Ok(Some(Event::Piece(_))) => {}
                Ok(Some(Event::Pong(pong))) => drop(came.send(Came::Message(pong.into()))),
                Ok(Some(Event::Ping(payload))) => {
                    line.frame(Opcode::Pong, true, &payload).await;
                    drop(pings.send(payload));
                }
                Ok(Some(Event::Close(body))) => {
                    said_close = true;
                    let began = line.closing.load(Ordering::Relaxed);
                    let initiator = if began { Initiator::Local } else { Initiator::Peer };
                    let answer =
                        body.clone().map(|(code, reason)| Close::new(code, String::from(reason)));
                    line.close(answer.as_ref()).await;
                    let (code, reason) =
                        body.unwrap_or((CloseCode::NO_STATUS, crate::message::Text::default()));
                    let reason = CloseReason::new(code, String::from(reason), initiator, true);
                    drop(came.send(Came::End(reason)));
                    line.shut().await;
                }
                Err(fault) => {
                    let text = format!("the server broke the protocol: {fault:?}");
                    return drop(came.send(lost(text)));
                }
            }
        }
        match some(&mut from, &line, &mut buffer).await {
            Some(0) | None if said_close => return,
            Some(0) | None => return drop(came.send(lost("no close frame".into()))),
            Some(_) if said_close => buffer = Buffer::default(),
            Some(_) => {}
        }
    }
}

/// Reads once, when the peer reads.
async fn some(
    from: &mut ReadHalf<DuplexStream>,
    line: &Line,
    buffer: &mut Buffer,
) -> Option<usize> {
    let mut reading = line.reading.subscribe();
    loop {
        let _ = reading.wait_for(|reading| *reading).await;
        let paused = async {
            let _ = reading.wait_for(|reading| !*reading).await;
        };
        tokio::select! {
            biased;
            () = paused => {}
            read = from.read_buf(buffer.room()) => return read.ok(),
        }
    }
}

fn lost(text: String) -> Came {
    Came::End(CloseReason::new(CloseCode::ABNORMAL, text, Initiator::Network, false))
}
