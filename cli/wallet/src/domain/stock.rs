//! When a wallet should buy more, as published clients do it (`published-2.0.0.md` 5.4): at start and every three hours, for
//! each ticket type that is kept in stock, when at most twenty long-lasting tickets are left.

use ecash_ticketbook::{TICKETS_PER_BOOK, TicketType, UnixTime};

use crate::limits::{LASTING_SECS, LOW_STOCK_TICKETS, MAX_BOOKS, STOCK_CHECK_SECS};

/// What is kept in stock, and how eagerly. A value: hand it to [`crate::Wallet::top_up`], or ask it with [`Self::due`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockPolicy {
    /// The types that are kept in stock; a wallet never pays for another one by itself.
    pub types: Vec<TicketType>,
    /// A type is low when at most this many of its tickets are long-lasting.
    pub low_at_tickets: u64,
    /// A ticket is long-lasting when it can still be spent after this time, in seconds.
    pub lasting_secs: u64,
    /// Pause between two checks, in seconds.
    pub check_every_secs: u64,
    /// Books bought of a type that is low, 1 … 20.
    pub books: u32,
}

impl StockPolicy {
    /// The values of published clients for these types: one book where at most 20 long-lasting tickets are left, looked at
    /// every three hours. Published clients keep mixnet entry and both WireGuard types.
    #[must_use]
    pub fn of(types: impl Into<Vec<TicketType>>) -> Self {
        Self {
            types: types.into(),
            low_at_tickets: LOW_STOCK_TICKETS,
            lasting_secs: LASTING_SECS,
            check_every_secs: STOCK_CHECK_SECS,
            books: 1,
        }
    }

    /// What is to be bought now: for every type that is low, how many books. Empty before the next check is due
    /// ([`Self::next_check`]). What is paid for and not yet a book counts as a whole book, so that nothing is paid for twice
    /// while signers are slow.
    #[must_use]
    pub fn due(
        &self,
        supplies: &[Supply],
        last_check: Option<UnixTime>,
        now: UnixTime,
    ) -> Vec<Purchase> {
        if last_check.is_some_and(|last| now < self.next_check(last)) {
            return Vec::new();
        }
        let mut due: Vec<Purchase> = Vec::new();
        for ticket_type in &self.types {
            let known = due.iter().any(|other| other.ticket_type == *ticket_type);
            if !known && self.lasting_tickets(*ticket_type, supplies, now) <= self.low_at_tickets {
                due.push(Purchase {
                    ticket_type: *ticket_type,
                    books: self.books.clamp(1, MAX_BOOKS),
                });
            }
        }
        due
    }

    /// When the stock is looked at next. A check in the future, after a clock was set back, is due at once.
    #[must_use]
    pub fn next_check(&self, last_check: UnixTime) -> UnixTime {
        last_check.saturating_add(self.check_every_secs)
    }

    fn lasting_tickets(&self, ticket_type: TicketType, supplies: &[Supply], now: UnixTime) -> u64 {
        let until = now.saturating_add(self.lasting_secs);
        supplies
            .iter()
            .filter(|supply| supply.ticket_type == ticket_type)
            .filter(|supply| supply.usable_until.is_none_or(|end| end > until))
            .fold(0, |sum, supply| sum.saturating_add(supply.tickets))
    }
}

/// Tickets that are there, or on their way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supply {
    /// Their type.
    pub ticket_type: TicketType,
    /// How many.
    pub tickets: u64,
    /// End of the last day on which they can be spent; `None` while they are on their way.
    pub usable_until: Option<UnixTime>,
}

impl Supply {
    /// A book that is paid for.
    #[must_use]
    pub const fn on_its_way(ticket_type: TicketType) -> Self {
        Self {
            ticket_type,
            tickets: TICKETS_PER_BOOK,
            usable_until: None,
        }
    }
}

/// Something to buy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Type of the books.
    pub ticket_type: TicketType,
    /// How many.
    pub books: u32,
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;
    use TicketType::{MixnetEntry, WireguardEntry};

    const NOW: UnixTime = UnixTime(1_765_100_000);
    const DAY: u64 = 86_400;

    fn left(tickets: u64, usable_secs: u64) -> Supply {
        Supply {
            ticket_type: MixnetEntry,
            tickets,
            usable_until: Some(NOW.saturating_add(usable_secs)),
        }
    }

    fn buys(supplies: &[Supply]) -> bool {
        !StockPolicy::of([MixnetEntry])
            .due(supplies, None, NOW)
            .is_empty()
    }

    #[test]
    fn an_empty_stock_is_filled_for_every_type_once_and_for_no_other() {
        let policy = StockPolicy::of([MixnetEntry, WireguardEntry, MixnetEntry]);
        let types: Vec<TicketType> = policy
            .due(&[], None, NOW)
            .iter()
            .map(|purchase| purchase.ticket_type)
            .collect();
        assert_eq!(types, [MixnetEntry, WireguardEntry]);
    }

    #[test]
    fn twenty_long_lasting_tickets_are_low_and_twenty_one_are_not() {
        assert!(buys(&[left(20, 3 * DAY)]));
        assert!(!buys(&[left(21, 3 * DAY)]));
        assert!(!buys(&[left(20, 3 * DAY), left(1, 2 * DAY)]));
    }

    #[test]
    fn tickets_that_end_within_a_day_do_not_count() {
        assert!(buys(&[left(50, DAY)]));
        assert!(!buys(&[left(50, DAY + 1)]));
    }

    #[test]
    fn what_is_paid_for_counts_so_that_slow_signers_are_not_paid_twice() {
        assert!(!buys(&[Supply::on_its_way(MixnetEntry)]));
        assert!(buys(&[Supply::on_its_way(WireguardEntry)]));
    }

    #[test]
    fn between_two_checks_nothing_is_bought() {
        let policy = StockPolicy::of([MixnetEntry]);
        let last = NOW.saturating_sub(STOCK_CHECK_SECS);
        assert!(
            policy
                .due(&[], Some(last.saturating_add(1)), NOW)
                .is_empty()
        );
        assert_eq!(policy.due(&[], Some(last), NOW).len(), 1);
    }

    #[test]
    fn a_policy_without_types_never_pays_and_one_with_absurd_numbers_stays_within_bounds() {
        assert!(StockPolicy::of([]).due(&[], None, NOW).is_empty());
        let greedy = StockPolicy {
            books: u32::MAX,
            ..StockPolicy::of([MixnetEntry])
        };
        let bought: Vec<u32> = greedy
            .due(&[], None, NOW)
            .iter()
            .map(|purchase| purchase.books)
            .collect();
        assert_eq!(bought, [MAX_BOOKS]);
    }
}
