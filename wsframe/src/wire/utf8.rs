//! UTF-8 checked piece by piece, as it arrives.

use super::Fault;

/// The check of one text; the state is the beginning of a character that is not complete yet.
#[derive(Debug, Default)]
pub(crate) struct Utf8 {
    pending: [u8; 4],
    len: usize,
}

impl Utf8 {
    /// Checks the next piece. A fault shows at the first byte after which no continuation could be
    /// valid.
    pub(crate) fn check(&mut self, mut piece: &[u8]) -> Result<(), Fault> {
        while self.len > 0 {
            let Some((&byte, rest)) = piece.split_first() else { return Ok(()) };
            piece = rest;
            self.pending[self.len] = byte;
            self.len += 1;
            match std::str::from_utf8(&self.pending[..self.len]) {
                Ok(_) => self.len = 0,
                Err(error) if error.error_len().is_some() => return Err(Fault::invalid_utf8()),
                Err(_) => {}
            }
        }
        if let Err(error) = std::str::from_utf8(piece) {
            if error.error_len().is_some() {
                return Err(Fault::invalid_utf8());
            }
            let rest = &piece[error.valid_up_to()..];
            self.pending[..rest.len()].copy_from_slice(rest);
            self.len = rest.len();
        }
        Ok(())
    }

    /// The text ends here: no character may be open.
    pub(crate) fn finish(&self) -> Result<(), Fault> {
        if self.len == 0 { Ok(()) } else { Err(Fault::invalid_utf8()) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_the_whole_check_however_it_is_cut(
            bytes in prop::collection::vec(prop_oneof![
                any::<u8>(), Just(0xe2), Just(0x82), Just(0xac), Just(0xf0), Just(0x9f), Just(b'a'),
            ], 0..24),
            cuts in prop::collection::vec(0usize..24, 0..6),
        ) {
            let mut utf8 = Utf8::default();
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= bytes.len()).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let result = cuts
                .windows(2)
                .try_for_each(|w| utf8.check(&bytes[w[0]..w[1]]))
                .and_then(|()| utf8.finish());
            prop_assert_eq!(result.is_ok(), std::str::from_utf8(&bytes).is_ok());
        }
    }

    #[test]
    fn fails_at_the_first_hopeless_byte() {
        let mut utf8 = Utf8::default();
        assert_eq!(utf8.check(&[0xf4]), Ok(()));
        assert_eq!(utf8.check(&[0x90]), Err(Fault::invalid_utf8()));
    }
}
