//! Where a piece of sound resembles itself: the period of a voice.

/// The distance within `nearest..=furthest` at which the last `len` samples of `sound` resemble what came before
/// them most.
pub(super) fn period(sound: &[i16], len: usize, nearest: usize, furthest: usize) -> usize {
    // An eighth of a millisecond is fine enough.
    let step = (nearest / 20).max(1);
    let Some(start) = sound.len().checked_sub(len).filter(|start| *start >= furthest) else {
        return furthest;
    };
    let template = &sound[start..];
    let likeness = |distance: &usize| {
        let candidate = &sound[start - distance..][..len];
        let (product, energy) = template
            .iter()
            .zip(candidate)
            .fold((0.0f32, 1.0f32), |(product, energy), (a, b)| {
                let (a, b) = (f32::from(*a), f32::from(*b));
                (product + a * b, energy + b * b)
            });
        product / energy.sqrt()
    };
    let distances = (nearest..=furthest).step_by(step);
    distances
        .map(|distance| (distance, likeness(&distance)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(furthest, |(distance, _)| distance)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_of_a_tone_is_found() {
        let tone: Vec<i16> = (0..400)
            .map(|n| ((f64::from(n) * std::f64::consts::TAU / 57.0).sin() * 9_000.0) as i16)
            .collect();
        assert_eq!(period(&tone, 80, 20, 100), 57);
        assert_eq!(period(&[0; 400], 80, 20, 120), 120);
        assert_eq!(period(&[1; 20], 80, 20, 120), 120);
    }
}
