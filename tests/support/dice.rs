//! Numbers that look random and can be had again.

/// A generator; its seed is all that there is to repeat a run.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// One that always rolls the same with the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    /// An index below `len`.
    pub fn pick(&mut self, len: usize) -> usize {
        self.roll(len as u64) as usize
    }
}
