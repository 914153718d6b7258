//! Every check of a ticketbook file, shown.

use ecash_ticketbook::{EcashDate, ImportableTicketBook, Record as _};
use ecash_wallet::{BookFile, Check};

use crate::support::{NOW, book, expiration, full, mint, other_mint, packed, standalone};

fn checks(bytes: &[u8], with_chain: bool, today: EcashDate) -> Vec<Check> {
    let chain = with_chain.then(|| mint().master.clone());
    BookFile::any(bytes).unwrap().examine(None, chain, today)
}

fn today() -> EcashDate {
    EcashDate::of(NOW).unwrap()
}

fn failed(checks: &[Check]) -> Vec<&'static str> {
    checks
        .iter()
        .filter(|check| !check.ok)
        .map(|check| check.check)
        .collect()
}

#[test]
fn a_good_file_passes_every_check() {
    let found = checks(&full(&book()), true, today());
    assert_eq!(found.len(), 6);
    assert!(failed(&found).is_empty(), "{found:?}");
}

#[test]
fn every_fault_has_its_line() {
    let book = book();
    let foreign = other_mint().book(expiration());
    let key = mint().key();
    let mixed = ImportableTicketBook::pack(
        &foreign,
        Some(&other_mint().dates),
        Some(&other_mint().coins),
        Some(&key),
    );
    assert_eq!(
        failed(&checks(mixed.to_record().data(), false, today())),
        [
            "coin-index signatures",
            "expiration-date signatures",
            "ticketbook signature"
        ]
    );
    assert_eq!(
        failed(&checks(&packed(&foreign, other_mint()), true, today())),
        ["master verification key"]
    );
    let used = book.clone().with_spent_tickets(50).unwrap();
    assert_eq!(failed(&checks(&full(&used), true, today())), ["indices"]);
    let later = expiration().plus_days(1).unwrap();
    assert_eq!(failed(&checks(&full(&book), true, later)), ["expiration"]);
}

#[test]
fn without_any_key_the_signature_is_not_claimed_to_be_good() {
    let found = checks(&standalone(&book()), false, today());
    assert_eq!(failed(&found), ["master verification key"]);
    assert!(
        !found
            .iter()
            .any(|check| check.check == "ticketbook signature")
    );
    let found = checks(&standalone(&book()), true, today());
    assert!(failed(&found).is_empty(), "{found:?}");
}
