//! The wire engine by itself: what one frame costs, by the size of its payload.

use divan::{Bencher, black_box, counter::BytesCount};
use wsframe::bench::{Reader, encode, encode_masked, frame_len, is_text, unmask};

const SIZES: [usize; 4] = [16, 125, 4 << 10, 64 << 10];

fn main() {
    divan::main();
}

fn payload(len: usize) -> Vec<u8> {
    (0..len).map(|at| b'a' + (at % 26) as u8).collect()
}

/// A text of which every seventh character takes two bytes.
fn text(len: usize) -> Vec<u8> {
    let mut text = "sixfürä".repeat(len / 9);
    text.extend(std::iter::repeat_n('x', len - text.len()));
    text.into_bytes()
}

fn masked(len: usize) -> Vec<u8> {
    let mut frame = Vec::new();
    encode_masked(&mut frame, &payload(len));
    frame
}

#[divan::bench(args = SIZES)]
fn header_parse(bencher: Bencher<'_, '_>, len: usize) {
    let frame = masked(len);
    bencher.bench_local(|| frame_len(black_box(&frame)));
}

#[divan::bench(name = "unmask", args = SIZES)]
fn unmasking(bencher: Bencher<'_, '_>, len: usize) {
    let mut data = payload(len);
    bencher.counter(BytesCount::new(len)).bench_local(|| unmask(black_box(&mut data)));
}

#[divan::bench(args = SIZES)]
fn utf8_ascii(bencher: Bencher<'_, '_>, len: usize) {
    let data = payload(len);
    bencher.counter(BytesCount::new(len)).bench_local(|| is_text(black_box(&data)));
}

#[divan::bench(args = SIZES)]
fn utf8_mixed(bencher: Bencher<'_, '_>, len: usize) {
    let data = text(len);
    bencher.counter(BytesCount::new(len)).bench_local(|| is_text(black_box(&data)));
}

#[divan::bench(name = "encode", args = SIZES)]
fn encoding(bencher: Bencher<'_, '_>, len: usize) {
    let data = payload(len);
    let mut out = Vec::with_capacity(len + 16);
    bencher.counter(BytesCount::new(len)).bench_local(|| {
        out.clear();
        encode(&mut out, black_box(&data));
    });
}

/// All that happens between the socket and the handler: buffer, header, limits, payload.
#[divan::bench(args = SIZES)]
fn decode(bencher: Bencher<'_, '_>, len: usize) {
    let frame = masked(len);
    let mut reader = Reader::default();
    assert_eq!(reader.read(&frame), Some(1));
    bencher.counter(BytesCount::new(len)).bench_local(|| reader.read(black_box(&frame)));
}
