//! Where each call's trace is: about 20 bytes of memory for each.

use std::{collections::BTreeMap, fs::File, io, path::Path};

use wigwag_model::CallId;
use wigwag_sansio::Utc;

use super::{
    record::{HEADER_BYTES, Header},
    traces::segment_path,
};

/// A trace's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) segment: u64,
    pub(super) offset: u32,
}

/// All segments, in the order in which they were written.
#[derive(Debug, Default)]
pub(super) struct Index {
    segments: BTreeMap<u64, Segment>,
}

/// What one file holds.
#[derive(Debug, Default)]
pub(super) struct Segment {
    /// In the order in which they were written; by call once the segment is finished.
    places: Vec<(CallId, u32)>,
    finished: bool,
    pub(super) bytes: u64,
    newest: Utc,
}

impl Segment {
    pub(super) fn add(&mut self, header: &Header) {
        self.places
            .push((header.call_id, u32::try_from(self.bytes).unwrap_or(u32::MAX)));
        self.bytes += HEADER_BYTES as u64 + u64::from(header.bytes);
        self.newest = self.newest.max(header.stored_at);
    }

    fn finish(&mut self) {
        self.places.sort_by_key(|(call_id, _)| *call_id);
        self.places.shrink_to_fit();
        self.finished = true;
    }

    /// The last trace of the call.
    fn find(&self, call_id: CallId) -> Option<u32> {
        if self.finished {
            let behind = self.places.partition_point(|(other, _)| *other <= call_id);
            let (other, offset) = self.places[..behind].last()?;
            return (*other == call_id).then_some(*offset);
        }
        let last = self.places.iter().rfind(|(other, _)| *other == call_id);
        last.map(|(_, offset)| *offset)
    }
}

impl Index {
    /// Reads the headers of every segment in `numbers`; what a crash has torn ends its segment.
    pub(super) fn scan(folder: &Path, numbers: &[u64]) -> Index {
        let mut index = Index::default();
        for number in numbers {
            if let Ok(mut segment) = scan_segment(&segment_path(folder, *number)) {
                segment.finish();
                index.segments.insert(*number, segment);
            }
        }
        index
    }

    pub(super) fn find(&self, call_id: CallId) -> Option<Place> {
        self.segments.iter().rev().find_map(|(number, segment)| {
            segment.find(call_id).map(|offset| Place {
                segment: *number,
                offset,
            })
        })
    }

    pub(super) fn bytes(&self) -> u64 {
        self.segments.values().map(|segment| segment.bytes).sum()
    }

    /// The segment `number`, new if there is none.
    pub(super) fn segment(&mut self, number: u64) -> &mut Segment {
        self.segments.entry(number).or_default()
    }

    /// Nothing is added to `number` any more.
    pub(super) fn finish(&mut self, number: u64) {
        if let Some(segment) = self.segments.get_mut(&number) {
            segment.finish();
        }
    }

    /// Takes the oldest finished segment out if all in it is from before `oldest`, or all together exceed `most_bytes`.
    pub(super) fn take_outdated(&mut self, oldest: Utc, most_bytes: u64) -> Option<u64> {
        let too_many = self.bytes() > most_bytes;
        let (number, segment) = self.segments.first_key_value()?;
        let outdated = segment.finished && (too_many || segment.newest < oldest);
        let number = outdated.then_some(*number)?;
        self.segments.remove(&number);
        Some(number)
    }
}

fn scan_segment(path: &Path) -> io::Result<Segment> {
    let file = File::open(path)?;
    let len = file.metadata()?.len();
    let mut segment = Segment::default();
    while let Some(header) = Header::read(&file, segment.bytes)? {
        let end = segment.bytes + HEADER_BYTES as u64 + u64::from(header.bytes);
        if end > len {
            break;
        }
        segment.add(&header);
    }
    Ok(segment)
}
