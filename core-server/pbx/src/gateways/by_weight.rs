//! The order in which equals are tried: by chance, as their weights say (RFC 2782).

use wigwag_sansio::Entropy;

/// `items` by their order, and those of one order by chance: who has twice the weight is twice as often the first.
/// `order_and_weight` tells both; a weight of 0 comes last among its equals.
pub fn by_weight<T>(mut items: Vec<T>, order_and_weight: impl Fn(&T) -> (u16, u16), entropy: &mut Entropy) -> Vec<T> {
    let mut chosen = Vec::with_capacity(items.len());
    while let Some(order) = items.iter().map(|item| order_and_weight(item).0).min() {
        let equals = || {
            items
                .iter()
                .enumerate()
                .filter(|(_, item)| order_and_weight(item).0 == order)
        };
        let weight = |item: &T| u64::from(order_and_weight(item).1);
        let total: u64 = equals().map(|(_, item)| weight(item)).sum();
        let mut left = entropy.next_u64() % total.max(1);
        let drawn = equals().find(|(_, item)| {
            let is_it = left < weight(item);
            left = left.saturating_sub(weight(item));
            is_it
        });
        let place = drawn.or_else(|| equals().next()).map_or(0, |(place, _)| place);
        chosen.push(items.remove(place));
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_comes_first_and_weights_share_the_rest() {
        let mut entropy = Entropy::from_number(3);
        let mut first = [0; 3];
        for _ in 0..4_000 {
            let order = by_weight(
                vec![(1, 0, 9), (0, 3, 0), (0, 1, 1), (0, 0, 2)],
                |item| (item.0, item.1),
                &mut entropy,
            );
            assert_eq!((order[2].2, order[3].2), (2, 9), "no weight, and then the next order");
            first[order[0].2] += 1;
        }
        assert!((2_800..3_200).contains(&first[0]) && first[2] == 0, "{first:?}");
        let none: Vec<(u16, u16)> = by_weight(Vec::new(), |item| *item, &mut entropy);
        assert!(none.is_empty());
    }
}
