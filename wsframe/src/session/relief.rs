//! What happens when all outboxes together hold too much.

use std::{cmp::Reverse, sync::Arc, time::Duration};

use super::{Directory, Session};
use crate::{
    message::{CloseCode, CloseReason, Initiator},
    telemetry,
};

/// Ends the sessions for which most waits, until no more waits in all than may; never ends by
/// itself.
pub(crate) async fn relieve(directory: Arc<Directory>) {
    /// How long to wait where nobody is left to end, and what waits is on its way already.
    const AGAIN: Duration = Duration::from_millis(100);
    loop {
        directory.budget().exceeded().await;
        if end_largest(&directory) == 0 {
            tokio::time::sleep(AGAIN).await;
        }
    }
}

/// How many sessions were ended.
fn end_largest(directory: &Directory) -> usize {
    let sessions = directory.sessions_left().into_iter();
    let counted = sessions.map(|session| (session.outbox().counted(), session));
    let mut counted: Vec<_> = counted.filter(|(bytes, _)| *bytes > 0).collect();
    counted.sort_by_key(|(bytes, _)| Reverse(*bytes));
    let mut ended = 0;
    for (bytes, session) in counted {
        if directory.budget().excess() == 0 {
            break;
        }
        telemetry::outboxes_full(&session.id(), bytes);
        session.kill(too_much());
        ended += 1;
    }
    ended
}

/// A close frame behind all that waits would not be read.
fn too_much() -> CloseReason {
    const WHY: &str = "too much waits to be sent on the server";
    CloseReason::new(CloseCode::TRY_AGAIN, WHY, Initiator::Local, false)
}

impl Session {
    /// Too many sessions belong to one principal.
    pub(super) fn one_too_many(&self) {
        self.close(crate::message::Close::new(CloseCode::POLICY, "too many connections"));
    }
}
