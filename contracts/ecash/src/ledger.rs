//! The money. No other code changes these counters (`spec/contracts.md` 6.6.8: L1, L2).

use cosmwasm_std::{OverflowError, StdResult, Storage, Uint128};

use crate::{
    error::ContractError,
    state::{LEDGER, Ledger, POOL_COUNTERS},
};

/// Opens the books at zero.
pub(crate) fn open(storage: &mut dyn Storage) -> StdResult<()> {
    LEDGER.save(storage, &Ledger::default())
}

/// Books a deposit: deposited += amount, balance += amount, and the reference's total likewise.
///
/// # Errors
/// [`ContractError::Overflow`].
pub(crate) fn book_deposit(
    storage: &mut dyn Storage,
    amount: Uint128,
) -> Result<(), ContractError> {
    LEDGER.update(storage, |mut ledger| -> Result<_, ContractError> {
        ledger.deposited = ledger.deposited.checked_add(amount)?;
        ledger.balance = ledger.balance.checked_add(amount)?;
        Ok(ledger)
    })?;
    POOL_COUNTERS.update(storage, |mut pool| -> Result<_, ContractError> {
        pool.total_deposited.amount = add(pool.total_deposited.amount, amount)?;
        Ok(pool)
    })?;
    Ok(())
}

fn add(a: Uint128, b: Uint128) -> Result<Uint128, OverflowError> {
    a.checked_add(b)
}
