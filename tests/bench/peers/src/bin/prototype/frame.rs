//! Headers and masks.

/// A masked frame's header.
pub(crate) struct Head {
    pub(crate) opcode: u8,
    pub(crate) fin: bool,
    pub(crate) mask: [u8; 4],
    pub(crate) len: usize,
    pub(crate) size: usize,
}

/// The header at the beginning of `bytes`, once it is whole; an error for what is not served here.
#[inline]
pub(crate) fn head(bytes: &[u8]) -> Result<Option<Head>, ()> {
    let &[first, second, ..] = bytes else { return Ok(None) };
    if first & 0x70 != 0 || second & 0x80 == 0 {
        return Err(());
    }
    let (len, at) = match second & 0x7f {
        126 => match bytes[2..].first_chunk() {
            Some(len) => (u16::from_be_bytes(*len) as usize, 4),
            None => return Ok(None),
        },
        127 => match bytes[2..].first_chunk() {
            Some(len) => (u64::from_be_bytes(*len) as usize, 10),
            None => return Ok(None),
        },
        len => (len as usize, 2),
    };
    if len > 64 << 20 {
        return Err(());
    }
    let Some(mask) = bytes.get(at..).and_then(|rest| rest.first_chunk()) else { return Ok(None) };
    let (opcode, fin) = (first & 15, first & 0x80 != 0);
    Ok(Some(Head { opcode, fin, mask: *mask, len, size: at + 4 }))
}

#[inline]
pub(crate) fn put_head(out: &mut Vec<u8>, opcode: u8, len: usize) {
    match len {
        0..=125 => out.extend_from_slice(&[0x80 | opcode, len as u8]),
        126..=65535 => {
            let [a, b] = (len as u16).to_be_bytes();
            out.extend_from_slice(&[0x80 | opcode, 126, a, b]);
        }
        _ => {
            out.extend_from_slice(&[0x80 | opcode, 127]);
            out.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
}

/// Unmasks in place.
#[inline]
pub(crate) fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    let half = u64::from(u32::from_ne_bytes(mask));
    let wide = half | half << 32;
    let (chunks, rest) = bytes.as_chunks_mut::<8>();
    for chunk in chunks {
        *chunk = (u64::from_ne_bytes(*chunk) ^ wide).to_ne_bytes();
    }
    for (byte, key) in rest.iter_mut().zip(mask) {
        *byte ^= key;
    }
    for (byte, key) in rest.iter_mut().skip(4).zip(mask) {
        *byte ^= key;
    }
}
