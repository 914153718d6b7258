//! Single flight: of many who ask for one missing value one makes it, and nobody who asks for another one waits.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

/// Values that are kept; beyond that those with the lowest keys give way.
const MAX_ENTRIES: usize = 256;

type Cells<K, V> = BTreeMap<K, Arc<OnceCell<Arc<V>>>>;

/// Values by key, each made at most once at a time.
#[derive(Debug)]
pub(super) struct Flights<K, V>(Mutex<Cells<K, V>>);

impl<K: Ord + Clone, V> Flights<K, V> {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The value under `key`; made by `make` if it is not there. A failure is not kept.
    ///
    /// # Errors
    /// That of `make`.
    pub(super) async fn get<E, F>(&self, key: K, make: impl FnOnce() -> F) -> Result<Arc<V>, E>
    where
        F: Future<Output = Result<V, E>>,
    {
        let cell = self.cell(key);
        cell.get_or_try_init(|| async { make().await.map(Arc::new) })
            .await
            .cloned()
    }

    fn cell(&self, key: K) -> Arc<OnceCell<Arc<V>>> {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !cells.contains_key(&key) {
            while cells.len() >= MAX_ENTRIES {
                cells.pop_first();
            }
        }
        Arc::clone(cells.entry(key).or_default())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn of_many_who_ask_at_once_one_makes_the_value() {
        let flights = Arc::new(Flights::<u32, u32>::new());
        let made = Arc::new(AtomicU32::new(0));
        let asking = (0..50).map(|_| {
            let (flights, made) = (Arc::clone(&flights), Arc::clone(&made));
            tokio::spawn(async move {
                flights
                    .get(1, || async {
                        tokio::task::yield_now().await;
                        Ok::<_, ()>(made.fetch_add(1, Ordering::SeqCst))
                    })
                    .await
            })
        });
        for answer in asking.collect::<Vec<_>>() {
            assert_eq!(*answer.await.unwrap().unwrap(), 0);
        }
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept_and_another_key_does_not_wait() {
        let flights = Flights::<u32, u32>::new();
        assert!(
            flights
                .get(1, || async { Err::<u32, _>(()) })
                .await
                .is_err()
        );
        let nested = flights
            .get(1, || async {
                flights
                    .get(2, || async { Ok::<_, ()>(2) })
                    .await
                    .map(|two| *two + 1)
            })
            .await;
        assert_eq!(*nested.unwrap(), 3);
    }
}
