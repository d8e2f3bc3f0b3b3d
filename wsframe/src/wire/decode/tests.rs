use proptest::prelude::*;

use super::*;
use crate::{message::Close, wire::encode};

const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

pub(super) fn frame(opcode: Opcode, fin: bool, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    encode::frame(&mut out, opcode, fin, payload, Some(KEY));
    out
}

/// Feeds `pieces` one after the other, through the buffer or in bulk, as a reader would; the
/// events and the fault that ended them.
fn run<'a>(
    role: Role,
    limits: &Settings,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Option<Fault>) {
    run_with(Decoder::new(role, Piecewise::default()), limits, pieces)
}

pub(super) fn run_with<'a>(
    mut decoder: Decoder,
    limits: &Settings,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Option<Fault>) {
    let mut buffer = Buffer::default();
    let mut events = Vec::new();
    for mut piece in pieces {
        while !piece.is_empty() {
            let found = if buffer.is_empty()
                && let Some(mut room) = decoder.bulk()
            {
                let n = room.remaining_mut().min(piece.len());
                room.put_slice(&piece[..n]);
                piece = &piece[n..];
                decoder.bulk_received(n)
            } else {
                buffer.room().extend_from_slice(piece);
                piece = &[];
                Ok(None)
            };
            match found {
                Ok(event) => events.extend(event),
                Err(fault) => return (events, Some(fault)),
            }
            loop {
                match decoder.decode(&mut buffer, limits) {
                    Ok(Some(event)) => events.push(event),
                    Ok(None) => break,
                    Err(fault) => return (events, Some(fault)),
                }
            }
        }
        buffer.park();
    }
    (events, None)
}

fn served(bytes: &[u8]) -> (Vec<Event>, Option<Fault>) {
    run(Role::Server, &Settings::default(), [bytes])
}

fn fault(bytes: &[u8]) -> Fault {
    served(bytes).1.expect("a fault")
}

fn text(text: &str) -> Event {
    Event::Message(text.into())
}

#[test]
fn control_frames_may_stand_between_fragments() {
    let bytes = [
        frame(Opcode::Text, false, b"Hel"),
        frame(Opcode::Ping, true, b"p"),
        frame(Opcode::Continuation, false, b""),
        frame(Opcode::Pong, true, b""),
        frame(Opcode::Continuation, true, b"lo"),
    ]
    .concat();
    let (events, fault) = served(&bytes);
    assert_eq!(fault, None);
    let expected =
        [Event::Ping(Bytes::from_static(b"p")), Event::Pong(Pong::default()), text("Hello")];
    assert_eq!(events, expected);
}

#[test]
fn frames_out_of_sequence_are_protocol_errors() {
    let alone = frame(Opcode::Continuation, true, b"x");
    assert_eq!(fault(&alone).code, CloseCode::PROTOCOL_ERROR);
    let nested = [frame(Opcode::Text, false, b"a"), frame(Opcode::Text, true, b"b")].concat();
    assert_eq!(fault(&nested).code, CloseCode::PROTOCOL_ERROR);
}

#[test]
fn limits_are_checked_on_the_header_alone() {
    let limits = Settings { max_message_size: 10, max_fragments: 3, ..Settings::default() };
    let check = |bytes: &[u8]| run(Role::Server, &limits, [bytes]).1.map(|fault| fault.code);
    let mut header = Vec::new();
    for (len, expected) in [
        (10, None),
        (11, Some(CloseCode::TOO_BIG)),
        (1 << 31, Some(CloseCode::TOO_BIG)),
        ((1 << 63) - 1, Some(CloseCode::TOO_BIG)),
    ] {
        header.clear();
        encode::header(&mut header, Opcode::Binary, true, len, Some(KEY));
        assert_eq!(check(&header), expected, "{len}");
    }

    let mut begun = frame(Opcode::Text, false, b"12345678");
    encode::header(&mut begun, Opcode::Continuation, true, 3, Some(KEY));
    assert_eq!(check(&begun), Some(CloseCode::TOO_BIG));

    let empty = frame(Opcode::Continuation, false, b"");
    let begun = [frame(Opcode::Text, false, b""), empty.clone(), empty.clone()].concat();
    assert_eq!(check(&begun), None);
    assert_eq!(check(&[begun, empty].concat()), Some(CloseCode::POLICY));

    let limits = Settings { max_frame_size: 4, ..Settings::default() };
    let (_, fault) = run(Role::Server, &limits, [&frame(Opcode::Text, false, b"12345")[..]]);
    assert_eq!(fault.map(|fault| fault.code), Some(CloseCode::TOO_BIG));
}

#[test]
fn an_announced_length_reserves_next_to_nothing() {
    let limits = Settings { max_message_size: 1 << 40, ..Settings::default() };
    let mut decoder = Decoder::new(Role::Server, Piecewise::default());
    let mut buffer = Buffer::default();
    encode::header(buffer.room(), Opcode::Binary, true, 1 << 40, Some(KEY));
    assert_eq!(decoder.decode(&mut buffer, &limits), Ok(None));
    let mut room = decoder.bulk().expect("bulk");
    assert!(room.remaining_mut() <= FIRST_RESERVE);
    room.put_slice(&[0; 1000]);
    decoder.bulk_received(1000).unwrap();
    assert!(decoder.partial.unwrap().data.capacity() <= FIRST_RESERVE);
}

#[test]
fn text_is_checked_as_it_arrives() {
    // The frame announces ten bytes; the second is hopeless.
    let whole = frame(Opcode::Text, true, b"a\xff12345678");
    let header = whole.len() - 10;
    assert_eq!(served(&whole[..header + 1]).1, None);
    assert_eq!(fault(&whole[..header + 2]).code, CloseCode::INVALID_PAYLOAD);
    let cut = [frame(Opcode::Text, false, b"\xe2"), frame(Opcode::Continuation, true, b"\x82")];
    assert_eq!(fault(&cut.concat()).code, CloseCode::INVALID_PAYLOAD);
    let joined =
        [frame(Opcode::Text, false, b"\xe2\x82"), frame(Opcode::Continuation, true, b"\xac")];
    assert_eq!(served(&joined.concat()).0, [text("€")]);
}

#[test]
fn close_bodies() {
    let close = |body: &[u8]| served(&frame(Opcode::Close, true, body));
    assert_eq!(close(b"").0, [Event::Close(None)]);
    let (events, _) = close(b"\x0f\xa0bye");
    assert_eq!(events, [Event::Close(Some((4000.into(), "bye".into())))]);
    for code in [0u16, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535] {
        let fault = close(&code.to_be_bytes()).1.expect("a fault");
        assert_eq!(fault.code, CloseCode::PROTOCOL_ERROR, "{code}");
    }
    assert_eq!(close(b"\x03").1.unwrap().code, CloseCode::PROTOCOL_ERROR);
    assert_eq!(close(b"\x03\xe8\xff").1.unwrap().code, CloseCode::INVALID_PAYLOAD);
}

#[test]
fn the_client_role_takes_unmasked_frames() {
    let mut bytes = Vec::new();
    encode::frame(&mut bytes, Opcode::Text, true, b"hi", None);
    encode::close(&mut bytes, Some(&Close::new(1001, "gone")), None);
    let (events, fault) = run(Role::Client, &Settings::default(), [&bytes[..]]);
    assert_eq!(fault, None);
    let close = Event::Close(Some((CloseCode::GOING_AWAY, "gone".into())));
    assert_eq!(events, [text("hi"), close]);
}

#[test]
fn every_size_survives() {
    let limits = Settings { max_message_size: usize::MAX, ..Settings::default() };
    for size in [0, 1, 125, 126, 127, 4095, 4096, 32755, 32768, 65535, 65536, 300_000] {
        let payload: Vec<u8> = (0..size).map(|i| (i * 31) as u8).collect();
        let mut bytes = frame(Opcode::Binary, true, &payload);
        bytes.extend(frame(Opcode::Text, true, b"next"));
        // As a socket brings it: at most a buffer at a time.
        let (events, fault) = run(Role::Server, &limits, bytes.chunks(32 * 1024));
        assert_eq!(fault, None);
        assert_eq!(events, [Event::Message(payload.into()), text("next")], "{size}");
    }
}

/// Any frame, well-formed or not quite.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let opcode = prop_oneof![
        4 => Just(Opcode::Text),
        4 => Just(Opcode::Binary),
        4 => Just(Opcode::Continuation),
        1 => Just(Opcode::Ping),
        1 => Just(Opcode::Pong),
        1 => Just(Opcode::Close),
    ];
    let payload = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..140),
        "\\PC{0,40}".prop_map(String::into_bytes),
        (4000usize..9000).prop_map(|n| vec![b'x'; n]),
    ];
    let damage = prop::option::weighted(0.05, (0usize..16, any::<u8>()));
    (opcode, any::<bool>(), payload, damage).prop_map(|(opcode, fin, payload, damage)| {
        let mut bytes = frame(opcode, fin || opcode.is_control(), &payload);
        if let Some((at, byte)) = damage
            && at < bytes.len()
        {
            bytes[at] = byte;
        }
        bytes
    })
}

/// Puts the pieces together again and holds what is said of them.
fn joined(events: Vec<Event>) -> Vec<Event> {
    let mut whole = Vec::new();
    let mut open: Option<(bool, Vec<u8>)> = None;
    for event in events {
        match event {
            Event::Piece(piece) => {
                let Piece { message, first, last } = *piece;
                assert_eq!(first, open.is_none());
                assert!(last || !message.is_empty());
                let text = matches!(message, Message::Text(_));
                let (_, bytes) = open.get_or_insert((text, Vec::new()));
                bytes.extend_from_slice(message.as_bytes());
                if last && let Some((text, bytes)) = open.take() {
                    whole.push(super::message(text, bytes.into()).expect("UTF-8"));
                }
            }
            other => whole.push(other),
        }
    }
    whole
}

fn piecewise() -> Decoder {
    Decoder::new(Role::Server, Piecewise { text: true, binary: true })
}

#[test]
fn a_character_is_never_cut() {
    let text = "a€b𝄞c".repeat(3);
    for cut in 1..text.len() {
        let (head, tail) = text.as_bytes().split_at(cut);
        let bytes = [frame(Opcode::Text, false, head), frame(Opcode::Continuation, true, tail)];
        let (events, fault) = run_with(piecewise(), &Settings::default(), [&bytes.concat()[..]]);
        assert_eq!(fault, None);
        assert_eq!(joined(events), [Event::Message(Message::from(&*text))]);
    }
    let (head, tail) = "€".as_bytes().split_at(1);
    let open = [frame(Opcode::Text, false, b"ok"), frame(Opcode::Continuation, true, head)];
    let (_, fault) = run_with(piecewise(), &Settings::default(), [&open.concat()[..]]);
    assert_eq!(fault, Some(Fault::invalid_utf8()));
    let wrong = [frame(Opcode::Text, false, head), frame(Opcode::Continuation, false, b"x")];
    let (_, fault) = run_with(piecewise(), &Settings::default(), [&wrong.concat()[..]]);
    assert_eq!(fault, Some(Fault::invalid_utf8()));
    let right = [frame(Opcode::Text, false, head), frame(Opcode::Continuation, true, tail)];
    let (events, _) = run_with(piecewise(), &Settings::default(), [&right.concat()[..]]);
    assert_eq!(joined(events), [Event::Message("€".into())]);
}

/// Neither the length of a message nor the number of its fragments has a limit.
#[test]
fn what_is_taken_piecewise_may_be_long() {
    let limits = Settings { max_message_size: 10, max_fragments: 2, ..Settings::default() };
    let bytes: Vec<u8> = (0..100)
        .flat_map(|i| {
            let opcode = if i == 0 { Opcode::Binary } else { Opcode::Continuation };
            frame(opcode, i == 99, &[7; 1000])
        })
        .collect();
    let (events, fault) = run_with(piecewise(), &limits, [&bytes[..]]);
    assert_eq!(fault, None);
    assert_eq!(joined(events), [Event::Message(vec![7; 100_000].into())]);
    let (events, fault) =
        run_with(piecewise(), &limits, [&frame(Opcode::Text, true, &[b'a'; 20])[..]]);
    assert_eq!((joined(events), fault), (vec![Event::Message("a".repeat(20).into())], None));
    let text_only = Decoder::new(Role::Server, Piecewise { text: true, binary: false });
    let (_, fault) = run_with(text_only, &limits, [&frame(Opcode::Binary, true, &[7; 20])[..]]);
    assert_eq!(fault, Some(Fault::too_big("message too big")));
}

proptest! {
    /// Taken piecewise, the same messages come out, and the same fault at last.
    #[test]
    fn the_pieces_of_any_stream_make_its_messages(
        frames in prop::collection::vec(any_frame(), 1..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let bytes = frames.concat();
        let limits = Settings {
            max_fragments: usize::MAX, max_message_size: usize::MAX, ..Settings::default()
        };
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        at.extend([0, bytes.len()]);
        at.sort_unstable();
        let split = at.windows(2).map(|w| &bytes[w[0]..w[1]]);
        let (events, fault) = run_with(piecewise(), &limits, split);
        let (whole, whole_fault) = run(Role::Server, &limits, [&bytes[..]]);
        prop_assert_eq!(joined(events), whole);
        prop_assert_eq!(fault, whole_fault);
    }

    #[test]
    fn any_split_of_any_stream_gives_the_same_events(
        frames in prop::collection::vec(any_frame(), 1..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let bytes = frames.concat();
        let limits = Settings { max_fragments: 5, max_message_size: 20_000, ..Settings::default() };
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        at.extend([0, bytes.len()]);
        at.sort_unstable();
        let pieces = at.windows(2).map(|w| &bytes[w[0]..w[1]]);
        let split = run(Role::Server, &limits, pieces);
        let whole = run(Role::Server, &limits, [&bytes[..]]);
        prop_assert_eq!(&split, &whole);
        let single = run(Role::Server, &limits, bytes.chunks(1));
        prop_assert_eq!(single, whole);
    }
}
