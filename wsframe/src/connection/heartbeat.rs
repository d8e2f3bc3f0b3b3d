//! Pings, pong deadlines and idle timeouts of all sessions of a server.
//!
//! One task looks after all of them, each when its time has come; an idle connection costs no
//! timer of its own, and a message costs no look at the clock.

use std::{sync::atomic::Ordering, time::Duration};

use super::failure;
use crate::{
    message::{Close, CloseCode},
    session::{ALIVE, Agenda, Directory, Due, PAUSED, PINGED, Session},
    telemetry,
};

/// How late we may look for a pong and still judge. Beyond it this process was stopped or
/// starved, and the peer is asked once more.
const LATE: u64 = 1000;

/// Puts a new session on the agenda.
pub(super) fn begin(session: &Session) {
    session.watch(Agenda::Heartbeat, session.settings().ping_interval);
    session.watch(Agenda::Idle, session.settings().idle_timeout);
}

/// Looks after all sessions of `directory`; never ends by itself.
pub(crate) async fn sweep(directory: std::sync::Arc<Directory>) {
    loop {
        for due in directory.due().await {
            if due.session.is_outdated(due.agenda, due.at) {
                continue;
            }
            match due.agenda {
                Agenda::Heartbeat => heartbeat(&due, directory.now()),
                Agenda::Idle => idle(&due.session, directory.now()),
                Agenda::Expiry => due.session.expire(Some(due.at)),
            }
        }
    }
}

/// Sends the next ping, or looks whether anything came since the last.
///
/// Between a ping and the next there is one look for its answer, at the pong deadline; where that
/// lies beyond the next ping, each ping is a look, and so many may stay without an answer.
fn heartbeat(due: &Due, now: u64) {
    let session = &due.session;
    let Some(interval) = session.ping_interval().map(millis) else { return };
    let pong_timeout = millis(session.settings().pong_timeout);
    let beat = session.beat().fetch_and(!ALIVE, Ordering::Relaxed);
    let silent = beat & PINGED != 0 && beat & ALIVE == 0;
    // While a busy handler keeps us from reading, its answer may well be waiting in the kernel. And
    // who looks too late has no right to judge.
    let judges = beat & PAUSED == 0 && now <= due.at + LATE;
    if silent && judges {
        let unanswered = session.unanswered().fetch_add(1, Ordering::Relaxed) + 1;
        if u64::from(unanswered) * interval.min(pong_timeout) >= pong_timeout {
            telemetry::count::ping_timeout();
            session.kill(failure::no_pong());
            return;
        }
    } else {
        session.unanswered().store(0, Ordering::Relaxed);
    }
    if pong_timeout <= interval && beat & PINGED != 0 && (beat & ALIVE != 0 || !judges) {
        // The look for the answer. Without the right to judge there is another one.
        if beat & ALIVE != 0 {
            session.beat().fetch_and(!PINGED, Ordering::Relaxed);
            session.watch_at(Agenda::Heartbeat, now + (interval - pong_timeout).max(1));
        } else {
            session.watch_at(Agenda::Heartbeat, now + pong_timeout);
        }
    } else if session.ping("").is_ok() {
        session.beat().fetch_or(PINGED, Ordering::Relaxed);
        session.watch_at(Agenda::Heartbeat, now + interval.min(pong_timeout));
    }
}

/// Closes a session that had no message either way for too long.
fn idle(session: &Session, now: u64) {
    let Some(timeout) = session.idle_timeout() else { return };
    let until = session.touched() + millis(timeout);
    if now < until {
        session.watch_at(Agenda::Idle, until);
    } else {
        session.close(Close::new(CloseCode::GOING_AWAY, "idle timeout"));
    }
}

/// At least one: nothing is due at the moment it is asked for.
fn millis(duration: Duration) -> u64 {
    (duration.as_millis() as u64).max(1)
}
