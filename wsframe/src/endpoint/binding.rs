//! Fields: from the handshake to the object. The attribute's generated code calls these functions,
//! one for each kind of field.

use std::{any::type_name, future::Future, str::FromStr};

use super::{Handshake, StateKey};
use crate::{
    handshake::Refusal,
    session::{Principal, Room},
};

/// A type that can be made from the handshake, for a field marked `#[extract]`.
///
/// Extractors run first, in the order of the fields; the first that refuses decides the answer.
///
/// ```
/// use wsframe::{FromHandshake, Handshake, Refusal};
///
/// struct User(String);
///
/// impl FromHandshake for User {
///     async fn from_handshake(handshake: &mut Handshake) -> Result<Self, Refusal> {
///         match handshake.header("authorization") {
///             Some("Bearer sesame") => Ok(User("ali".into())),
///             _ => Err(Refusal::unauthorized("who are you?")),
///         }
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be extracted from the handshake",
    label = "does not implement `FromHandshake`",
    note = "implement `wsframe::FromHandshake` for it, or take the field from somewhere else: `#[query]`, `#[header(\"…\")]`, `#[cookie(\"…\")]`, `#[state]`, `#[default(…)]`"
)]
pub trait FromHandshake: Sized {
    /// Makes the value, or says why the handshake is refused.
    ///
    /// # Errors
    ///
    /// A [`Refusal`] becomes the answer to the handshake.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when the client leaves, or when binding and `on_handshake` together take
    /// more than 10 s (503). So it must not leave anything half done.
    fn from_handshake(
        handshake: &mut Handshake,
    ) -> impl Future<Output = Result<Self, Refusal>> + Send;
}

/// A type that one text of the handshake parses to. It is `FromStr` with a message of its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the path, the query, a header or a cookie",
    label = "does not implement `FromStr`",
    note = "implement `std::str::FromStr` for it, or take the field from somewhere else: `#[extract]`, `#[state]`, `#[default(…)]`"
)]
pub trait FromText: FromStr {}

#[diagnostic::do_not_recommend]
impl<T: FromStr> FromText for T {}

/// A type that a field of which nothing is said starts with. It is `Default` with a message of its
/// own.
#[diagnostic::on_unimplemented(
    message = "nothing is said about where this field comes from, and `{Self}` has no default",
    label = "does not implement `Default`",
    note = "a field with the name of a `<parameter>` comes from the path; else write `#[query]`, `#[header(\"…\")]`, `#[cookie]`, `#[state]`, `#[extract]` or `#[default(value)]`, or implement `Default`"
)]
pub trait Initial: Default {}

#[diagnostic::do_not_recommend]
impl<T: Default> Initial for T {}

/// A field of which nothing is said.
pub fn initial<T: Initial>() -> T {
    T::default()
}

/// A type that a parameter of the path becomes: whatever parses from text, or the room of that name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the path",
    label = "does not implement `FromStr`",
    note = "implement `std::str::FromStr` for it, or take the text as a `String`, or as the `Room` of that name"
)]
pub trait FromParam: Sized {
    #[doc(hidden)]
    fn from_param(text: &str, handshake: &mut Handshake) -> Option<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: FromStr> FromParam for T {
    fn from_param(text: &str, _: &mut Handshake) -> Option<Self> {
        text.parse().ok()
    }
}

/// The session is in the room from before `on_open` until it ends.
impl FromParam for Room {
    fn from_param(name: &str, handshake: &mut Handshake) -> Option<Self> {
        let room = handshake.room(name);
        handshake.join(&room).ok()?;
        Some(room)
    }
}

/// A field that is a path parameter. What does not parse is not there: 404.
///
/// # Errors
///
/// 404 without the parameter or if it does not parse.
pub fn path<T: FromParam>(handshake: &mut Handshake, name: &str) -> Result<T, Refusal> {
    let text = handshake.param(name).map(str::to_owned);
    text.and_then(|text| T::from_param(&text, handshake)).ok_or_else(Refusal::not_found)
}

/// A text that must be there and parse.
fn required<T: FromText>(text: Option<&str>, place: &str, name: &str) -> Result<T, Refusal> {
    let text = text.ok_or_else(|| Refusal::bad_request(format!("missing {place} `{name}`")))?;
    text.parse().map_err(|_| invalid::<T>(place, name))
}

/// A text that may be missing, but must parse if it is there.
fn optional<T: FromText>(
    text: Option<&str>,
    place: &str,
    name: &str,
) -> Result<Option<T>, Refusal> {
    text.map(|text| text.parse().map_err(|_| invalid::<T>(place, name))).transpose()
}

/// The answer to a value of the wrong form. It names the place, never the value.
fn invalid<T>(place: &str, name: &str) -> Refusal {
    let wanted = type_name::<T>().rsplit("::").next().unwrap_or_default();
    Refusal::bad_request(format!("{place} `{name}` is not a valid {wanted}"))
}

/// A `#[query]` field.
///
/// # Errors
///
/// 400 if it is missing or does not parse.
pub fn query<T: FromText>(handshake: &Handshake, name: &str) -> Result<T, Refusal> {
    required(handshake.query(name).as_deref(), "query parameter", name)
}

/// A `#[query]` field of type `Option`.
///
/// # Errors
///
/// 400 if it does not parse.
pub fn query_option<T: FromText>(handshake: &Handshake, name: &str) -> Result<Option<T>, Refusal> {
    optional(handshake.query(name).as_deref(), "query parameter", name)
}

/// A `#[query]` field of type `Vec`: every value, in order.
///
/// # Errors
///
/// 400 if one does not parse.
pub fn query_vec<T: FromText>(handshake: &Handshake, name: &str) -> Result<Vec<T>, Refusal> {
    handshake
        .query_all(name)
        .map(|text| text.parse().map_err(|_| invalid::<T>("query parameter", name)))
        .collect()
}

/// A `#[header]` field.
///
/// # Errors
///
/// 400 if it is missing or does not parse.
pub fn header<T: FromText>(handshake: &Handshake, name: &str) -> Result<T, Refusal> {
    required(header_text(handshake, name)?, "header", name)
}

/// A `#[header]` field of type `Option`.
///
/// # Errors
///
/// 400 if it does not parse.
pub fn header_option<T: FromText>(handshake: &Handshake, name: &str) -> Result<Option<T>, Refusal> {
    optional(header_text(handshake, name)?, "header", name)
}

/// A `#[header]` field of type `Vec`: every line of that name, in order.
///
/// # Errors
///
/// 400 if one does not parse.
pub fn header_vec<T: FromText>(handshake: &Handshake, name: &str) -> Result<Vec<T>, Refusal> {
    handshake
        .headers()
        .get_all(name)
        .iter()
        .map(|value| required(value.to_str().ok(), "header", name))
        .collect()
}

/// A header's text; bytes that are no text are refused rather than taken for a missing header.
fn header_text<'a>(handshake: &'a Handshake, name: &str) -> Result<Option<&'a str>, Refusal> {
    handshake
        .headers()
        .get(name)
        .map(|value| value.to_str().map_err(|_| invalid::<String>("header", name)))
        .transpose()
}

/// A `#[cookie]` field.
///
/// # Errors
///
/// 400 if it is missing or does not parse.
pub fn cookie<T: FromText>(handshake: &Handshake, name: &str) -> Result<T, Refusal> {
    required(handshake.cookie(name), "cookie", name)
}

/// A `#[cookie]` field of type `Option`.
///
/// # Errors
///
/// 400 if it does not parse.
pub fn cookie_option<T: FromText>(handshake: &Handshake, name: &str) -> Result<Option<T>, Refusal> {
    optional(handshake.cookie(name), "cookie", name)
}

/// A `#[principal]` field.
///
/// # Errors
///
/// 401 if nobody has said who this is.
pub fn principal(handshake: &Handshake) -> Result<Principal, Refusal> {
    let unknown = || Refusal::unauthorized("who are you?");
    handshake.principal().cloned().ok_or_else(unknown)
}

/// A `#[principal]` field of type `Option`.
///
/// # Errors
///
/// Never; the other functions of this kind may fail.
pub fn principal_option(handshake: &Handshake) -> Result<Option<Principal>, Refusal> {
    Ok(handshake.principal().cloned())
}

/// A type that can be shared state, with a message of its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shared state",
    label = "is not `Clone + Send + Sync + 'static`",
    note = "every connection gets a clone of the state, on any thread; an `Arc` is the usual wrapping"
)]
pub trait Shared: Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> Shared for T {}

/// A `#[state]` field.
///
/// # Errors
///
/// 500 if the server has none; the start-up check does not let it come to that.
pub fn state<T: Shared>(handshake: &Handshake) -> Result<T, Refusal> {
    handshake.state().ok_or_else(Refusal::internal)
}

/// What [`state`] takes. It asks for less than `Shared`, which is asked for there: one mistake, one
/// message.
pub fn state_key<T: 'static>() -> StateKey {
    StateKey::of_any::<T>()
}
