//! From a name to an open socket: its addresses are tried one beside the other, each a little later
//! than the one before, and the first that answers counts. RFC 8305, as far as one look-up that
//! gives all addresses allows.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{
    net::{TcpSocket, TcpStream, lookup_host},
    time::timeout,
};

use crate::limits::client::ATTEMPT_DELAY;

/// Why nobody was reached.
#[derive(Debug)]
pub(super) enum Unreachable {
    Dns(io::Error),
    Connect(io::Error),
}

/// Looks the name up and connects to one of its addresses.
pub(super) async fn reach(
    host: &str,
    port: u16,
    local: Option<IpAddr>,
) -> Result<TcpStream, Unreachable> {
    let found: Vec<_> = lookup_host((host, port)).await.map_err(Unreachable::Dns)?.collect();
    if found.is_empty() {
        let none = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        return Err(Unreachable::Dns(none));
    }
    let fits =
        |address: &SocketAddr| local.is_none_or(|local| local.is_ipv4() == address.is_ipv4());
    let addresses = interleaved(found.into_iter().filter(fits));
    let tcp =
        race(addresses, |address| open(address, local)).await.map_err(Unreachable::Connect)?;
    // Frames are written whole; waiting for more would only delay them.
    let _ = tcp.set_nodelay(true);
    Ok(tcp)
}

async fn open(address: SocketAddr, local: Option<IpAddr>) -> io::Result<TcpStream> {
    let Some(local) = local else { return TcpStream::connect(address).await };
    let socket = match local {
        IpAddr::V4(_) => TcpSocket::new_v4()?,
        IpAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.bind(SocketAddr::new(local, 0))?;
    socket.connect(address).await
}

/// The two families in turn, each in the system's order, which knows what it has routes for.
fn interleaved(addresses: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    let mut addresses = addresses.peekable();
    let first = addresses.peek().is_some_and(SocketAddr::is_ipv4);
    let (one, other): (Vec<_>, Vec<_>) = addresses.partition(|found| found.is_ipv4() == first);
    let mut other = other.into_iter();
    let mut all = Vec::new();
    for address in one {
        all.push(address);
        all.extend(other.next());
    }
    all.extend(other);
    all
}

/// Begins with one address, goes on to the next when one fails or has had its time, and gives what
/// succeeds first; else what failed last.
async fn race<T, F>(
    addresses: Vec<SocketAddr>,
    mut connect: impl FnMut(SocketAddr) -> F,
) -> io::Result<T>
where
    F: Future<Output = io::Result<T>>,
{
    let mut addresses = addresses.into_iter();
    let mut trying = FuturesUnordered::new();
    let mut last = io::Error::new(
        io::ErrorKind::AddrNotAvailable,
        "the name has no address of the family of the local address",
    );
    loop {
        if let Some(address) = addresses.next() {
            trying.push(connect(address));
        }
        let tried = if addresses.len() == 0 {
            trying.next().await
        } else {
            match timeout(ATTEMPT_DELAY, trying.next()).await {
                Ok(tried) => tried,
                Err(_) => continue,
            }
        };
        match tried {
            Some(Ok(connected)) => return Ok(connected),
            Some(Err(error)) => last = error,
            None => return Err(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, future::pending, time::Duration};

    use tokio::time::{Instant, sleep};

    use super::*;

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 1)).collect()
    }

    #[test]
    fn families_take_turns() {
        let table: [(&[&str], &[&str]); 4] = [
            (
                &["::1", "::2", "::3", "1.1.1.1", "2.2.2.2"],
                &["::1", "1.1.1.1", "::2", "2.2.2.2", "::3"],
            ),
            (&["1.1.1.1", "::1", "::2"], &["1.1.1.1", "::1", "::2"]),
            (&["1.1.1.1", "2.2.2.2"], &["1.1.1.1", "2.2.2.2"]),
            (&[], &[]),
        ];
        for (found, wanted) in table {
            assert_eq!(interleaved(addresses(found).into_iter()), addresses(wanted));
        }
    }

    /// Who is asked when, and how it ends: an address answers after its last number of tenths of a
    /// second, 0 fails at once, 255 says nothing.
    async fn tried(list: &[&str]) -> (Vec<u128>, io::Result<SocketAddr>) {
        let (began, asked) = (Instant::now(), RefCell::new(Vec::new()));
        let connected = race(addresses(list), |address| {
            asked.borrow_mut().push(began.elapsed().as_millis());
            async move {
                let IpAddr::V4(v4) = address.ip() else { unreachable!("all are v4") };
                match v4.octets()[3] {
                    0 => Err(io::ErrorKind::ConnectionRefused.into()),
                    255 => pending().await,
                    tenths => {
                        sleep(Duration::from_millis(100) * u32::from(tenths)).await;
                        Ok(address)
                    }
                }
            }
        })
        .await;
        (asked.into_inner(), connected)
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_one_is_tried_when_one_fails_or_is_slow() {
        let table: [(&[&str], &[u128], Option<&str>); 6] = [
            (&["1.0.0.1", "2.0.0.1"], &[0], Some("1.0.0.1")),
            (&["1.0.0.0", "2.0.0.1"], &[0, 0], Some("2.0.0.1")),
            (&["1.0.0.255", "2.0.0.0", "3.0.0.1"], &[0, 250, 250], Some("3.0.0.1")),
            // The slow one is not given up: it answers after half a second, the other after 550 ms.
            (&["1.0.0.5", "2.0.0.3"], &[0, 250], Some("1.0.0.5")),
            (&["1.0.0.9", "2.0.0.3"], &[0, 250], Some("2.0.0.3")),
            (&["1.0.0.0", "2.0.0.0"], &[0, 0], None),
        ];
        for (list, wanted, winner) in table {
            let (asked, connected) = tried(list).await;
            assert_eq!(asked, wanted, "{list:?}");
            let winner = winner.map(|winner| addresses(&[winner])[0]);
            assert_eq!(connected.ok(), winner, "{list:?}");
        }
        let (_, none) = tried(&[]).await;
        assert_eq!(none.unwrap_err().kind(), io::ErrorKind::AddrNotAvailable);
    }
}
