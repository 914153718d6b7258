//! Every check of a ticketbook file, shown.

use ecash_ticketbook::{ImportableTicketBook, Record as _};
use ecash_wallet::{BookFile, Check};

use crate::support::{Device, book, expiration, full, mint, other_mint, packed, standalone};

async fn checks(device: &Device, bytes: &[u8], with_chain: bool) -> Vec<Check> {
    let file = BookFile::any(bytes).unwrap();
    let chain = with_chain.then(|| mint().master.clone());
    device.shelf().await.verify(&file, chain).await.unwrap()
}

fn failed(checks: &[Check]) -> Vec<&'static str> {
    checks
        .iter()
        .filter(|check| !check.ok)
        .map(|check| check.check)
        .collect()
}

#[tokio::test]
async fn a_good_file_passes_every_check_and_nothing_of_it_is_stored() {
    let device = Device::new();
    let found = checks(&device, &full(&book()), true).await;
    assert_eq!(found.len(), 6);
    assert!(failed(&found).is_empty(), "{found:?}");
    assert!(device.shelf().await.books().await.unwrap().is_empty());
}

#[tokio::test]
async fn every_fault_has_its_line() {
    let device = Device::new();
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
        failed(&checks(&device, mixed.to_record().data(), false).await),
        [
            "coin-index signatures",
            "expiration-date signatures",
            "ticketbook signature"
        ]
    );
    assert_eq!(
        failed(&checks(&device, &packed(&foreign, other_mint()), true).await),
        ["master verification key"]
    );
    let used = book.clone().with_spent_tickets(50).unwrap();
    assert_eq!(
        failed(&checks(&device, &full(&used), true).await),
        ["indices"]
    );
    device.clock.advance_secs(8 * 86_400);
    assert_eq!(
        failed(&checks(&device, &full(&book), true).await),
        ["expiration"]
    );
}

#[tokio::test]
async fn without_any_key_the_signature_is_not_claimed_to_be_good() {
    let device = Device::new();
    let found = checks(&device, &standalone(&book()), false).await;
    assert_eq!(failed(&found), ["master verification key"]);
    assert!(
        !found
            .iter()
            .any(|check| check.check == "ticketbook signature")
    );
    let found = checks(&device, &standalone(&book()), true).await;
    assert!(failed(&found).is_empty(), "{found:?}");
}
