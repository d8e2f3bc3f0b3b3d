//! Work that is not a message: values told from elsewhere, and tasks that live as long as the
//! session.

use std::{
    any::{Any, TypeId, type_name},
    collections::VecDeque,
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
};

use futures_util::FutureExt;
use tokio::task::AbortHandle;

use super::{Session, signals::EVENTS};
use crate::{message::Error, telemetry};

/// Values that may wait for one session.
const MAX_EVENTS: usize = 256;

/// A value on its way to an `#[on_event]` handler, as [`Endpoint::on_event`](crate::Endpoint::on_event)
/// receives it; the attribute takes it apart by itself.
///
/// ```
/// use wsframe::{Event, Outcome, Reply};
///
/// fn on_event(event: Event) -> Outcome {
///     Ok(match event.downcast::<u64>() {
///         Ok(price) => Reply::message(price.to_string()),
///         Err(_another) => Reply::none(),
///     })
/// }
/// ```
pub struct Event(Box<dyn Any + Send>);

impl Event {
    /// The value, if it is of this type.
    ///
    /// # Errors
    ///
    /// The event comes back if its value is of another type.
    pub fn downcast<T: 'static>(self) -> Result<T, Self> {
        self.0.downcast().map(|value| *value).map_err(Self)
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").finish_non_exhaustive()
    }
}

/// An event of ours: something failed beside the handlers.
pub(crate) struct Failed(pub(crate) Error);

/// Why a value was not told; it comes back.
///
/// ```
/// use wsframe::{Session, TellError};
///
/// struct Price(u64);
///
/// fn tell(session: &Session, price: u64) {
///     match session.tell(Price(price)) {
///         Ok(()) | Err(TellError::Closed(_)) => {}
///         Err(TellError::Full(Price(price))) => println!("{price} is left out"),
///         Err(error) => println!("{error}"), // an endpoint of another type
///     }
/// }
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TellError<T> {
    /// 256 values wait for this session already.
    #[error("too many events wait for the session")]
    Full(T),
    /// The session is closing or closed.
    #[error("the session is closed")]
    Closed(T),
    /// The session's endpoint has no `#[on_event]` handler for values of this type.
    #[error("the endpoint handles no event of type {}", type_name::<T>())]
    NotHandled(T),
}

impl<T> fmt::Debug for TellError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full",
            Self::Closed(_) => "Closed",
            Self::NotHandled(_) => "NotHandled",
        })
    }
}

/// What a session has to do beside messages.
#[derive(Default)]
pub(super) struct Work {
    events: VecDeque<Event>,
    tasks: Vec<AbortHandle>,
}

impl Work {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.tasks.is_empty()
    }
}

impl Session {
    /// Gives a value to the endpoint's `#[on_event]` handler, from anywhere. It is handled between
    /// messages, never beside one, and before messages that have not been received yet. It does not
    /// wait. What still waits when the session closes is dropped unhandled.
    ///
    /// ```no_run
    /// use wsframe::prelude::*;
    ///
    /// struct Price(u64);
    ///
    /// #[server_endpoint("/ticker")]
    /// struct Ticker {
    ///     last: u64,
    /// }
    ///
    /// impl Ticker {
    ///     #[on_event]
    ///     fn changed(&mut self, Price(price): Price) -> Option<String> {
    ///         let changed = price != std::mem::replace(&mut self.last, price);
    ///         changed.then(|| price.to_string())
    ///     }
    /// }
    ///
    /// fn publish(server: &wsframe::ServerHandle, price: u64) {
    ///     for session in server.sessions() {
    ///         let _ = session.tell(Price(price));
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`TellError`] gives the value back: 256 wait already, the session is closing or closed, or its
    /// endpoint has no handler for this type.
    pub fn tell<T: Send + 'static>(&self, value: T) -> Result<(), TellError<T>> {
        if self.home().event != Some(TypeId::of::<T>()) {
            return Err(TellError::NotHandled(value));
        }
        {
            let mut extra = self.extra();
            let extra = extra.get_or_insert_default();
            if extra.ended.is_some() || !self.is_open() {
                return Err(TellError::Closed(value));
            }
            if extra.work.events.len() >= MAX_EVENTS {
                return Err(TellError::Full(value));
            }
            extra.work.events.push_back(Event(Box::new(value)));
        }
        self.signal(EVENTS);
        Ok(())
    }

    /// Has the endpoint meet a failure that no handler of its own returned.
    pub(crate) fn fail(&self, error: Error) {
        self.extra().get_or_insert_default().work.events.push_back(Event(Box::new(Failed(error))));
        self.signal(EVENTS);
    }

    /// The next value that was told.
    pub(crate) fn next_event(&self) -> Option<Event> {
        let mut extra = self.extra();
        let event = extra.as_mut().and_then(|extra| extra.work.events.pop_front());
        if event.is_none() {
            // Under the lock: whoever tells after this signals after it.
            self.clear(EVENTS);
        }
        event
    }

    /// Runs a future beside the endpoint as long as the session lives: it is aborted after
    /// `on_close`. Nothing runs if the session has ended already. A panic in it is logged and ends
    /// nothing else.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use wsframe::prelude::*;
    ///
    /// #[server_endpoint("/clock")]
    /// struct Clock;
    ///
    /// impl Clock {
    ///     #[on_open]
    ///     fn start(&mut self, session: Session) {
    ///         session.clone().spawn(async move {
    ///             while session.send("tick").await.is_ok() {
    ///                 tokio::time::sleep(Duration::from_secs(1)).await;
    ///             }
    ///         });
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        self.spawn_task(future);
    }

    /// `None` if the session has ended already.
    pub(crate) fn spawn_task(
        &self,
        future: impl Future<Output = ()> + Send + 'static,
    ) -> Option<AbortHandle> {
        let id = self.id();
        let mut extra = self.extra();
        let extra = extra.get_or_insert_default();
        if extra.ended.is_some() {
            return None;
        }
        let guarded = AssertUnwindSafe(future).catch_unwind();
        let task = tokio::spawn(async move {
            if guarded.await.is_err() {
                telemetry::panicked(&id, "a task of the session");
            }
        });
        extra.work.tasks.retain(|task| !task.is_finished());
        let task = task.abort_handle();
        extra.work.tasks.push(task.clone());
        Some(task)
    }

    /// The session is over: so are its tasks, and nobody will handle what waits.
    pub(crate) fn abandon_work(&self) {
        let work = self.extra().as_mut().map(|extra| std::mem::take(&mut extra.work));
        let Work { events, tasks } = work.unwrap_or_default();
        for task in tasks {
            task.abort();
        }
        // One by one: two that panic in one go would end the process.
        for event in events {
            if catch_unwind(AssertUnwindSafe(|| drop(event))).is_err() {
                telemetry::panicked(&self.id(), "dropping an event");
            }
        }
    }
}
