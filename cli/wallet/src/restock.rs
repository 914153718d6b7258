//! Keeping a stock of tickets by a policy.

use nyx_client::Account;

use crate::domain::stock::{StockPolicy, Supply};
use crate::error::WalletError;
use crate::event::Observer;
use crate::obtain::Order;
use crate::report::{Report, Stock};
use crate::wallet::Wallet;

impl Stock {
    /// What a [`StockPolicy`] looks at: the usable books, and what is paid for and on its way.
    #[must_use]
    pub fn supplies(&self) -> Vec<Supply> {
        let there = self
            .books
            .iter()
            .filter(|book| book.is_usable())
            .map(|book| Supply {
                ticket_type: book.ticket_type,
                tickets: book.tickets_left,
                usable_until: Some(
                    book.expiration
                        .midnight()
                        .saturating_add(ecash_ticketbook::ids::DAY_SECS),
                ),
            });
        let coming = self
            .pending
            .iter()
            .filter(|issuance| issuance.state.is_under_way())
            .map(|issuance| Supply::on_its_way(issuance.ticket_type));
        there.chain(coming).collect()
    }
}

impl Wallet {
    /// Finishes what is pending, then buys what `policy` finds low. To be called at start and every
    /// [`StockPolicy::check_every_secs`]; a wallet with enough in stock asks nobody. The reports of what was done, one per
    /// call it made.
    ///
    /// # Errors
    /// Those of [`Wallet::recover`] and [`Wallet::obtain`]; types after the one that failed are not bought.
    pub async fn top_up(
        &self,
        account: &Account,
        policy: &StockPolicy,
        observer: &dyn Observer,
    ) -> Result<Vec<Report>, WalletError> {
        let mut reports = Vec::new();
        if !self.stock().await?.pending.is_empty() {
            reports.push(self.recover(observer).await?);
        }
        let supplies = self.stock().await?.supplies();
        for purchase in policy.due(&supplies, None, self.now()) {
            let order = Order {
                ticket_type: purchase.ticket_type,
                count: purchase.books,
                new_deposit: false,
            };
            reports.push(self.obtain(account, order, observer).await?);
        }
        Ok(reports)
    }
}
