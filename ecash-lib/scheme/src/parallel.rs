//! Threads are the caller's: this crate only says which pieces of work are independent.

use core::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::PoisonError;

/// Runs independent pieces of work, on as many threads as the caller wants to give.
pub trait Parallel {
    /// How many pieces can run at the same time: work is cut so that every one of them has some.
    fn width(&self) -> NonZeroUsize;

    /// `work` of every piece; result i is that of piece i. The pieces may run in any order and on any thread.
    fn map<T: Send, R: Send>(&self, pieces: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R>;
}

/// Everything on the calling thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequential;

impl Parallel for Sequential {
    fn width(&self) -> NonZeroUsize {
        NonZeroUsize::MIN
    }

    fn map<T: Send, R: Send>(&self, pieces: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
        pieces.into_iter().map(work).collect()
    }
}

/// The calling thread and n − 1 more, started for each call and joined before it returns. Where the system gives no
/// thread, the others do its share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopedThreads(pub NonZeroUsize);

impl Parallel for ScopedThreads {
    fn width(&self) -> NonZeroUsize {
        self.0
    }

    fn map<T: Send, R: Send>(&self, pieces: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
        let helpers = self.0.get().min(pieces.len()).saturating_sub(1);
        let queue = Mutex::new(pieces.into_iter().enumerate());
        let take_and_work = || {
            let mut done = Vec::new();
            loop {
                // The lock is released before the piece is worked on.
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                match next {
                    Some((position, piece)) => done.push((position, work(piece))),
                    None => return done,
                }
            }
        };
        let mut results = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..helpers)
                .map_while(|_| {
                    std::thread::Builder::new()
                        .spawn_scoped(scope, take_and_work)
                        .ok()
                })
                .collect();
            let mut results = take_and_work();
            for thread in threads {
                match thread.join() {
                    Ok(done) => results.extend(done),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            results
        });
        results.sort_unstable_by_key(|(position, _)| *position);
        results.into_iter().map(|(_, result)| result).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_back_in_the_order_of_their_pieces() {
        let expected: Vec<u32> = (0..100).map(|piece| piece * piece).collect();
        for threads in [1, 2, 7] {
            let threads = ScopedThreads(NonZeroUsize::MIN.saturating_add(threads - 1));
            let pieces: Vec<u32> = (0..100).collect();
            assert_eq!(threads.map(pieces, |piece| piece * piece), expected);
        }
        assert_eq!(
            Sequential.map((0..100).collect(), |piece: u32| piece * piece),
            expected
        );
        assert!(
            ScopedThreads(NonZeroUsize::MIN)
                .map(Vec::new(), |(): ()| ())
                .is_empty()
        );
    }
}
