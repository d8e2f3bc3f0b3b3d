//! `host[:port]`, as `Host` and `Origin` name a server.

use std::net::Ipv6Addr;

/// A host with the port if one was written, in a form that compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    /// Lower case; an IPv6 address in brackets and in its shortest form.
    pub(crate) host: Box<str>,
    pub(crate) port: Option<u16>,
}

impl Authority {
    /// Reads `host`, `host:port`, `[v6]`, `[v6]:port`.
    ///
    /// Strict on purpose: user names, paths, blanks, empty ports, letters that are not ASCII and
    /// everything else that two programs might read differently is no authority. A name that is
    /// not ASCII comes as punycode from every browser.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(v6) => {
                let (address, rest) = v6.split_once(']')?;
                let address: Ipv6Addr = address.parse().ok()?;
                let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
                (format!("[{address}]"), port)
            }
            None => {
                let (name, port) = match text.split_once(':') {
                    Some((name, port)) => (name, Some(port)),
                    None => (text, None),
                };
                if name.is_empty() || !name.bytes().all(is_host_byte) {
                    return None;
                }
                (name.to_ascii_lowercase(), port)
            }
        };
        let port = match port {
            // `u16::from_str` would let a `+` pass.
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(digits.parse().ok()?)
            }
            Some(_) => return None,
            None => None,
        };
        Some(Self { host: host.into(), port })
    }
}

/// Letters, digits, `-` and `.`; `_` too, which names inside clusters have.
fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

/// The port that a scheme stands for, if it is one of the web's.
pub(super) fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_host_and_port_is_an_authority() {
        let table = [
            ("example.org", Some(("example.org", None))),
            ("EXAMPLE.org:8080", Some(("example.org", Some(8080)))),
            ("my_service:80", Some(("my_service", Some(80)))),
            ("127.0.0.1:1", Some(("127.0.0.1", Some(1)))),
            ("[::1]", Some(("[::1]", None))),
            ("[0:0:0:0:0:0:0:1]:8080", Some(("[::1]", Some(8080)))),
            ("xn--bcher-kva.example", Some(("xn--bcher-kva.example", None))),
            ("", None),
            (":80", None),
            ("a:", None),
            ("a:b", None),
            ("a:+1", None),
            ("a:65536", None),
            ("a:1:2", None),
            ("::1", None),
            ("[::1", None),
            ("[::1]8080", None),
            ("[::1]:", None),
            ("[::g]", None),
            ("u@a", None),
            ("a/b", None),
            ("a b", None),
            (" a", None),
            ("a`b", None),
            ("a%2eb", None),
            ("bücher.example", None),
            ("a\\b", None),
            ("a?b", None),
            ("a,b", None),
        ];
        for (text, wanted) in table {
            let found = Authority::parse(text);
            let found = found.as_ref().map(|found| (&*found.host, found.port));
            assert_eq!(found, wanted, "{text:?}");
        }
    }
}
