use super::*;
use crate::{BlindedSignature, CoinIndexBases, Error, Result, SpendContext, Wallet};

/// What each case of `negative_other` exercises, by the start of its label.
fn outcome(case: &Value, keyset: &Keyset) -> Result<()> {
    let (label, input) = (text(&case["label"]), &case["input"]);
    match label.split(':').next().unwrap() {
        "unblind" => unblind(input, keyset),
        "aggregate wallet" => aggregate_wallet(input, keyset),
        "dates" => dates(input, keyset),
        "coins" => coins(label, input, keyset),
        "aggregate coins" => aggregate_coins(input, keyset),
        "key" | "key bytes" => VerificationKey::from_bytes(&bytes(&input["key"]))?
            .check_consistency(&mut rand::thread_rng()),
        "secret key bytes" => SecretKey::from_bytes(&bytes(&input["secret_key"])).map(|_| ()),
        "wallet bytes" => {
            WalletSignatures::from_bytes(&bytes(&input["wallet_signatures"])).map(|_| ())
        }
        "wallet" => spend(input, keyset),
        _ => panic!("unknown case {label}"),
    }
}

fn unblind(input: &Value, keyset: &Keyset) -> Result<()> {
    let withdrawal = Withdrawal::numbered(number(&input["wallet"]).try_into().unwrap()).unwrap();
    let keys = keyset.keys();
    let (index, key) = keys
        .iter()
        .find(|(index, _)| *index == number(&input["signer"]))
        .unwrap();
    let blinded = BlindedSignature::from_bytes(&bytes(&input["blinded_signature"]))?;
    withdrawal
        .info()
        .unblind(&withdrawal.user(), &blinded, key, *index)
        .map(|_| ())
}

fn labelled(input: &Value) -> Vec<(usize, u64)> {
    let pairs = items(&input["shares_of_signer_labelled_as"]);
    pairs
        .iter()
        .map(|pair| {
            (
                usize::try_from(number(&pair[0])).unwrap() - 1,
                number(&pair[1]),
            )
        })
        .collect()
}

fn relabelled(share: &PartialWallet, index: u64) -> Result<PartialWallet> {
    let mut bytes = share.to_bytes();
    let end = bytes.len();
    bytes.splice(end - 8.., index.to_le_bytes());
    PartialWallet::from_bytes(&bytes)
}

fn aggregate_wallet(input: &Value, keyset: &Keyset) -> Result<()> {
    let (withdrawal, shares) = match input {
        Value::String(_) => {
            let (one, other) = (
                Withdrawal::numbered(0).unwrap(),
                Withdrawal::numbered(1).unwrap(),
            );
            let mut shares = one.shares();
            shares.truncate(2);
            shares.push(other.shares()[2].clone());
            (one, shares)
        }
        _ => {
            let withdrawal =
                Withdrawal::numbered(number(&input["wallet"]).try_into().unwrap()).unwrap();
            let all = withdrawal.shares();
            let shares = labelled(input)
                .iter()
                .map(|(of, index)| relabelled(&all[*of], *index))
                .collect::<Result<_>>()?;
            (withdrawal, shares)
        }
    };
    withdrawal
        .info()
        .aggregate(
            &withdrawal.user(),
            &shares,
            keyset.threshold(),
            &keyset.master(),
        )
        .map(|_| ())
}

fn dates(input: &Value, keyset: &Keyset) -> Result<()> {
    let set = date_set(date(&input["expiration_date"]), items(&input["signatures"]))?;
    let keys = keyset.keys();
    let (_, key) = keys
        .iter()
        .find(|(index, _)| *index == number(&input["signer"]))
        .unwrap();
    set.verify(key, &mut rand::thread_rng())
}

fn coins(label: &str, input: &Value, keyset: &Keyset) -> Result<()> {
    let signer = usize::try_from(number(&input["signer"])).unwrap() - 1;
    let bases = CoinIndexBases::new(&keyset.master());
    let mut entries = keyset.secret_keys()[signer]
        .1
        .sign_coin_indices(&bases)
        .entries()
        .to_vec();
    for replacement in items(&input["replace"]) {
        let position = usize::try_from(number(&replacement[0])).unwrap();
        entries[position].signature = signature(&replacement[1]);
    }
    if label.ends_with("empty set") {
        entries.clear();
    }
    let checked_against = if label.ends_with("another global key") {
        CoinIndexBases::new(&Keyset::named("dkg_shape_3of5").unwrap().master())
    } else {
        bases
    };
    CoinIndexSignatures::from_vec(entries)?.verify(
        &keyset.keys()[signer].1,
        &checked_against,
        &mut rand::thread_rng(),
    )
}

fn aggregate_coins(input: &Value, keyset: &Keyset) -> Result<()> {
    let bases = CoinIndexBases::new(&keyset.master());
    let keys = keyset.keys();
    let sets: Vec<_> = keyset
        .secret_keys()
        .iter()
        .map(|(_, key)| key.sign_coin_indices(&bases))
        .collect();
    let shares: Vec<_> = labelled(input)
        .iter()
        .map(|(of, index)| (*index, &keys[*of].1, &sets[*of]))
        .collect();
    CoinIndexSignatures::aggregate(
        &shares,
        keyset.threshold(),
        &keyset.master(),
        &bases,
        &mut rand::thread_rng(),
    )
    .map(|_| ())
}

fn spend(input: &Value, keyset: &Keyset) -> Result<()> {
    let withdrawal = Withdrawal::numbered(0).unwrap();
    let mut wallet = Wallet::new(
        withdrawal.wallet(),
        input["tickets_spent"].as_u64().unwrap_or(0),
    )?;
    let (master, dates, coins) = (keyset.master(), keyset.dates(), keyset.coins());
    let context = SpendContext {
        master: &master,
        dates: &dates,
        coins: &coins,
    };
    let spend_date = input["spend_date"]
        .as_u64()
        .map_or(dates.expiration(), |date| date.try_into().unwrap());
    let count = input["spend_value"].as_u64().unwrap_or(1);
    wallet
        .spend(
            &withdrawal.user(),
            &context,
            &[0; 72],
            spend_date,
            count,
            &mut rand::thread_rng(),
        )
        .map(|_| ())
}

#[test]
fn everything_else_that_was_tampered_with_is_refused() {
    let Some(negative) = section("negative_other") else {
        return;
    };
    let Some(keyset) = Keyset::named(text(&negative["keyset"])) else {
        return;
    };
    if section("withdrawals").is_none() {
        return;
    }
    for case in items(&negative["cases"]) {
        let outcome = outcome(case, &keyset);
        let label = text(&case["label"]);
        assert_eq!(
            outcome.is_ok(),
            text(&case["expected"]) == "accept",
            "{label}: {outcome:?}"
        );
    }
}

#[test]
fn two_coin_signatures_whose_errors_cancel_are_named_by_the_first() {
    let Some(keyset) = Keyset::ttp() else { return };
    let Some(negative) = section("negative_other") else {
        return;
    };
    let case = items(&negative["cases"])
        .iter()
        .find(|case| text(&case["label"]).starts_with("coins: s plus g1 and"));
    let Some(case) = case else { return };
    assert_eq!(
        outcome(case, &keyset),
        Err(Error::BadEntry {
            what: "coin-index signatures",
            position: 10
        })
    );
}
