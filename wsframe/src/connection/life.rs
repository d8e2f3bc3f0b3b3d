//! The life of one connection, as its endpoint sees it.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::{Pin, pin},
    task::Poll,
};

use futures_util::FutureExt;

use super::{
    attend::{Attend, Attended, attend},
    failure::{self, Verdict},
    rare,
    state::{Connection, Next},
};
use crate::{
    endpoint::{Answer, Endpoint, Outcome, Reply},
    limits::ON_CLOSE_TIMEOUT,
    message::{Failure, Message, MessageKind, OnError},
    session::Session,
    telemetry,
};

/// `on_open`, then a message after the other, then `on_close`.
///
/// A plain function that returns one async block: its captures are used in place, while an
/// `async fn` would keep each argument twice.
pub(super) fn run<E: Endpoint>(
    mut endpoint: E,
    mut connection: Connection,
    session: Session,
) -> impl Future<Output = ()> + Send {
    // Outside of the block: a runtime may drop the task before it is polled at all.
    let place = Leave(session);
    async move {
        let session = &place.0;
        if !session.is_ending() {
            // A handler's panic is met where the handler is polled. One that comes while it is
            // called or dropped ends here, as nothing else may keep `on_close` from its turn.
            let guarded = AssertUnwindSafe(live(&mut endpoint, &mut connection, session));
            if guarded.catch_unwind().await.is_err() {
                telemetry::panicked(&session.id(), "a handler");
                session.close(failure::panicked());
            }
            Box::pin(finish(&mut endpoint, &mut connection, session)).await;
        } else {
            // Closed before it was open: the endpoint never learns of it.
            poll_fn(|cx| connection.poll_end(cx, session)).await;
        }
        let id = session.id();
        drop(place);
        if catch_unwind(AssertUnwindSafe(|| drop(endpoint))).is_err() {
            telemetry::panicked(&id, "dropping the endpoint");
        }
    }
}

/// `on_open`, then a message after the other, until the connection ends.
#[expect(clippy::manual_async_fn, reason = "its captures are used in place, as above")]
fn live<'a, E: Endpoint>(
    endpoint: &'a mut E,
    connection: &'a mut Connection,
    session: &'a Session,
) -> impl Future<Output = ()> + Send + 'a {
    async move {
        let attended = {
            let handler = pin!(endpoint.on_open(session));
            attend(handler, connection, session).await
        };
        session.drop_head();
        let mut goes_on = Box::pin(settle(endpoint, connection, session, None, attended)).await;

        if let Some(period) = E::TICK {
            connection.tick(period, session);
        }

        while goes_on {
            // In one step, and without a borrow of the message: what is borrowed would keep its
            // place in the future while the handler runs.
            let (kind, message) =
                match poll_fn(|cx| connection.poll_next(cx, session).map(with_kind)).await {
                    Ok(message) => message,
                    Err(Next::End) => break,
                    Err(next) => {
                        goes_on = rare::handle(endpoint, connection, session, next).await;
                        continue;
                    }
                };
            let attended = {
                let mut handler = pin!(endpoint.on_message(session, message));
                let handler = handler.as_mut();
                Attend { handler, connection, session }.await
            };
            // Nearly every handler is done with a reply that finds room, or with none.
            let rest = match attended {
                Attended::Done(Ok(Reply(Answer::Nothing))) => continue,
                Attended::Done(Ok(Reply(Answer::Message(reply)))) => {
                    session.touch_if_idle_matters();
                    match session.outbox().push(reply, session.settings(), None) {
                        Ok(()) => continue,
                        Err(rejected) => {
                            Attended::Done(Ok(Reply(Answer::Message(rejected.message))))
                        }
                    }
                }
                rest => rest,
            };
            goes_on = Box::pin(settle(endpoint, connection, session, Some(kind), rest)).await;
        }
    }
}

fn with_kind(next: Next) -> Result<(MessageKind, Message), Next> {
    match next {
        Next::Message(message) => Ok((message.kind(), message)),
        other => Err(other),
    }
}

/// Gives the session's place back, whatever happens; also when the task is dropped half-way or before
/// it began, as a runtime does that shuts down.
struct Leave(Session);

impl Drop for Leave {
    fn drop(&mut self) {
        if !self.0.has_ended() {
            self.0.end(failure::dropped());
        }
        self.0.tell_closed();
        self.0.abandon_work();
        self.0.stand_up();
    }
}

/// Does what a handler's outcome asks for. `false` when no further message is to be handled.
pub(super) async fn settle<E: Endpoint>(
    endpoint: &mut E,
    connection: &mut Connection,
    session: &Session,
    kind: Option<MessageKind>,
    attended: Attended<Outcome>,
) -> bool {
    match answer(connection, session, kind, attended).await {
        Ok(goes_on) => goes_on,
        Err(failure) => on_error(endpoint, connection, session, &failure).await,
    }
}

/// The part of it that no endpoint is asked about.
async fn answer(
    connection: &mut Connection,
    session: &Session,
    kind: Option<MessageKind>,
    attended: Attended<Outcome>,
) -> Result<bool, Failure> {
    let error = match attended {
        Attended::Done(Ok(Reply(Answer::Nothing))) => return Ok(true),
        Attended::Done(Ok(Reply(Answer::Message(reply)))) => {
            let mut sending = pin!(session.send(reply));
            let sending = sending.as_mut();
            // A closed session is noticed when the next message is asked for.
            let _ = Attend { handler: sending, connection, session }.await;
            return Ok(true);
        }
        Attended::Done(Ok(Reply(Answer::Many(outcomes)))) => {
            session.start(outcomes);
            return Ok(true);
        }
        Attended::Done(Ok(Reply(Answer::Unsupported))) => {
            if let Some(close) = kind.and_then(failure::unsupported) {
                session.close(close);
            }
            return Ok(true);
        }
        Attended::Done(Err(error)) => error,
        Attended::Panicked => {
            telemetry::panicked(&session.id(), "a handler");
            session.close(failure::panicked());
            return Ok(true);
        }
        Attended::Abandoned => {
            telemetry::abandoned(&session.id(), "a handler");
            return Ok(false);
        }
    };
    match failure::judge(error) {
        Verdict::Close(close) => session.close(close),
        Verdict::Quiet => {}
        Verdict::Failure(failure) => return Err(failure),
    }
    Ok(true)
}

/// Lets the endpoint decide about a failure.
async fn on_error<E: Endpoint>(
    endpoint: &mut E,
    connection: &mut Connection,
    session: &Session,
    failure: &Failure,
) -> bool {
    let attended = {
        let handler = pin!(endpoint.on_error(session, failure));
        attend(handler, connection, session).await
    };
    match attended {
        Attended::Done(OnError::Continue) => {}
        Attended::Done(OnError::Close(close)) => session.close(close),
        Attended::Done(OnError::Default) => unmet(session, failure),
        Attended::Panicked => {
            telemetry::panicked(&session.id(), "on_error");
            session.close(failure::panicked());
        }
        Attended::Abandoned => {
            telemetry::abandoned(&session.id(), "on_error");
            return false;
        }
    }
    true
}

/// The endpoint has not met the failure: it is reported, and the server decides.
fn unmet(session: &Session, failure: &Failure) {
    telemetry::handler_failed(&session.id(), failure);
    match catch_unwind(AssertUnwindSafe(|| session.meet(failure))) {
        Ok(OnError::Continue) => {}
        Ok(OnError::Close(close)) => session.close(close),
        Ok(OnError::Default) => session.close(failure::unmet(failure)),
        Err(_) => {
            telemetry::panicked(&session.id(), "on_failure");
            session.close(failure::panicked());
        }
    }
}

/// The closing handshake, then `on_close`, exactly once.
async fn finish<E: Endpoint>(endpoint: &mut E, connection: &mut Connection, session: &Session) {
    poll_fn(|cx| connection.poll_end(cx, session)).await;
    let reason = session.closed().await;
    let closing = async {
        let handler = pin!(endpoint.on_close(session, reason));
        close(handler, connection, session).await;
    };
    if AssertUnwindSafe(closing).catch_unwind().await.is_err() {
        telemetry::panicked(&session.id(), "on_close");
    }
}

/// Runs `on_close`, and beside it what the socket still has to do.
async fn close(
    mut handler: Pin<&mut (dyn Future<Output = ()> + Send)>,
    connection: &mut Connection,
    session: &Session,
) {
    let guarded =
        poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| handler.as_mut().poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(())) => Poll::Ready(true),
            Err(_) => Poll::Ready(false),
        });
    let bounded = tokio::time::timeout(ON_CLOSE_TIMEOUT, guarded);
    let linger = poll_fn(|cx| connection.poll_linger(cx));
    match futures_util::future::join(bounded, linger).await.0 {
        Ok(true) => {}
        Ok(false) => telemetry::panicked(&session.id(), "on_close"),
        Err(_) => telemetry::abandoned(&session.id(), "on_close"),
    }
}
