//! One-time tickets for handshakes.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// One-time tickets: an HTTP request that is logged in fetches one, and the page opens its WebSocket
/// with it in the query. A URL may end up in somebody's log; a ticket that has been used, or is half a
/// minute old, is worth nothing there.
///
/// Each has 128 random bits, stands for a value of yours, and is redeemed once, however many try at the
/// same moment. Clones are the same tickets: give one to the server as state and one to the HTTP
/// handler. They live in this process; with several nodes, keep them where all can redeem them.
///
/// ```
/// use std::time::Duration;
/// use wsframe::{FromHandshake, Handshake, Principal, Refusal, Server, Tickets, server_endpoint};
///
/// #[derive(Clone)]
/// struct UserId(String);
///
/// struct Login;
///
/// impl FromHandshake for Login {
///     async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
///         let tickets: Tickets<UserId> = handshake.state().ok_or_else(Refusal::internal)?;
///         let UserId(id) = handshake.redeem("ticket", &tickets)?;
///         handshake.set_principal(Principal::new(id));
///         Ok(Self)
///     }
/// }
///
/// #[server_endpoint("/chat")]
/// struct Chat {
///     #[extract] _login: Login,
/// }
///
/// let tickets = Tickets::new(Duration::from_secs(30));
/// let server = Server::new().state(tickets.clone());
/// // In an HTTP handler that knows who asks:
/// let ticket = tickets.issue(UserId("ann".into())).expect("room for one");
/// println!("/chat?ticket={ticket}");
/// # let _ = server;
/// ```
pub struct Tickets<T>(Arc<Shared<T>>);

struct Shared<T> {
    lifetime: Duration,
    most: usize,
    open: Mutex<Open<T>>,
}

struct Open<T> {
    values: HashMap<u128, T>,
    /// Oldest first; they all live equally long. Redeemed ones too, until their time is over.
    order: VecDeque<(Instant, u128)>,
}

/// So many tickets are open that there is no room for one more.
///
/// ```
/// use std::time::Duration;
/// use wsframe::Tickets;
///
/// let tickets = Tickets::new(Duration::from_secs(30)).most(1);
/// assert!(tickets.issue("ann").is_ok());
/// assert_eq!(tickets.issue("bob").unwrap_err().to_string(), "too many tickets are open");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many tickets are open")]
pub struct TooManyTickets;

impl<T> Tickets<T> {
    /// Tickets that may be redeemed for so long; 30 s are enough for a page. At most 100,000 at a
    /// time, those that were redeemed meanwhile included.
    pub fn new(lifetime: Duration) -> Self {
        let open = Mutex::new(Open { values: HashMap::new(), order: VecDeque::new() });
        Self(Arc::new(Shared { lifetime, most: 100_000, open }))
    }

    /// So many tickets issued within one lifetime. To be called before the first clone.
    ///
    /// # Panics
    ///
    /// If there are clones.
    #[must_use]
    pub fn most(mut self, tickets: usize) -> Self {
        Arc::get_mut(&mut self.0).expect("no clones yet").most = tickets;
        self
    }

    fn open(&self) -> MutexGuard<'_, Open<T>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new ticket that stands for `value`: 32 hexadecimal digits.
    ///
    /// # Errors
    ///
    /// [`TooManyTickets`].
    pub fn issue(&self, value: T) -> Result<String, TooManyTickets> {
        let mut open = self.open();
        open.forget(Instant::now(), self.0.lifetime);
        if open.order.len() >= self.0.most {
            return Err(TooManyTickets);
        }
        let ticket: u128 = rand::random();
        open.values.insert(ticket, value);
        open.order.push_back((Instant::now(), ticket));
        Ok(format!("{ticket:032x}"))
    }

    /// The value that the ticket stands for, once.
    pub fn redeem(&self, ticket: &str) -> Option<T> {
        let digits = ticket.len() == 32 && ticket.bytes().all(|b| b.is_ascii_hexdigit());
        let ticket = digits.then(|| u128::from_str_radix(ticket, 16).ok())??;
        let mut open = self.open();
        open.forget(Instant::now(), self.0.lifetime);
        open.values.remove(&ticket)
    }
}

impl<T> Open<T> {
    fn forget(&mut self, now: Instant, lifetime: Duration) {
        while let Some((issued, ticket)) = self.order.front()
            && now.duration_since(*issued) >= lifetime
        {
            self.values.remove(ticket);
            self.order.pop_front();
        }
    }
}

impl<T> Clone for Tickets<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> fmt::Debug for Tickets<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tickets").field("open", &self.open().values.len()).finish()
    }
}
