//! What both sides agree on: the offers of a client, the answer of a server (RFC 7692 sections 5
//! and 7.1).

use std::fmt;

use http::{HeaderMap, HeaderValue};

use super::{Deflate, MAX_BITS};
use crate::handshake::extension::{Extension, extensions};

const NAME: &str = "permessage-deflate";

/// An agreement to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agreed {
    /// What the server sends, and what the client sends.
    pub(crate) server: Direction,
    pub(crate) client: Direction,
    /// How we compress.
    pub(crate) level: u8,
    pub(crate) threshold: usize,
    /// Whether the answer names the windows: one that was asked for has to be answered.
    names_server_bits: bool,
    names_client_bits: bool,
}

/// How one side compresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Direction {
    /// Whether a message may refer to those before it.
    pub(crate) takeover: bool,
    /// Its window, as a power of two.
    pub(crate) bits: u8,
}

/// The element of the header as a server answers it.
impl fmt::Display for Agreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        if !self.server.takeover {
            f.write_str("; server_no_context_takeover")?;
        }
        if !self.client.takeover {
            f.write_str("; client_no_context_takeover")?;
        }
        if self.names_server_bits {
            write!(f, "; server_max_window_bits={}", self.server.bits)?;
        }
        if self.names_client_bits {
            write!(f, "; client_max_window_bits={}", self.client.bits)?;
        }
        Ok(())
    }
}

impl Agreed {
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.to_string()).ok()
    }
}

/// The parameters of one element.
#[derive(Clone, Copy, Debug, Default)]
struct Params {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_bits: Option<u8>,
    /// Named, perhaps without a value.
    client_bits: Option<Option<u8>>,
}

impl Params {
    /// `None` if one is unknown, is there twice, or has a value that it cannot have.
    fn read(extension: &Extension) -> Option<Self> {
        let mut out = Self::default();
        for (name, value) in &extension.params {
            let value = value.as_deref();
            let new = match (name.as_str(), value) {
                ("server_no_context_takeover", None) => {
                    !std::mem::replace(&mut out.server_no_context_takeover, true)
                }
                ("client_no_context_takeover", None) => {
                    !std::mem::replace(&mut out.client_no_context_takeover, true)
                }
                ("server_max_window_bits", Some(value)) => {
                    out.server_bits.replace(bits(value)?).is_none()
                }
                ("client_max_window_bits", None) => out.client_bits.replace(None).is_none(),
                ("client_max_window_bits", Some(value)) => {
                    out.client_bits.replace(Some(bits(value)?)).is_none()
                }
                _ => false,
            };
            if !new {
                return None;
            }
        }
        Some(out)
    }
}

/// 8 to 15, without a leading zero.
fn bits(value: &str) -> Option<u8> {
    match value.as_bytes() {
        [digit @ (b'8' | b'9')] => Some(digit - b'0'),
        [b'1', digit @ b'0'..=b'5'] => Some(10 + digit - b'0'),
        _ => None,
    }
}

/// A server's answer: to the first offer that can be accepted. One that cannot is passed over.
pub(crate) fn accept(headers: &HeaderMap, deflate: &Deflate) -> Option<Agreed> {
    let mut offers = extensions(headers).flatten().filter(|offer| offer.name == NAME);
    let asked = offers.find_map(|offer| Params::read(&offer))?;
    let server_bits = deflate.server_max_window_bits.min(asked.server_bits.unwrap_or(MAX_BITS));
    // Who does not name it cannot be told.
    let client_bits = asked
        .client_bits
        .map_or(MAX_BITS, |bits| deflate.client_max_window_bits.min(bits.unwrap_or(MAX_BITS)));
    Some(Agreed {
        server: Direction {
            takeover: !(asked.server_no_context_takeover || deflate.server_no_context_takeover),
            bits: server_bits,
        },
        client: Direction {
            takeover: !(asked.client_no_context_takeover || deflate.client_no_context_takeover),
            bits: client_bits,
        },
        level: deflate.level,
        threshold: deflate.threshold,
        names_server_bits: asked.server_bits.is_some() || server_bits < MAX_BITS,
        names_client_bits: client_bits < MAX_BITS,
    })
}

/// A client's offer.
#[cfg(feature = "client")]
pub(crate) fn offer(deflate: &Deflate) -> Option<HeaderValue> {
    let mut offer = NAME.to_owned();
    if deflate.server_no_context_takeover {
        offer += "; server_no_context_takeover";
    }
    if deflate.client_no_context_takeover {
        offer += "; client_no_context_takeover";
    }
    if deflate.server_max_window_bits < MAX_BITS {
        offer += &format!("; server_max_window_bits={}", deflate.server_max_window_bits);
    }
    offer += "; client_max_window_bits";
    if deflate.client_max_window_bits < MAX_BITS {
        offer += &format!("={}", deflate.client_max_window_bits);
    }
    HeaderValue::try_from(offer).ok()
}

/// What a server answered is not what was offered.
#[cfg(feature = "client")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotOffered;

/// Checks a server's answer to [`offer`]; no agreement if there is none.
///
/// # Errors
///
/// If it answers what was not offered, or not as it was offered.
#[cfg(feature = "client")]
pub(crate) fn verify(
    headers: &HeaderMap,
    offered: Option<&Deflate>,
) -> Result<Option<Agreed>, NotOffered> {
    use http::header::SEC_WEBSOCKET_EXTENSIONS;

    // Also an empty header: what is not understood is not passed over.
    if !headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        return Ok(None);
    }
    let offered = offered.ok_or(NotOffered)?;
    let mut elements = extensions(headers);
    let answer =
        elements.next().flatten().filter(|answer| answer.name == NAME).ok_or(NotOffered)?;
    let given = Params::read(&answer).ok_or(NotOffered)?;
    let server_bits = given.server_bits.unwrap_or(MAX_BITS);
    let client_bits = given.client_bits.map_or(Some(MAX_BITS), |bits| bits).ok_or(NotOffered)?;
    let wrong = elements.next().is_some()
        || (offered.server_no_context_takeover && !given.server_no_context_takeover)
        || server_bits > offered.server_max_window_bits
        || (given.client_bits.is_some() && client_bits > offered.client_max_window_bits);
    if wrong {
        return Err(NotOffered);
    }
    Ok(Some(Agreed {
        server: Direction { takeover: !given.server_no_context_takeover, bits: server_bits },
        client: Direction {
            takeover: !(given.client_no_context_takeover || offered.client_no_context_takeover),
            bits: client_bits.min(offered.client_max_window_bits),
        },
        level: offered.level,
        threshold: offered.threshold,
        names_server_bits: given.server_bits.is_some(),
        names_client_bits: given.client_bits.is_some(),
    }))
}

#[cfg(test)]
mod tests;
