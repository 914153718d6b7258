//! Spending (spec 5): a [`Wallet`] makes [`Payment`]s, a [`VerifyingKey`] turns them into [`Verified`] ones.

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
