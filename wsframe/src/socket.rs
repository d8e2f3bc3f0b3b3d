//! Reading and writing a TCP socket with as little around the system call as there can be.
//!
//! libc's calls are points where a thread may be cancelled, and tokio's methods that read ask for
//! readiness first; of a message of a hundred bytes the two are a tenth.

use std::io;

use tokio::net::TcpStream;

/// Reads once into the spare capacity of `into`, of which there has to be some; 0 is the end.
///
/// # Errors
///
/// `WouldBlock` if nothing is there: [`poll_read_ready`](TcpStream::poll_read_ready) waits.
#[cfg(target_os = "linux")]
#[inline]
pub(crate) fn receive(tcp: &TcpStream, into: &mut Vec<u8>) -> io::Result<usize> {
    use rustix::{
        buffer::spare_capacity,
        io::retry_on_intr,
        net::{RecvFlags, recv},
    };
    use tokio::io::Interest;

    let before = into.len();
    let read = tcp.try_io(Interest::READABLE, || {
        let (n, _) = retry_on_intr(|| recv(tcp, spare_capacity(into), RecvFlags::empty()))?;
        if n > 0 && into.len() < into.capacity() {
            // Less came than there is room for, so nothing is left, and epoll tells when there is
            // again. Said while tokio knows which report this read followed: later it could wipe out
            // a newer one.
            return Err(io::ErrorKind::WouldBlock.into());
        }
        Ok(n)
    });
    match into.len() - before {
        0 => read,
        n => Ok(n),
    }
}

/// Writes once.
///
/// # Errors
///
/// `WouldBlock` if the socket takes nothing now.
#[cfg(target_os = "linux")]
#[inline]
pub(crate) fn send(tcp: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    use rustix::{
        io::retry_on_intr,
        net::{SendFlags, send},
    };
    use tokio::io::Interest;

    tcp.try_io(Interest::WRITABLE, || Ok(retry_on_intr(|| send(tcp, bytes, SendFlags::NOSIGNAL))?))
}

/// As on Linux.
#[cfg(not(target_os = "linux"))]
pub(crate) fn receive(tcp: &TcpStream, into: &mut Vec<u8>) -> io::Result<usize> {
    tcp.try_read_buf(into)
}

/// As on Linux.
#[cfg(not(target_os = "linux"))]
pub(crate) fn send(tcp: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
    tcp.try_write(bytes)
}
