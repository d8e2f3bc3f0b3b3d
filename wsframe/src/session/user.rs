//! Principals: who a session belongs to.

use std::{
    any::{Any, type_name},
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{Agenda, Claim, Room, Session};
use crate::{
    codec::IntoMessage,
    message::{Close, CloseCode},
    room::Delivered,
};

/// Who a session belongs to: an id, perhaps an expiry, perhaps claims of a type of yours.
///
/// Set it in `#[on_handshake]` or an extractor with
/// [`Handshake::set_principal`](crate::Handshake::set_principal), or later with
/// [`Session::set_principal`]. All sessions of one id are reached together through
/// [`ServerHandle::user`](crate::ServerHandle::user).
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use wsframe::Principal;
///
/// struct Claims { admin: bool }
///
/// let ann = Principal::new("ann")
///     .expires(SystemTime::now() + Duration::from_secs(3600))
///     .claims(Claims { admin: true });
/// assert_eq!(ann.id(), "ann");
/// assert!(ann.claim::<Claims>().is_some_and(|claims| claims.admin));
/// ```
#[derive(Clone)]
#[doc(alias = "getUserPrincipal")]
pub struct Principal {
    id: Arc<str>,
    expires: Option<SystemTime>,
    grace: Duration,
    claims: Option<Arc<dyn Any + Send + Sync>>,
    claims_type: &'static str,
}

impl Principal {
    /// A principal of this id, which never expires and claims nothing.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self { id: id.into(), expires: None, grace: Duration::ZERO, claims: None, claims_type: "" }
    }

    /// Ends with its sessions at this time, by the wall clock: they are closed with 1008.
    #[must_use]
    pub fn expires(mut self, at: SystemTime) -> Self {
        self.expires = Some(at);
        self
    }

    /// How much longer its sessions live after it has expired, so that a client can come with a new
    /// token. A handshake has no grace. Default zero.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Attaches claims of any type, in place of earlier ones.
    #[must_use]
    pub fn claims<T: Send + Sync + 'static>(mut self, claims: T) -> Self {
        self.claims = Some(Arc::new(claims));
        self.claims_type = type_name::<T>();
        self
    }

    /// The id.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn shared_id(&self) -> Arc<str> {
        self.id.clone()
    }

    /// Whether that time has come.
    #[cfg(feature = "server")]
    pub(crate) fn has_expired(&self) -> bool {
        self.expires.is_some_and(|at| at <= SystemTime::now())
    }

    /// When it expires.
    pub fn expiry(&self) -> Option<SystemTime> {
        self.expires
    }

    /// The claims, if they are of this type.
    #[doc(alias = "isUserInRole")]
    pub fn claim<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.claims.as_deref()?.downcast_ref()
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Principal")
            .field("id", &self.id)
            .field("expires", &self.expires)
            .field("claims", &self.claims_type)
            .finish()
    }
}

/// All sessions of one principal id, on every endpoint of the server, whether there are any or not.
///
/// Comes from [`Session::user`], [`ServerHandle::user`](crate::ServerHandle::user) and
/// [`Handshake::user`](crate::Handshake::user). An id is any text, of any length, compared byte by
/// byte.
///
/// ```
/// use wsframe::{Close, User};
///
/// async fn ban(user: User) {
///     user.send("you are banned").await;
///     user.close(&Close::new(4003, "banned"));
///     println!("{}: {} sessions are left", user.id(), user.sessions().len());
/// }
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "SendToUser")]
#[doc(alias = "convertAndSendToUser")]
#[doc(alias = "SimpUserRegistry")]
pub struct User(pub(crate) Room);

impl User {
    /// The principal's id.
    pub fn id(&self) -> &str {
        self.0.name()
    }

    /// Sends a message to every session of the user; see [`Room::send`].
    ///
    /// # Cancel safety
    ///
    /// As with [`Room::send`].
    pub async fn send(&self, message: impl IntoMessage) -> Delivered {
        self.0.send(message).await
    }

    /// The user's open sessions.
    pub fn sessions(&self) -> Vec<Session> {
        self.0.members()
    }

    /// Closes every session of the user. It only starts, as [`Session::close`] does.
    pub fn close(&self, close: &Close) {
        self.0.close(close);
    }
}

impl Session {
    /// All sessions of one principal id, on the whole server.
    ///
    /// ```
    /// # async fn example(session: &wsframe::Session) {
    /// if session.user("bob").send("psst").await.queued == 0 {
    ///     println!("bob is not here");
    /// }
    /// # }
    /// ```
    pub fn user(&self, id: impl AsRef<str>) -> User {
        User(Room::new(self.directory().users().clone(), id.as_ref()))
    }

    /// The session is the only one of its principal, as long as it lives.
    pub(crate) fn keep_claim(&self, claim: Claim) {
        let mut extra = self.extra();
        let extra = extra.get_or_insert_default();
        if extra.ended.is_none() {
            extra.claim = Some(claim);
        }
    }

    /// Who the session belongs to, if somebody has said so; also in `on_close`.
    #[doc(alias = "getUserPrincipal")]
    #[doc(alias = "getPrincipal")]
    pub fn principal(&self) -> Option<Principal> {
        self.extra().as_ref()?.principal.clone()
    }

    /// Says who the session belongs to from now on; replaces what was said before, its expiry too.
    /// One that has expired already closes the session with 1008, and so does one that has as many
    /// sessions as `max_connections_per_principal` allows. Does nothing if the session has ended.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use wsframe::{Principal, Session};
    ///
    /// // A new token came: an hour more.
    /// fn renew(session: &Session, user: &str) {
    ///     let hour = SystemTime::now() + Duration::from_secs(3600);
    ///     session.set_principal(Principal::new(user).expires(hour));
    /// }
    /// ```
    pub fn set_principal(&self, principal: Principal) {
        let mut one_too_many = false;
        {
            let mut extra = self.extra();
            let extra = extra.get_or_insert_default();
            if extra.ended.is_some() {
                return;
            }
            let users = self.directory().users();
            let before = extra.principal.take();
            if before.as_ref().is_none_or(|before| before.id != principal.id) {
                if let Some(before) = before {
                    users.leave(&before.id, self);
                }
                let sessions = users.join(&principal.id, self.clone());
                one_too_many = sessions > self.directory().per_principal();
            }
            extra.principal = Some(principal);
            extra.expiry_at = None;
        }
        if one_too_many {
            self.one_too_many();
        }
        self.expire(None);
    }

    /// Closes the session if its principal has expired; otherwise looks again in time. `at` is the
    /// time on the agenda, which counts only if it is the last one that was set.
    pub(crate) fn expire(&self, at: Option<u64>) {
        /// A wall clock may be set, so it is looked at now and then.
        const LOOK_AGAIN: u64 = 60_000;
        let next = {
            let mut extra = self.extra();
            let Some(extra) = extra.as_mut().filter(|extra| extra.expiry_at == at) else { return };
            let Some(principal) = extra.principal.as_ref() else { return };
            let Some(expires) = principal.expires else { return };
            let expires = expires.checked_add(principal.grace).unwrap_or(expires);
            let left = expires.duration_since(SystemTime::now()).unwrap_or_default();
            extra.expiry_at = (!left.is_zero()).then(|| {
                let left = (left.as_millis() as u64).clamp(1, LOOK_AGAIN);
                self.directory().now() + left
            });
            extra.expiry_at
        };
        match next {
            Some(at) => self.remind(Agenda::Expiry, at),
            None => self.close(Close::new(CloseCode::POLICY, "expired")),
        }
    }
}
