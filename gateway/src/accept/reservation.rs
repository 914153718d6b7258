//! Serials that a request is working on. In memory only: a crash drops them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use ecash_scheme::SerialNumber;

/// The serials under way. Clones share one set.
#[derive(Clone, Debug, Default)]
pub struct Reservations(Arc<Mutex<HashMap<SerialNumber, watch::Receiver<()>>>>);

impl Reservations {
    /// Takes `serial` if nobody has it.
    ///
    /// # Errors
    /// A [`Waiter`] for whoever has it.
    pub fn take(&self, serial: SerialNumber) -> Result<Reservation, Waiter> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(released) = taken.get(&serial) {
            return Err(Waiter(released.clone()));
        }
        let (release, released) = watch::channel(());
        taken.insert(serial, released);
        Ok(Reservation {
            serial,
            taken: self.clone(),
            _release: release,
        })
    }

    /// Serials under way.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether no serial is under way.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A serial that belongs to its holder until it is dropped.
#[derive(Debug)]
pub struct Reservation {
    serial: SerialNumber,
    taken: Reservations,
    /// Its drop wakes all waiters, after the entry is gone.
    _release: watch::Sender<()>,
}

impl Reservation {
    /// The serial.
    #[must_use]
    pub const fn serial(&self) -> &SerialNumber {
        &self.serial
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.taken
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.serial);
    }
}

/// Waits for the holder of a serial.
#[derive(Debug)]
pub struct Waiter(watch::Receiver<()>);

impl Waiter {
    /// Returns when the reservation has been dropped.
    pub async fn released(mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test]
    async fn a_serial_has_one_holder_and_is_free_when_the_holder_goes() {
        let reservations = Reservations::default();
        let serial = SerialNumber::from_bytes([7; 48]);
        let held = reservations.take(serial).unwrap();
        let waiter = reservations.take(serial).unwrap_err();
        assert!(reservations.take(SerialNumber::from_bytes([8; 48])).is_ok());
        drop(held);
        waiter.released().await;
        assert!(reservations.take(serial).is_ok());
        assert!(reservations.is_empty());
    }
}
