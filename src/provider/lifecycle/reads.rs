//! Reads of several projects or clusters for one object.

use futures_util::{StreamExt as _, stream};

use crate::apply::SIDE_BY_SIDE;

/// Reads each of these, several at the same time, and returns the answers in their order. A read that is cancelled ends with an
/// error of its own.
pub async fn side_by_side<T, F: Future>(
    items: impl IntoIterator<Item = T>,
    read: impl FnMut(T) -> F,
) -> Vec<F::Output> {
    stream::iter(items.into_iter().map(read)).buffered(SIDE_BY_SIDE).collect().await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn answers_are_in_order_and_so_many_reads_are_made_at_a_time() {
        let (now, peak) = (Cell::new(0), Cell::new(0));
        let read = async |number: usize| {
            now.set(now.get() + 1);
            peak.set(peak.get().max(now.get()));
            // The first ones take the longest.
            for _ in number..40 {
                tokio::task::yield_now().await;
            }
            now.set(now.get() - 1);
            number
        };
        assert_eq!(side_by_side(0..40, read).await, (0..40).collect::<Vec<_>>());
        assert_eq!(peak.get(), SIDE_BY_SIDE);
    }
}
