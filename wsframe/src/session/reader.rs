//! Receiving one message while it arrives.

use std::{
    collections::VecDeque,
    fmt,
    future::poll_fn,
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, ReadBuf};

use super::Session;
use crate::message::{Message, MessageKind};

/// One message, read while it arrives. It may be of any length: what is not read yet waits with the
/// peer (`inbound` bytes of it here, 256 KiB by default).
///
/// A `#[on_message(binary)]` or `#[on_message(text)]` handler takes it as its payload, and is called
/// when the message begins. It is an [`AsyncRead`]; text is checked to be UTF-8, and
/// [`next`](Self::next) gives it in pieces that end between characters. Messages that come behind it
/// are handled when the handler has returned. What the handler leaves unread is received and
/// dropped.
///
/// If the connection ends inside the message, reading fails with
/// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof). `?` on that ends the handler quietly, as on a send
/// that fails with `Closed`: `#[on_close]` tells how the connection ended.
///
/// ```no_run
/// use tokio::io::AsyncReadExt;
/// use wsframe::{MessageReader, prelude::*};
///
/// #[server_endpoint("/upload")]
/// struct Upload;
///
/// impl Upload {
///     #[on_message(binary)]
///     async fn store(&mut self, mut message: MessageReader) -> wsframe::Result<String> {
///         let mut file = tokio::fs::File::create("upload.bin").await?;
///         let bytes = tokio::io::copy(&mut message, &mut file).await?;
///         Ok(format!("{bytes} bytes"))
///     }
/// }
/// ```
#[doc(alias = "InputStream")]
#[doc(alias = "Reader")]
pub struct MessageReader {
    kind: MessageKind,
    /// Where the rest comes from; nothing if all of it is here.
    shared: Option<(Arc<Shared>, Session)>,
    piece: Bytes,
}

/// What passes from the connection to the reader.
#[derive(Default)]
struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    pieces: VecDeque<Bytes>,
    /// What they take.
    bytes: usize,
    end: Option<End>,
    reader: Option<Waker>,
    /// Nobody reads any more.
    gone: bool,
}

#[derive(Clone, Copy)]
enum End {
    Complete,
    Lost,
}

/// The connection has ended inside the message.
#[derive(Debug, thiserror::Error)]
#[error("the connection ended inside the message")]
pub(crate) struct Cut;

/// What a piece takes: one of few bytes takes more than these.
fn weight(piece: &Bytes) -> usize {
    piece.len().max(64)
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MessageReader {
    /// Of a message that is all here.
    pub(crate) fn whole(message: Message) -> Self {
        Self { kind: message.kind(), shared: None, piece: message.into_bytes() }
    }

    /// Of a message that begins with this piece; the rest comes through the feed.
    pub(crate) fn beginning(message: Message, session: &Session) -> (Self, Feed) {
        let shared = Arc::<Shared>::default();
        let feed = Feed(shared.clone());
        let kind = message.kind();
        (Self { kind, shared: Some((shared, session.clone())), piece: message.into_bytes() }, feed)
    }

    /// Text or binary.
    pub fn kind(&self) -> MessageKind {
        self.kind
    }

    /// The next piece of the message, as it came; `None` at its end. Pieces of text end between
    /// characters, as long as nothing was read through [`AsyncRead`].
    ///
    /// # Errors
    ///
    /// [`UnexpectedEof`](io::ErrorKind::UnexpectedEof) if the connection has ended inside the
    /// message.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has taken nothing.
    pub async fn next(&mut self) -> io::Result<Option<Bytes>> {
        let more = poll_fn(|cx| self.poll_piece(cx)).await?;
        Ok(more.then(|| std::mem::take(&mut self.piece)))
    }

    /// Ready when there is something in `piece`, or there will be nothing more.
    fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        if !self.piece.is_empty() {
            return Poll::Ready(Ok(true));
        }
        let Some((shared, session)) = &self.shared else { return Poll::Ready(Ok(false)) };
        let mut state = shared.lock();
        if let Some(piece) = state.pieces.pop_front() {
            state.bytes -= weight(&piece);
            drop(state);
            self.piece = piece;
            // There is room for more.
            session.outbox().wake();
            return Poll::Ready(Ok(true));
        }
        match state.end {
            Some(End::Complete) => Poll::Ready(Ok(false)),
            Some(End::Lost) => Poll::Ready(Err(io::Error::new(io::ErrorKind::UnexpectedEof, Cut))),
            None => {
                state.reader = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl AsyncRead for MessageReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if ready!(self.poll_piece(cx))? {
            let n = self.piece.len().min(into.remaining());
            into.put_slice(&self.piece[..n]);
            self.piece.advance(n);
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for MessageReader {
    fn drop(&mut self) {
        if let Some((shared, session)) = &self.shared {
            let mut state = shared.lock();
            state.gone = true;
            state.pieces.clear();
            state.bytes = 0;
            drop(state);
            session.outbox().wake();
        }
    }
}

impl fmt::Debug for MessageReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageReader").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// The connection's end of a [`MessageReader`]. Dropped before the last piece, it tells the reader
/// that the rest is lost.
pub(crate) struct Feed(Arc<Shared>);

impl Feed {
    /// Adds a piece; the last one ends the message.
    pub(crate) fn push(&self, piece: Message, last: bool) {
        let mut state = self.0.lock();
        if !state.gone && !piece.is_empty() {
            let piece = piece.into_bytes();
            state.bytes += weight(&piece);
            state.pieces.push_back(piece);
        }
        if last {
            state.end = Some(End::Complete);
        }
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }

    /// What waits to be read, in bytes.
    pub(crate) fn waiting(&self) -> usize {
        self.0.lock().bytes
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.end.get_or_insert(End::Lost);
        if let Some(reader) = state.reader.take() {
            reader.wake();
        }
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}
