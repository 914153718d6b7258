//! Spending (spec 5): a [`Wallet`] makes [`Payment`]s, a [`VerifyingKey`] turns them into [`Verified`] ones.

#[cfg(test)]
mod forgeries;
mod parts;
mod payment;
mod prove;
mod serial;
mod transcript;
mod unchecked;
mod verify;
mod wallet;
mod wire;

pub use payment::Payment;
#[cfg(test)]
pub(crate) use prove::{Draw, Half, Witness};
pub use serial::SerialNumber;
pub use unchecked::UncheckedPayment;
pub use verify::{Verified, VerifyingKey};
pub use wallet::{SpendContext, Wallet, WalletSignatures};
