//! The outbox over a transport that takes as much as the test lets through.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use proptest::prelude::*;
use tokio::io::AsyncWrite;

use super::*;
use crate::{
    handshake::{Deflate, deflate::accept},
    limits::Overflow,
    wire::{Buffer, Decoder, Event, Inflater, Opcode, Piecewise},
};

/// A transport with a sluice: it takes bytes as long as there is room.
#[derive(Clone, Default)]
struct Sluice(Arc<Mutex<(usize, Vec<u8>)>>);

impl Sluice {
    fn open(&self, bytes: usize) {
        let room = &mut self.0.lock().unwrap().0;
        *room = room.saturating_add(bytes);
    }

    /// What has come through, decoded as the peer would.
    fn events(&self, role: Role) -> Vec<Event> {
        self.events_of(role, None)
    }

    /// The same where messages may be compressed.
    fn events_of(&self, role: Role, agreed: Option<&Agreed>) -> Vec<Event> {
        let limits = Settings { max_message_size: usize::MAX, ..Settings::default() };
        let mut decoder = Decoder::new(role.peer(), Piecewise::default());
        if let Some(agreed) = agreed {
            let direction = if role == Role::Server { agreed.server } else { agreed.client };
            decoder.inflate(Inflater::new(direction));
        }
        let bytes = self.0.lock().unwrap().1.clone();
        let mut buffer = Buffer::holding(&bytes);
        std::iter::from_fn(|| decoder.decode(&mut buffer, &limits).expect("well-formed")).collect()
    }

    fn messages(&self) -> Vec<Message> {
        let message =
            |event| if let Event::Message(message) = event { Some(message) } else { None };
        self.events(Role::Server).into_iter().filter_map(message).collect()
    }
}

impl AsyncWrite for Sluice {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let (room, taken) = &mut *self.0.lock().unwrap();
        let n = bytes.len().min(*room);
        if n == 0 {
            return Poll::Pending;
        }
        *room -= n;
        taken.extend_from_slice(&bytes[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

fn outbox(role: Role) -> (Outbox, Sluice) {
    let sluice = Sluice::default();
    (Outbox::new(Writer::Stream(Box::pin(sluice.clone())), role, Arc::new(Budget::new())), sluice)
}

/// What is agreed on if a client offers all there is.
fn agreed(deflate: Deflate) -> Agreed {
    let mut offer = http::HeaderMap::new();
    let everything = "permessage-deflate; client_max_window_bits".parse().unwrap();
    offer.insert(http::header::SEC_WEBSOCKET_EXTENSIONS, everything);
    accept(&offer, &deflate).unwrap()
}

fn deflate(takeover: bool) -> Deflate {
    let deflate = Deflate::new().threshold(100).level(1);
    deflate.server_no_context_takeover(!takeover).client_no_context_takeover(!takeover)
}

fn compressing(role: Role, agreed: &Agreed) -> (Outbox, Sluice) {
    let (outbox, sluice) = outbox(role);
    (outbox.compressing(agreed), sluice)
}

fn turn(outbox: &Outbox) -> Flushed {
    outbox.begin_turn();
    outbox.end_turn(&mut Context::from_waker(Waker::noop()))
}

fn text(i: usize, len: usize) -> Message {
    format!("{i:>len$}").into()
}

fn small() -> Settings {
    Settings { outbox_messages: 3, ..Settings::default() }
}

#[test]
fn bounds_are_checked_before_adding() {
    let (outbox, sluice) = outbox(Role::Server);
    let limits = Settings { outbox: 10, ..Settings::default() };
    outbox.push(text(1, 60_000), &limits, None).expect("an empty outbox takes any size");
    let rejected = outbox.push(text(2, 1), &limits, None).unwrap_err();
    assert_eq!(rejected.why, Rejection::Full);
    assert_eq!(rejected.message, text(2, 1));
    sluice.open(usize::MAX);
    turn(&outbox);
    outbox.push(text(3, 1), &limits, None).expect("drained");
}

#[test]
fn nothing_is_accepted_after_the_close_frame_and_it_comes_last() {
    let (outbox, sluice) = outbox(Role::Server);
    turn(&outbox);
    for i in 0..3 {
        outbox.push(text(i, 5000), &Settings::default(), None).unwrap();
    }
    assert!(outbox.close(Some(&Close::new(4000, "done"))));
    assert!(!outbox.close(None));
    assert!(!outbox.ping(b""));
    outbox.pong(Bytes::new());
    let rejected = outbox.push(text(9, 1), &Settings::default(), None).unwrap_err();
    assert_eq!(rejected.why, Rejection::Closed);
    sluice.open(usize::MAX);
    turn(&outbox);
    let events = sluice.events(Role::Server);
    assert_eq!(events.len(), 4);
    assert_eq!(events[3], Event::Close(Some((4000.into(), "done".into()))));
}

#[test]
fn a_ping_passes_queued_messages_but_not_one_that_has_begun() {
    let (outbox, sluice) = outbox(Role::Server);
    for i in 0..3 {
        outbox.push(text(i, 10_000), &Settings::default(), None).unwrap();
    }
    sluice.open(100);
    assert!(matches!(turn(&outbox), Flushed::Blocked));
    assert!(outbox.ping(b"now"));
    sluice.open(usize::MAX);
    turn(&outbox);
    let at = sluice.events(Role::Server).iter().position(|event| matches!(event, Event::Ping(_)));
    assert_eq!(at, Some(1));
}

#[test]
fn of_many_pings_that_find_a_blocked_peer_the_last_is_answered() {
    let (outbox, sluice) = outbox(Role::Server);
    outbox.push(text(0, 10), &Settings::default(), None).unwrap();
    assert!(matches!(turn(&outbox), Flushed::Blocked));
    for i in 0..10_000 {
        outbox.pong(Bytes::from(i.to_string()));
    }
    sluice.open(usize::MAX);
    turn(&outbox);
    turn(&outbox);
    let events = sluice.events(Role::Server);
    assert_eq!(events.len(), 2);
    assert!(matches!(&events[1], Event::Pong(pong) if pong.payload() == b"9999"));
}

#[test]
fn a_flush_is_ready_when_what_was_before_it_has_left() {
    let (outbox, sluice) = outbox(Role::Server);
    let mut cx = Context::from_waker(Waker::noop());
    outbox.push(text(0, 6000), &Settings::default(), None).unwrap();
    let mut mark = None;
    assert!(outbox.poll_flush(&mut cx, &mut mark).is_pending());
    sluice.open(10);
    turn(&outbox);
    // Both come later; the ping even passes what the flush waits for.
    outbox.push(text(1, 6000), &Settings::default(), None).unwrap();
    outbox.ping(&[0; 100]);
    assert!(outbox.poll_flush(&mut cx, &mut mark).is_pending());
    sluice.open(5990);
    turn(&outbox);
    assert!(outbox.poll_flush(&mut cx, &mut mark).is_pending(), "four bytes are missing");
    sluice.open(104);
    turn(&outbox);
    assert_eq!(outbox.poll_flush(&mut cx, &mut mark), Poll::Ready(Ok(())));
    assert!(matches!(turn(&outbox), Flushed::Blocked));
}

#[test]
fn a_flush_fails_with_its_connection() {
    let (outbox, _sluice) = outbox(Role::Server);
    let mut cx = Context::from_waker(Waker::noop());
    outbox.push(text(0, 10), &Settings::default(), None).unwrap();
    let mut mark = None;
    assert!(outbox.poll_flush(&mut cx, &mut mark).is_pending());
    outbox.abandon();
    assert_eq!(outbox.poll_flush(&mut cx, &mut mark), Poll::Ready(Err(())));
}

/// The policies, with messages that lie in the buffer (written before the peer blocked) and with
/// parts behind it.
#[test]
fn overflow_does_as_it_is_called() {
    for blocked_first in [false, true] {
        for (overflow, expected) in [
            (Overflow::Close, vec![0, 1, 2]),
            (Overflow::DropNewest, vec![0, 1, 2]),
            (Overflow::DropOldest, vec![0, 3, 4]),
        ] {
            let (outbox, sluice) = outbox(Role::Server);
            let limits = Settings { overflow, ..small() };
            let mut offered = Vec::new();
            for i in 0..5 {
                offered.push(outbox.offer(&Frame::new(text(i, 4)), None, &limits));
                if i == if blocked_first { 0 } else { 2 } {
                    sluice.open(2);
                    turn(&outbox);
                }
            }
            let late = match overflow {
                Overflow::Close => Offered::Overflow,
                Overflow::DropNewest => Offered::Dropped,
                Overflow::DropOldest => Offered::Displaced,
            };
            assert_eq!(offered[..3], [Offered::Queued; 3]);
            assert_eq!(offered[3..], [late; 2]);
            sluice.open(usize::MAX);
            turn(&outbox);
            let expected: Vec<_> = expected.into_iter().map(|i| text(i, 4)).collect();
            assert_eq!(sluice.messages(), expected, "{overflow:?}, blocked first: {blocked_first}");
        }
    }
}

#[test]
fn the_latest_of_a_key_takes_the_place_of_the_one_before() {
    let (outbox, sluice) = outbox(Role::Server);
    let limits = small();
    let (x, y) = (Arc::from("x"), Arc::from("y"));
    outbox.push(text(0, 6000), &limits, None).unwrap();
    sluice.open(10);
    turn(&outbox);
    assert_eq!(outbox.offer(&Frame::new(text(1, 4)), Some(&x), &limits), Offered::Queued);
    assert_eq!(outbox.offer(&Frame::new(text(2, 4)), Some(&y), &limits), Offered::Queued);
    // The outbox is full, and yet a newer state finds its place.
    for i in 3..100 {
        assert_eq!(outbox.offer(&Frame::new(text(i, i)), Some(&x), &limits), Offered::Queued);
    }
    sluice.open(usize::MAX);
    turn(&outbox);
    assert_eq!(sluice.messages(), [text(0, 6000), text(99, 99), text(2, 4)]);
    assert_eq!(outbox.progress().0, 0);
}

/// However much has to be dropped, what arrives can be inflated: nothing that was dropped had been
/// compressed.
#[test]
fn what_is_dropped_leaves_no_gap_in_the_context() {
    let agreed = agreed(deflate(true));
    let (outbox, sluice) = compressing(Role::Server, &agreed);
    let limits = Settings { overflow: Overflow::DropOldest, ..small() };
    let key = Arc::from("k");
    for i in 0..200 {
        let key = (i % 5 == 0).then_some(&key);
        outbox.offer(&Frame::new(text(i, 3000 + i)), key, &limits);
        sluice.open(12);
        turn(&outbox);
    }
    sluice.open(usize::MAX);
    turn(&outbox);
    let events = sluice.events_of(Role::Server, Some(&agreed));
    assert!(events.contains(&Event::Message(text(199, 3199))));
    let sent: Vec<_> = (0..200).map(|i| Event::Message(text(i, 3000 + i))).collect();
    let places: Vec<_> =
        events.iter().map(|event| sent.iter().position(|sent| sent == event).unwrap()).collect();
    assert!(places.len() < 200, "nothing was dropped");
    assert!(places.is_sorted());
    assert_eq!(outbox.progress().0, 0);
}

/// A frame is compressed once for all who compress alike, and kept frames are, too.
#[test]
fn a_frame_is_compressed_once() {
    let agreed = agreed(deflate(false));
    let frame = Frame::new(text(1, 9000));
    let kept = frame.clone();
    let bytes = |frame: &Frame| {
        let effort = crate::wire::Effort { level: 1, bits: 15 };
        frame.packed(effort).unwrap()
    };
    for role in [Role::Server, Role::Server, Role::Client] {
        let (outbox, sluice) = compressing(role, &agreed);
        outbox.offer(&frame, None, &small());
        sluice.open(usize::MAX);
        turn(&outbox);
        assert_eq!(sluice.events_of(role, Some(&agreed)), [Event::Message(text(1, 9000))]);
        assert!(sluice.0.lock().unwrap().1.len() < 500);
    }
    assert_eq!(bytes(&frame).as_ptr(), bytes(&kept).as_ptr());
}

/// What does not get smaller, what is short, and what has a window that the library cannot compress
/// with goes as it is.
#[test]
fn not_everything_is_compressed() {
    let random: Vec<u8> = (0..500).map(|_| rand::random()).collect();
    for (deflate, message) in [
        (deflate(false), Message::from(random)),
        (deflate(false), text(0, 99)),
        (deflate(true), text(0, 99)),
        (deflate(true).server_max_window_bits(8), text(0, 5000)),
    ] {
        let agreed = agreed(deflate);
        let (outbox, sluice) = compressing(Role::Server, &agreed);
        outbox.push(message.clone(), &small(), None).unwrap();
        sluice.open(usize::MAX);
        turn(&outbox);
        // Without an inflater it would be a fault.
        assert_eq!(sluice.messages(), [message]);
    }
}

#[derive(Clone, Debug)]
enum Op {
    Push(usize),
    Offer(usize),
    /// A piece of a fragmented message, perhaps the last.
    Piece(usize, bool),
    Ping,
    Pong,
    Open(usize),
    Turn,
}

fn any_op() -> impl Strategy<Value = Op> {
    let len = prop_oneof![6 => 1usize..200, 1 => 3000usize..5000, 1 => 10_000usize..40_000];
    prop_oneof![
        4 => len.clone().prop_map(Op::Push),
        2 => len.clone().prop_map(Op::Offer),
        3 => (len, any::<bool>()).prop_map(|(len, last)| Op::Piece(len, last)),
        1 => Just(Op::Ping),
        1 => Just(Op::Pong),
        3 => (0usize..20_000).prop_map(Op::Open),
        3 => Just(Op::Turn),
    ]
}

proptest! {
    /// Whatever the transport takes and when: frames stay whole, accepted messages arrive in
    /// order and only those of a full fan-out are missing, no message stands between the pieces of
    /// another, and the close frame is the last.
    #[test]
    fn what_was_accepted_arrives_in_order(
        ops in prop::collection::vec(any_op(), 0..60),
        client in any::<bool>(),
        takeover in prop::option::of(any::<bool>()),
    ) {
        let role = if client { Role::Client } else { Role::Server };
        let agreed = takeover.map(|takeover| agreed(deflate(takeover)));
        let (outbox, sluice) = match &agreed {
            Some(agreed) => compressing(role, agreed),
            None => outbox(role),
        };
        let limits =
            Settings { outbox_messages: 8, overflow: Overflow::DropNewest, ..Settings::default() };
        let mut accepted = Vec::new();
        // The pieces so far of the message that is open, and what waits for its end.
        let mut open: Option<(String, Vec<Message>)> = None;
        for (i, op) in ops.into_iter().enumerate() {
            match op {
                Op::Push(len) => {
                    if outbox.push(text(i, len), &limits, None).is_ok() {
                        open.as_mut().map_or(&mut accepted, |open| &mut open.1).push(text(i, len));
                    }
                }
                Op::Offer(len) => {
                    if outbox.offer(&Frame::new(text(i, len)), None, &limits) == Offered::Queued {
                        open.as_mut().map_or(&mut accepted, |open| &mut open.1).push(text(i, len));
                    }
                }
                Op::Piece(len, last) => {
                    let opcode = if open.is_some() { Opcode::Continuation } else { Opcode::Text };
                    let free = outbox.open_message(Waker::noop()).is_ok();
                    prop_assert_eq!(free, open.is_none());
                    let piece = text(i, len);
                    open.get_or_insert_default().0 += std::str::from_utf8(piece.as_bytes()).unwrap();
                    prop_assert!(outbox.put_fragment(opcode, piece.into_bytes(), last).is_ok());
                    if last && let Some((whole, held)) = open.take() {
                        accepted.push(whole.into());
                        accepted.extend(held);
                    }
                }
                Op::Ping => prop_assert!(outbox.ping(b"beat")),
                Op::Pong => outbox.pong(Bytes::from_static(b"here")),
                Op::Open(bytes) => sluice.open(bytes),
                Op::Turn => { turn(&outbox); }
            }
        }
        outbox.close(None);
        sluice.open(usize::MAX);
        prop_assert!(matches!(turn(&outbox), Flushed::Drained));
        let events = sluice.events_of(role, agreed.as_ref());
        prop_assert_eq!(events.last(), Some(&Event::Close(None)));
        let message = |event| if let Event::Message(message) = event { Some(message) } else { None };
        let arrived: Vec<_> = events.into_iter().filter_map(message).collect();
        prop_assert_eq!(arrived, accepted);
        prop_assert_eq!(outbox.progress().0, 0);
    }
}

/// Every session has one.
#[cfg(target_arch = "x86_64")]
#[test]
fn an_outbox_does_not_grow() {
    let (outbox, queue) = (size_of::<Outbox>(), size_of::<Queue>());
    println!("outbox {outbox} bytes, of which the queue {queue}");
    assert!(outbox <= 152, "{outbox}");
    assert!(queue <= 136, "{queue}");
}
