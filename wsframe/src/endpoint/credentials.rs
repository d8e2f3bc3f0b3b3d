//! Ways to say who one is in a handshake.

use http::{HeaderValue, header};

use super::{Handshake, Tickets};
use crate::handshake::Refusal;

/// Credentials. None of them is ever reported, and none outlives the handshake unless you keep it; see
/// [the guide](crate::guide::authentication).
impl Handshake {
    /// The token of `Authorization: Bearer …`, for programs; a browser cannot set it.
    ///
    /// ```
    /// use wsframe::{FromHandshake, Handshake, Principal, Refusal};
    /// # fn verify(_: &str) -> Option<String> { None }
    ///
    /// struct Caller(String);
    ///
    /// impl FromHandshake for Caller {
    ///     async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
    ///         let id = verify(handshake.bearer()?).ok_or_else(|| Refusal::forbidden("who?"))?;
    ///         handshake.set_principal(Principal::new(id.as_str()));
    ///         Ok(Self(id))
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// A refusal with 401 and `WWW-Authenticate: Bearer` if there is none, or more than one.
    ///
    /// Specification: RFC 6750 section 2.1.
    pub fn bearer(&self) -> Result<&str, Refusal> {
        let mut lines = self.headers().get_all(header::AUTHORIZATION).iter();
        let token = match (lines.next(), lines.next()) {
            (Some(line), None) => line.to_str().ok().and_then(|line| {
                let (scheme, token) = line.split_once(' ')?;
                let token = token.trim();
                (scheme.eq_ignore_ascii_case("bearer") && is_token68(token)).then_some(token)
            }),
            _ => None,
        };
        token.ok_or_else(|| {
            let bearer = HeaderValue::from_static("Bearer");
            Refusal::unauthorized("a bearer token is wanted")
                .header(header::WWW_AUTHENTICATE, bearer)
        })
    }

    /// Takes the token out of the subprotocols that the client offers, where it stands behind
    /// `prefix`: the only header that a browser lets a page set,
    /// `new WebSocket(url, ["chat.v1", "bearer." + token])`. The client has to offer a real
    /// subprotocol beside it, one that the endpoint lists; that one is answered, the token never.
    ///
    /// ```
    /// use wsframe::{Handshake, Refusal};
    ///
    /// fn token(handshake: &mut Handshake) -> Result<String, Refusal> {
    ///     handshake.take_protocol_token("bearer.")
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// A refusal with 401 if there is no token, with 400 if there are two, or no subprotocol was
    /// agreed on beside it.
    pub fn take_protocol_token(&mut self, prefix: &str) -> Result<String, Refusal> {
        let offered = self.headers().get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
        let offered =
            offered.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
        let (mut tokens, mut others) = (Vec::new(), Vec::new());
        for name in offered.map(str::trim).filter(|name| !name.is_empty()) {
            match name.strip_prefix(prefix) {
                Some(token) if !token.is_empty() => tokens.push(token.to_owned()),
                _ => others.push(name),
            }
        }
        let rest = HeaderValue::try_from(others.join(", ")).ok();
        let headers = self.headers_mut();
        headers.remove(header::SEC_WEBSOCKET_PROTOCOL);
        if let Some(rest) = rest.filter(|rest| !rest.is_empty()) {
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, rest);
        }
        match (tokens.pop(), tokens.is_empty()) {
            (None, _) => Err(Refusal::unauthorized("a token among the subprotocols is wanted")),
            (Some(_), false) => Err(Refusal::bad_request("two tokens among the subprotocols")),
            (Some(_), true) if self.subprotocol().is_none() => {
                Err(Refusal::bad_request("the token needs a subprotocol beside it"))
            }
            (Some(token), true) => Ok(token),
        }
    }

    /// Whether the page that opens the WebSocket knows what stands in a cookie: the query parameter
    /// has the cookie's value. Beside the check of the origin, where a cookie says who somebody is.
    /// A page of another site can have the cookie sent, and cannot read it.
    ///
    /// # Errors
    ///
    /// A refusal with 403 if one is missing or empty, or they differ.
    pub fn check_csrf(&self, cookie: &str, parameter: &str) -> Result<(), Refusal> {
        let same = match (self.cookie(cookie), self.query(parameter)) {
            (Some(cookie), Some(parameter)) => {
                !cookie.is_empty() && same(cookie.as_bytes(), parameter.as_bytes())
            }
            _ => false,
        };
        if same { Ok(()) } else { Err(Refusal::forbidden("the page does not know the cookie")) }
    }

    /// Redeems the one-time ticket in a query parameter; see [`Tickets`].
    ///
    /// # Errors
    ///
    /// A refusal with 401 if there is none, or it was redeemed already, or is too old.
    pub fn redeem<T>(&self, parameter: &str, tickets: &Tickets<T>) -> Result<T, Refusal> {
        let ticket = self.query(parameter).and_then(|ticket| tickets.redeem(&ticket));
        ticket.ok_or_else(|| Refusal::unauthorized("a new ticket is wanted"))
    }
}

/// RFC 9110 section 11.2.
fn is_token68(text: &str) -> bool {
    let text = text.trim_end_matches('=');
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
}

/// In a time that does not tell where they differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_headers() {
        for good in ["abc", "a.b-c_d~e+f/g", "abc=="] {
            assert!(is_token68(good), "{good}");
        }
        for bad in ["", "=", "a b", "a,b", "a\"b", "a=b"] {
            assert!(!is_token68(bad), "{bad}");
        }
    }

    #[test]
    fn sameness() {
        assert!(same(b"abc", b"abc") && same(b"", b""));
        assert!(!same(b"abc", b"abd") && !same(b"abc", b"ab"));
    }
}
