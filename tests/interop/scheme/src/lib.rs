//! One network in two implementations: the same keys, users and books, as our types and as those of the published crate
//! `nym-compact-ecash` 2.0.0. Everything crosses as bytes.
#![allow(clippy::unwrap_used)]

use ecash_scheme::{
    BlindedSignature, CoinIndexBases, CoinIndexSignatures, DateSignatures, PartialWallet,
    Preparation, RandomNonces, RequestInfo, SecretKey, SpendContext, SpendingKey, UserKeyPair,
    VerificationKey, VerifyingKey, Wallet, WithdrawalRequest, WithdrawalSecrets, deal,
};
use nym_compact_ecash::scheme::coin_indices_signatures::{
    AnnotatedCoinIndexSignature, CoinIndexSignatureShare, aggregate_annotated_indices_signatures,
    sign_coin_indices,
};
use nym_compact_ecash::scheme::expiration_date_signatures::{
    AnnotatedExpirationDateSignature, ExpirationDateSignatureShare,
    aggregate_annotated_expiration_signatures, sign_expiration_date,
};
use nym_compact_ecash::{self as published};
use rand_core::OsRng;

pub const THRESHOLD: u64 = 3;
pub const SIGNERS: u64 = 5;
pub const EXPIRATION: u32 = 1_765_065_600;
pub const TICKET_TYPE: u8 = 1;

/// A signer, in both implementations.
pub struct Signer {
    pub index: u64,
    pub ours: SecretKey,
    pub our_key: VerificationKey,
    pub theirs: published::SecretKeyAuth,
    pub their_key: published::VerificationKeyAuth,
}

/// A network, in both implementations.
pub struct Network {
    pub threshold: u64,
    pub signers: Vec<Signer>,
    pub our_master: VerificationKey,
    pub our_verifier: VerifyingKey,
    pub our_spending_key: SpendingKey,
    pub their_master: published::VerificationKeyAuth,
    pub bases: CoinIndexBases,
    pub our_dates: DateSignatures,
    pub our_coins: CoinIndexSignatures,
    pub their_dates: Vec<AnnotatedExpirationDateSignature>,
    pub their_coins: Vec<AnnotatedCoinIndexSignature>,
}

impl Network {
    /// Keys from our dealer: x and four y, as a key-generation ceremony makes them.
    pub fn dealt_by_us() -> Self {
        Self::of_size(SIGNERS, THRESHOLD)
    }

    /// Keys of `signers` signers from our dealer.
    pub fn of_size(signers: u64, threshold: u64) -> Self {
        let indices: Vec<u64> = (1..=signers).collect();
        let (_, keys) = deal(threshold, &indices, &mut OsRng).unwrap();
        Self::of(
            threshold,
            keys.into_iter()
                .map(|(index, key)| (index, key.to_bytes().to_vec()))
                .collect(),
        )
    }

    /// Keys from their dealer: x and five y.
    pub fn dealt_by_them() -> Self {
        let keys = published::ttp_keygen(THRESHOLD, SIGNERS).unwrap();
        Self::of(
            THRESHOLD,
            (1..)
                .zip(keys.iter().map(|pair| pair.secret_key().to_bytes()))
                .collect(),
        )
    }

    fn of(threshold: u64, keys: Vec<(u64, Vec<u8>)>) -> Self {
        let signers: Vec<Signer> = keys
            .into_iter()
            .map(|(index, bytes)| {
                let ours = SecretKey::from_bytes(&bytes).unwrap();
                let theirs = published::SecretKeyAuth::from_bytes(&bytes).unwrap();
                Signer {
                    index,
                    our_key: ours.verification_key(),
                    ours,
                    their_key: theirs.verification_key(),
                    theirs,
                }
            })
            .collect();
        let shares: Vec<_> = signers
            .iter()
            .map(|signer| (signer.index, &signer.our_key))
            .collect();
        let our_master = VerificationKey::aggregate(&shares, threshold).unwrap();
        let their_keys: Vec<_> = signers
            .iter()
            .map(|signer| signer.their_key.clone())
            .collect();
        let indices: Vec<u64> = signers.iter().map(|signer| signer.index).collect();
        let their_master =
            published::aggregate_verification_keys(&their_keys, Some(&indices)).unwrap();

        let bases = CoinIndexBases::new(&our_master);
        let dates: Vec<_> = signers
            .iter()
            .map(|signer| signer.ours.sign_dates(EXPIRATION).unwrap())
            .collect();
        let shares: Vec<_> = signers
            .iter()
            .zip(&dates)
            .map(|(signer, set)| (signer.index, &signer.our_key, set))
            .collect();
        let our_dates =
            DateSignatures::aggregate(&shares, threshold, &our_master, &mut OsRng).unwrap();
        let coins: Vec<_> = signers
            .iter()
            .map(|signer| signer.ours.sign_coin_indices(&bases))
            .collect();
        let shares: Vec<_> = signers
            .iter()
            .zip(&coins)
            .map(|(signer, set)| (signer.index, &signer.our_key, set))
            .collect();
        let our_coins =
            CoinIndexSignatures::aggregate(&shares, threshold, &our_master, &bases, &mut OsRng)
                .unwrap();

        let parameters = published::ecash_parameters();
        let shares: Vec<_> = signers
            .iter()
            .map(|signer| ExpirationDateSignatureShare {
                index: signer.index,
                key: signer.their_key.clone(),
                signatures: sign_expiration_date(&signer.theirs, EXPIRATION).unwrap(),
            })
            .collect();
        let their_dates =
            aggregate_annotated_expiration_signatures(&their_master, EXPIRATION, &shares).unwrap();
        let shares: Vec<_> = signers
            .iter()
            .map(|signer| CoinIndexSignatureShare {
                index: signer.index,
                key: signer.their_key.clone(),
                signatures: sign_coin_indices(parameters, &their_master, &signer.theirs).unwrap(),
            })
            .collect();
        let their_coins =
            aggregate_annotated_indices_signatures(parameters, &their_master, &shares).unwrap();
        Self {
            threshold,
            signers,
            our_verifier: VerifyingKey::new(&our_master),
            our_spending_key: SpendingKey::new(&our_master, Preparation::Default),
            our_master,
            their_master,
            bases,
            our_dates,
            our_coins,
            their_dates,
            their_coins,
        }
    }

    /// What our prover needs.
    pub fn context(&self) -> SpendContext<'_, SpendingKey> {
        SpendContext {
            master: &self.our_spending_key,
            dates: &self.our_dates,
            coins: &self.our_coins,
        }
    }
}

/// A user, in both implementations.
pub struct User {
    pub ours: UserKeyPair,
    pub theirs: published::SecretKeyUser,
}

impl User {
    pub fn from_seed(seed: &[u8]) -> Self {
        let ours = UserKeyPair::from_seed(seed);
        let theirs =
            published::SecretKeyUser::from_bytes(ours.secret_key().to_bytes().as_slice()).unwrap();
        Self { ours, theirs }
    }

    pub fn their_public_key(&self) -> published::PublicKeyUser {
        self.theirs.public_key()
    }

    /// A request of our user.
    pub fn our_request(&self) -> (WithdrawalRequest, RequestInfo) {
        let secrets = WithdrawalSecrets::random(&mut OsRng);
        WithdrawalRequest::new(
            &self.ours,
            EXPIRATION,
            TICKET_TYPE,
            secrets,
            &mut RandomNonces(&mut OsRng),
        )
        .unwrap()
    }

    /// A request of their user, with what it keeps, as our types.
    pub fn their_request(&self) -> (WithdrawalRequest, RequestInfo) {
        let (request, info) =
            published::withdrawal_request(&self.theirs, EXPIRATION, TICKET_TYPE).unwrap();
        let request = WithdrawalRequest::from_bytes(&request.to_bytes()).unwrap();
        (request, RequestInfo::from_bytes(&info.to_bytes()).unwrap())
    }
}

/// Our signer's answer.
pub fn our_answer(signer: &Signer, user: &User, request: &WithdrawalRequest) -> BlindedSignature {
    let verified = request
        .verify(user.ours.public_key(), EXPIRATION, TICKET_TYPE)
        .unwrap();
    signer.ours.blind_sign(&verified)
}

/// Their signer's answer to the same request.
pub fn their_answer(signer: &Signer, user: &User, request: &WithdrawalRequest) -> BlindedSignature {
    let request = published::WithdrawalRequest::from_bytes(&request.to_bytes()).unwrap();
    let answer = published::issue(
        &signer.theirs,
        user.their_public_key(),
        &request,
        EXPIRATION,
        TICKET_TYPE,
    )
    .unwrap();
    BlindedSignature::from_bytes(&answer.to_bytes()).unwrap()
}

/// Our user's share from an answer.
pub fn our_share(
    signer: &Signer,
    user: &User,
    info: &RequestInfo,
    answer: &BlindedSignature,
) -> PartialWallet {
    info.unblind(
        user.ours.secret_key(),
        answer,
        &signer.our_key,
        signer.index,
    )
    .unwrap()
}

/// Their user's share from the same answer.
pub fn their_share(
    signer: &Signer,
    user: &User,
    info: &RequestInfo,
    answer: &BlindedSignature,
) -> published::PartialWallet {
    let info = published::scheme::withdrawal::RequestInfo::from_bytes(&info.to_bytes()).unwrap();
    let answer = published::BlindedSignature::from_bytes(&answer.to_bytes()).unwrap();
    published::issue_verify(
        &signer.their_key,
        &user.theirs,
        &answer,
        &info,
        signer.index,
    )
    .unwrap()
}

/// A full book, as our wallet.
pub fn book(network: &Network, user: &User) -> Wallet {
    let (request, info) = user.our_request();
    let shares: Vec<_> = network
        .signers
        .iter()
        .map(|signer| our_share(signer, user, &info, &our_answer(signer, user, &request)))
        .collect();
    let signatures = info
        .aggregate(
            user.ours.secret_key(),
            &shares,
            network.threshold,
            &network.our_master,
        )
        .unwrap();
    Wallet::new(signatures, 0).unwrap()
}

/// The same book, as their wallet.
pub fn their_wallet(wallet: &Wallet) -> published::scheme::Wallet {
    published::scheme::Wallet::from_bytes(&wallet.to_bytes()).unwrap()
}
