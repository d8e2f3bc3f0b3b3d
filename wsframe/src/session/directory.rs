//! All sessions of one server, and what is to be done about them when.
//!
//! A seat is taken before the handshake is answered, so that a shutdown that happens meanwhile
//! knows of the session to come.

use std::{
    any::TypeId,
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{Addresses, Resident, Session, strategy::Strategy};
use crate::{message::Close, outbox::Budget, room::Space};

/// All sessions of one server.
pub(crate) struct Directory {
    state: Mutex<State>,
    /// Told when the last seat is free.
    emptied: Notify,
    agenda: Mutex<BinaryHeap<Reverse<Entry>>>,
    /// Told when something earlier than all others stands on the agenda.
    earlier: Notify,
    epoch: Instant,
    /// The rooms of each endpoint type, of the server as a whole, and the users.
    rooms: Mutex<HashMap<TypeId, Arc<Space<Session>>>>,
    shared_rooms: Arc<Space<Session>>,
    users: Arc<Space<Session>>,
    /// Principal ids that one session has to itself.
    claims: Mutex<HashSet<Arc<str>>>,
    strategy: Strategy,
    /// What waits in all outboxes.
    budget: Arc<Budget>,
    addresses: Arc<Addresses>,
    /// Most sessions of one principal.
    per_principal: AtomicUsize,
}

#[derive(Default)]
struct State {
    slots: Vec<Option<Session>>,
    free: Vec<u32>,
    /// Sessions that count for their address, by slot; empty where addresses have no limit.
    residents: HashMap<u32, Resident>,
    /// Seats taken: sockets that are accepted, whether or not they are sessions yet.
    taken: usize,
    /// Set by a shutdown: sessions that come later get it at once.
    closing: Option<Close>,
}

/// What is to be done about a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Agenda {
    /// Ping it, or look for its pong.
    Heartbeat,
    /// See whether it is idle.
    Idle,
    /// See whether its principal has expired.
    Expiry,
}

/// One line of the agenda; 24 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: u64,
    slot: u32,
    tag: u32,
    agenda: Agenda,
}

/// A session whose time has come.
#[derive(Debug)]
pub(crate) struct Due {
    pub(crate) session: Session,
    pub(crate) agenda: Agenda,
    /// When it should have been looked at.
    pub(crate) at: u64,
}

impl Directory {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::default(),
            emptied: Notify::new(),
            agenda: Mutex::default(),
            earlier: Notify::new(),
            epoch: Instant::now(),
            rooms: Mutex::default(),
            shared_rooms: Arc::new(Space::new()),
            users: Arc::new(Space::new()),
            claims: Mutex::default(),
            strategy: Strategy::default(),
            budget: Arc::new(Budget::new()),
            addresses: Arc::default(),
            per_principal: AtomicUsize::new(usize::MAX),
        })
    }

    /// The rooms of one endpoint type.
    pub(crate) fn rooms(&self, endpoint: TypeId) -> Arc<Space<Session>> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        rooms.entry(endpoint).or_insert_with(|| Arc::new(Space::new())).clone()
    }

    pub(crate) fn shared_rooms(&self) -> &Arc<Space<Session>> {
        &self.shared_rooms
    }

    pub(super) fn claims(&self) -> MutexGuard<'_, HashSet<Arc<str>>> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn users(&self) -> &Arc<Space<Session>> {
        &self.users
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn strategy(&self) -> &Strategy {
        &self.strategy
    }

    /// What waits in all outboxes together.
    pub(crate) fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    pub(crate) fn addresses(&self) -> &Arc<Addresses> {
        &self.addresses
    }

    pub(crate) fn set_per_principal(&self, limit: usize) {
        self.per_principal.store(limit, Ordering::Relaxed);
    }

    /// Most sessions of one principal.
    pub(crate) fn per_principal(&self) -> usize {
        self.per_principal.load(Ordering::Relaxed)
    }

    /// Takes a seat, if there are less than `limit`.
    pub(crate) fn sit(self: &Arc<Self>, limit: usize) -> Option<Seat> {
        let mut state = self.state();
        if state.taken >= limit {
            return None;
        }
        state.taken += 1;
        Some(Seat { directory: Some(self.clone()), resident: None, counted: None })
    }

    /// All open sessions.
    pub(crate) fn sessions(&self) -> Vec<Session> {
        self.state().slots.iter().flatten().filter(|session| session.is_open()).cloned().collect()
    }

    /// All sessions whose driver still runs, open or not.
    pub(crate) fn sessions_left(&self) -> Vec<Session> {
        self.state().slots.iter().flatten().cloned().collect()
    }

    /// How many seats are taken.
    pub(crate) fn taken(&self) -> usize {
        self.state().taken
    }

    /// Closes every session, also those that are still to come.
    pub(crate) fn close_all(&self, close: &Close) {
        for session in self.begin_closing(close) {
            session.close(close.clone());
        }
    }

    /// Sessions that are still to come are closed when they come; those that are there are for the
    /// caller to close.
    pub(crate) fn begin_closing(&self, close: &Close) -> Vec<Session> {
        let mut state = self.state();
        state.closing = Some(close.clone());
        state.slots.iter().flatten().cloned().collect()
    }

    /// Waits until no seat is taken.
    pub(crate) async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            tokio::pin!(emptied);
            emptied.as_mut().enable();
            if self.taken() == 0 {
                return;
            }
            emptied.await;
        }
    }

    pub(super) fn leave(&self, slot: u32) {
        let (session, resident) = {
            let mut state = self.state();
            let session = state.slots.get_mut(slot as usize).and_then(Option::take);
            if session.is_some() {
                state.free.push(slot);
            }
            (session, state.residents.remove(&slot))
        };
        drop(resident);
        if session.is_some() {
            self.stand_up();
        }
    }

    fn stand_up(&self) {
        let mut state = self.state();
        state.taken -= 1;
        if state.taken == 0 {
            drop(state);
            self.emptied.notify_waiters();
        }
    }

    // ---- agenda

    /// Milliseconds since the directory began.
    pub(crate) fn now(&self) -> u64 {
        self.epoch.elapsed().as_millis() as u64
    }

    pub(super) fn remind(&self, slot: u32, tag: u32, agenda: Agenda, at: u64) {
        let entry = Entry { at, slot, tag, agenda };
        let mut heap = self.agenda.lock().unwrap_or_else(PoisonError::into_inner);
        let earliest = heap.peek().is_none_or(|Reverse(first)| at < first.at);
        heap.push(Reverse(entry));
        drop(heap);
        if earliest {
            self.earlier.notify_one();
        }
    }

    /// Waits until something is due and takes everything that is.
    pub(crate) async fn due(&self) -> Vec<Due> {
        loop {
            let now = self.now();
            let (lines, next) = self.take_lines(now);
            let due = self.look_up(lines);
            if !due.is_empty() {
                return due;
            }
            match next {
                Some(at) => {
                    let time = self.epoch + Duration::from_millis(at);
                    let _ = tokio::time::timeout_at(time, self.earlier.notified()).await;
                }
                None => self.earlier.notified().await,
            }
        }
    }

    fn take_lines(&self, now: u64) -> (Vec<Entry>, Option<u64>) {
        let mut heap = self.agenda.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = Vec::new();
        while let Some(Reverse(first)) = heap.peek()
            && first.at <= now
        {
            lines.push(*first);
            heap.pop();
        }
        let next = heap.peek().map(|Reverse(first)| first.at);
        (lines, next)
    }

    /// The sessions that the lines speak of, as far as they are still there.
    fn look_up(&self, lines: Vec<Entry>) -> Vec<Due> {
        if lines.is_empty() {
            return Vec::new();
        }
        let state = self.state();
        lines
            .into_iter()
            .filter_map(|line| {
                let session = state.slots.get(line.slot as usize)?.as_ref()?;
                (session.id().tag() == line.tag).then(|| Due {
                    session: session.clone(),
                    agenda: line.agenda,
                    at: line.at,
                })
            })
            .collect()
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory").field("taken", &self.taken()).finish_non_exhaustive()
    }
}

/// A place for a connection: one of the server's limit, and known to its shutdown.
#[derive(Debug)]
pub(crate) struct Seat {
    /// `None` once a session has it.
    directory: Option<Arc<Directory>>,
    /// Where addresses have a limit.
    resident: Option<Resident>,
    /// What else counts the connection until it is a session, or gone.
    counted: Option<Arc<()>>,
}

impl Seat {
    /// The connection counts for its address from now on.
    pub(crate) fn reside(&mut self, resident: Resident) {
        self.resident = Some(resident);
    }

    pub(crate) fn count_in(&mut self, counted: Arc<()>) {
        self.counted = Some(counted);
    }

    /// The seat becomes a session's. If the server shuts down meanwhile, the session is told.
    pub(super) fn register(mut self, make: impl FnOnce(Arc<Directory>, u32) -> Session) -> Session {
        let Some(directory) = self.directory.take() else { unreachable!("a seat is taken once") };
        let mut state = directory.state();
        let slot = state.free.pop().unwrap_or_else(|| {
            state.slots.push(None);
            (state.slots.len() - 1) as u32
        });
        let session = make(directory.clone(), slot);
        state.slots[slot as usize] = Some(session.clone());
        if let Some(resident) = self.resident.take() {
            state.residents.insert(slot, resident);
        }
        let closing = state.closing.clone();
        drop(state);
        if let Some(close) = closing {
            session.close(close);
        }
        session
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(directory) = self.directory.take() {
            directory.stand_up();
        }
    }
}
