//! Who speaks, and who is only a line that hums.

/// Lets a member's sound into the room while it is loud enough, and a second longer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gate {
    open_for: u32,
    /// The loudness of the last moments, as a mean square.
    level: f32,
}

/// −50 dBm0, as a mean square of 16-bit samples.
const QUIET: f32 = 2_600.0;
/// Frames of 20 ms.
const LINGER: u32 = 50;

impl Gate {
    /// Listens to a frame; answers whether it is to be heard.
    pub(super) fn hear(&mut self, frame: &[i16]) -> bool {
        let squares = frame.iter().map(|sample| f32::from(*sample).powi(2));
        let loudness = squares.sum::<f32>() / frame.len().max(1) as f32;
        self.level += (loudness - self.level) / 8.0;
        self.open_for = if loudness >= QUIET {
            LINGER
        } else {
            self.open_for.saturating_sub(1)
        };
        self.open_for > 0
    }

    /// Nothing came.
    pub(super) fn pass(&mut self) {
        self.level *= 7.0 / 8.0;
        self.open_for = self.open_for.saturating_sub(1);
    }

    /// The loudness while it is open.
    pub(super) fn level(&self) -> f32 {
        if self.open_for > 0 { self.level } else { 0.0 }
    }
}
