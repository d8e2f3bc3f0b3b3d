//! What stands in string literals: values with a unit (`"64KiB"`, `"25s"`), names.

mod quantity;

pub(crate) use self::quantity::{duration, rate, size};

/// Whether the text is a token of HTTP, as the names of headers, cookies and subprotocols are.
///
/// Specification: RFC 9110 section 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    let is_sign = |c| "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || is_sign(c))
}
