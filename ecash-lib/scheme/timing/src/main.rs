//! Whether time tells secrets: each path that meets one is run with secrets of two kinds, a fixed one of little weight and
//! random ones, in random order, and the times of the two are compared by Welch's t-test (dudect).
//!
//! ```text
//! cargo run --release --manifest-path ecash-lib/scheme/timing/Cargo.toml -- --filter spend
//! ```
//!
//! |t| below 4.5 is no evidence of a difference, above 10 is a leak; in between one looks again with `--continuous`. What
//! was measured, and on which machine, is in `docs/timing.md`. `control` leaks on purpose: it shows that the method sees.

use std::cell::RefCell;
use std::hint::black_box;

use dudect_bencher::{BenchRng, Class, CtRunner, ctbench_main};
use ecash_scheme::{
    CoinIndexBases, CoinIndexSignatures, DateSignatures, Preparation, RandomNonces, RequestInfo,
    Scalar, SecretKey, SecretScalar, SpendContext, SpendingKey, UserKeyPair, UserSecretKey,
    VerificationKey, Wallet, WalletSignatures, WithdrawalRequest, WithdrawalSecrets,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

const EXPIRATION: u32 = 1_765_065_600;
const PAY_INFO: [u8; 72] = [7; 72];

/// Samples of an operation of some ten microseconds, of some hundred, and of a millisecond or more.
const MANY: usize = 60_000;
const SOME: usize = 20_000;
const FEW: usize = 4_000;

/// A draw of secrets: of the fixed, light kind, or at random.
struct Draw<'a> {
    class: Class,
    rng: &'a mut ChaCha20Rng,
}

impl Draw<'_> {
    fn scalar(&mut self) -> SecretScalar {
        let random = SecretScalar::random(self.rng);
        match self.class {
            Class::Left => Scalar::ONE.into(),
            Class::Right => random,
        }
    }

    fn index(&mut self) -> u64 {
        let random = self.rng.gen_range(0..50);
        match self.class {
            Class::Left => 0,
            Class::Right => random,
        }
    }

    fn signer(&mut self) -> SecretKey {
        let x = self.scalar();
        SecretKey::from_scalars(x, (0..4).map(|_| self.scalar()).collect()).expect("four elements")
    }

    fn user(&mut self) -> UserKeyPair {
        let bytes = self.scalar().to_bytes();
        UserSecretKey::from_bytes(&*bytes).expect("a scalar").into()
    }

    fn secrets(&mut self) -> WithdrawalSecrets {
        WithdrawalSecrets::new(self.scalar(), self.scalar(), self.scalar(), self.scalar())
    }
}

/// Times `operation` on `samples` inputs that were all made before the first is timed.
fn compare<I, O>(
    runner: &mut CtRunner,
    samples: usize,
    mut input: impl FnMut(&mut Draw<'_>) -> I,
    operation: impl FnMut(&mut I) -> O,
) {
    let rng = &mut ChaCha20Rng::seed_from_u64(samples as u64);
    let inputs: Vec<(Class, I)> = (0..samples)
        .map(|_| {
            let class = if rng.r#gen() {
                Class::Left
            } else {
                Class::Right
            };
            (class, input(&mut Draw { class, rng }))
        })
        .collect();
    let operation = RefCell::new(operation);
    for (class, input) in inputs {
        let input = RefCell::new(input);
        runner.run_one(class, || {
            black_box((operation.borrow_mut())(black_box(&mut input.borrow_mut())))
        });
    }
}

/// What everybody knows, and one signer's key.
struct Public {
    signer: SecretKey,
    key: VerificationKey,
    dates: DateSignatures,
    coins: CoinIndexSignatures,
    bases: CoinIndexBases,
}

impl Public {
    fn new() -> Self {
        let rng = &mut ChaCha20Rng::seed_from_u64(1);
        let signer = Draw {
            class: Class::Right,
            rng,
        }
        .signer();
        let key = signer.verification_key();
        let bases = CoinIndexBases::new(&key);
        Self {
            dates: signer.sign_dates(EXPIRATION).expect("a midnight"),
            coins: signer.sign_coin_indices(&bases),
            bases,
            key,
            signer,
        }
    }
}

fn request(draw: &mut Draw<'_>) -> (UserKeyPair, WithdrawalRequest, RequestInfo) {
    let (user, secrets) = (draw.user(), draw.secrets());
    let nonces = &mut RandomNonces(draw.rng);
    let (request, info) =
        WithdrawalRequest::new(&user, EXPIRATION, 1, secrets, nonces).expect("h is a point");
    (user, request, info)
}

/// U = u·G.
fn user_public_key(runner: &mut CtRunner, _: &mut BenchRng) {
    compare(
        runner,
        MANY,
        |draw| draw.user(),
        |user| user.secret_key().public_key(),
    );
}

/// u = Hs(seed), U = u·G: the seed is the secret.
fn user_key_from_seed(runner: &mut CtRunner, _: &mut BenchRng) {
    let seed = |draw: &mut Draw<'_>| *draw.scalar().to_bytes();
    compare(runner, MANY, seed, |seed| UserKeyPair::from_seed(seed));
}

/// Comparison of two keys, equal or not.
fn key_comparison(runner: &mut CtRunner, _: &mut BenchRng) {
    let one = UserSecretKey::from_bytes(&Scalar::ONE.to_bytes()).expect("a scalar");
    compare(
        runner,
        MANY,
        |draw| draw.user(),
        |user| user.secret_key().ct_eq(&one),
    );
}

/// X̂, Yj, Ŷj from x, yj.
fn verification_key(runner: &mut CtRunner, _: &mut BenchRng) {
    compare(
        runner,
        FEW,
        |draw| draw.signer(),
        |signer| signer.verification_key(),
    );
}

/// C, h, M1, M2 and their proof, from u, v and the openings.
fn withdrawal_request(runner: &mut CtRunner, _: &mut BenchRng) {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    compare(
        runner,
        SOME,
        |draw| (draw.user(), draw.secrets()),
        |(user, secrets)| {
            let nonces = &mut RandomNonces(rng);
            WithdrawalRequest::new(user, EXPIRATION, 1, secrets.clone(), nonces)
        },
    );
}

/// B from x, yj.
fn blind_sign(runner: &mut CtRunner, _: &mut BenchRng) {
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    let (user, request, _) = request(&mut Draw {
        class: Class::Right,
        rng,
    });
    let request = request
        .verify(user.public_key(), EXPIRATION, 1)
        .expect("an honest request");
    compare(
        runner,
        SOME,
        |draw| draw.signer(),
        |signer| signer.blind_sign(&request),
    );
}

/// S from B and the openings, and its check with u and v.
fn unblind(runner: &mut CtRunner, _: &mut BenchRng) {
    let public = Public::new();
    compare(
        runner,
        FEW,
        |draw| {
            let (user, request, info) = request(draw);
            let verified = request
                .verify(user.public_key(), EXPIRATION, 1)
                .expect("honest");
            let answer = public.signer.blind_sign(&verified);
            (user, info, answer)
        },
        |(user, info, answer)| {
            info.unblind(user.secret_key(), answer, &public.key, 1)
                .is_ok()
        },
    );
}

/// The wallet from answers at once.
fn collect(runner: &mut CtRunner, _: &mut BenchRng) {
    let public = Public::new();
    compare(
        runner,
        FEW,
        |draw| {
            let (user, request, info) = request(draw);
            let verified = request
                .verify(user.public_key(), EXPIRATION, 1)
                .expect("honest");
            let answer = public.signer.blind_sign(&verified);
            (user, info, answer)
        },
        |(user, info, answer)| {
            let answers = [(1, &public.key, *answer)];
            info.collect(user.secret_key(), &answers, 1, &public.key)
                .is_ok()
        },
    );
}

/// Seven date signatures from x, yj.
fn sign_dates(runner: &mut CtRunner, _: &mut BenchRng) {
    compare(
        runner,
        FEW,
        |draw| draw.signer(),
        |signer| signer.sign_dates(EXPIRATION),
    );
}

/// Fifty coin-index signatures from x, yj.
fn sign_coin_indices(runner: &mut CtRunner, _: &mut BenchRng) {
    let bases = Public::new().bases;
    compare(
        runner,
        FEW,
        |draw| draw.signer(),
        |signer| signer.sign_coin_indices(&bases),
    );
}

/// A wallet of these secrets. Whether its signature is a true one makes no difference to the prover.
fn wallet(draw: &mut Draw<'_>, public: &Public) -> (UserKeyPair, Wallet) {
    let user = draw.user();
    let signature = public.dates.entries()[0].signature.to_bytes();
    let v = draw.scalar().to_bytes();
    let bytes = [signature.as_slice(), &*v, &EXPIRATION.to_be_bytes(), &[1]].concat();
    let signatures = WalletSignatures::from_bytes(&bytes).expect("a wallet");
    (
        user,
        Wallet::new(signatures, draw.index()).expect("within the book"),
    )
}

/// A payment of one ticket under a key prepared once: u, v and the index are the secrets.
fn spend(runner: &mut CtRunner, _: &mut BenchRng) {
    let public = Public::new();
    let key = SpendingKey::new(&public.key, Preparation::Default);
    let context = SpendContext {
        master: &key,
        dates: &public.dates,
        coins: &public.coins,
    };
    let rng = &mut ChaCha20Rng::seed_from_u64(4);
    compare(
        runner,
        FEW,
        |draw| wallet(draw, &public),
        |(user, wallet)| {
            wallet
                .spend(user.secret_key(), &context, &PAY_INFO, EXPIRATION, 1, rng)
                .is_ok()
        },
    );
}

/// The same under a key as it is.
fn spend_unprepared(runner: &mut CtRunner, _: &mut BenchRng) {
    let public = Public::new();
    let context = SpendContext {
        master: &public.key,
        dates: &public.dates,
        coins: &public.coins,
    };
    let rng = &mut ChaCha20Rng::seed_from_u64(5);
    compare(
        runner,
        FEW,
        |draw| wallet(draw, &public),
        |(user, wallet)| {
            wallet
                .spend(user.secret_key(), &context, &PAY_INFO, EXPIRATION, 1, rng)
                .is_ok()
        },
    );
}

/// Secrets written and read.
fn encodings(runner: &mut CtRunner, _: &mut BenchRng) {
    let public = Public::new();
    compare(
        runner,
        SOME,
        |draw| (draw.signer(), wallet(draw, &public)),
        |(signer, (user, wallet))| {
            (
                SecretKey::from_bytes(&signer.to_bytes()).is_ok(),
                UserSecretKey::from_bytes(&*user.secret_key().to_bytes()).is_ok(),
                wallet.to_bytes(),
            )
        },
    );
}

/// Hashes once for every bit that is set: what a leak looks like.
fn control(runner: &mut CtRunner, _: &mut BenchRng) {
    compare(
        runner,
        SOME,
        |draw| *draw.scalar().to_bytes(),
        |secret| {
            let weight: u32 = secret.iter().map(|byte| byte.count_ones()).sum();
            (0..weight).fold(Sha256::digest([0]), |digest, _| Sha256::digest(digest))
        },
    );
}

ctbench_main!(
    control,
    user_public_key,
    user_key_from_seed,
    key_comparison,
    verification_key,
    withdrawal_request,
    blind_sign,
    unblind,
    collect,
    sign_dates,
    sign_coin_indices,
    spend,
    spend_unprepared,
    encodings
);
