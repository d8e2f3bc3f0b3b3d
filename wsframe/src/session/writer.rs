//! Sending one message in pieces.

use std::{
    fmt,
    future::poll_fn,
    io,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use tokio::io::AsyncWrite;

use super::{SendError, Session, send::Patience};
use crate::{
    message::{Close, CloseCode, Text},
    outbox::Rejection,
    wire::{Opcode, Utf8},
};

/// The most that one call of `poll_write` takes, in bytes.
const MOST: usize = 64 * 1024;

/// One message on its way, sent in pieces while it is being made (RFC 6455, section 5.4): a text
/// (`MessageWriter<Text>`) or a binary one (`MessageWriter<Bytes>`).
///
/// [`Session::begin_text`] and [`Session::begin_binary`] make it. Until [`finish`](Self::finish),
/// whole messages that others send wait behind it, within the bounds of the outbox; pings, pongs and
/// the closing handshake do not. So do not leave it open longer than the message takes.
///
/// It is an [`AsyncWrite`] as well, whose shutdown finishes the message: `tokio::io::copy` streams a
/// file. Text that is not UTF-8 is [`InvalidData`](io::ErrorKind::InvalidData).
///
/// Dropped without `finish`, it closes the session with 1011: the peer could not tell the piece of a
/// message from a whole one. A session that is closed meanwhile gives the message up, and what
/// waits behind it.
///
/// ```
/// # async fn example(session: &wsframe::Session) -> Result<(), wsframe::SendError> {
/// let mut message = session.begin_text().await?;
/// for line in ["one\n", "two\n"] {
///     message.send(line).await?; // waits for room, as `Session::send` does
/// }
/// message.finish().await?;
/// # Ok(())
/// # }
/// ```
#[doc(alias = "getSendStream")]
#[doc(alias = "getSendWriter")]
pub struct MessageWriter<T: Piece> {
    session: Session,
    utf8: Utf8,
    begun: bool,
    finished: bool,
    patience: Patience,
    piece: PhantomData<fn(T)>,
}

/// What a fragmented message consists of: [`Text`] or [`Bytes`]. Others cannot implement it.
pub trait Piece: Into<Bytes> + sealed::Piece {}

impl Piece for Text {}
impl Piece for Bytes {}

mod sealed {
    pub trait Piece {
        const TEXT: bool;
    }

    impl Piece for super::Text {
        const TEXT: bool = true;
    }

    impl Piece for super::Bytes {
        const TEXT: bool = false;
    }
}

impl Session {
    /// Begins a text message that is sent in pieces. Waits while another such message is open.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`] if the session is closing or closed.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has begun nothing.
    #[doc(alias = "getSendWriter")]
    pub async fn begin_text(&self) -> Result<MessageWriter<Text>, SendError> {
        MessageWriter::begin(self).await
    }

    /// Begins a binary message that is sent in pieces; otherwise as
    /// [`begin_text`](Self::begin_text).
    ///
    /// ```
    /// # async fn example(session: &wsframe::Session) -> std::io::Result<()> {
    /// use tokio::io::AsyncWriteExt;
    ///
    /// let mut file = tokio::fs::File::open("film.webm").await?;
    /// let mut message = session.begin_binary().await.map_err(std::io::Error::other)?;
    /// tokio::io::copy(&mut file, &mut message).await?;
    /// message.shutdown().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As with [`begin_text`](Self::begin_text).
    ///
    /// # Cancel safety
    ///
    /// A dropped future has begun nothing.
    #[doc(alias = "getSendStream")]
    pub async fn begin_binary(&self) -> Result<MessageWriter<Bytes>, SendError> {
        MessageWriter::begin(self).await
    }
}

impl<T: Piece> MessageWriter<T> {
    async fn begin(session: &Session) -> Result<Self, SendError> {
        poll_fn(|cx| match session.outbox().open_message(cx.waker()) {
            Ok(()) => Poll::Ready(Ok(())),
            Err(Rejection::Full) => Poll::Pending,
            Err(Rejection::Closed) => Poll::Ready(Err(SendError::Closed)),
        })
        .await?;
        Ok(Self {
            session: session.clone(),
            utf8: Utf8::default(),
            begun: false,
            finished: false,
            patience: Patience::default(),
            piece: PhantomData,
        })
    }

    /// Sends the next piece, as a frame of its own; waits for room in the outbox where a slow peer
    /// needs it, at most `send_timeout`.
    ///
    /// # Errors
    ///
    /// [`SendError::Closed`] if the session is closing or closed; [`SendError::Encode`] if bytes that
    /// were written through [`AsyncWrite`] before end inside a character.
    ///
    /// # Cancel safety
    ///
    /// A dropped future has queued the whole piece or nothing of it.
    pub async fn send(&mut self, piece: impl Into<T>) -> Result<(), SendError> {
        let piece: Bytes = piece.into().into();
        self.check(&piece)?;
        poll_fn(|cx| self.poll_room(cx)).await?;
        self.put(piece, false)
    }

    /// Ends the message.
    ///
    /// # Errors
    ///
    /// As with [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// Never waits.
    pub async fn finish(mut self) -> Result<(), SendError> {
        self.end()
    }

    fn check(&mut self, piece: &[u8]) -> Result<(), SendError> {
        if T::TEXT && self.utf8.check(piece).is_err() {
            return Err(SendError::Encode("the text is not UTF-8".into()));
        }
        Ok(())
    }

    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        match self.session.outbox().poll_fragment_room(cx, self.session.settings()) {
            Poll::Ready(Ok(())) => {
                self.patience.renew();
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(_)) => Poll::Ready(Err(SendError::Closed)),
            Poll::Pending => {
                ready!(self.patience.poll(cx, &self.session));
                Poll::Ready(Err(SendError::Closed))
            }
        }
    }

    fn put(&mut self, piece: Bytes, last: bool) -> Result<(), SendError> {
        let opcode = match T::TEXT {
            _ if self.begun => Opcode::Continuation,
            true => Opcode::Text,
            false => Opcode::Binary,
        };
        let put = self.session.outbox().put_fragment(opcode, piece, last);
        put.map_err(|_| SendError::Closed)?;
        self.begun = true;
        self.finished = last;
        self.session.touch_if_idle_matters();
        Ok(())
    }

    fn end(&mut self) -> Result<(), SendError> {
        if self.finished {
            return Ok(());
        }
        if self.utf8.finish().is_err() {
            return Err(SendError::Encode("the text ends inside a character".into()));
        }
        self.put(Bytes::new(), true)
    }
}

impl<T: Piece> AsyncWrite for MessageWriter<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_room(cx)).map_err(failed)?;
        let bytes = &bytes[..bytes.len().min(MOST)];
        self.check(bytes).map_err(failed)?;
        self.put(Bytes::copy_from_slice(bytes), false).map_err(failed)?;
        Poll::Ready(Ok(bytes.len()))
    }

    /// What was written is on its way already.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.end().map_err(failed))
    }
}

fn failed(error: SendError) -> io::Error {
    let kind = match error {
        SendError::Encode(_) => io::ErrorKind::InvalidData,
        _ => io::ErrorKind::NotConnected,
    };
    io::Error::new(kind, error)
}

impl<T: Piece> Drop for MessageWriter<T> {
    fn drop(&mut self) {
        if !self.finished {
            self.session.close(Close::new(CloseCode::INTERNAL, "unfinished message"));
        }
    }
}

impl<T: Piece> fmt::Debug for MessageWriter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageWriter").field("session", &self.session).finish_non_exhaustive()
    }
}
