//! Every wire form of the crate, with an honest example.

use ecash_scheme::codec::{Decode, Encode};
use ecash_scheme::{
    BlindedSignature, CoinIndexSignature, CoinIndexSignatures, DateSignature, DateSignatures,
    Error, PartialWallet, Payment, RequestInfo, SecretKey, SerialNumber, Signature,
    UncheckedPayment, UserKeyPair, UserPublicKey, UserSecretKey, VerificationKey, Wallet,
    WalletSignatures, WithdrawalRequest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{EXPIRATION, Issuance, Network, PAY_INFO, rng};

/// Decodes and encodes again.
pub type Again = fn(&[u8]) -> Result<Vec<u8>, Error>;

/// A wire form.
pub struct Object {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub again: Again,
    /// Whether there is one encoding only; JSON leaves freedom in blanks and order.
    pub canonical: bool,
}

fn bin<T: Encode + Decode>(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    T::from_bin(bytes).map(|value| value.to_bin())
}

fn json<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let value: T = serde_json::from_slice(bytes).map_err(|error| Error::Invalid {
        what: "JSON",
        problem: error.to_string(),
    })?;
    Ok(serde_json::to_vec(&value).unwrap())
}

fn to_json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

fn base58(bytes: &[u8], read: impl Fn(&str) -> Result<String, Error>) -> Result<Vec<u8>, Error> {
    let text = core::str::from_utf8(bytes).map_err(|_| Error::BadText {
        what: "test",
        expected: "UTF-8",
    })?;
    read(text).map(String::into_bytes)
}

/// All of them, from one seeded run.
pub fn objects() -> Vec<Object> {
    let network = Network::new(1);
    let issuance = Issuance::new(&network, 2);
    let (signer, answer) = (&network.signers[0], &issuance.answers[0]);
    let user = issuance.user.secret_key();
    let share = issuance
        .info
        .unblind(user, answer, &signer.key, signer.index)
        .unwrap();
    let mut wallet = issuance.wallet(&network);
    let mut spend = |count| {
        wallet
            .spend(
                user,
                &network.context(),
                &PAY_INFO,
                EXPIRATION,
                count,
                &mut rng(3),
            )
            .unwrap()
    };
    let (one, three) = (spend(1), spend(3));
    let signature = network.dates.entries()[0].signature;
    let (date, coin) = (network.dates.entries()[6], network.coins.entries()[49]);

    let fixed: Vec<(&'static str, Vec<u8>, Again)> = vec![
        ("secret key", signer.secret.to_bytes().to_vec(), |b| {
            SecretKey::from_bytes(b).map(|key| key.to_bytes().to_vec())
        }),
        ("verification key", network.master.to_bytes(), |b| {
            VerificationKey::from_bytes(b).map(|key| key.to_bytes())
        }),
        (
            "verification key, bin",
            network.master.to_bin(),
            bin::<VerificationKey>,
        ),
        (
            "verification key, base58",
            network.master.to_base58().into(),
            |b| {
                base58(b, |t| {
                    VerificationKey::from_base58(t).map(|key| key.to_base58())
                })
            },
        ),
        ("user secret key", user.to_bytes().to_vec(), |b| {
            UserSecretKey::from_bytes(b).map(|key| key.to_bytes().to_vec())
        }),
        ("user secret key, bin", user.to_bin(), bin::<UserSecretKey>),
        (
            "user public key",
            issuance.user.public_key().to_bytes().to_vec(),
            |b| UserPublicKey::from_bytes(b).map(|key| key.to_bytes().to_vec()),
        ),
        (
            "user public key, bin",
            issuance.user.public_key().to_bin(),
            bin::<UserPublicKey>,
        ),
        (
            "user public key, base58",
            issuance.user.public_key().to_base58().into(),
            |b| {
                base58(b, |t| {
                    UserPublicKey::from_base58(t).map(|key| key.to_base58())
                })
            },
        ),
        ("user key pair", issuance.user.to_bytes().to_vec(), |b| {
            UserKeyPair::from_bytes(b).map(|pair| pair.to_bytes().to_vec())
        }),
        (
            "withdrawal request",
            issuance.request.to_bytes().to_vec(),
            |b| WithdrawalRequest::from_bytes(b).map(|request| request.to_bytes().to_vec()),
        ),
        ("request info", issuance.info.to_bytes().to_vec(), |b| {
            RequestInfo::from_bytes(b).map(|info| info.to_bytes().to_vec())
        }),
        ("blinded signature", answer.to_bytes().to_vec(), |b| {
            BlindedSignature::from_bytes(b).map(|answer| answer.to_bytes().to_vec())
        }),
        (
            "blinded signature, bin",
            answer.to_bin(),
            bin::<BlindedSignature>,
        ),
        ("partial wallet", share.to_bytes().to_vec(), |b| {
            PartialWallet::from_bytes(b).map(|share| share.to_bytes().to_vec())
        }),
        (
            "wallet signatures",
            wallet.signatures().to_bytes().to_vec(),
            |b| WalletSignatures::from_bytes(b).map(|wallet| wallet.to_bytes().to_vec()),
        ),
        (
            "wallet signatures, bin",
            wallet.signatures().to_bin(),
            bin::<WalletSignatures>,
        ),
        ("wallet", wallet.to_bytes().to_vec(), |b| {
            Wallet::from_bytes(b).map(|wallet| wallet.to_bytes().to_vec())
        }),
        ("wallet, bin", wallet.to_bin(), bin::<Wallet>),
        ("signature", signature.to_bytes().to_vec(), |b| {
            Signature::from_bytes(b).map(|signature| signature.to_bytes().to_vec())
        }),
        ("signature, bin", signature.to_bin(), bin::<Signature>),
        ("signature, base58", signature.to_base58().into(), |b| {
            base58(b, |t| {
                Signature::from_base58(t).map(|signature| signature.to_base58())
            })
        }),
        ("date signature, bin", date.to_bin(), bin::<DateSignature>),
        (
            "date signatures, bin",
            network.dates.to_bin(),
            bin::<DateSignatures>,
        ),
        (
            "coin-index signature, bin",
            coin.to_bin(),
            bin::<CoinIndexSignature>,
        ),
        (
            "coin-index signatures, bin",
            network.coins.to_bin(),
            bin::<CoinIndexSignatures>,
        ),
        ("payment of one", one.to_bytes(), |b| {
            Payment::from_bytes(b).map(|payment| payment.to_bytes())
        }),
        ("payment of three", three.to_bytes(), |b| {
            Payment::from_bytes(b).map(|payment| payment.to_bytes())
        }),
        ("unchecked payment", one.to_bytes(), bin::<UncheckedPayment>),
        (
            "serial number, base58",
            one.serial_numbers()[0].to_base58().into(),
            |b| {
                base58(b, |t| {
                    SerialNumber::from_base58(t).map(|serial| serial.to_base58())
                })
            },
        ),
    ];
    let texts: Vec<(&'static str, Vec<u8>, Again)> = vec![
        (
            "verification key, JSON",
            to_json(&network.master),
            json::<VerificationKey>,
        ),
        (
            "user public key, JSON",
            to_json(issuance.user.public_key()),
            json::<UserPublicKey>,
        ),
        (
            "withdrawal request, JSON",
            to_json(&issuance.request),
            json::<WithdrawalRequest>,
        ),
        (
            "blinded signature, JSON",
            to_json(answer),
            json::<BlindedSignature>,
        ),
        ("signature, JSON", to_json(&signature), json::<Signature>),
        (
            "date signatures, JSON",
            to_json(&network.dates),
            json::<DateSignatures>,
        ),
        (
            "coin-index signatures, JSON",
            to_json(&network.coins),
            json::<CoinIndexSignatures>,
        ),
        ("payment, JSON", to_json(&three), json::<Payment>),
        (
            "unchecked payment, JSON",
            to_json(&one),
            json::<UncheckedPayment>,
        ),
    ];
    let object = |canonical| {
        move |(name, bytes, again)| Object {
            name,
            bytes,
            again,
            canonical,
        }
    };
    fixed
        .into_iter()
        .map(object(true))
        .chain(texts.into_iter().map(object(false)))
        .collect()
}
