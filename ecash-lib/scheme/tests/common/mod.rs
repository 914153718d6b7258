//! A small network in memory: five signers, any three make the key; one user with a book.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

pub mod objects;

use ecash_scheme::{
    BlindedSignature, CoinIndexBases, CoinIndexSignatures, DateSignatures, RandomNonces,
    RequestInfo, SecretKey, SpendContext, UserKeyPair, VerificationKey, VerifyingKey, Wallet,
    WithdrawalRequest, WithdrawalSecrets, deal,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

pub const THRESHOLD: u64 = 3;
/// Node indices need not be contiguous.
pub const INDICES: [u64; 5] = [1, 2, 4, 7, 9];
pub const DAY: u32 = 86_400;
pub const EXPIRATION: u32 = 1_765_065_600;
pub const TICKET_TYPE: u8 = 2;
pub const PAY_INFO: [u8; 72] = [7; 72];

pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub struct Signer {
    pub index: u64,
    pub secret: SecretKey,
    pub key: VerificationKey,
}

pub struct Network {
    pub master: VerificationKey,
    pub verifying_key: VerifyingKey,
    pub signers: Vec<Signer>,
    pub bases: CoinIndexBases,
    pub dates: DateSignatures,
    pub coins: CoinIndexSignatures,
}

impl Network {
    pub fn new(seed: u64) -> Self {
        let mut rng = rng(seed);
        let (master, keys) = deal(THRESHOLD, &INDICES, &mut rng).unwrap();
        let signers: Vec<Signer> = keys
            .into_iter()
            .map(|(index, secret)| Signer {
                index,
                key: secret.verification_key(),
                secret,
            })
            .collect();
        let bases = CoinIndexBases::new(&master);
        let dates: Vec<_> = signers
            .iter()
            .map(|signer| signer.secret.sign_dates(EXPIRATION).unwrap())
            .collect();
        let coins: Vec<_> = signers
            .iter()
            .map(|signer| signer.secret.sign_coin_indices(&bases))
            .collect();
        let shares: Vec<_> = signers
            .iter()
            .zip(&dates)
            .map(|(signer, set)| (signer.index, &signer.key, set))
            .collect();
        let dates = DateSignatures::aggregate(&shares, THRESHOLD, &master, &mut rng).unwrap();
        let shares: Vec<_> = signers
            .iter()
            .zip(&coins)
            .map(|(signer, set)| (signer.index, &signer.key, set))
            .collect();
        let coins =
            CoinIndexSignatures::aggregate(&shares, THRESHOLD, &master, &bases, &mut rng).unwrap();
        Self {
            verifying_key: VerifyingKey::new(&master),
            master,
            signers,
            bases,
            dates,
            coins,
        }
    }

    pub fn context(&self) -> SpendContext<'_> {
        SpendContext {
            master: &self.master,
            dates: &self.dates,
            coins: &self.coins,
        }
    }
}

/// A user's request, and every signer's answer to it.
pub struct Issuance {
    pub user: UserKeyPair,
    pub request: WithdrawalRequest,
    pub info: RequestInfo,
    pub answers: Vec<BlindedSignature>,
}

impl Issuance {
    pub fn new(network: &Network, seed: u64) -> Self {
        let mut rng = rng(seed);
        let user = UserKeyPair::random(&mut rng);
        let secrets = WithdrawalSecrets::random(&mut rng);
        let (request, info) = WithdrawalRequest::new(
            &user,
            EXPIRATION,
            TICKET_TYPE,
            secrets,
            &mut RandomNonces(&mut rng),
        )
        .unwrap();
        let verified = request
            .verify(user.public_key(), EXPIRATION, TICKET_TYPE)
            .unwrap();
        let answers = network
            .signers
            .iter()
            .map(|signer| signer.secret.blind_sign(&verified))
            .collect();
        Self {
            user,
            request,
            info,
            answers,
        }
    }

    pub fn wallet(&self, network: &Network) -> Wallet {
        let shares: Vec<_> = network
            .signers
            .iter()
            .zip(&self.answers)
            .map(|(signer, answer)| {
                self.info
                    .unblind(self.user.secret_key(), answer, &signer.key, signer.index)
                    .unwrap()
            })
            .collect();
        let signatures = self
            .info
            .aggregate(self.user.secret_key(), &shares, THRESHOLD, &network.master)
            .unwrap();
        Wallet::new(signatures, 0).unwrap()
    }
}
