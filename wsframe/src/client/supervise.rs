//! One connection after the other for one object.
//!
//! Everything runs in one task: the dial, which is a box of its own and gone when it is through; then
//! the driver of the connection; then the wait. So an idle connection that was dialled costs no second
//! task.

use std::{
    panic::AssertUnwindSafe,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{
    FutureExt,
    future::{Either, select},
};
use tokio::{
    task::yield_now,
    time::{Instant, sleep},
};

use super::{
    Config,
    disconnect::{Cause, Disconnect},
    endpoint::ClientEndpoint,
    error::ConnectError,
    handle::{Link, Over, Shared},
    lent::Lent,
    open::Dialled,
};
use crate::{connection, session::Unsent, telemetry};

pin_project_lite::pin_project! {
    /// A task that says when it is over, also when it is dropped half-way.
    pub(super) struct Supervised<F> {
        #[pin]
        future: F,
        // Dropped last.
        over: Over,
    }
}

impl<F> Supervised<F> {
    pub(super) fn new(future: F, over: Over) -> Self {
        Self { future, over }
    }
}

impl<F: Future> Future for Supervised<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

/// Until it is over; the object comes back.
///
/// A plain function, and a box for each step but the connection itself: all of it stays as long as
/// the connection, of which there may be thousands.
pub(super) fn supervise<E: ClientEndpoint>(
    config: Arc<Config>,
    mut endpoint: Box<E>,
    shared: Arc<Shared<E>>,
) -> impl Future<Output = Box<E>> + Send {
    let mut failures = 0_u32;
    async move {
        loop {
            let dialled = Box::pin(dial::<E>(&config, &shared)).await;
            let disconnect = match dialled {
                None => return endpoint,
                Some(Err(error)) => {
                    failures = failures.saturating_add(1);
                    Disconnect::new(Cause::Failed(error), Unsent::default(), failures)
                }
                Some(Ok(Dialled { session, transport, hub: _hub })) => {
                    let since = Instant::now();
                    let lent = Lent::new(endpoint, shared.clone());
                    shared.opened(&session);
                    connection::drive(lent, session.clone(), transport).await;
                    // At once, unless a blocking handler still has it.
                    endpoint = Box::pin(shared.take_back()).await;
                    let stable = config.backoff().is_stable(since.elapsed());
                    failures = if stable { 0 } else { failures.saturating_add(1) };
                    let reason = Box::pin(session.closed()).await;
                    Disconnect::new(Cause::Ended(reason), session.unsent(), failures)
                }
            };
            shared.disconnected(&disconnect);
            if !Box::pin(pause(&config, &mut *endpoint, &shared, &disconnect)).await {
                return endpoint;
            }
        }
    }
}

/// `None` when it is to stop.
async fn dial<E: ClientEndpoint>(
    config: &Config,
    link: &Link,
) -> Option<Result<Dialled, ConnectError>> {
    let dialling = pin!(async {
        let home = config.shared_home::<E>()?;
        Ok(config.open(&config.asked_for::<E>()).await?.session(home))
    });
    match select(pin!(link.stopping()), dialling).await {
        Either::Left(_) => None,
        Either::Right((dialled, _)) => Some(dialled),
    }
}

/// Asks the object and waits as long as that says; `false` when it is to stop.
async fn pause<E: ClientEndpoint>(
    config: &Config,
    endpoint: &mut E,
    link: &Link,
    disconnect: &Disconnect,
) -> bool {
    let decided = {
        let asking = async { endpoint.on_disconnect(disconnect).await };
        let asking = pin!(AssertUnwindSafe(asking).catch_unwind());
        match select(pin!(link.stopping()), asking).await {
            Either::Left(_) => return false,
            Either::Right((decided, _)) => decided,
        }
    };
    let Ok(retry) = decided else {
        telemetry::on_disconnect_panicked();
        return false;
    };
    let Some(delay) = config.decide(retry, disconnect) else {
        telemetry::gave_up(disconnect);
        return false;
    };
    telemetry::dials_again(disconnect, delay);
    if delay.is_zero() {
        // Dials that fail without waiting for anything would keep the thread.
        yield_now().await;
    } else {
        select(pin!(link.stopping()), pin!(sleep(delay))).await;
    }
    true
}
