//! From which origins a browser may connect.

use std::borrow::Cow;

use http::{HeaderMap, header::ORIGIN};

use super::authority::{Authority, default_port};

/// Which `Origin`s may open a session.
///
/// A browser lets any page open a WebSocket to any server, and sends the user's cookies along. All
/// that tells your own page from a stranger's is the `Origin` header, so it is checked on every
/// handshake; what does not pass is answered 403. Programs that are no browsers need not send an
/// `Origin` and can send any they like: for them this is no protection and no obstacle.
///
/// | `Origin` | [`SameHost`](Self::SameHost) | [`List`](Self::List) | [`Any`](Self::Any) |
/// |---|---|---|---|
/// | none | yes | yes | yes |
/// | the request's own host and port | yes | yes | yes |
/// | listed: same scheme, host and port | no | yes | yes |
/// | `null` (a sandboxed frame, a `file:` page), or malformed | no | no | yes |
/// | another one | no | no | yes |
/// | two `Origin` headers | no | no | no |
///
/// *The same host* means the host and the port of the `Host` header. Where no port is written, it
/// is the usual one: for `Origin` that of its scheme (80 or 443), for `Host` 443 if the server
/// itself speaks TLS, else that of the origin's scheme, because a proxy may have taken off the TLS.
/// A proxy that replaces `Host` leaves nothing to compare with: let it pass `Host` on, or list the
/// origins.
///
/// ```
/// use wsframe::{Options, Origins};
///
/// let two = Options::new().origins(["https://example.org", "http://localhost:3000"]);
/// let all = Options::new().origins(Origins::Any);
/// # let _ = (two, all);
/// ```
///
/// Specification: RFC 6455 sections 4.2.2 and 10.2, RFC 6454.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "checkOrigin")]
#[doc(alias = "setAllowedOrigins")]
#[doc(alias = "cors")]
pub enum Origins {
    /// The host that the request names, or no `Origin` header at all. The default.
    #[default]
    SameHost,
    /// Any origin.
    Any,
    /// The same host, and these: `https://example.org`, `http://localhost:3000`. An entry of any
    /// other form is a fault at start-up.
    List(Vec<Cow<'static, str>>),
}

impl Origins {
    /// The same host, and these.
    ///
    /// ```
    /// use wsframe::Origins;
    ///
    /// let origins = Origins::list(std::env::args().skip(1));
    /// # let _ = origins;
    /// ```
    pub fn list<S: Into<Cow<'static, str>>>(origins: impl IntoIterator<Item = S>) -> Self {
        Self::List(origins.into_iter().map(Into::into).collect())
    }
}

impl From<&'static str> for Origins {
    fn from(origin: &'static str) -> Self {
        Self::list([origin])
    }
}

impl From<String> for Origins {
    fn from(origin: String) -> Self {
        Self::list([origin])
    }
}

impl<S: Into<Cow<'static, str>>> From<Vec<S>> for Origins {
    fn from(origins: Vec<S>) -> Self {
        Self::list(origins)
    }
}

impl<S: Into<Cow<'static, str>>, const N: usize> From<[S; N]> for Origins {
    fn from(origins: [S; N]) -> Self {
        Self::list(origins)
    }
}

/// [`Origins`] after the check at start-up, read once.
#[derive(Clone, Debug)]
pub(crate) enum AllowedOrigins {
    Any,
    /// The same host, and these.
    Known(Box<[Origin]>),
}

impl AllowedOrigins {
    /// Reads the entries.
    ///
    /// # Errors
    ///
    /// One line for each entry that is no origin, saying what to write.
    pub(crate) fn new(origins: &Origins) -> Result<Self, Vec<String>> {
        let entries = match origins {
            Origins::Any => return Ok(Self::Any),
            Origins::SameHost => return Ok(Self::Known([].into())),
            Origins::List(entries) => entries,
        };
        let (mut known, mut mistakes) = (Vec::new(), Vec::new());
        for entry in entries {
            match Origin::parse(entry) {
                Some(origin) => known.push(origin),
                None => mistakes.push(mistake(entry)),
            }
        }
        if mistakes.is_empty() { Ok(Self::Known(known.into())) } else { Err(mistakes) }
    }

    /// Whether a request may come from where it says. `tls`: whether this server took off the TLS
    /// of the connection.
    pub(super) fn allow(&self, headers: &HeaderMap, host: &Authority, tls: bool) -> bool {
        let mut lines = headers.get_all(ORIGIN).iter();
        let Some(line) = lines.next() else {
            return true;
        };
        // Two of them: somebody in between reads one, and we the other.
        if lines.next().is_some() {
            return false;
        }
        match self {
            Self::Any => true,
            Self::Known(known) => line
                .to_str()
                .ok()
                .and_then(Origin::parse)
                .is_some_and(|origin| origin.is_at(host, tls) || known.contains(&origin)),
        }
    }
}

/// `scheme://host[:port]`, in a form that compares: lower case, the port always there if the
/// scheme has one of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: Box<str>,
    at: Authority,
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, at) = text.split_once("://")?;
        let well_formed = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        if !well_formed {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let mut at = Authority::parse(at)?;
        at.port = at.port.or(default_port(&scheme));
        Some(Self { scheme: scheme.into(), at })
    }

    /// Whether this is the host that the request was sent to.
    fn is_at(&self, host: &Authority, tls: bool) -> bool {
        // A page comes over HTTP. Other schemes (`capacitor://localhost`) have a host that only
        // means something to the program that made it up; they can be listed.
        if !matches!(&*self.scheme, "http" | "https") {
            return false;
        }
        let usual = if tls { Some(443) } else { default_port(&self.scheme) };
        self.at.host == host.host && self.at.port == host.port.or(usual)
    }
}

/// What is wrong with an entry of the list.
fn mistake(entry: &str) -> String {
    let shown = entry.escape_debug();
    let trimmed = entry.split_once("://").and_then(|(scheme, rest)| {
        let host = rest.split(['/', '?', '#']).next()?;
        let origin = format!("{scheme}://{host}");
        (origin != *entry && Origin::parse(&origin).is_some()).then_some(origin)
    });
    match (entry, trimmed) {
        ("*", _) => "origin `*`: write `any` to let every origin in".into(),
        ("null", _) => {
            "origin `null`: every sandboxed page on the web has it; only `any` lets it in".into()
        }
        (_, Some(origin)) => format!("origin `{shown}`: an origin has no path; write `{origin}`"),
        (_, None) if Authority::parse(entry).is_some() => {
            format!("origin `{shown}`: the scheme is missing; write `https://{shown}`")
        }
        (_, None) => format!("origin `{shown}`: write `scheme://host` or `scheme://host:port`"),
    }
}

/// The line that would let in the origin of a refused request, for the log. `None` if it has no
/// well-formed origin, which no list can let in; so what is logged has no characters but those of
/// a scheme, a host and a port.
pub(crate) fn line_to_add(headers: &HeaderMap) -> Option<String> {
    let mut lines = headers.get_all(ORIGIN).iter();
    let (line, None) = (lines.next()?.to_str().ok()?, lines.next()) else {
        return None;
    };
    Origin::parse(line)?;
    Some(format!("origins = [\"{line}\"]"))
}

#[cfg(test)]
mod tests;
