//! Whose word about the client's address is taken.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

use http::{HeaderMap, HeaderName, header::FORWARDED};
use tokio::{io::AsyncReadExt, net::TcpStream};

use super::Server;

/// How a proxy says for whom it speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Forwarding {
    /// `X-Forwarded-For`: a list, to which each proxy adds the address that it sees.
    XForwardedFor,
    /// `Forwarded`, the same as a standard; RFC 7239.
    Forwarded,
    /// The PROXY protocol, version 2: a binary header before everything else on the connection. A
    /// trusted proxy has to send it.
    ProxyProtocol,
}

/// Where requests may come through.
#[derive(Clone, Debug)]
pub(super) struct Proxies {
    pub(super) forwarding: Forwarding,
    trusted: Vec<Network>,
}

/// Addresses that have their first bits in common.
#[derive(Clone, Copy, Debug)]
struct Network {
    address: IpAddr,
    bits: u32,
}

/// Among the extensions of a request: its peer is who a proxy spoke for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proxied;

impl Server {
    /// Takes the word of these proxies, addresses such as `10.0.0.7` or networks such as
    /// `10.0.0.0/8`, about the address of the client: it is then what
    /// [`Session::peer`](crate::Session::peer) says, and what
    /// [`max_connections_per_address`](Self::max_connections_per_address) counts by. What is no
    /// address keeps the server from starting. A second call replaces the first. By default nobody
    /// is trusted, and the headers mean nothing.
    ///
    /// Only the way that is named counts: a proxy that sets one header passes another one on as it
    /// came. Of a list the last address counts that is not a trusted proxy's; what stands before it
    /// anybody may have written.
    ///
    /// ```
    /// use wsframe::{Forwarding, Server};
    ///
    /// let server = Server::new().trusted_proxies(Forwarding::XForwardedFor, ["127.0.0.1", "10.0.0.0/8"]);
    /// # let _ = server;
    /// ```
    ///
    /// Where the server is [mounted](Self::into_service), the host says who the peer is.
    pub fn trusted_proxies<S: AsRef<str>>(
        mut self,
        forwarding: Forwarding,
        networks: impl IntoIterator<Item = S>,
    ) -> Self {
        let networks = networks.into_iter().map(|network| {
            Network::parse(network.as_ref()).ok_or_else(|| network.as_ref().to_owned())
        });
        let (mut trusted, mut faults) = (Vec::new(), Vec::new());
        for network in networks {
            match network {
                Ok(network) => trusted.push(network),
                Err(text) => faults.push(text),
            }
        }
        self.proxies = match faults.is_empty() {
            true => Ok(Some(Proxies { forwarding, trusted })),
            false => Err(faults),
        };
        self
    }
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse().ok()?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(all);
        (bits <= all).then_some(Self { address, bits })
    }

    fn contains(&self, other: IpAddr) -> bool {
        let same = |one: u128, other: u128, all: u32| {
            self.bits == 0 || (one ^ other) >> (all - self.bits) == 0
        };
        match (self.address, other) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
            _ => false,
        }
    }
}

impl Proxies {
    pub(super) fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|network| network.contains(address))
    }

    /// For whom the proxy speaks; `None` if it does not say, or what it says is no address.
    pub(super) fn client(&self, headers: &HeaderMap) -> Option<SocketAddr> {
        let (name, read): (_, fn(&str) -> Option<SocketAddr>) = match self.forwarding {
            Forwarding::XForwardedFor => (HeaderName::from_static("x-forwarded-for"), node),
            Forwarding::Forwarded => (FORWARDED, forwarded_for),
            Forwarding::ProxyProtocol => return None,
        };
        let lines: Vec<_> = headers.get_all(name).iter().collect();
        let mut client = None;
        for line in lines.into_iter().rev() {
            for element in elements(line.to_str().ok()?).rev() {
                // Who wrote what stands before it is not known.
                let Some(node) = read(element) else { return client };
                client = Some(node);
                if !self.trust(node.ip()) {
                    return client;
                }
            }
        }
        client
    }
}

/// The elements of a list; commas inside of quotes are none of its.
fn elements(line: &str) -> impl DoubleEndedIterator<Item = &str> {
    let mut quoted = false;
    let parts = line.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().into_iter()
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`.
fn node(text: &str) -> Option<SocketAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(SocketAddr::new(address.to_canonical(), 0));
    }
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(SocketAddr::new(address.ip().to_canonical(), address.port()));
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    Some(SocketAddr::new(inner.parse::<Ipv6Addr>().ok()?.into(), 0))
}

/// The `for` of one element of `Forwarded`; RFC 7239 section 4.
fn forwarded_for(element: &str) -> Option<SocketAddr> {
    let mut found = element.split(';').filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then(|| value.trim().trim_matches('"'))
    });
    match (found.next(), found.next()) {
        (Some(value), None) => node(value),
        _ => None,
    }
}

/// Reads the header of the PROXY protocol, and nothing behind it: for whom the proxy speaks; `None` if
/// for itself.
///
/// # Errors
///
/// Whatever ends the connection: no such header, or one that is cut.
pub(super) async fn read_header(tcp: &mut TcpStream) -> io::Result<Option<SocketAddr>> {
    const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";
    /// The addresses and some extensions.
    const MOST: usize = 2048;
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let mut head = [0; 16];
    tcp.read_exact(&mut head).await?;
    let len = usize::from(u16::from_be_bytes([head[14], head[15]]));
    if head[..12] != SIGNATURE || head[12] & 0xf0 != 0x20 || len > MOST {
        return Err(invalid());
    }
    let mut body = vec![0; len];
    tcp.read_exact(&mut body).await?;
    match (head[12] & 0x0f, head[13]) {
        (0, _) => Ok(None),
        (1, family) => source(family, &body).map(Some).ok_or_else(invalid),
        _ => Err(invalid()),
    }
}

fn source(family: u8, body: &[u8]) -> Option<SocketAddr> {
    let port = |at| Some(u16::from_be_bytes(*body.get(at..)?.first_chunk()?));
    match family {
        0x11 if body.len() >= 12 => {
            let address = Ipv4Addr::from(*body.first_chunk::<4>()?);
            Some(SocketAddr::new(address.into(), port(8)?))
        }
        0x21 if body.len() >= 36 => {
            let address = Ipv6Addr::from(*body.first_chunk::<16>()?);
            Some(SocketAddr::new(IpAddr::from(address).to_canonical(), port(32)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn client(forwarding: Forwarding, lines: &[&str]) -> Option<String> {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"];
        let trusted = trusted.iter().filter_map(|text| Network::parse(text)).collect();
        let name = match forwarding {
            Forwarding::Forwarded => "forwarded",
            _ => "x-forwarded-for",
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name, HeaderValue::from_str(line).unwrap());
        }
        let client = Proxies { forwarding, trusted }.client(&headers)?;
        Some(if client.port() == 0 { client.ip().to_string() } else { client.to_string() })
    }

    #[test]
    fn the_last_address_that_is_no_proxy_counts() {
        for (lines, expected) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["6.6.6.6, 192.0.2.1"], Some("192.0.2.1")),
            (&["6.6.6.6", "192.0.2.1"], Some("192.0.2.1")),
            (&["6.6.6.6, 192.0.2.1, 10.1.1.1"], Some("192.0.2.1")),
            (&["192.0.2.1, 10.1.1.1", "10.2.2.2"], Some("192.0.2.1")),
            (&["10.1.1.1"], Some("10.1.1.1")),
            (&["192.0.2.1:4711"], Some("192.0.2.1:4711")),
            (&["2001:db9::1"], Some("2001:db9::1")),
            (&["[2001:db9::1]:4711"], Some("[2001:db9::1]:4711")),
            (&["[2001:db9::1]"], Some("2001:db9::1")),
            (&["::ffff:192.0.2.1"], Some("192.0.2.1")),
            (&["192.0.2.1, unknown"], None),
            (&["192.0.2.1, unknown, 10.1.1.1"], Some("10.1.1.1")),
            (&[""], None),
            (&[], None),
            (&["192.0.2.1 evil"], None),
        ] {
            assert_eq!(client(Forwarding::XForwardedFor, lines).as_deref(), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_standard_header_is_read() {
        for (lines, expected) in [
            (&["for=192.0.2.1"][..], Some("192.0.2.1")),
            (&["For=\"[2001:db9::1]:4711\";proto=https;by=10.0.0.1"], Some("[2001:db9::1]:4711")),
            (&["for=6.6.6.6, for=192.0.2.1;host=\"a,b\", for=10.1.1.1"], Some("192.0.2.1")),
            (&["for=_hidden"], None),
            (&["for=unknown"], None),
            (&["proto=https"], None),
            (&["for=192.0.2.1;for=192.0.2.2"], None),
        ] {
            assert_eq!(client(Forwarding::Forwarded, lines).as_deref(), expected, "{lines:?}");
        }
    }

    #[test]
    fn networks() {
        let contains = |network: &str, address: &str| {
            Network::parse(network).unwrap().contains(address.parse().unwrap())
        };
        assert!(contains("10.0.0.0/8", "10.255.0.1") && !contains("10.0.0.0/8", "11.0.0.1"));
        assert!(contains("0.0.0.0/0", "192.0.2.1") && !contains("0.0.0.0/0", "::1"));
        assert!(contains("::1", "::1") && !contains("::1", "::2"));
        for bad in
            ["", "10.0.0.0/33", "10.0.0/8", "::/129", "localhost", "10.0.0.0/", "10.0.0.0/-1"]
        {
            assert!(Network::parse(bad).is_none(), "{bad}");
        }
    }
}
