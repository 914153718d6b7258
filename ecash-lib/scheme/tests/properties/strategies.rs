//! Where the values of the properties come from.

use ecash_scheme::{
    G1, G2, RandomNonces, RequestInfo, Scalar, SecretKey, SecretScalar, UserKeyPair, UserSecretKey,
    VerificationKey, WalletSignatures, WithdrawalRequest, WithdrawalSecrets, deal,
};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::subsequence;

use super::common::{EXPIRATION, rng};

pub fn scalar() -> impl Strategy<Value = Scalar> {
    let wide = any::<[u8; 32]>().prop_map(|half| {
        let mut wide = [0; 64];
        wide[16..48].copy_from_slice(&half);
        Scalar::from_wide_bytes(&wide)
    });
    prop_oneof![
        8 => wide,
        1 => any::<u64>().prop_map(Scalar::from),
        1 => Just(Scalar::ZERO),
        1 => Just(-Scalar::ONE),
    ]
}

/// s·G and s·Ĝ, infinity among them.
pub fn points() -> impl Strategy<Value = (G1, G2)> {
    scalar().prop_map(|scalar| {
        let secret = UserSecretKey::from_bytes(&scalar.to_bytes()).unwrap();
        let g1 = G1::from_bytes(&secret.public_key().to_bytes()).unwrap();
        let y = [(); 4].map(|()| SecretScalar::from(Scalar::ONE)).to_vec();
        let key = SecretKey::from_scalars(scalar.into(), y).unwrap();
        (g1, *key.verification_key().alpha())
    })
}

/// Byte strings of every length up to a payment's.
pub fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..1300)
}

/// One small change of a byte string.
#[derive(Clone, Debug)]
pub enum Change {
    Flip(prop::sample::Index, u8),
    Set(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, u8),
    Truncate(prop::sample::Index),
    Repeat(prop::sample::Index, u8),
}

impl Change {
    pub fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let end = bytes.len();
        match self {
            Self::Flip(at, bit) => bytes[at.index(end)] ^= 1 << (bit % 8),
            Self::Set(at, value) => bytes[at.index(end)] = *value,
            Self::Remove(at) => {
                bytes.remove(at.index(end));
            }
            Self::Insert(at, value) => bytes.insert(at.index(end), *value),
            Self::Truncate(at) => bytes.truncate(at.index(end)),
            Self::Repeat(at, count) => {
                let from = at.index(end);
                let to = (from + usize::from(*count)).min(end);
                let again = bytes[from..to].to_vec();
                bytes.splice(to..to, again);
            }
        }
    }
}

pub fn changes() -> impl Strategy<Value = Vec<Change>> {
    let at = any::<prop::sample::Index>;
    // Markers of the codec, flags of points, ASCII that means something in JSON.
    let telling = prop::sample::select(vec![
        0x00, 0x01, 0x20, 0x30, 0x40, 0x60, 0x80, 0xc0, 0xfa, 0xfb, 0xfc, 0xfd, 0xff, b'"', b'{',
        b'[', b'0',
    ]);
    let change = prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, bit)| Change::Flip(at, bit)),
        (at(), telling).prop_map(|(at, value)| Change::Set(at, value)),
        at().prop_map(Change::Remove),
        (at(), any::<u8>()).prop_map(|(at, value)| Change::Insert(at, value)),
        at().prop_map(Change::Truncate),
        (at(), any::<u8>()).prop_map(|(at, count)| Change::Repeat(at, count)),
    ];
    vec(change, 1..4)
}

/// A Quorum of n signers with distinct indices and threshold t, and some of them.
#[derive(Clone, Debug)]
pub struct Quorum {
    pub threshold: u64,
    pub indices: Vec<u64>,
    /// Positions in `indices`, ascending.
    pub chosen: Vec<usize>,
    pub seed: u64,
}

pub fn quorum() -> impl Strategy<Value = Quorum> {
    btree_set(prop_oneof![1u64..40, 1u64..u64::MAX], 1..7).prop_flat_map(|indices| {
        let indices: Vec<u64> = indices.into_iter().collect();
        let count = indices.len();
        let chosen = subsequence((0..count).collect::<Vec<_>>(), 1..=count);
        (1..=count as u64, Just(indices), chosen, any::<u64>()).prop_map(
            |(threshold, indices, chosen, seed)| Quorum {
                threshold,
                indices,
                chosen,
                seed,
            },
        )
    })
}

/// A withdrawal from a Quorum, up to the answers of all its signers.
pub struct Withdrawal {
    pub master: VerificationKey,
    pub user: UserKeyPair,
    pub info: RequestInfo,
    pub shares: Vec<ecash_scheme::PartialWallet>,
}

impl Withdrawal {
    pub fn from(quorum: &Quorum) -> Self {
        let rng = &mut rng(quorum.seed);
        let (master, keys) = deal(quorum.threshold, &quorum.indices, rng).unwrap();
        let user = UserKeyPair::random(rng);
        let secrets = WithdrawalSecrets::random(rng);
        let nonces = &mut RandomNonces(rng);
        let (request, info) =
            WithdrawalRequest::new(&user, EXPIRATION, 3, secrets, nonces).unwrap();
        let request = request.verify(user.public_key(), EXPIRATION, 3).unwrap();
        let shares = keys
            .iter()
            .map(|(index, secret)| {
                let (answer, key) = (secret.blind_sign(&request), secret.verification_key());
                info.unblind(user.secret_key(), &answer, &key, *index)
                    .unwrap()
            })
            .collect();
        Self {
            master,
            user,
            info,
            shares,
        }
    }

    /// The wallet of the shares at these positions.
    pub fn aggregate(
        &self,
        positions: &[usize],
        threshold: u64,
    ) -> ecash_scheme::Result<WalletSignatures> {
        let shares: Vec<_> = positions
            .iter()
            .map(|position| self.shares[*position].clone())
            .collect();
        self.info
            .aggregate(self.user.secret_key(), &shares, threshold, &self.master)
    }
}
