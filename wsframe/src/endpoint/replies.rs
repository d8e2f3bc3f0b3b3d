//! Many messages from one stream, beside the handlers.

use std::{fmt, panic::AssertUnwindSafe, pin::Pin};

use futures_util::{FutureExt, Stream, StreamExt};
use tokio::task::{AbortHandle, coop::consume_budget};

use super::{IntoReply, Outcome, Reply, reply::Answer};
use crate::{
    message::{Close, CloseCode},
    session::Session,
    telemetry,
};

/// A reply of many messages: the items of a stream, sent one after the other as they come, while
/// later messages are already handled.
///
/// An item is whatever a handler may return ([`IntoReply`]), another `Replies` too; an `Err` ends the stream and is met as
/// a failure of the handler is. The next item is asked for when the one before has found room in the
/// outbox, so a slow peer slows the stream. A panic in the stream ends the session with 1011. The
/// stream is dropped when the session ends; [`Session::stream`] gives a guard that ends it earlier.
///
/// ```no_run
/// use futures_util::{Stream, StreamExt, stream};
/// use wsframe::{Replies, prelude::*};
///
/// #[server_endpoint("/count")]
/// struct Count;
///
/// impl Count {
///     #[on_message]
///     fn count(&mut self, to: String) -> Result<Replies<impl Stream<Item = String> + use<>>, Close> {
///         let to: u32 = to.parse().map_err(|_| Close::new(4000, "not a number"))?;
///         Ok(Replies(stream::iter(1..=to).map(|number| number.to_string())))
///     }
/// }
/// ```
pub struct Replies<S>(pub S);

/// The items of [`Replies`], each a reply of its own.
pub(crate) type Outcomes = Pin<Box<dyn Stream<Item = Outcome> + Send>>;

impl<S> IntoReply for Replies<S>
where
    S: Stream<Item: IntoReply> + Send + 'static,
{
    fn into_reply(self) -> Outcome {
        Ok(Reply(Answer::Many(outcomes(self.0))))
    }
}

impl<S> fmt::Debug for Replies<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replies").finish_non_exhaustive()
    }
}

fn outcomes(stream: impl Stream<Item: IntoReply> + Send + 'static) -> Outcomes {
    Box::pin(stream.map(IntoReply::into_reply))
}

/// A stream on its way to the peer; dropping this ends it.
///
/// [`Session::stream`] gives it.
#[derive(Debug)]
#[must_use = "dropping it ends the stream; `detach` lets it run"]
pub struct Streaming(Option<AbortHandle>);

impl Streaming {
    /// Lets the stream run as long as the session lives.
    pub fn detach(mut self) {
        self.0 = None;
    }

    /// Whether the stream has come to its end, failed, or its session is over.
    pub fn is_finished(&self) -> bool {
        self.0.as_ref().is_none_or(AbortHandle::is_finished)
    }
}

impl Drop for Streaming {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

impl Session {
    /// Sends the items of a stream one after the other as they come, beside the handlers, as
    /// [`Replies`] does, until the guard is dropped.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use futures_util::stream;
    /// use wsframe::{Streaming, prelude::*};
    ///
    /// #[server_endpoint("/clock")]
    /// struct Clock {
    ///     ticking: Option<Streaming>,
    /// }
    ///
    /// impl Clock {
    ///     #[on_message]
    ///     fn told(&mut self, order: String, session: &Session) {
    ///         // What was ticking stops.
    ///         self.ticking = (order == "start").then(|| {
    ///             session.stream(stream::unfold(0u64, async |second| {
    ///                 tokio::time::sleep(Duration::from_secs(1)).await;
    ///                 Some((second.to_string(), second + 1))
    ///             }))
    ///         });
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn stream<S>(&self, stream: S) -> Streaming
    where
        S: Stream<Item: IntoReply> + Send + 'static,
    {
        Streaming(self.start(outcomes(stream)))
    }

    /// `None` if the session is over already.
    pub(crate) fn start(&self, outcomes: Outcomes) -> Option<AbortHandle> {
        let session = self.clone();
        self.spawn_task(async move {
            if AssertUnwindSafe(send_all(&session, outcomes)).catch_unwind().await.is_err() {
                telemetry::panicked(&session.id(), "a stream of replies");
                session.close(Close::new(CloseCode::INTERNAL, "internal error"));
            }
        })
    }
}

/// Whether the stream came to its end, and did not fail.
async fn send_all(session: &Session, mut outcomes: Outcomes) -> bool {
    while let Some(outcome) = outcomes.next().await {
        // A stream whose items are always there, and that says nothing, would keep its thread.
        consume_budget().await;
        match outcome {
            Ok(Reply(Answer::Message(message))) => {
                if session.send(message).await.is_err() {
                    return false;
                }
            }
            // To its end before the next item: streams within streams are one stream.
            Ok(Reply(Answer::Many(inner))) => {
                if !Box::pin(send_all(session, inner)).await {
                    return false;
                }
            }
            Ok(Reply(Answer::Nothing | Answer::Unsupported)) => {}
            Err(error) => {
                session.fail(error);
                return false;
            }
        }
    }
    true
}
