//! One room. The task that relays a message writes to every socket itself; only what a socket does
//! not take at once is left to the member's own task.

use std::{
    io::{self, ErrorKind},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{net::TcpStream, sync::Notify};

use crate::frame::{head, put_head, unmask};

pub(crate) struct Member {
    io: TcpStream,
    backlog: Mutex<Vec<u8>>,
    wake: Notify,
}

pub(crate) type Room = Arc<Mutex<Vec<Arc<Member>>>>;

impl Member {
    fn send(&self, frame: &[u8]) {
        let mut backlog = self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
        let n = if backlog.is_empty() { self.io.try_write(frame).unwrap_or(0) } else { 0 };
        if n < frame.len() {
            backlog.extend_from_slice(&frame[n..]);
            self.wake.notify_one();
        }
    }

    /// Writes what was left, as far as the socket takes it; true once nothing is.
    fn write_backlog(&self) -> io::Result<bool> {
        let mut backlog = self.backlog.lock().unwrap_or_else(PoisonError::into_inner);
        if backlog.is_empty() {
            return Ok(true);
        }
        match self.io.try_write(&backlog) {
            Ok(n) => {
                backlog.drain(..n);
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        Ok(false)
    }

    async fn drain(&self) -> io::Result<()> {
        loop {
            self.io.writable().await?;
            if self.write_backlog()? {
                return Ok(());
            }
        }
    }

    /// Waits for input and reads it; false at the end of the stream.
    async fn fill(&self, input: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            tokio::select! {
                ready = self.io.readable() => ready?,
                () = self.wake.notified() => self.drain().await?,
            }
            match self.io.try_read_buf(input) {
                Ok(n) => return Ok(n > 0),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

pub(crate) async fn member(io: TcpStream, room: &Room) {
    let me = Arc::new(Member { io, backlog: Mutex::default(), wake: Notify::new() });
    room.lock().unwrap_or_else(PoisonError::into_inner).push(me.clone());
    let (mut input, mut frame) = (Vec::new(), Vec::new());
    while let Ok(true) = me.fill(&mut input).await {
        let mut at = 0;
        while let Ok(Some(head)) = head(&input[at..]) {
            let (start, end) = (at + head.size, at + head.size + head.len);
            if end > input.len() {
                break;
            }
            unmask(&mut input[start..end], head.mask);
            frame.clear();
            put_head(&mut frame, head.opcode, head.len);
            frame.extend_from_slice(&input[start..end]);
            at = end;
            for member in room.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                member.send(&frame);
            }
        }
        input.drain(..at);
    }
    room.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| !Arc::ptr_eq(other, &me));
}
