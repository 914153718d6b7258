//! One Quorum, one user with a paid book, and our verifier in its three forms.

use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

use ecash_scheme::{
    Claim as OurClaim, Error, Payment, PaymentBatch, PaymentStream, Sequential, UncheckedPayment,
    VerifyingKey,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use super::algebra::{EXPIRATION, G1Affine, Issuer, Pair, Scalar, random};
use super::prover::{Claims, LeftOut, Ticket, forge};
use super::verifier::{Claim, Rule, Verifier};

pub const PAY_INFO: [u8; 72] = [7; 72];
pub const TICKET_TYPE: u8 = 1;
/// No signature at all.
pub const NONE: fn() -> Pair = || (G1Affine::identity(), G1Affine::identity());

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub struct World {
    pub issuer: Issuer,
    pub u: Scalar,
    pub v: Scalar,
    pub verifying_key: VerifyingKey,
    honest: [OnceLock<Claim>; 50],
}

pub static WORLD: LazyLock<World> = LazyLock::new(|| World::new(1));

impl World {
    pub fn new(seed: u64) -> Self {
        let rng = &mut rng(seed);
        let issuer = Issuer::new(rng);
        Self {
            u: random(rng),
            v: random(rng),
            verifying_key: VerifyingKey::new(&issuer.key.read()),
            issuer,
            honest: std::array::from_fn(|_| OnceLock::new()),
        }
    }

    /// The truth about a payment of these tickets.
    pub fn claims(&self, indices: &[u64]) -> Claims {
        let tickets = (0..).zip(indices).map(|(position, index)| {
            Ticket::honest(*index, self.issuer.coin(*index), self.u, position)
        });
        Claims {
            u: self.u,
            v: self.v,
            expiration: EXPIRATION,
            ticket_type: TICKET_TYPE,
            hidden_type: None,
            book: self.issuer.book(self.u, self.v, EXPIRATION, TICKET_TYPE),
            date: self.issuer.date(EXPIRATION, EXPIRATION),
            tickets: tickets.collect(),
            count: indices.len() as u64,
            twist: G1Affine::identity(),
            left_out: LeftOut::Nothing,
        }
    }

    /// The payment that `claims` describe, for the usual pay info and date.
    pub fn forge(&self, claims: &Claims, seed: u64) -> Claim {
        let (draft, _) = forge(&self.issuer.key, claims, &PAY_INFO, &mut rng(seed));
        Claim {
            draft,
            pay_info: PAY_INFO,
            spend_date: EXPIRATION,
        }
    }

    /// An honest payment of one ticket, made once.
    pub fn honest(&self, index: u64) -> Claim {
        let make = || self.forge(&self.claims(&[index]), 1000 + index);
        self.honest[index as usize].get_or_init(make).clone()
    }

    /// The independent verifier, without `rule`.
    pub fn lax(&self, rule: Rule) -> Verifier<'_> {
        Verifier {
            key: &self.issuer.key,
            without: Some(rule),
        }
    }

    pub fn strict(&self) -> Verifier<'_> {
        Verifier {
            key: &self.issuer.key,
            without: None,
        }
    }

    /// One payment by itself.
    pub fn single(&self, claim: &Claim) -> Result<(), Error> {
        let (bytes, key) = (claim.draft.to_bytes(), &self.verifying_key);
        let decoded = Payment::from_bytes(&bytes).and_then(|payment| {
            key.verify(payment, &claim.pay_info, claim.spend_date, &mut rng(2))
        });
        let unchecked = UncheckedPayment::parse(&bytes).and_then(|payment| {
            key.verify_unchecked(payment, &claim.pay_info, claim.spend_date, &mut rng(2))
        });
        assert_eq!(decoded, unchecked, "the two ways to verify one payment");
        decoded.map(|_| ())
    }

    /// All payments as one batch. What has not the shape of a payment does not get into one.
    pub fn batch(&self, claims: &[Claim]) -> Vec<Result<(), Error>> {
        let mut verdicts: Vec<Option<Result<(), Error>>> = vec![None; claims.len()];
        let (mut batch, key) = PaymentBatch::of_one_key(self.verifying_key.clone());
        for (verdict, claim) in verdicts.iter_mut().zip(claims) {
            match UncheckedPayment::parse(&claim.draft.to_bytes()) {
                Ok(payment) => {
                    batch
                        .push(key, payment, &claim.pay_info, claim.spend_date)
                        .unwrap();
                }
                Err(refused) => *verdict = Some(Err(refused)),
            }
        }
        let mut results = batch
            .verify(&Sequential, &mut rng(3))
            .into_results()
            .into_iter();
        let verdicts = verdicts.into_iter();
        let verdicts =
            verdicts.map(|early| early.unwrap_or_else(|| results.next().unwrap().map(|_| ())));
        verdicts.collect()
    }

    /// All payments through a stream, in the order of their arrival.
    pub fn stream(&self, claims: &[Claim]) -> Vec<Result<(), Error>> {
        let mut verdicts: Vec<Option<Result<(), Error>>> = vec![None; claims.len()];
        let mut stream = PaymentStream::new(claims.len());
        for (caller, claim) in claims.iter().enumerate() {
            match UncheckedPayment::parse(&claim.draft.to_bytes()) {
                Ok(payment) => {
                    let claim = OurClaim {
                        key: self.verifying_key.clone(),
                        payment,
                        pay_info: claim.pay_info,
                        spend_date: claim.spend_date,
                    };
                    stream.push(claim, caller, Duration::ZERO).unwrap();
                }
                Err(refused) => verdicts[caller] = Some(Err(refused)),
            }
        }
        while let Some(due) = stream.close(Duration::from_secs(1)) {
            for (caller, verdict) in due.verify(&Sequential, &mut rng(4)) {
                verdicts[caller] = Some(verdict.map(|_| ()));
            }
        }
        verdicts.into_iter().map(Option::unwrap).collect()
    }

    /// The attack gets past the verifier that lacks `rule`, and past no other: not the strict one of this test, and not
    /// ours, alone, in a batch of its own, at either end of a batch of honest payments, or in a stream.
    #[track_caller]
    pub fn attack(&self, rule: Rule, forged: &[Claim], expected: &[Error]) {
        assert!(
            self.lax(rule).accepts(forged, &mut rng(5)),
            "the attack does not work against a verifier without {rule:?}"
        );
        assert!(!self.strict().accepts(forged, &mut rng(6)));
        self.refused(forged, expected);
    }

    /// Ours refuses every one of `forged` for its reason, however they come, and nothing honest beside them.
    #[track_caller]
    pub fn refused(&self, forged: &[Claim], expected: &[Error]) {
        let expected: Vec<_> = expected.iter().cloned().map(Err).collect();
        let single: Vec<_> = forged.iter().map(|claim| self.single(claim)).collect();
        assert_eq!(single, expected, "single");
        assert_eq!(self.batch(forged), expected, "batch");
        let honest = [self.honest(40), self.honest(41)];
        let among = |bad_first: bool| -> (Vec<Claim>, Vec<Result<(), Error>>) {
            let fine = vec![Ok(()); honest.len()];
            if bad_first {
                (
                    [forged, &honest].concat(),
                    [expected.clone(), fine].concat(),
                )
            } else {
                (
                    [&honest, forged].concat(),
                    [fine, expected.clone()].concat(),
                )
            }
        };
        for bad_first in [true, false] {
            let (claims, verdicts) = among(bad_first);
            assert_eq!(self.batch(&claims), verdicts, "batch among honest ones");
            assert_eq!(self.stream(&claims), verdicts, "stream");
        }
    }
}
