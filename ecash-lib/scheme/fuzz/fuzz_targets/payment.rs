//! Payments: the gate on bytes, and decoding behind it.
#![no_main]

use ecash_scheme::{Payment, SerialNumber, UncheckedPayment};
use ecash_scheme_fuzz::{canonical, canonical_bin, canonical_text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    canonical_bin::<UncheckedPayment>(bytes);
    canonical(bytes, Payment::from_bytes, Payment::to_bytes);
    canonical_text(bytes, SerialNumber::from_base58, SerialNumber::to_base58);
    if let Ok(unchecked) = UncheckedPayment::parse(bytes) {
        assert!((1..=50).contains(&unchecked.tickets()));
        assert!(unchecked.ticket_type() <= 3);
        let mut serials = unchecked.serial_numbers();
        serials.sort_unstable();
        serials.dedup();
        assert_eq!(serials.len(), unchecked.tickets());
        if let Ok(payment) = unchecked.decode() {
            assert_eq!(payment.serial_numbers(), unchecked.serial_numbers());
        }
    }
});
