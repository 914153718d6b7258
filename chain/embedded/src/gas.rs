//! What a transaction costs, and the meter that stops it.
//!
//! Gas is counted at the border of the state: what a contract reads again within one call, or writes in a call that
//! fails and whose failure another contract handles, costs nothing. The same messages on the same state always cost the
//! same, in a simulation as in a block, because everything that differs between the two (signature, fee, sequence) is
//! covered by the flat [`TRANSACTION`].

use std::cell::Cell;
use std::fmt;

use cosmwasm_std::{Order, Record, Storage};

/// Flat cost of every transaction: its envelope, signature check, fee, sequence.
pub const TRANSACTION: u64 = 40_000;
/// Per byte of the transaction's body (messages, memo, timeout height).
pub const BODY_BYTE: u64 = 10;
/// Per value read or found by an iterator, whether it exists or not.
pub const READ: u64 = 1_000;
/// Per byte of key and value read.
pub const READ_BYTE: u64 = 3;
/// Per value written or removed.
pub const WRITE: u64 = 2_000;
/// Per byte of key and value written.
pub const WRITE_BYTE: u64 = 30;

/// Most gas a transaction may ask for, and the limit of a simulation.
pub const MAX_TRANSACTION: u64 = 100_000_000;
/// Limit of one query.
pub const MAX_QUERY: u64 = 100_000_000;

/// Price of one unit of gas: `PRICE_NUMERATOR / PRICE_DENOMINATOR` = 0.025 unym.
pub const PRICE_NUMERATOR: u128 = 25;
/// See [`PRICE_NUMERATOR`].
pub const PRICE_DENOMINATOR: u128 = 1_000;

/// The least fee for a gas limit, in base units of the fee denomination: `⌈limit · 0.025⌉`.
pub const fn minimum_fee(limit: u64) -> u128 {
    (limit as u128 * PRICE_NUMERATOR).div_ceil(PRICE_DENOMINATOR)
}

/// What flies through the contract when the limit is reached; [`crate::panics`] catches it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfGas {
    pub(crate) limit: u64,
}

impl fmt::Display for OutOfGas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "out of gas, limit {}", self.limit)
    }
}

/// Counts up to a limit.
#[derive(Debug)]
pub(crate) struct Meter {
    limit: u64,
    used: Cell<u64>,
}

impl Meter {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            limit,
            used: Cell::new(0),
        }
    }

    pub(crate) fn used(&self) -> u64 {
        self.used.get()
    }

    /// Adds `amount`, or unwinds with [`OutOfGas`]: storage has no way to answer with an error. `resume_unwind` does not
    /// call the panic hook.
    pub(crate) fn charge(&self, amount: u64) {
        let used = self.used.get().saturating_add(amount);
        self.used.set(used);
        if used > self.limit {
            std::panic::resume_unwind(Box::new(OutOfGas { limit: self.limit }));
        }
    }

    fn charge_bytes(&self, flat: u64, per_byte: u64, key: &[u8], value: &[u8]) {
        let bytes = u64::try_from(key.len().saturating_add(value.len())).unwrap_or(u64::MAX);
        self.charge(flat.saturating_add(per_byte.saturating_mul(bytes)));
    }

    fn read(&self, key: &[u8], value: &[u8]) {
        self.charge_bytes(READ, READ_BYTE, key, value);
    }

    fn write(&self, key: &[u8], value: &[u8]) {
        self.charge_bytes(WRITE, WRITE_BYTE, key, value);
    }
}

/// Storage whose every access is charged.
pub(crate) struct Metered<'a, S: Storage + ?Sized> {
    inner: &'a mut S,
    meter: &'a Meter,
}

impl<'a, S: Storage + ?Sized> Metered<'a, S> {
    pub(crate) fn new(inner: &'a mut S, meter: &'a Meter) -> Self {
        Self { inner, meter }
    }
}

impl<S: Storage + ?Sized> Storage for Metered<'_, S> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let value = self.inner.get(key);
        self.meter.read(key, value.as_deref().unwrap_or_default());
        value
    }

    fn range<'a>(
        &'a self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = Record> + 'a> {
        let meter = self.meter;
        Box::new(
            self.inner
                .range(start, end, order)
                .inspect(move |(key, value)| meter.read(key, value)),
        )
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        self.meter.write(key, value);
        self.inner.set(key, value);
    }

    fn remove(&mut self, key: &[u8]) {
        self.meter.write(key, &[]);
        self.inner.remove(key);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::panics::{Caught, quietly};
    use cosmwasm_std::MemoryStorage;

    #[test]
    fn the_fee_is_rounded_up_to_a_base_unit() {
        assert_eq!(minimum_fee(225_002), 5_626);
        assert_eq!(minimum_fee(40), 1);
        assert_eq!(minimum_fee(41), 2);
        assert_eq!(minimum_fee(0), 0);
        assert_eq!(minimum_fee(u64::MAX), 461_168_601_842_738_791);
    }

    #[test]
    fn reads_writes_and_their_bytes_are_charged() {
        let meter = Meter::new(1_000_000);
        let mut storage = MemoryStorage::new();
        let mut metered = Metered::new(&mut storage, &meter);
        metered.set(b"key", b"value");
        assert_eq!(meter.used(), WRITE + 8 * WRITE_BYTE);
        let before = meter.used();
        metered.get(b"key");
        metered.get(b"none");
        assert_eq!(meter.used() - before, 2 * READ + (8 + 4) * READ_BYTE);
        let before = meter.used();
        assert_eq!(metered.range(None, None, Order::Ascending).count(), 1);
        assert_eq!(meter.used() - before, READ + 8 * READ_BYTE);
        let before = meter.used();
        metered.remove(b"key");
        assert_eq!(meter.used() - before, WRITE + 3 * WRITE_BYTE);
    }

    #[test]
    fn the_access_that_exceeds_the_limit_does_not_happen() {
        let meter = Meter::new(WRITE);
        let mut storage = MemoryStorage::new();
        let caught = quietly(|| Metered::new(&mut storage, &meter).set(b"k", b"v")).unwrap_err();
        assert!(matches!(
            caught,
            Caught::OutOfGas(OutOfGas { limit: WRITE })
        ));
        assert_eq!(storage.get(b"k"), None);
    }
}
