//! The option `deflate`: whether and how messages are compressed (RFC 7692).

mod agree;

use std::fmt;

pub(crate) use self::agree::{Agreed, Direction, accept};
#[cfg(feature = "client")]
pub(crate) use self::agree::{NotOffered, offer, verify};

/// Whether the messages of an endpoint may be compressed, and how: permessage-deflate. Off by
/// default.
///
/// A server that has it on accepts it where a client offers it; a client that has it on offers it.
/// Browsers do so by themselves. What the handshake came to is told by
/// [`Session::extensions`](crate::Session::extensions). Nothing else changes: handlers see plain
/// messages, and `max_message_size` bounds what a message inflates to, checked while it inflates.
///
/// ```
/// use wsframe::{Deflate, Options, server_endpoint};
///
/// #[server_endpoint("/log", deflate = on)]
/// struct Log;
///
/// #[server_endpoint("/map", deflate = Deflate::new().level(1).threshold(256))]
/// struct Map;
///
/// let quiet = Options::new().deflate(false);
/// # let _ = quiet;
/// ```
///
/// # What it costs
///
/// Time, above all: compressing takes some ten times what sending does. Memory only with *context
/// takeover*, by which each message is compressed with those before it in mind: short similar messages
/// get much smaller, but each session keeps some 370 KiB once it has sent and received one.
/// Without it, which is the default, a session keeps nothing between messages, and a message to a
/// room is compressed once for all its members.
///
/// # Secrets
///
/// Compressed length tells about content. Where a message holds a secret beside text that a stranger
/// chose, who sees the lengths can guess the secret (CRIME, BREACH): leave it off there.
///
/// Specification: RFC 7692 section 7.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
#[doc(alias = "permessage-deflate")]
#[doc(alias = "compression")]
#[doc(alias = "perMessageDeflate")]
#[doc(alias = "getNegotiatedExtensions")]
pub struct Deflate {
    on: bool,
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: u8,
    client_max_window_bits: u8,
    level: u8,
    threshold: usize,
}

/// The window that every DEFLATE stream may use, as a power of two.
const MAX_BITS: u8 = 15;

impl Deflate {
    /// On, with the defaults given here.
    pub const fn new() -> Self {
        Self {
            on: true,
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            server_max_window_bits: MAX_BITS,
            client_max_window_bits: MAX_BITS,
            level: 6,
            threshold: 1024,
        }
    }

    /// Whether the server compresses each message by itself, and keeps nothing in between. Default
    /// yes. A client asks for it then. RFC 7692 section 7.1.1.1.
    pub const fn server_no_context_takeover(mut self, yes: bool) -> Self {
        self.server_no_context_takeover = yes;
        self
    }

    /// Whether the client compresses each message by itself, so that the server keeps nothing in
    /// between. Default yes. RFC 7692 section 7.1.1.2.
    pub const fn client_no_context_takeover(mut self, yes: bool) -> Self {
        self.client_no_context_takeover = yes;
        self
    }

    /// How far back the server looks for repetitions at most: 2 to this power of bytes, 8 to 15.
    /// Default 15. Less takes less memory and compresses less. The library does not compress with
    /// 8: then the server inflates, and sends uncompressed. RFC 7692 section 7.1.2.1.
    pub const fn server_max_window_bits(mut self, bits: u8) -> Self {
        self.server_max_window_bits = bits;
        self
    }

    /// How far back the client looks at most, 8 to 15. Default 15. A server can only ask for it
    /// where the client says that it can be asked; of others it takes any window. A client with 8
    /// sends uncompressed. RFC 7692 section 7.1.2.2.
    pub const fn client_max_window_bits(mut self, bits: u8) -> Self {
        self.client_max_window_bits = bits;
        self
    }

    /// How hard to look for repetitions, from 1, the fastest, to 9, the smallest. Default 6.
    pub const fn level(mut self, level: u8) -> Self {
        self.level = level;
        self
    }

    /// Messages of fewer bytes are sent uncompressed. Default 1,024; 0 compresses all. Messages that
    /// are sent in pieces are always compressed.
    pub const fn threshold(mut self, bytes: usize) -> Self {
        self.threshold = bytes;
        self
    }

    /// What it is to be, if it is on.
    pub(crate) fn enabled(self) -> Option<Self> {
        self.on.then_some(self)
    }

    /// Values that do not exist: each a sentence without a capital and a full stop.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut mistakes = Vec::new();
        for (name, bits) in [
            ("server_max_window_bits", self.server_max_window_bits),
            ("client_max_window_bits", self.client_max_window_bits),
        ] {
            if !(8..=MAX_BITS).contains(&bits) {
                mistakes.push(format!("`{name}` of `deflate` is {bits}; it goes from 8 to 15"));
            }
        }
        if !(1..=9).contains(&self.level) {
            let level = self.level;
            mistakes.push(format!("`level` of `deflate` is {level}; it goes from 1 to 9"));
        }
        mistakes
    }
}

/// Off.
impl Default for Deflate {
    fn default() -> Self {
        Self { on: false, ..Self::new() }
    }
}

/// On with the defaults, or off.
impl From<bool> for Deflate {
    fn from(on: bool) -> Self {
        Self { on, ..Self::new() }
    }
}

/// As the table of endpoints shows it: `on` or `off`, and what is not the default.
impl fmt::Debug for Deflate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.on {
            return f.write_str("off");
        }
        let usual = Self::new();
        f.write_str("on")?;
        let flags = [
            ("server_no_context_takeover", self.server_no_context_takeover),
            ("client_no_context_takeover", self.client_no_context_takeover),
        ];
        for (name, flag) in flags {
            if !flag {
                write!(f, " {name}=false")?;
            }
        }
        let numbers = [
            ("server_max_window_bits", self.server_max_window_bits, usual.server_max_window_bits),
            ("client_max_window_bits", self.client_max_window_bits, usual.client_max_window_bits),
            ("level", self.level, usual.level),
        ];
        for (name, number, usual) in numbers {
            if number != usual {
                write!(f, " {name}={number}")?;
            }
        }
        if self.threshold != usual.threshold {
            write!(f, " threshold={}", self.threshold)?;
        }
        Ok(())
    }
}
