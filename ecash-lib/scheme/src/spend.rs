//! Spending (spec 5): a [`Wallet`] makes [`Payment`]s, a [`VerifyingKey`] turns them into [`Verified`] ones, one at a time
//! or, with a [`PaymentBatch`] or a [`PaymentStream`], many together.
//!
//! # Soundness
//! All three give the same verdicts. A payment that should be refused is accepted with probability at most 2⁻¹²⁸ for its
//! points outside G1 (81 sums with coefficients in {−1, 0, 1}; 35 with {−6, …, 6} for G2), and 2⁻¹²⁸ for each weighted product
//! that it is part of: one, and on failure one for each level of the bisection. The proof itself is recomputed exactly.
//!
//! # Cost
//! For N payments with M tickets in all: 5M + 5N points of G1 and M + 2N of G2 decoded; M + 2N multiplications of variable
//! points and 2M + 7N of fixed ones in G2, 4M + N and 5M + 3N in G1; M + 2N − 1 multiplications by weights of 128 bits, a
//! weighted sum of M + 2N points; M + 2N + 1 Miller loops and one final exponentiation. A batch has one final
//! exponentiation and one more Miller loop for each piece of 256 tickets, and shares inversions and subgroup checks.

mod batch;
mod key;
mod parts;
mod payment;
mod prove;
mod serial;
mod stream;
mod transcript;
mod unchecked;
mod verify;
mod wallet;
mod wire;

pub use batch::{BatchOutcome, KeyHandle, PaymentBatch};
pub use key::{MasterKey, SpendingKey};
pub use payment::Payment;
#[cfg(test)]
pub(crate) use prove::{Draw, Half, Witness};
pub use serial::SerialNumber;
pub use stream::{DueBatch, Full, PaymentStream, STREAM_BATCH, STREAM_WAIT};
pub use unchecked::UncheckedPayment;
pub use verify::{Claim, Preparation, Verified, VerifyingKey};
pub use wallet::{SpendContext, Wallet, WalletSignatures};
