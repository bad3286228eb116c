//! WAV files with 16-bit samples, also while they are still being written.

/// Sound, all channels interleaved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wav {
    /// Frames per second.
    pub rate: u32,
    /// Samples per frame.
    pub channels: u16,
    /// The samples, interleaved.
    pub samples: Vec<i16>,
}

impl Wav {
    /// Reads what is there. A file that is being written has no lengths yet: its sound ends where the bytes end.
    /// `None` while the header is incomplete.
    ///
    /// # Panics
    ///
    /// When it is complete and no 16-bit PCM.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Wav> {
        let mut format = None;
        let mut at = 12;
        loop {
            let header = bytes.get(at..at + 8)?;
            let length = usize::try_from(u32_at(header, 4)).expect("a chunk fits in memory");
            let body = &bytes[at + 8..];
            match &header[..4] {
                b"fmt " => {
                    let fields = body.get(..16)?;
                    assert_eq!((u16_at(fields, 0), u16_at(fields, 14)), (1, 16), "16-bit PCM");
                    format = Some((u32_at(fields, 4), u16_at(fields, 2)));
                }
                b"data" => {
                    let (rate, channels) = format.expect("the format comes before the sound");
                    let samples = body
                        .chunks_exact(2)
                        .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                        .collect();
                    return Some(Wav {
                        rate,
                        channels,
                        samples,
                    });
                }
                _ => {}
            }
            at += 8 + length + length % 2;
        }
    }

    /// The first channel from frame `start` on.
    #[must_use]
    pub fn mono_from(&self, start: usize) -> Vec<i16> {
        self.samples
            .iter()
            .step_by(usize::from(self.channels.max(1)))
            .skip(start)
            .copied()
            .collect()
    }

    /// How many frames there are.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.samples.len() / usize::from(self.channels.max(1))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file as it is before it has been closed: the data length is still zero.
    fn unfinished(channels: u16, samples: &[i16]) -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WAVEfmt ".to_vec();
        bytes.extend(16u32.to_le_bytes());
        bytes.extend(1u16.to_le_bytes());
        bytes.extend(channels.to_le_bytes());
        bytes.extend(8000u32.to_le_bytes());
        bytes.extend([0; 6]);
        bytes.extend(16u16.to_le_bytes());
        bytes.extend(b"data\0\0\0\0");
        bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        bytes
    }

    #[test]
    fn a_file_that_is_being_written_can_be_read() {
        let wav = Wav::read(&unfinished(1, &[1, -2, 3])).expect("the header is complete");
        assert_eq!(
            wav,
            Wav {
                rate: 8000,
                channels: 1,
                samples: vec![1, -2, 3]
            }
        );
        assert_eq!(wav.mono_from(1), [-2, 3]);
    }

    #[test]
    fn the_first_channel_of_two_is_taken() {
        let wav = Wav::read(&unfinished(2, &[1, 10, 2, 20, 3, 30])).expect("the header is complete");
        assert_eq!(wav.frames(), 3);
        assert_eq!(wav.mono_from(1), [2, 3]);
    }

    #[test]
    fn half_a_header_is_no_file_yet() {
        let whole = unfinished(1, &[]);
        for length in 0..whole.len() {
            assert_eq!(Wav::read(&whole[..length]), None, "{length} bytes");
        }
    }
}
