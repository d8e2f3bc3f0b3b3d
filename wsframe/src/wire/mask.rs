//! Masking (RFC 6455 section 5.3): the same operation masks and unmasks.

/// What is done at once, in the processor's wide registers.
const BLOCK: usize = 32;

/// Applies `key` to `data`, beginning with the key's first byte.
///
/// Block by block; the last block, which reaches into the one before it, is computed from its saved
/// original value, so that there is no loop over a tail. Of less than a block the same with eight bytes.
#[inline]
pub(crate) fn apply(data: &mut [u8], key: [u8; 4]) {
    if data.len() >= BLOCK {
        apply_by::<BLOCK>(data, key);
    } else if data.len() >= 8 {
        apply_by::<8>(data, key);
    } else {
        for (byte, key) in data.iter_mut().zip(key.iter().cycle()) {
            *byte ^= key;
        }
    }
}

#[inline]
fn apply_by<const N: usize>(data: &mut [u8], key: [u8; 4]) {
    let at = data.len() - N;
    let Some(mut last) = data.last_chunk::<N>().copied() else { return };
    xor(&mut last, &repeated(advance(key, at)));
    let key = repeated(key);
    for block in data.as_chunks_mut::<N>().0 {
        xor(block, &key);
    }
    data[at..].copy_from_slice(&last);
}

/// The key as often as it fits into a block: once for all of them.
#[inline]
fn repeated<const N: usize>(key: [u8; 4]) -> [u8; N] {
    let mut repeated = [0; N];
    repeated.as_chunks_mut().0.fill(key);
    repeated
}

#[inline]
fn xor<const N: usize>(block: &mut [u8; N], key: &[u8; N]) {
    for (byte, key) in block.iter_mut().zip(key) {
        *byte ^= key;
    }
}

/// The key as it stands after `n` bytes.
#[inline]
pub(crate) fn advance(key: [u8; 4], n: usize) -> [u8; 4] {
    u32::from_le_bytes(key).rotate_right(8 * (n as u32 % 4)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_definition_at_every_length() {
        let key = [0x12, 0x00, 0xfe, 0x7f];
        for len in 0..131 {
            let plain: Vec<u8> = (0..len).map(|i| (i as u8).wrapping_mul(3)).collect();
            let expected: Vec<u8> =
                plain.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect();
            let mut masked = plain.clone();
            apply(&mut masked, key);
            assert_eq!(masked, expected, "length {len}");
            let (head, tail) = masked.split_at_mut(len / 2);
            apply(head, key);
            apply(tail, advance(key, len / 2));
            assert_eq!(masked, plain, "length {len}, in two parts");
        }
    }
}
