//! Masking (RFC 6455 section 5.3): the same operation masks and unmasks.

/// Applies `key` to `data`, beginning with the key's first byte.
///
/// Thirty-two bytes at a time, in the processor's wide registers, then eight; the last eight are
/// computed from their saved original value, so that there is no loop over a tail of single bytes.
#[inline]
pub(crate) fn apply(data: &mut [u8], key: [u8; 4]) {
    let [a, b, c, d] = key;
    let wide = u64::from_le_bytes([a, b, c, d, a, b, c, d]);
    let Some(last) = data.last_chunk::<8>() else {
        for (byte, key) in data.iter_mut().zip(key.iter().cycle()) {
            *byte ^= key;
        }
        return;
    };
    let at = data.len() - 8;
    let last = u64::from_le_bytes(*last) ^ wide.rotate_right(8 * (at as u32 % 4));
    let key = wide.to_le_bytes();
    let (blocks, rest) = data.as_chunks_mut::<32>();
    for block in blocks {
        for (i, byte) in block.iter_mut().enumerate() {
            *byte ^= key[i % 8];
        }
    }
    for chunk in rest.as_chunks_mut::<8>().0 {
        *chunk = (u64::from_le_bytes(*chunk) ^ wide).to_le_bytes();
    }
    data[at..].copy_from_slice(&last.to_le_bytes());
}

/// The key as it stands after `n` bytes.
pub(crate) fn advance([a, b, c, d]: [u8; 4], n: usize) -> [u8; 4] {
    match n % 4 {
        0 => [a, b, c, d],
        1 => [b, c, d, a],
        2 => [c, d, a, b],
        _ => [d, a, b, c],
    }
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
