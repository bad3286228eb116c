//! WAV files with 16-bit PCM or G.711 of one channel: a strict reader of RIFF chunks.
//!
//! Sounds are brought into this form when they are uploaded, so a library that knows every variant would only widen
//! what has to be trusted.

use thiserror::Error;

use super::{Sound, pcm::SoundError};
use crate::codec::{linear_from_alaw, linear_from_ulaw};

/// Why bytes are no WAV file that can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WavError {
    /// The file does not begin as a WAV file, or has no sound in it.
    #[error("not a WAV file")]
    NotWav,
    /// A part of the file is shorter than it says.
    #[error("the WAV file is cut off")]
    CutOff,
    /// Neither 16-bit PCM nor 8-bit A-law or µ-law.
    #[error("the WAV file holds neither 16-bit PCM nor G.711")]
    Encoding,
    /// More than one channel.
    #[error("the WAV file has {0} channels instead of one")]
    Channels(u16),
    /// The samples make no sound.
    #[error(transparent)]
    Sound(#[from] SoundError),
}

#[derive(Clone, Copy)]
enum Encoding {
    Linear,
    Alaw,
    Ulaw,
}

impl Sound {
    /// Reads a WAV file.
    pub fn from_wav(file: &[u8]) -> Result<Sound, WavError> {
        let (riff, mut rest) = file.split_at_checked(12).ok_or(WavError::NotWav)?;
        if &riff[..4] != b"RIFF" || &riff[8..] != b"WAVE" {
            return Err(WavError::NotWav);
        }
        let mut format = None;
        while let Some((head, body)) = rest.split_first_chunk::<8>() {
            let [name @ .., a, b, c, d] = head;
            let len = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).map_err(|_| WavError::CutOff)?;
            let (chunk, after) = body.split_at_checked(len).ok_or(WavError::CutOff)?;
            match (name, format) {
                (b"fmt ", None) => format = Some(read_format(chunk)?),
                (b"data", Some((encoding, sample_rate))) => {
                    return Ok(Sound::new(sample_rate, read_samples(encoding, chunk))?);
                }
                _ => {}
            }
            // Chunks begin at even places.
            rest = after.get(len % 2..).unwrap_or_default();
        }
        Err(WavError::NotWav)
    }
}

fn read_format(chunk: &[u8]) -> Result<(Encoding, u32), WavError> {
    let (fixed, more) = chunk.split_first_chunk::<16>().ok_or(WavError::CutOff)?;
    let half = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let (mut tag, channels, bits) = (half(0), half(2), half(14));
    let sample_rate = u32::from_le_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]);
    if tag == EXTENSIBLE {
        // The real tag leads the sub-format, after the length of the extension, valid bits and channel mask.
        let sub_format = more.get(8..10).ok_or(WavError::CutOff)?;
        tag = u16::from_le_bytes([sub_format[0], sub_format[1]]);
    }
    let encoding = match (tag, bits) {
        (1, 16) => Encoding::Linear,
        (6, 8) => Encoding::Alaw,
        (7, 8) => Encoding::Ulaw,
        (_, _) => return Err(WavError::Encoding),
    };
    if channels != 1 {
        return Err(WavError::Channels(channels));
    }
    Ok((encoding, sample_rate))
}

const EXTENSIBLE: u16 = 0xfffe;

fn read_samples(encoding: Encoding, chunk: &[u8]) -> Vec<i16> {
    match encoding {
        Encoding::Linear => chunk
            .as_chunks()
            .0
            .iter()
            .map(|bytes| i16::from_le_bytes(*bytes))
            .collect(),
        Encoding::Alaw => chunk.iter().map(|byte| linear_from_alaw(*byte)).collect(),
        Encoding::Ulaw => chunk.iter().map(|byte| linear_from_ulaw(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use wigwag_sansio::Entropy;

    use super::*;

    fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
        let len = u32::try_from(body.len()).expect("a short chunk").to_le_bytes();
        let padding = &[0][..body.len() % 2];
        [&name[..], &len, body, padding].concat()
    }

    fn format(tag: u16, channels: u16, sample_rate: u32, bits: u16) -> Vec<u8> {
        let mut body = [tag, channels].map(u16::to_le_bytes).concat();
        body.extend(sample_rate.to_le_bytes());
        body.extend([0; 6]);
        body.extend(bits.to_le_bytes());
        chunk(b"fmt ", &body)
    }

    fn wav(chunks: &[Vec<u8>]) -> Vec<u8> {
        [b"RIFF\0\0\0\0WAVE", &chunks.concat()[..]].concat()
    }

    #[test]
    fn sound_is_found_between_other_chunks() {
        let file = wav(&[
            chunk(b"LIST", b"odd"),
            format(1, 1, 16_000, 16),
            chunk(b"fact", &[0; 4]),
            chunk(b"data", &[1, 0, 0xff, 0xff, 9]),
        ]);
        let sound = Sound::from_wav(&file).expect("a WAV file");
        assert_eq!((sound.sample_rate(), sound.samples()), (16_000, &[1, -1][..]));
        for (tag, byte, sample) in [(6, 0xd5, 8), (7, 0xff, 0)] {
            let file = wav(&[format(tag, 1, 8_000, 8), chunk(b"data", &[byte])]);
            assert_eq!(
                Sound::from_wav(&file),
                Ok(Sound::new(8_000, vec![sample]).expect("a sound"))
            );
        }
    }

    #[test]
    fn what_cannot_be_played_is_refused_with_its_reason() {
        let data = || chunk(b"data", &[0, 0]);
        let refused = [
            (wav(&[format(1, 2, 8_000, 16), data()]), WavError::Channels(2)),
            (wav(&[format(3, 1, 8_000, 32), data()]), WavError::Encoding),
            (wav(&[format(1, 1, 8_000, 8), data()]), WavError::Encoding),
            (wav(&[format(EXTENSIBLE, 1, 8_000, 16), data()]), WavError::CutOff),
            (
                wav(&[format(1, 1, 44_100, 16), data()]),
                SoundError::SampleRate(44_100).into(),
            ),
            (
                wav(&[format(1, 1, 8_000, 16), chunk(b"data", &[])]),
                SoundError::Empty.into(),
            ),
            (wav(&[data(), format(1, 1, 8_000, 16)]), WavError::NotWav),
            (wav(&[b"data\xff\xff\xff\xff".to_vec()]), WavError::CutOff),
            (b"PK\x03\x04 and so on, not a sound".to_vec(), WavError::NotWav),
            (Vec::new(), WavError::NotWav),
        ];
        for (file, reason) in refused {
            assert_eq!(Sound::from_wav(&file), Err(reason));
        }
    }

    #[test]
    fn no_bytes_break_the_reader() {
        let mut entropy = Entropy::from_number(3);
        let whole = wav(&[format(1, 1, 8_000, 16), chunk(b"data", &[7; 64])]);
        for _ in 0..20_000 {
            let mut file = whole.clone();
            for _ in 0..1 + entropy.below(4) {
                let at = entropy.below(file.len() as u32) as usize;
                file[at] = entropy.next_u32() as u8;
            }
            file.truncate(entropy.below(1 + file.len() as u32) as usize);
            let _ = Sound::from_wav(&file);
        }
    }
}
