//! What became of a deposit transaction (`client.md` 3.3): one of four fates, decided in a fixed order of questions.
//! Until it is decided, the same bytes are sent again; a second transaction for the same deposit keys is never made.

/// What a node says of a transaction hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// In no block that the node knows.
    NotFound,
    /// In a block, successful.
    Succeeded,
    /// In a block, failed.
    Failed,
}

/// What one node says in one round, asked in this order: transaction, status, account.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// The transaction.
    pub lookup: Lookup,
    /// Whether the node is still catching up: then its word decides nothing.
    pub catching_up: bool,
    /// Latest height.
    pub height: u64,
    /// The account's next sequence.
    pub sequence: u64,
}

/// The journaled transaction.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Last height at which it can be included.
    pub timeout_height: u64,
    /// The sequence it was signed with.
    pub sequence: u64,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Included: take the ids from its data.
    Included,
    /// Failed in its block.
    Failed,
    /// Undecided and still possible: send the same bytes, ask again after the poll interval.
    SendAgain,
    /// Undecided and nothing to send: the node is catching up.
    Wait,
    /// It cannot be included any more, unless it was just now: look the transaction up once more
    /// ([`after_second_look`]).
    LookAgain,
    /// Read the deposit pages from the noted id on ([`after_pages`]).
    ReadPages,
    /// Given up: it is in no block, and no deposit has its keys.
    Abandoned,
}

/// Decides one round.
#[must_use]
pub fn decide(sent: &Sent, view: &View) -> Step {
    match view.lookup {
        Lookup::Succeeded => Step::Included,
        Lookup::Failed => Step::Failed,
        Lookup::NotFound if view.catching_up => Step::Wait,
        Lookup::NotFound
            if view.height <= sent.timeout_height && view.sequence <= sent.sequence =>
        {
            Step::SendAgain
        }
        Lookup::NotFound => Step::LookAgain,
    }
}

/// Decides after the second look at a transaction that can enter no block any more.
#[must_use]
pub fn after_second_look(lookup: Lookup) -> Step {
    match lookup {
        Lookup::Succeeded => Step::Included,
        Lookup::Failed => Step::Failed,
        Lookup::NotFound => Step::ReadPages,
    }
}

/// Decides after the deposit pages were read: deposits under own keys mean that it was included, whatever the index says.
#[must_use]
pub fn after_pages(own_deposits_found: usize) -> Step {
    if own_deposits_found > 0 {
        Step::Included
    } else {
        Step::Abandoned
    }
}

#[cfg(test)]
mod tests {
    #![allow(missing_docs)]
    use super::*;

    const SENT: Sent = Sent {
        timeout_height: 130,
        sequence: 7,
    };

    fn view(height: u64, sequence: u64) -> View {
        View {
            lookup: Lookup::NotFound,
            catching_up: false,
            height,
            sequence,
        }
    }

    #[test]
    fn a_transaction_in_a_block_has_its_fate_whatever_else_the_node_says() {
        for (lookup, step) in [
            (Lookup::Succeeded, Step::Included),
            (Lookup::Failed, Step::Failed),
        ] {
            for catching_up in [false, true] {
                let view = View {
                    lookup,
                    catching_up,
                    ..view(500, 99)
                };
                assert_eq!(decide(&SENT, &view), step);
            }
        }
    }

    #[test]
    fn the_same_bytes_are_sent_up_to_and_with_the_timeout_height() {
        assert_eq!(decide(&SENT, &view(100, 7)), Step::SendAgain);
        assert_eq!(decide(&SENT, &view(130, 7)), Step::SendAgain);
        assert_eq!(decide(&SENT, &view(131, 7)), Step::LookAgain);
    }

    #[test]
    fn a_node_whose_account_lags_behind_does_not_end_the_sending() {
        assert_eq!(decide(&SENT, &view(100, 6)), Step::SendAgain);
    }

    #[test]
    fn a_used_sequence_ends_the_sending_before_the_timeout() {
        assert_eq!(decide(&SENT, &view(100, 8)), Step::LookAgain);
    }

    #[test]
    fn a_node_that_is_catching_up_decides_nothing() {
        for (height, sequence) in [(100, 7), (131, 7), (100, 8)] {
            let view = View {
                catching_up: true,
                ..view(height, sequence)
            };
            assert_eq!(decide(&SENT, &view), Step::Wait);
        }
    }

    #[test]
    fn only_the_second_look_and_the_pages_together_give_a_transaction_up() {
        assert_eq!(after_second_look(Lookup::Succeeded), Step::Included);
        assert_eq!(after_second_look(Lookup::Failed), Step::Failed);
        assert_eq!(after_second_look(Lookup::NotFound), Step::ReadPages);
        assert_eq!(after_pages(1), Step::Included);
        assert_eq!(after_pages(0), Step::Abandoned);
    }
}
