//! The session as its driver and the heartbeat see it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU16, Ordering},
    },
    task::Waker,
};

use super::{
    Agenda, Directory, Home, Principal, Session,
    signals::{ALIVE, CLOSING, ENDED, IDLE, KILLED, PAUSED, TICKS},
};
use crate::{
    limits::Settings,
    message::{Close, CloseReason, Initiator},
    outbox::Outbox,
    telemetry,
};

impl Session {
    pub(crate) fn outbox(&self) -> &Outbox {
        &self.0.outbox
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.0.home.settings
    }

    pub(crate) fn home(&self) -> &Arc<Home> {
        &self.0.home
    }

    pub(crate) fn directory(&self) -> &Arc<Directory> {
        &self.0.directory
    }

    /// What there is to look at beside messages; nothing most of the time.
    #[inline]
    pub(crate) fn signals(&self) -> u8 {
        self.0.signals.load(Ordering::Relaxed) & !ENDED
    }

    /// Whether the end is near: closed by us or killed.
    pub(crate) fn is_ending(&self) -> bool {
        self.signals() & (CLOSING | KILLED) != 0
    }

    /// Has every turn look for ticks.
    pub(crate) fn want_ticks(&self) {
        self.0.signals.fetch_or(TICKS, Ordering::Relaxed);
    }

    pub(crate) fn clear(&self, signal: u8) {
        self.0.signals.fetch_and(!signal, Ordering::Release);
    }

    pub(super) fn signal(&self, signal: u8) {
        self.0.signals.fetch_or(signal, Ordering::Release);
        self.0.outbox.wake();
    }

    /// The close that we asked for, if we did.
    pub(crate) fn asked(&self) -> Option<Close> {
        self.extra().as_ref()?.asked.clone()
    }

    pub(crate) fn killed(&self) -> Option<CloseReason> {
        self.extra().as_ref()?.killed.clone()
    }

    /// The connection has ended: nothing can be sent, and whoever waits for the end learns it.
    pub(crate) fn end(&self, reason: CloseReason) {
        self.0.outbox.abandon();
        self.0.signals.fetch_or(ENDED, Ordering::Release);
        let waiting = {
            let mut extra = self.extra();
            let extra = extra.get_or_insert_default();
            if extra.ended.is_none() {
                self.exit_all(&extra.rooms);
                if let Some(principal) = &extra.principal {
                    self.0.directory.users().leave(principal.id(), self);
                }
                extra.claim = None;
                extra.ended = Some(reason);
            }
            std::mem::take(&mut extra.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Whether [`end`](Self::end) was called.
    pub(crate) fn has_ended(&self) -> bool {
        self.0.signals.load(Ordering::Relaxed) & ENDED != 0
    }

    /// Reports that the session is open.
    pub(crate) fn tell_open(&self) {
        let principal = self.principal();
        let principal = principal.as_ref().map(Principal::id);
        telemetry::opened(&self.0.id, &self.0.home.name, self.0.facts.peer, principal);
    }

    /// Reports how the session has ended.
    pub(crate) fn tell_closed(&self) {
        let Some(reason) = self.extra().as_ref().and_then(|extra| extra.ended.clone()) else {
            return;
        };
        let by = match reason.initiator() {
            Initiator::Peer => "client",
            Initiator::Local => "server",
            Initiator::Network => "network",
        };
        let (code, text) = (reason.code().into(), reason.reason());
        telemetry::closed(&self.0.id, &self.0.home.name, code, text, by, reason.was_clean());
    }

    /// Gives the place in the directory back; the last thing that a driver does.
    pub(crate) fn stand_up(&self) {
        self.0.directory.leave(self.0.slot);
    }

    // ---- signs of life

    #[inline]
    pub(crate) fn alive(&self) {
        let beat = &self.0.beat;
        if beat.load(Ordering::Relaxed) & ALIVE == 0 {
            beat.fetch_or(ALIVE, Ordering::Relaxed);
        }
    }

    /// Whether received messages are left in the kernel, because a handler is busy.
    pub(crate) fn set_paused(&self, paused: bool) {
        let beat = &self.0.beat;
        if (beat.load(Ordering::Relaxed) & PAUSED != 0) != paused {
            beat.fetch_xor(PAUSED, Ordering::Relaxed);
        }
    }

    pub(crate) fn unanswered(&self) -> &AtomicU16 {
        &self.0.unanswered
    }

    pub(crate) fn beat(&self) -> &AtomicU8 {
        &self.0.beat
    }

    /// A message went one way or the other.
    #[inline]
    pub(crate) fn touch_if_idle_matters(&self) {
        if self.0.beat.load(Ordering::Relaxed) & IDLE != 0 {
            self.touch();
        }
    }

    pub(super) fn touch(&self) {
        self.0.touched.store(self.0.directory.now(), Ordering::Relaxed);
    }

    pub(crate) fn touched(&self) -> u64 {
        self.0.touched.load(Ordering::Relaxed)
    }

    /// Asks the directory for a call at `at`, in its milliseconds.
    pub(crate) fn remind(&self, agenda: Agenda, at: u64) {
        self.0.directory.remind(self.0.slot, self.0.id.tag(), agenda, at);
    }
}
