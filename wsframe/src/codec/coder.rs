//! Coders with a memory: one object for each connection.

use super::DecodeError;
use crate::message::{Error, Message};

/// Decodes and encodes the messages of one connection, and may remember what it saw: a number in
/// each message, a dictionary that both sides build, the key of a session.
///
/// It is a field of the endpoint, named by the handler: `#[on_message(text, coder = codec)]`. The
/// field's source is its set-up (`Default`, `#[default(…)]`, or `#[extract]`, which sees the
/// handshake), and [`Drop`] is its tear-down. The handler takes [`In`](Self::In) as its payload and
/// returns [`Out`](Self::Out), or an `Option` or a `Result` of it, or nothing. Other messages are
/// sent through it by hand: `session.send(self.codec.encode(answer)?)`.
///
/// Coders without a memory are [`FromMessage`](crate::FromMessage) and
/// [`IntoMessage`](crate::IntoMessage).
///
/// ```
/// use wsframe::{Coder, DecodeError, Error, FromMessage, Message, on_message, server_endpoint};
///
/// /// Every line has the next number.
/// #[derive(Default)]
/// struct Numbered {
///     heard: u64,
///     said: u64,
/// }
///
/// impl Coder for Numbered {
///     type In = String;
///     type Out = String;
///
///     fn decode(&mut self, message: Message) -> Result<String, DecodeError> {
///         let line = String::from_message(message)?;
///         match line.split_once(' ') {
///             Some((number, rest)) if number.parse() == Ok(self.heard) => {
///                 self.heard += 1;
///                 Ok(rest.to_owned())
///             }
///             _ => Err(DecodeError::new(line.into(), "a line is missing")),
///         }
///     }
///
///     fn encode(&mut self, line: String) -> Result<Message, Error> {
///         let line = format!("{} {line}", self.said);
///         self.said += 1;
///         Ok(line.into())
///     }
/// }
///
/// #[server_endpoint("/lines")]
/// struct Lines {
///     codec: Numbered,
/// }
///
/// impl Lines {
///     #[on_message(text, coder = codec)]
///     async fn said(&mut self, line: String) -> Option<String> {
///         (!line.is_empty()).then(|| line.to_uppercase())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no coder",
    label = "not a coder",
    note = "`coder = …` names a field whose type implements `wsframe::Coder`"
)]
#[doc(alias = "Encoder")]
#[doc(alias = "Decoder")]
pub trait Coder {
    /// What a message decodes to: the payload of the handler.
    type In;
    /// What the handler returns. A coder that only decodes has
    /// [`Infallible`](std::convert::Infallible) here.
    type Out;

    /// Decodes the next message.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] with the message, which reaches `on_error`; without an `on_error` the
    /// connection is closed with 1007.
    ///
    /// # Panics
    ///
    /// A panic ends the connection with 1011, as one of the handler does.
    #[doc(alias = "willDecode")]
    fn decode(&mut self, message: Message) -> Result<Self::In, DecodeError>;

    /// Encodes the next value. It is called when the handler has returned, in the order of sending.
    ///
    /// # Errors
    ///
    /// Whatever keeps the value from being encoded. It reaches `on_error` like an error of the
    /// handler; without an `on_error` the connection is closed with 1011.
    ///
    /// # Panics
    ///
    /// As [`decode`](Self::decode).
    fn encode(&mut self, value: Self::Out) -> Result<Message, Error>;
}
