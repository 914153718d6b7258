//! Spending (spec 5): a [`Wallet`] makes [`Payment`]s, a [`VerifyingKey`] turns them into [`Verified`] ones.

mod payment;
mod verify;
mod wallet;

pub use payment::{Payment, SerialNumber, UncheckedPayment};
pub use verify::{Verified, VerifyingKey};
pub use wallet::{SpendContext, Wallet, WalletSignatures};
