//! The balance of one client: bytes bought and not yet used (`gateway.md` 2).
//!
//! Two numbers per client. `available` is what may still be used; using it is one compare-and-swap. `durable` is what
//! the database says. Their difference is what a flush has still to write, so that a grant, which adds to both, and a
//! flush, which takes exactly what it wrote from the difference, can be under way at once without either overwriting the
//! other. A crash forgives the difference, never more.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ecash_service::clock::{DAY_SECS, UnixTime};

use crate::limits::{BALANCE_DAYS, FLUSH_PENDING_BYTES};

/// In place of an expiry: there is none.
const NEVER: u64 = u64::MAX;

/// End of a balance after a grant at `now`: the end of UTC day (grant day + 6) (R2.2).
#[must_use]
pub fn expiry_of_grant(now: UnixTime) -> UnixTime {
    now.midnight().plus_secs((BALANCE_DAYS + 1) * DAY_SECS)
}

/// A balance that does not cover what was asked for; nothing was subtracted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{available} bytes of bandwidth are left")]
pub struct Insufficient {
    /// What is left, in bytes.
    pub available: i64,
}

/// What a flush has to write for one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// To be subtracted from the stored balance.
    pub spent: i64,
    /// An expiry that has passed.
    pub expired: Option<UnixTime>,
}

/// The balance of one client.
#[derive(Debug)]
pub struct Meter {
    available: AtomicI64,
    durable: AtomicI64,
    expires_at: AtomicU64,
    /// An expiry that has taken effect in memory and not yet on disk. The lock orders grants, expiry and flushes.
    expired: Mutex<Option<UnixTime>>,
}

impl Meter {
    /// The balance as stored.
    #[must_use]
    pub fn new(available: i64, expires_at: Option<UnixTime>) -> Self {
        Self {
            available: AtomicI64::new(available),
            durable: AtomicI64::new(available),
            expires_at: AtomicU64::new(expires_at.map_or(NEVER, UnixTime::as_secs)),
            expired: Mutex::new(None),
        }
    }

    /// Bytes left at `now`.
    pub fn available(&self, now: UnixTime) -> i64 {
        self.expire(now);
        self.available.load(Ordering::Acquire)
    }

    /// When the balance ends, if there is one.
    pub fn expires_at(&self, now: UnixTime) -> Option<UnixTime> {
        self.expire(now);
        match self.expires_at.load(Ordering::Acquire) {
            NEVER => None,
            secs => Some(UnixTime::from_secs(secs)),
        }
    }

    /// Subtracts `bytes` if the balance covers them, and returns what is left.
    ///
    /// # Errors
    /// [`Insufficient`]; nothing is subtracted.
    pub fn consume(&self, bytes: u64, now: UnixTime) -> Result<i64, Insufficient> {
        let mut available = self.available.load(Ordering::Acquire);
        loop {
            if self.is_due(now) {
                self.expire(now);
                available = self.available.load(Ordering::Acquire);
            }
            let left = i64::try_from(bytes)
                .ok()
                .and_then(|bytes| available.checked_sub(bytes))
                .filter(|left| *left >= 0 || bytes == 0)
                .ok_or(Insufficient { available })?;
            // A balance that expired since it was read is nothing now, so that the exchange fails and looks again.
            match self.available.compare_exchange_weak(
                available,
                left,
                Ordering::AcqRel,
                Ordering::Acquire,
            ) {
                Ok(_) => return Ok(left),
                Err(present) => available = present,
            }
        }
    }

    /// Adds a grant that is on disk.
    pub fn grant(&self, bytes: i64, expires_at: UnixTime, now: UnixTime) {
        let mut expired = self.lock();
        self.expire_locked(&mut expired, now);
        self.durable.fetch_add(bytes, Ordering::AcqRel);
        self.available.fetch_add(bytes, Ordering::AcqRel);
        let present = match self.expires_at.load(Ordering::Acquire) {
            NEVER => 0,
            secs => secs,
        };
        self.expires_at
            .store(present.max(expires_at.as_secs()), Ordering::Release);
    }

    /// Whether a balance is there whose time is over.
    #[must_use]
    pub fn is_due(&self, now: UnixTime) -> bool {
        self.expires_at.load(Ordering::Acquire) <= now.as_secs()
    }

    /// Ends a balance whose time is over: it becomes nothing, once.
    pub fn expire(&self, now: UnixTime) {
        if self.is_due(now) {
            let mut expired = self.lock();
            self.expire_locked(&mut expired, now);
        }
    }

    fn expire_locked(&self, expired: &mut Option<UnixTime>, now: UnixTime) {
        let expires_at = self.expires_at.load(Ordering::Acquire);
        if expires_at > now.as_secs() {
            return;
        }
        // First the balance, then its end: whoever reads between the two sees an ended balance or none.
        let _ = self
            .available
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |available| {
                (available > 0).then_some(0)
            });
        self.expires_at.store(NEVER, Ordering::Release);
        *expired = Some(UnixTime::from_secs(expires_at));
    }

    /// What is not on disk yet, `None` if nothing.
    #[must_use]
    pub fn pending(&self) -> Option<Pending> {
        let expired = self.lock();
        let spent = self
            .durable
            .load(Ordering::Acquire)
            .saturating_sub(self.available.load(Ordering::Acquire));
        (spent != 0 || expired.is_some()).then_some(Pending {
            spent,
            expired: *expired,
        })
    }

    /// Notes that `pending` is on disk.
    pub fn flushed(&self, pending: &Pending) {
        let mut expired = self.lock();
        self.durable.fetch_sub(pending.spent, Ordering::AcqRel);
        if *expired == pending.expired {
            *expired = None;
        }
    }

    /// Whether so much was used that a flush should not wait for its time.
    #[must_use]
    pub fn is_flush_urgent(&self) -> bool {
        let spent = self
            .durable
            .load(Ordering::Relaxed)
            .saturating_sub(self.available.load(Ordering::Relaxed));
        spent >= FLUSH_PENDING_BYTES
    }

    fn lock(&self) -> MutexGuard<'_, Option<UnixTime>> {
        self.expired.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
    use super::*;

    const NOON: UnixTime = UnixTime::from_secs(1_765_108_800);

    fn on_disk(stored: i64, pending: Option<Pending>) -> i64 {
        stored - pending.map_or(0, |pending| pending.spent)
    }

    #[test]
    fn a_balance_ends_with_the_sixth_day_after_the_grant_and_never_moves_back() {
        let meter = Meter::new(0, None);
        let end = expiry_of_grant(NOON);
        assert_eq!(end.as_secs(), NOON.midnight().as_secs() + 7 * 86_400);
        meter.grant(100, end, NOON);
        meter.grant(100, end.minus_secs(86_400), NOON);
        assert_eq!(meter.expires_at(NOON), Some(end));
        assert_eq!(meter.available(end.minus_secs(1)), 200);
        assert_eq!(meter.available(end), 0);
        assert_eq!(meter.expires_at(end), None);
    }

    #[test]
    fn what_is_not_covered_subtracts_nothing() {
        let meter = Meter::new(100, Some(expiry_of_grant(NOON)));
        assert_eq!(
            meter.consume(101, NOON),
            Err(Insufficient { available: 100 })
        );
        assert_eq!(
            meter.consume(u64::MAX, NOON),
            Err(Insufficient { available: 100 })
        );
        assert_eq!(meter.consume(100, NOON), Ok(0));
        assert_eq!(meter.consume(1, NOON), Err(Insufficient { available: 0 }));
        assert_eq!(meter.consume(0, NOON), Ok(0));
    }

    #[test]
    fn a_flush_takes_exactly_what_it_wrote_while_consumption_goes_on() {
        let meter = Meter::new(1_000, Some(expiry_of_grant(NOON)));
        meter.consume(300, NOON).unwrap();
        let pending = meter.pending().unwrap();
        meter.consume(50, NOON).unwrap();
        meter.grant(500, expiry_of_grant(NOON), NOON);
        meter.flushed(&pending);
        assert_eq!(meter.available(NOON), 1_150);
        assert_eq!(meter.pending().map(|pending| pending.spent), Some(50));
        assert_eq!(on_disk(1_000 - 300 + 500, meter.pending()), 1_150);
    }

    #[test]
    fn a_grant_that_arrives_with_the_expiry_is_kept_and_the_old_balance_is_not() {
        let end = expiry_of_grant(NOON);
        let meter = Meter::new(700, Some(end));
        meter.grant(500, expiry_of_grant(end), end);
        assert_eq!(meter.available(end), 500);
        let pending = meter.pending().unwrap();
        assert_eq!(
            pending,
            Pending {
                spent: 700,
                expired: Some(end)
            }
        );
        assert_eq!(on_disk(700 + 500, Some(pending)), 500);
    }

    #[test]
    fn a_negative_balance_is_carried_over_its_expiry() {
        let end = expiry_of_grant(NOON);
        let meter = Meter::new(-5, Some(end));
        assert_eq!(meter.available(end), -5);
        assert_eq!(meter.consume(0, end), Ok(-5));
        assert_eq!(meter.consume(1, end), Err(Insufficient { available: -5 }));
    }

    #[test]
    fn a_balance_that_expires_under_heavy_use_becomes_nothing_once_and_never_less() {
        let end = expiry_of_grant(NOON);
        for round in 0..200_u64 {
            let start = 10_000 + i64::try_from(round).unwrap();
            let meter = Meter::new(start, Some(end));
            let used: i64 = std::thread::scope(|scope| {
                let users: Vec<_> = (0..4)
                    .map(|user| {
                        let meter = &meter;
                        scope.spawn(move || {
                            let mut used = 0;
                            for step in 0..200_u64 {
                                let now = if step + user * 10 > 100 {
                                    end
                                } else {
                                    end.minus_secs(1)
                                };
                                if meter.consume(7, now).is_ok() {
                                    used += 7;
                                }
                            }
                            used
                        })
                    })
                    .collect();
                users.into_iter().map(|user| user.join().unwrap()).sum()
            });
            assert!(used <= start);
            assert_eq!(meter.available(end), 0);
            let pending = meter.pending().unwrap();
            assert_eq!(
                pending,
                Pending {
                    spent: start,
                    expired: Some(end)
                }
            );
            meter.flushed(&pending);
            assert_eq!(meter.pending(), None);
        }
    }
}
