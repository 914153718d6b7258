//! Many payments at once.

use rand_chacha::ChaCha20Rng;
use rand_core::{CryptoRng, RngCore, SeedableRng};

use crate::constants::{MAX_BATCH_TICKETS, PAY_INFO_BYTES};
use crate::error::{Error, Result};
use crate::parallel::Parallel;
use crate::spend::verify::verify_chunk;
use crate::spend::{Claim, Payment, UncheckedPayment, Verified, VerifyingKey};

/// Tickets that are verified in one piece: from here on a larger one is no faster, only larger. A payment with more
/// tickets than this has room for begins the next piece.
const CHUNK_TICKETS: usize = 256;
/// Fewest tickets worth a piece of their own when the work is cut for several threads.
const LEAST_CHUNK_TICKETS: usize = 16;

/// Payments that are verified together, under the keys that the batch was made for.
///
/// Every payment is read from its bytes, and every one ends verified or with its own reason, exactly as
/// [`VerifyingKey::verify_unchecked`] would have it. What is shared: one weighted product of pairings for each piece of
/// 256 tickets, 3 Miller loops a payment (n + 2 for n tickets) and one for all, one final exponentiation; one merged
/// subgroup check; the inversions of all commitments; a weighted sum. Soundness and cost: [`crate::spend`].
///
/// ```
/// # use ecash_scheme::{PaymentBatch, Sequential, UncheckedPayment, VerificationKey, VerifyingKey};
/// # fn example(april: &VerificationKey, may: &VerificationKey, bytes: &[u8], pay_info: &[u8; 72], date: u32)
/// # -> ecash_scheme::Result<()> {
/// let (mut batch, handles) = PaymentBatch::new([VerifyingKey::new(april), VerifyingKey::new(may)]);
/// for handle in handles {
///     batch.push(handle, UncheckedPayment::parse(bytes)?, pay_info, date)?;
/// }
/// let outcome = batch.verify(&Sequential, &mut rand::thread_rng());
/// for (position, reason) in outcome.culprits() {
///     eprintln!("payment {position}: {reason}");
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct PaymentBatch {
    keys: Vec<VerifyingKey>,
    claims: Vec<Claim>,
    tickets: usize,
}

/// Names one of the keys of the batch that gave it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyHandle(usize);

/// What became of the payments of a batch, in their order.
#[derive(Debug)]
#[must_use]
pub struct BatchOutcome(Vec<Result<Verified<Payment>>>);

impl PaymentBatch {
    /// An empty batch for payments under `keys`, with a handle for each of them in the same order.
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> (Self, Vec<KeyHandle>) {
        let keys: Vec<_> = keys.into_iter().collect();
        let handles = (0..keys.len()).map(KeyHandle).collect();
        let batch = Self {
            keys,
            claims: Vec::new(),
            tickets: 0,
        };
        (batch, handles)
    }

    /// An empty batch for payments under one key.
    #[must_use]
    pub fn of_one_key(key: VerifyingKey) -> (Self, KeyHandle) {
        let (batch, _) = Self::new([key]);
        (batch, KeyHandle(0))
    }

    /// Adds a payment, to be verified for this key, pay info and spend date (unix seconds of a midnight); its position.
    ///
    /// # Errors
    /// [`Error::UnknownKey`] for a handle of another batch; [`Error::BatchFull`] beyond [`MAX_BATCH_TICKETS`].
    pub fn push(
        &mut self,
        key: KeyHandle,
        payment: UncheckedPayment,
        pay_info: &[u8; PAY_INFO_BYTES],
        spend_date: u32,
    ) -> Result<usize> {
        let key = self.keys.get(key.0).ok_or(Error::UnknownKey {
            handle: key.0,
            keys: self.keys.len(),
        })?;
        let tickets = self.tickets.saturating_add(payment.tickets());
        if tickets > MAX_BATCH_TICKETS {
            return Err(Error::BatchFull {
                tickets,
                limit: MAX_BATCH_TICKETS,
            });
        }
        self.tickets = tickets;
        self.claims.push(Claim {
            key: key.clone(),
            payment,
            pay_info: *pay_info,
            spend_date,
        });
        Ok(self.claims.len().saturating_sub(1))
    }

    /// Payments in the batch.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.claims.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.claims.is_empty()
    }

    /// Verifies all of it, in pieces that `parallel` may run at the same time. The weights are drawn here, when nothing
    /// can be added or changed any more. An empty batch has an empty outcome: there is nothing that could be wrong.
    pub fn verify<P: Parallel, R: RngCore + CryptoRng + ?Sized>(
        self,
        parallel: &P,
        rng: &mut R,
    ) -> BatchOutcome {
        let share = self.tickets.div_ceil(parallel.width().get());
        let size = share.clamp(LEAST_CHUNK_TICKETS, CHUNK_TICKETS);
        let chunks: Vec<_> = chunks(self.claims, size)
            .into_iter()
            .map(|chunk| (chunk, seeded(rng)))
            .collect();
        let results = parallel.map(chunks, |(chunk, mut rng)| verify_chunk(chunk, &mut rng));
        BatchOutcome(results.into_iter().flatten().collect())
    }
}

impl From<Vec<Claim>> for PaymentBatch {
    /// For claims that bring their keys.
    fn from(claims: Vec<Claim>) -> Self {
        Self {
            keys: Vec::new(),
            tickets: claims.iter().map(|claim| claim.payment.tickets()).sum(),
            claims,
        }
    }
}

/// Cuts the claims into pieces of at most `size` tickets, or of one payment.
fn chunks(claims: Vec<Claim>, size: usize) -> Vec<Vec<Claim>> {
    let mut chunks = Vec::new();
    let mut chunk = Vec::new();
    let mut tickets = 0;
    for claim in claims {
        let more = claim.payment.tickets();
        if tickets + more > size && !chunk.is_empty() {
            chunks.push(core::mem::take(&mut chunk));
            tickets = 0;
        }
        tickets += more;
        chunk.push(claim);
    }
    if !chunk.is_empty() {
        chunks.push(chunk);
    }
    chunks
}

/// A generator of its own for each piece, so that pieces can run at the same time.
fn seeded<R: RngCore + CryptoRng + ?Sized>(rng: &mut R) -> ChaCha20Rng {
    let mut seed = <ChaCha20Rng as SeedableRng>::Seed::default();
    rng.fill_bytes(&mut seed);
    ChaCha20Rng::from_seed(seed)
}

impl BatchOutcome {
    /// The result of every payment, in the order in which they were added.
    pub fn results(&self) -> &[Result<Verified<Payment>>] {
        &self.0
    }

    /// The results themselves.
    pub fn into_results(self) -> Vec<Result<Verified<Payment>>> {
        self.0
    }

    /// Positions of the payments that did not verify, ascending, each with its reason.
    pub fn culprits(&self) -> impl Iterator<Item = (usize, &Error)> {
        self.0
            .iter()
            .enumerate()
            .filter_map(|(position, result)| Some((position, result.as_ref().err()?)))
    }

    /// Whether every payment verified; true for an empty batch.
    #[must_use]
    pub fn all_verified(&self) -> bool {
        self.0.iter().all(Result::is_ok)
    }
}
