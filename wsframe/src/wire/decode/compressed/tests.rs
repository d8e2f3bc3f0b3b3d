use miniz_oxide::{
    deflate::compress_to_vec,
    inflate::{
        TINFLStatus,
        core::{DecompressorOxide, decompress, inflate_flags},
    },
};
use proptest::prelude::*;

use super::{
    super::{
        Piece, Piecewise,
        tests::{frame, run_with},
    },
    *,
};
use crate::{
    handshake::Direction,
    message::{CloseCode, Message},
    wire::{Deflater, Effort, Role},
};

const EFFORT: Effort = Effort { level: 6, bits: 15 };

fn decoder(takeover: bool) -> Decoder {
    inflating(takeover, Piecewise::default())
}

fn piecewise(takeover: bool) -> Decoder {
    inflating(takeover, Piecewise { text: true, binary: true })
}

fn inflating(takeover: bool, piecewise: Piecewise) -> Decoder {
    let mut decoder = Decoder::new(Role::Server, piecewise);
    decoder.inflate(Inflater::new(Direction { takeover, bits: 15 }));
    decoder
}

/// The frames of a message that is compressed already, cut into as many pieces.
fn frames(opcode: Opcode, payload: &[u8], pieces: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let size = payload.len().div_ceil(pieces.max(1)).max(1);
    let pieces: Vec<&[u8]> =
        if payload.is_empty() { vec![payload] } else { payload.chunks(size).collect() };
    for (i, piece) in pieces.iter().enumerate() {
        let opcode = if i == 0 { opcode } else { Opcode::Continuation };
        let start = out.len();
        out.extend(frame(opcode, i + 1 == pieces.len(), piece));
        if i == 0 {
            out[start] |= 0x40;
        }
    }
    out
}

fn run(decoder: Decoder, most: usize, bytes: &[u8]) -> (Vec<Event>, Option<Fault>) {
    let limits = Settings { max_message_size: most, ..Settings::default() };
    run_with(decoder, &limits, bytes.chunks(32 * 1024))
}

/// What one compressed binary message inflates to.
fn inflated(payload: &[u8]) -> Result<Vec<u8>, Fault> {
    let bytes = frames(Opcode::Binary, payload, 1);
    match run(decoder(false), 1 << 20, &bytes) {
        (mut events, None) => match events.pop() {
            Some(Event::Message(Message::Binary(bytes))) if events.is_empty() => Ok(bytes.into()),
            other => panic!("{other:?}"),
        },
        (_, Some(fault)) => Err(fault),
    }
}

fn binary(events: Vec<Event>) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    let mut open = Vec::new();
    for event in events {
        match event {
            Event::Message(message) => messages.push(message.into_bytes().to_vec()),
            Event::Piece(piece) => {
                let Piece { message, last, .. } = *piece;
                open.extend_from_slice(message.as_bytes());
                if last {
                    messages.push(std::mem::take(&mut open));
                }
            }
            other => panic!("{other:?}"),
        }
    }
    messages
}

#[test]
fn the_examples_of_the_rfc() {
    for payload in [
        // Section 7.2.3.1, 7.2.3.3 (no compression), 7.2.3.4 (a final block), 7.2.3.5 (two blocks).
        &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..],
        &[0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        &[0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00],
    ] {
        assert_eq!(inflated(payload), Ok(b"Hello".to_vec()), "{payload:x?}");
        for pieces in 1..=payload.len() {
            let bytes = frames(Opcode::Text, payload, pieces);
            for takeover in [false, true] {
                let (events, fault) = run(decoder(takeover), 100, &bytes);
                assert_eq!((events, fault), (vec![Event::Message("Hello".into())], None));
                let (events, fault) = run(piecewise(takeover), 100, &bytes);
                assert_eq!((binary(events), fault), (vec![b"Hello".to_vec()], None));
            }
        }
    }
    // Section 7.2.3.2: the second message is the first one again.
    let twice = [
        frames(Opcode::Text, &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00], 1),
        frames(Opcode::Text, &[0xf2, 0x00, 0x11, 0x00, 0x00], 2),
    ]
    .concat();
    let hello = || Event::Message("Hello".into());
    assert_eq!(run(decoder(true), 100, &twice), (vec![hello(), hello()], None));
    let (events, fault) = run(decoder(false), 100, &twice);
    assert_eq!(events, [hello()]);
    assert_eq!(fault.unwrap().code, CloseCode::INVALID_PAYLOAD);
    // Empty messages: section 7.2.3.6, and one that is not even that.
    assert_eq!(inflated(&[0]), Ok(Vec::new()));
    assert_eq!(inflated(&[]).unwrap_err().code, CloseCode::INVALID_PAYLOAD);
}

/// What the bit may mark (RFC 7692 section 6): the first frame of a data message.
#[test]
fn the_mark_stands_on_first_data_frames_only() {
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let marked = |mut bytes: Vec<u8>, bit: u8| {
        bytes[0] |= bit;
        bytes
    };
    let begun = frames(Opcode::Text, &hello, 2)[..6 + 4].to_vec();
    for bytes in [
        marked(frame(Opcode::Ping, true, b""), 0x40),
        marked(frame(Opcode::Pong, true, b"x"), 0x40),
        marked(frame(Opcode::Close, true, b""), 0x40),
        marked(frame(Opcode::Continuation, true, b""), 0x40),
        marked(frames(Opcode::Text, &hello, 1), 0x20),
        marked(frames(Opcode::Text, &hello, 1), 0x10),
        marked(frame(Opcode::Text, true, b""), 0x20),
        [begun.clone(), marked(frame(Opcode::Continuation, true, &hello[4..]), 0x40)].concat(),
        [begun.clone(), marked(frame(Opcode::Ping, true, b""), 0x40)].concat(),
        [begun.clone(), frames(Opcode::Text, &hello, 1)].concat(),
        vec![0xc3],
        vec![0xc9],
        vec![0xc1, 0x05],
    ] {
        let (events, fault) = run(decoder(false), 100, &bytes);
        assert_eq!(fault.map(|fault| fault.code), Some(CloseCode::PROTOCOL_ERROR), "{bytes:x?}");
        assert_eq!(events, []);
    }
    // Nothing was agreed on.
    let plain = Decoder::new(Role::Server, Piecewise::default());
    let (_, fault) = run(plain, 100, &frames(Opcode::Text, &hello, 1));
    assert_eq!(fault.unwrap(), Fault::protocol("reserved bit set"));
    // Control frames may stand in between, and uncompressed messages beside.
    let bytes = [
        frame(Opcode::Text, true, b"plain"),
        begun,
        frame(Opcode::Ping, true, b"p"),
        frame(Opcode::Continuation, true, &hello[4..]),
        frame(Opcode::Text, false, b"pl"),
        frame(Opcode::Continuation, true, b"ain"),
    ]
    .concat();
    let plain = || Event::Message("plain".into());
    let expected = vec![
        plain(),
        Event::Ping(Bytes::from_static(b"p")),
        Event::Message("Hello".into()),
        plain(),
    ];
    assert_eq!(run(decoder(true), 100, &bytes), (expected, None));
}

/// Others pass over what stands behind a final block, or do not notice that an end is missing.
#[test]
fn what_does_not_end_where_a_block_does_is_a_fault() {
    let fixed = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let stored = [0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00];
    let dynamic = compress_to_vec(&b"some text with some text in some text, ".repeat(30), 9);
    let mut bad = vec![
        [&last[..], &[0, 0]].concat(),
        [&last[..], &[1]].concat(),
        [&last[..], &fixed].concat(),
        [&last[..], &[0, 0, 0, 0xff, 0xff]].concat(),
        [&fixed[..], &[0, 0, 0xff]].concat(),
        vec![0xff],
        vec![0x06],
        vec![0x00, 0x05, 0x00, 0xfa, 0xfe],
    ];
    bad.extend((1..fixed.len() - 2).map(|cut| fixed[..cut].to_vec()));
    bad.extend((2..stored.len() - 1).map(|cut| stored[..cut].to_vec()));
    for payload in bad {
        for takeover in [false, true] {
            for pieces in [1, payload.len()] {
                let bytes = frames(Opcode::Binary, &payload, pieces);
                let (events, fault) = run(decoder(takeover), 1 << 16, &bytes);
                let code = fault.map(|fault| fault.code);
                assert_eq!(code, Some(CloseCode::INVALID_PAYLOAD), "{payload:x?} {events:?}");
            }
        }
    }
    for cut in 1..dynamic.len() {
        assert!(inflated(&dynamic[..cut]).is_err(), "{cut}");
    }
    // A final block with nothing behind it says all that it has to say.
    assert_eq!(inflated(&last), Ok(b"Hello".to_vec()));
}

/// A thousand times as much comes out as goes in; no more is held than a message may have.
#[test]
fn a_bomb_is_found_while_it_inflates() {
    let bomb = Deflater::new(EFFORT).compress(&vec![0; 64 << 20], true);
    for pieces in [1, 100] {
        let bytes = frames(Opcode::Binary, &bomb, pieces);
        for most in [1, 1000, 65_536, 1 << 20] {
            let (events, fault) = run(decoder(false), most, &bytes);
            assert_eq!((events, fault), (vec![], Some(Fault::too_big("message too big"))));
        }
        let mut decoder = decoder(false);
        let limits = Settings { max_message_size: 1 << 20, ..Settings::default() };
        let mut buffer = Buffer::default();
        buffer.room().extend_from_slice(&bytes[..1000]);
        while let Ok(Some(_)) = decoder.decode(&mut buffer, &limits) {}
        let held = decoder.partial.map_or(0, |partial| partial.data.capacity());
        assert!(held <= (1 << 20) + 1, "{held}");
    }
    // Exactly what is allowed is allowed.
    let exact = Deflater::new(EFFORT).compress(&vec![0; 1 << 20], true);
    for pieces in [1, 7] {
        let (events, fault) = run(decoder(false), 1 << 20, &frames(Opcode::Binary, &exact, pieces));
        assert_eq!((binary(events), fault), (vec![vec![0; 1 << 20]], None));
        let bytes = frames(Opcode::Binary, &exact, pieces);
        let (_, fault) = run(decoder(false), (1 << 20) - 1, &bytes);
        assert_eq!(fault, Some(Fault::too_big("message too big")));
    }
    // Taken piecewise, it comes in pieces of the size of a buffer.
    let (events, fault) = run(piecewise(false), 10, &frames(Opcode::Binary, &bomb, 3));
    assert_eq!(fault, None);
    let largest = events.iter().map(|event| match event {
        Event::Piece(piece) => piece.message.len(),
        other => panic!("{other:?}"),
    });
    assert!(largest.max() <= Some(32 * 1024));
    assert_eq!(binary(events)[0].len(), 64 << 20);
}

#[test]
fn text_is_checked_after_it_is_inflated() {
    let mut deflater = Deflater::new(EFFORT);
    let mut send =
        |text: &[u8], pieces| frames(Opcode::Text, &deflater.compress(text, true), pieces);
    let good = "a€b𝄞c".repeat(50);
    let bytes = [send(good.as_bytes(), 1), send(good.as_bytes(), 9)].concat();
    let text = || Event::Message(Message::from(&*good));
    assert_eq!(run(decoder(true), 1000, &bytes), (vec![text(), text()], None));
    let (events, fault) = run(piecewise(true), 1000, &bytes);
    assert_eq!((binary(events), fault), (vec![good.clone().into_bytes(); 2], None));
    for bad in [&b"ab\xff"[..], b"ab\xe2\x82"] {
        for pieces in [1, 4] {
            let bytes = frames(Opcode::Text, &Deflater::new(EFFORT).compress(bad, true), pieces);
            assert_eq!(run(decoder(true), 1000, &bytes).1, Some(Fault::invalid_utf8()));
            assert_eq!(run(piecewise(true), 1000, &bytes).1, Some(Fault::invalid_utf8()));
        }
    }
}

/// What another implementation makes of the bytes of a message, or of several in one stream, if
/// they end where a block does: then the tail and a last block add nothing to them.
fn oracle(payload: &[u8]) -> Option<Vec<u8>> {
    let whole = [payload, &[0, 0, 0xff, 0xff, 3, 0]].concat();
    let (status, taken, out) = theirs(&whole, 0);
    let more = inflate_flags::TINFL_FLAG_HAS_MORE_INPUT;
    let ends = status == TINFLStatus::Done && taken == whole.len();
    (ends && theirs(payload, more).2 == out).then_some(out)
}

fn theirs(stream: &[u8], flags: u32) -> (TINFLStatus, usize, Vec<u8>) {
    let mut out = vec![0; 1 << 20];
    let flags = flags | inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut state = Box::<DecompressorOxide>::default();
    let (status, taken, len) = decompress(&mut state, stream, &mut out, 0, flags);
    out.truncate(len);
    (status, taken, out)
}

/// Something that is worth compressing, and sometimes not.
fn any_payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        prop::collection::vec(prop::sample::select(b"abc ".to_vec()), 0..3000),
        (any::<u8>(), 0usize..100_000).prop_map(|(byte, n)| vec![byte; n]),
        // Around the sizes of buffers.
        (prop::sample::select(vec![1024usize, 4096, 8192, 16_384, 32_768, 65_536]), -3isize..=3)
            .prop_map(|(n, by)| {
                let mut x = 1u32;
                let mut next = || {
                    x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (x >> 24) as u8
                };
                (0..n.saturating_add_signed(by)).map(|_| next()).collect()
            }),
    ]
}

proptest! {
    /// However the bytes are cut into frames and reads, and whether the messages share a window or
    /// not, what was compressed comes out; the other implementation sees the same.
    #[test]
    fn any_split_of_any_messages(
        messages in prop::collection::vec((any_payload(), 1usize..6), 1..5),
        takeover in any::<bool>(),
        level in 1u8..=9,
        bits in 9u8..=15,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let effort = Effort { level, bits };
        let mut deflater = Deflater::new(effort);
        let (mut bytes, mut stream) = (Vec::new(), Vec::new());
        for (message, pieces) in &messages {
            if !takeover {
                deflater.spare();
                deflater = Deflater::fresh(effort);
            }
            // Compressed piece by piece, as a message is that is being made.
            let size = message.len().div_ceil(*pieces).max(1);
            let mut payload: Vec<u8> =
                message.chunks(size).flat_map(|piece| deflater.compress(piece, false)).collect();
            payload.extend(deflater.compress(b"", true));
            if !takeover {
                prop_assert_eq!(oracle(&payload), Some(message.clone()));
            }
            stream.extend_from_slice(&payload);
            stream.extend([0, 0, 0xff, 0xff]);
            bytes.extend(frames(Opcode::Binary, &payload, *pieces));
        }
        let plain: Vec<Vec<u8>> = messages.iter().map(|(message, _)| message.clone()).collect();
        stream.truncate(stream.len() - 4);
        prop_assert_eq!(oracle(&stream), Some(plain.concat()));
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        at.extend([0, bytes.len()]);
        at.sort_unstable();
        let split: Vec<&[u8]> =
            at.windows(2).flat_map(|w| bytes[w[0]..w[1]].chunks(32 * 1024)).collect();
        let limits = Settings { max_message_size: 1 << 20, ..Settings::default() };
        for decoder in [decoder(takeover), piecewise(takeover)] {
            let (events, fault) = run_with(decoder, &limits, split.iter().copied());
            prop_assert_eq!(fault, None);
            prop_assert_eq!(binary(events), plain.clone());
        }
    }

    /// Bytes that are no stream, or nearly one: what we take the other implementation takes, with
    /// the same result; what it takes whole we take, but for what follows a final block.
    #[test]
    fn damaged_streams_are_judged_alike(
        message in any_payload(),
        level in 1u8..=9,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in any::<prop::sample::Index>(),
        last in any::<bool>(),
    ) {
        let mut payload = if last {
            compress_to_vec(&message, level)
        } else {
            Deflater::new(Effort { level, bits: 15 }).compress(&message, true)
        };
        for (at, byte) in damage {
            let at = at.index(payload.len());
            payload[at] = byte;
        }
        payload.truncate(cut.index(payload.len() * 4) + 1);
        let ours = inflated(&payload).map_err(|fault| fault.code);
        match oracle(&payload) {
            Some(theirs) => prop_assert_eq!(ours, Ok(theirs)),
            None => {
                // A final block ends their stream before the tail.
                let ended = ours.is_ok() && {
                    let (status, taken, out) = theirs(&payload, 0);
                    prop_assert_eq!(status, TINFLStatus::Done);
                    prop_assert_eq!(ours.clone(), Ok(out));
                    matches!(payload[taken..], [] | [0])
                };
                prop_assert!(ended || ours == Err(CloseCode::INVALID_PAYLOAD)
                    || ours == Err(CloseCode::TOO_BIG), "{:?}", ours);
            }
        }
    }
}
