//! How a leg takes part in a room.

/// What a room hears of a leg; what the leg hears of the room is not changed by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Whether the leg only listens.
    pub muted: bool,
    /// Louder or softer, in decibels; −60 to 20 count.
    pub gain_db: i8,
}

impl Part {
    /// The loudness as a factor.
    pub(crate) fn factor(self) -> f32 {
        if self.muted {
            return 0.0;
        }
        10f32.powf(f32::from(self.gain_db.clamp(-60, 20)) / 20.0)
    }
}
