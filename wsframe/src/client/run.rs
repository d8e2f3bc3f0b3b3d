//! Objects that dial: running one, starting one.

use std::{fmt, future::Future, panic::resume_unwind, pin::Pin, time::Duration};

use futures_util::FutureExt;

use super::{
    Client, Config,
    backoff::Backoff,
    disconnect::{Cause, Disconnect, Retry},
    endpoint::ClientEndpoint,
    handle::{ClientHandle, Over, Shared},
    supervise::{Supervised, supervise},
};
use crate::{
    message::{Close, CloseCode, CloseReason},
    telemetry,
};

/// What [`Client::run`] came to: the object, and why it is over.
///
/// ```no_run
/// use wsframe::prelude::*;
///
/// #[client_endpoint]
/// struct Count {
///     messages: u32,
/// }
///
/// impl Count {
///     #[on_message]
///     fn came(&mut self, _: Text) {
///         self.messages += 1;
///     }
/// }
///
/// # async fn example() -> Result<(), wsframe::Disconnect> {
/// let client = Client::new("ws://127.0.0.1:8080/news");
/// let (count, reason) = client.run(Count { messages: 0 }).await.into_result()?;
/// println!("{} messages, then {reason}", count.messages);
/// # Ok(())
/// # }
/// ```
#[non_exhaustive]
pub struct Stopped<E> {
    /// The object.
    pub endpoint: E,
    /// The end of the last session, or the last dial, which failed.
    pub last: Disconnect,
}

impl<E> Stopped<E> {
    /// The object and how its last session ended.
    ///
    /// # Errors
    ///
    /// The last dial, if that is what came last.
    pub fn into_result(self) -> Result<(E, CloseReason), Disconnect> {
        match self.last.cause() {
            Cause::Ended(reason) => {
                let reason = reason.clone();
                Ok((self.endpoint, reason))
            }
            Cause::Failed(_) => Err(self.last),
        }
    }
}

impl<E> fmt::Debug for Stopped<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stopped").field("last", &self.last).finish_non_exhaustive()
    }
}

impl Client {
    /// Dials again when a connection has ended or a dial has failed, the first one included: after this
    /// back-off, and only where that is [worth a try](Disconnect::is_transient).
    ///
    /// Without it, and without an `#[on_disconnect]`, nothing is dialled twice. An `#[on_disconnect]`
    /// decides itself; this sets what [`Retry::Backoff`] waits then. It counts for
    /// [`run`](Self::run) and [`start`](Self::start) alone.
    ///
    /// ```no_run
    /// use wsframe::{Backoff, prelude::*};
    ///
    /// #[client_endpoint]
    /// struct Printer;
    ///
    /// impl Printer {
    ///     #[on_message]
    ///     fn print(&self, news: String) {
    ///         println!("{news}");
    ///     }
    /// }
    ///
    /// # async fn example() {
    /// let client = Client::new("ws://127.0.0.1:8080/news").reconnect(Backoff::new());
    /// let stopped = client.run(Printer).await;
    /// println!("{}", stopped.last); // 1000, say, or the answer 403
    /// # }
    /// ```
    #[doc(alias = "withAutomaticReconnect")]
    #[doc(alias = "ReconnectHandler")]
    pub fn reconnect(self, backoff: Backoff) -> Self {
        self.set(|config| config.reconnect = Some(backoff))
    }

    /// Dials for an object and runs it until it is over: until a connection ends or a dial fails that no
    /// other follows. The object sees all connections, one after the other, each with a [`Session`] of
    /// its own and an `#[on_open]` and `#[on_close]`.
    ///
    /// As long as no tracing subscriber is set, failures of handlers and what is dialled again are
    /// written to stderr, as [`Server::serve`](crate::Server::serve) does.
    ///
    /// Nothing is dialled before the future is polled. It runs in a task of its own, so a caller that is
    /// busy keeps no ping waiting.
    ///
    /// A blocking handler that outlives its connection keeps the object: the next dial waits for it.
    ///
    /// ```no_run
    /// use wsframe::prelude::*;
    ///
    /// #[client_endpoint(max_message_size = "1MiB")]
    /// struct Bot {
    ///     token: String,
    /// }
    ///
    /// impl Bot {
    ///     #[on_open]
    ///     fn hello(&self) -> String {
    ///         format!("login {}", self.token)
    ///     }
    ///
    ///     #[on_message]
    ///     fn answer(&self, text: String) -> Option<&'static str> {
    ///         (text == "there?").then_some("here")
    ///     }
    /// }
    ///
    /// #[tokio::main]
    /// async fn main() {
    ///     let stopped = Client::new("ws://127.0.0.1:8080/").run(Bot { token: "sesame".into() }).await;
    ///     println!("{}", stopped.last);
    /// }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping the future closes the session with 1001 and dials no more; `#[on_close]` still runs, then
    /// the object is dropped.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time and IO enabled, or if that ends meanwhile; when dropping what
    /// is left of a handler panics.
    ///
    /// [`Session`]: crate::Session
    #[doc(alias = "connectToServer")]
    pub fn run<E: ClientEndpoint>(
        &self,
        endpoint: E,
    ) -> impl Future<Output = Stopped<E>> + Send + use<E> {
        let client = self.clone();
        async move {
            telemetry::fall_back_to_terminal();
            let shared = Shared::new();
            let _close = CloseOnDrop(ClientHandle::new(shared.clone()));
            let over = Over(shared.clone());
            let supervising = supervise(client.0, Box::new(endpoint), shared.clone());
            let task: Task<Box<E>> = Box::pin(Supervised::new(supervising, over));
            match tokio::spawn(task).await {
                Ok(endpoint) => match shared.last() {
                    Some(last) => Stopped { endpoint: *endpoint, last },
                    None => unreachable!("nobody else has asked it to stop"),
                },
                Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
                Err(_) => panic!("the runtime that ran the client has ended"),
            }
        }
    }

    /// The same in a task of its own from now on. The object is dropped when it is over.
    ///
    /// Rooms of its sessions are shared with those of other objects of its type that were started or run
    /// from the same client; [`shared_room`](crate::Session::shared_room)s with all that was dialled in
    /// the same tokio runtime.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time and IO enabled.
    pub fn start<E: ClientEndpoint>(&self, endpoint: E) -> ClientHandle {
        let shared = Shared::new();
        let over = Over(shared.clone());
        let supervising = supervise(self.0.clone(), Box::new(endpoint), shared.clone());
        let task: Task<()> = Box::pin(Supervised::new(supervising.map(drop), over));
        drop(tokio::spawn(task));
        ClientHandle::new(shared)
    }
}

impl Config {
    pub(super) fn backoff(&self) -> Backoff {
        self.reconnect.unwrap_or_default()
    }

    /// How long to wait before the next dial; `None` if there is none.
    pub(super) fn decide(&self, retry: Retry, disconnect: &Disconnect) -> Option<Duration> {
        match retry {
            Retry::Now => Some(Duration::ZERO),
            Retry::After(delay) => Some(delay),
            Retry::Backoff => {
                let (failures, after) = (disconnect.failures(), disconnect.retry_after());
                Some(self.backoff().delay(failures, after, rand::random()))
            }
            Retry::Stop => None,
            Retry::Default if self.reconnect.is_some() && disconnect.is_transient() => {
                self.decide(Retry::Backoff, disconnect)
            }
            Retry::Default => None,
        }
    }
}

/// Boxed and erased, as with the driver of a connection: the task's cell takes the least there is.
type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

struct CloseOnDrop(ClientHandle);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close(Close::new(CloseCode::GOING_AWAY, ""));
    }
}
