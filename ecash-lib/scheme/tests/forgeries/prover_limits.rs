//! What our prover does with a book that nobody honest ever had: its wallet secret was chosen.

use ecash_scheme::{
    CoinIndexSignature, CoinIndexSignatures, DateSignature, DateSignatures, Error, Signature,
    SpendContext, UserSecretKey, Wallet, WalletSignatures,
};

use super::algebra::{DAY, EXPIRATION, Pair, number};
use super::world::{PAY_INFO, TICKET_TYPE, WORLD, rng};

fn ours(pair: Pair) -> Signature {
    let bytes = [pair.0.to_compressed(), pair.1.to_compressed()].concat();
    Signature::from_bytes(&bytes).unwrap()
}

/// v = −8: μ of the ticket with index 7 does not exist (spec 5.3).
#[test]
fn a_ticket_whose_serial_number_would_be_infinite_is_skipped() {
    let issuer = &WORLD.issuer;
    let dates = (0..7).map(|day| DateSignature {
        signature: ours(issuer.date(EXPIRATION, EXPIRATION - (6 - day) * DAY)),
        expiration: EXPIRATION,
        spend_date: EXPIRATION - (6 - day) * DAY,
    });
    let coins = (0..50).map(|index| CoinIndexSignature {
        signature: ours(issuer.coin(index)),
        index,
    });
    let context = SpendContext {
        master: &issuer.key.read(),
        dates: &DateSignatures::from_vec(dates.collect()).unwrap(),
        coins: &CoinIndexSignatures::from_vec(coins.collect()).unwrap(),
    };
    let v = -number(8u64);
    let book = ours(issuer.book(WORLD.u, v, EXPIRATION, TICKET_TYPE));
    let bytes = [
        book.to_bytes().as_slice(),
        &v.to_bytes(),
        &EXPIRATION.to_be_bytes(),
        &[TICKET_TYPE],
    ]
    .concat();
    let signatures = WalletSignatures::from_bytes(&bytes).unwrap();
    let user = UserSecretKey::from_bytes(&WORLD.u.to_bytes()).unwrap();
    let spend = |spent| {
        Wallet::new(signatures.clone(), spent)
            .unwrap()
            .spend(&user, &context, &PAY_INFO, EXPIRATION, 1, &mut rng(1))
            .and_then(|payment| {
                WORLD
                    .verifying_key
                    .verify(payment, &PAY_INFO, EXPIRATION, &mut rng(2))
            })
            .map(|_| ())
    };
    assert_eq!(spend(6), Ok(()));
    assert_eq!(spend(7), Err(Error::NoSerialNumber(7)));
    assert_eq!(spend(8), Ok(()));
}
