//! Forged withdrawal requests: what a signer must not sign (R1, and 8.4, 17 to 28).

use ecash_scheme::{Error, UserPublicKey, WithdrawalRequest};
use rand::RngCore;

use super::algebra::{
    EXPIRATION, G1Affine, PARAMETERS, Scalar, challenge, g, h1, number, random, shifted, sum1,
};
use super::draft::Bin;
use super::prover::Blindings;
use super::world::{PAY_INFO, TICKET_TYPE, WORLD, rng};

/// A request as its author likes it.
struct Request {
    h: G1Affine,
    commitment: G1Affine,
    commitments: Vec<G1Affine>,
    challenge: Scalar,
    z_o: Scalar,
    z_openings: Vec<Scalar>,
    z_attributes: Vec<Scalar>,
    user: G1Affine,
}

/// A rule of a request that can be missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Rule {
    /// h is the hash of C, E and t.
    BaseIsHash,
    /// Two commitments, two opening responses, two attribute responses.
    Lengths,
    /// Nothing is infinity.
    NoInfinity,
}

/// What a request is made of.
struct Witness {
    o: Scalar,
    /// Openings of the commitments, as many as there are.
    openings: Vec<Scalar>,
    /// u, v and whatever else is committed to.
    attributes: Vec<Scalar>,
    /// The base, if not the hash.
    h: Option<G1Affine>,
    /// How many opening responses are sent.
    openings_sent: usize,
    /// How many attribute responses are sent.
    attributes_sent: usize,
}

impl Witness {
    fn honest(rng: &mut impl RngCore) -> Self {
        Self {
            o: random(rng),
            openings: vec![random(rng), random(rng)],
            attributes: vec![random(rng), random(rng)],
            h: None,
            openings_sent: 2,
            attributes_sent: 2,
        }
    }
}

fn base(commitment: G1Affine) -> G1Affine {
    let [_, _, gamma3, gamma4] = PARAMETERS.gamma;
    let (e, t) = (number(EXPIRATION), number(TICKET_TYPE));
    h1(&sum1(&[(Scalar::one(), commitment), (e, gamma3), (t, gamma4)]).to_compressed())
}

fn transcript(request: &Request, commitments: &[G1Affine]) -> Scalar {
    let mut transcript = g().to_compressed().to_vec();
    transcript.extend(PARAMETERS.gamma.iter().flat_map(G1Affine::to_compressed));
    let mut instance = Bin::default();
    instance.g1(&request.commitment);
    instance.g1(&request.h);
    instance.list(&request.commitments, Bin::g1);
    instance.g1(&request.user);
    transcript.extend(instance.bytes);
    transcript.extend(commitments.iter().flat_map(G1Affine::to_compressed));
    challenge(&transcript)
}

/// A request whose proof is right for whatever the witness says, in the eyes of a verifier that takes the lists as they
/// come: Tᵢ for as many i as all three lists have.
fn forge(witness: &Witness, rng: &mut impl RngCore) -> Request {
    let [gamma1, gamma2, ..] = PARAMETERS.gamma;
    let [u, v] = [witness.attributes[0], witness.attributes[1]];
    let commitment = sum1(&[(witness.o, g()), (u, gamma1), (v, gamma2)]);
    let h = witness.h.unwrap_or_else(|| base(commitment));
    let pairs = witness.openings.iter().zip(&witness.attributes);
    let commitments: Vec<_> = pairs.map(|(o, m)| sum1(&[(*o, g()), (*m, h)])).collect();
    let mut request = Request {
        h,
        commitment,
        commitments,
        challenge: Scalar::zero(),
        z_o: Scalar::zero(),
        z_openings: Vec::new(),
        z_attributes: Vec::new(),
        user: sum1(&[(u, g())]),
    };
    let n_o = random(rng);
    let n_openings: Vec<_> = witness.openings.iter().map(|_| random(rng)).collect();
    let n_attributes: Vec<_> = witness.attributes.iter().map(|_| random(rng)).collect();
    let seen = request
        .commitments
        .len()
        .min(witness.openings_sent)
        .min(witness.attributes_sent);
    let mut proof = vec![sum1(&[
        (n_o, g()),
        (n_attributes[0], gamma1),
        (n_attributes[1], gamma2),
    ])];
    proof.extend((0..seen).map(|i| sum1(&[(n_openings[i], g()), (n_attributes[i], h)])));
    proof.push(sum1(&[(n_attributes[0], g())]));
    let c = transcript(&request, &proof);
    request.challenge = c;
    request.z_o = n_o - c * witness.o;
    request.z_openings = (0..witness.openings_sent)
        .map(|i| {
            n_openings
                .get(i)
                .map_or(Scalar::one(), |n| n - c * witness.openings[i])
        })
        .collect();
    request.z_attributes = (0..witness.attributes_sent)
        .map(|i| {
            n_attributes
                .get(i)
                .map_or(Scalar::one(), |n| n - c * witness.attributes[i])
        })
        .collect();
    request
}

impl Request {
    /// `bin(h, C, [M1, M2], proof)` (spec 3.1).
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Bin::default();
        out.g1(&self.h);
        out.g1(&self.commitment);
        out.list(&self.commitments, Bin::g1);
        out.scalar(&self.challenge);
        out.scalar(&self.z_o);
        out.list(&self.z_openings, Bin::scalar);
        out.list(&self.z_attributes, Bin::scalar);
        out.bytes
    }

    /// The verifier of spec 3.2 without one of its rules.
    fn passes_without(&self, missing: Option<Rule>) -> bool {
        let has = |rule| missing != Some(rule);
        let [gamma1, gamma2, ..] = PARAMETERS.gamma;
        let c = self.challenge;
        let lengths = [
            self.commitments.len(),
            self.z_openings.len(),
            self.z_attributes.len(),
        ] == [2; 3];
        if (has(Rule::Lengths) && !lengths) || self.z_attributes.len() < 2 {
            return false;
        }
        let points = [self.h, self.commitment, self.user];
        let infinite = points
            .iter()
            .chain(&self.commitments)
            .any(|p| p.is_identity().into());
        let z = &self.z_attributes;
        let mut proof = vec![sum1(&[
            (c, self.commitment),
            (self.z_o, g()),
            (z[0], gamma1),
            (z[1], gamma2),
        ])];
        let each = self.commitments.iter().zip(&self.z_openings).zip(z);
        proof.extend(each.map(|((m, z_o), z_m)| sum1(&[(c, *m), (*z_o, g()), (*z_m, self.h)])));
        proof.push(sum1(&[(c, self.user), (z[0], g())]));
        (!has(Rule::NoInfinity) || !infinite)
            && (!has(Rule::BaseIsHash) || self.h == base(self.commitment))
            && transcript(self, &proof) == c
    }

    fn outcome(&self) -> Result<(), Error> {
        let user = UserPublicKey::from_bytes(&self.user.to_compressed())?;
        let request = WithdrawalRequest::from_bytes(&self.to_bytes())?;
        request.verify(&user, EXPIRATION, TICKET_TYPE).map(|_| ())
    }

    #[track_caller]
    fn attack(&self, rule: Rule, expected: &Error) {
        assert!(
            self.passes_without(Some(rule)),
            "no attack on a verifier without {rule:?}"
        );
        assert!(!self.passes_without(None));
        assert_eq!(self.outcome().as_ref(), Err(expected));
    }
}

#[test]
fn a_true_request_is_accepted_by_every_verifier() {
    let request = forge(&Witness::honest(&mut rng(1)), &mut rng(2));
    assert!(request.passes_without(None));
    assert_eq!(request.outcome(), Ok(()));
}

/// 18: h = k·G, chosen by the user, with a proof that is right in everything else. From the answer of one single signer
/// x·G follows, and from it books without number: one of them is spent here.
#[test]
fn r1_a_base_with_a_known_logarithm_is_not_signed() {
    let rng = &mut rng(3);
    let k = random(rng);
    let mut witness = Witness::honest(rng);
    witness.h = Some(sum1(&[(k, g())]));
    let request = forge(&witness, rng);
    request.attack(Rule::BaseIsHash, &Error::CommitmentHash);

    // What the answer would have been worth: B/k − Σ of everything known = x·G.
    let issuer = &WORLD.issuer;
    let blinded = issuer.blind_sign(request.h, &request.commitments, EXPIRATION, TICKET_TYPE);
    let y = &issuer.key.y1;
    let per_k = k.invert().unwrap();
    let [o1, o2] = [witness.openings[0], witness.openings[1]];
    let [u, v] = [witness.attributes[0], witness.attributes[1]];
    let x_g = sum1(&[
        (per_k, blinded),
        (-(o1 * per_k + u), y[0]),
        (-(o2 * per_k + v), y[1]),
        (-number(EXPIRATION), y[2]),
        (-number(TICKET_TYPE), y[3]),
    ]);
    let mut claims = WORLD.claims(&[0]);
    (claims.u, claims.v) = (number(2u64), number(3u64));
    claims.tickets[0].tag_user = claims.u;
    let attributes = [claims.u, claims.v, number(EXPIRATION), number(TICKET_TYPE)];
    let mut signed = vec![(Scalar::one(), x_g)];
    signed.extend(attributes.into_iter().zip(y.iter().copied()));
    claims.book = (g(), sum1(&signed));
    let (draft, Blindings { .. }) = super::prover::forge(&issuer.key, &claims, &PAY_INFO, rng);
    let spent = super::verifier::Claim {
        draft,
        pay_info: PAY_INFO,
        spend_date: EXPIRATION,
    };
    assert_eq!(
        WORLD.single(&spent),
        Ok(()),
        "a book that nobody signed, under a true signature"
    );
}

/// 23, 24, 25: a book whose wallet secret is committed to nowhere, or that commits to more than two.
#[test]
fn r1_lists_of_another_length_than_two_are_refused_whatever_the_proof_says() {
    for count in [0usize, 1, 3] {
        let rng = &mut rng(count as u64);
        let mut witness = Witness::honest(rng);
        witness.openings.resize(count, random(rng));
        witness.attributes.resize(count.max(2), random(rng));
        (witness.openings_sent, witness.attributes_sent) = (count, count.max(2));
        let request = forge(&witness, rng);
        assert!(request.passes_without(Some(Rule::Lengths)));
        assert!(!request.passes_without(None));
        assert!(
            matches!(request.outcome(), Err(Error::WrongLength { expected: 2, got, .. }) if got == count),
            "{:?}",
            request.outcome()
        );
    }
    for (openings_sent, attributes_sent) in [(0, 2), (1, 2), (3, 2), (2, 3)] {
        let rng = &mut rng(9);
        let mut witness = Witness::honest(rng);
        (witness.openings_sent, witness.attributes_sent) = (openings_sent, attributes_sent);
        let request = forge(&witness, rng);
        assert!(
            request.passes_without(Some(Rule::Lengths)),
            "{openings_sent}, {attributes_sent}"
        );
        assert!(matches!(
            request.outcome(),
            Err(Error::WrongLength { expected: 2, .. })
        ));
    }
    for attributes_sent in [0, 1] {
        let mut witness = Witness::honest(&mut rng(9));
        witness.attributes_sent = attributes_sent;
        let request = forge(&witness, &mut rng(8));
        assert!(matches!(
            request.outcome(),
            Err(Error::WrongLength { expected: 2, .. })
        ));
    }
}

/// 28: u = 0, so that a double spender is named "infinity".
#[test]
fn r1_nobody_withdraws_under_no_name() {
    let rng = &mut rng(4);
    let mut witness = Witness::honest(rng);
    witness.attributes[0] = Scalar::zero();
    forge(&witness, rng).attack(
        Rule::NoInfinity,
        &Error::Infinity {
            what: "user public key",
        },
    );
    witness.openings[0] = Scalar::zero();
    let request = forge(&witness, rng);
    assert!(bool::from(request.commitments[0].is_identity()));
    assert!(request.passes_without(Some(Rule::NoInfinity)));
    assert!(matches!(request.outcome(), Err(Error::Infinity { .. })));
    (witness.o, witness.attributes[1]) = (Scalar::zero(), Scalar::zero());
    let request = forge(&witness, rng);
    assert!(bool::from(request.commitment.is_identity()));
    assert!(request.passes_without(Some(Rule::NoInfinity)));
    assert!(matches!(request.outcome(), Err(Error::Infinity { .. })));
}

/// 21, 22: the commitments exchanged or shifted, after the fact or with a proof of their own.
#[test]
fn commitments_are_to_what_the_request_says() {
    let witness = Witness::honest(&mut rng(5));
    let mut exchanged = forge(&witness, &mut rng(6));
    exchanged.commitments.swap(0, 1);
    assert_eq!(exchanged.outcome(), Err(Error::WithdrawalProof));
    let mut moved = forge(&witness, &mut rng(6));
    moved.commitments[0] = shifted(moved.commitments[0], g());
    assert_eq!(moved.outcome(), Err(Error::WithdrawalProof));
    let mut other_user = forge(&witness, &mut rng(6));
    other_user.user = shifted(other_user.user, g());
    assert_eq!(other_user.outcome(), Err(Error::WithdrawalProof));
}
