//! What a ticket, or evidence against a signer, is worth to somebody who was given it: one line for each check.

use ecash_requests::IdentityKey;
use ecash_scheme::VerificationKey;
use ecash_scheme::spend::VerifyingKey;
use ecash_ticketbook::{EcashDate, EpochId, Ticket, UnixTime};
use rand::rngs::OsRng;

use crate::evidence::{BadShareEvidence, Judgement};
use crate::files::Check;

/// The date of a ticket and that of its pay info may differ where both lie this close to midnight, in seconds
/// (`gateway.md` R1.10).
const MIDNIGHT_SECS: u64 = 120;

fn check(check: &'static str, found: Result<String, String>) -> Check {
    let ok = found.is_ok();
    let (Ok(detail) | Err(detail)) = found;
    Check { check, ok, detail }
}

/// A ticket that passed the structure gate.
pub struct TicketFile(Ticket);

impl TicketFile {
    /// Reads the 1278 bytes of a ticket's spending data.
    ///
    /// # Errors
    /// The check that failed.
    pub fn parse(bytes: &[u8]) -> Result<Self, Check> {
        Ticket::parse(bytes)
            .map(Self)
            .map_err(|error| check("form", Err(error.to_string())))
    }

    /// The epoch whose key it is to be verified under.
    #[must_use]
    pub const fn epoch(&self) -> EpochId {
        self.0.epoch_id()
    }

    /// Every check of the strict verifier (`ecash-scheme.md` 5.7) and what the ticket says of itself. `key` is the master
    /// key of its epoch with the place it is from, or why there is none. Blocks for some milliseconds.
    #[must_use]
    pub fn examine(&self, key: Result<(&VerificationKey, &str), String>) -> Vec<Check> {
        let ticket = &self.0;
        let mut checks = vec![
            check(
                "form",
                Ok(format!(
                    "a ticket of type {}, {} bytes",
                    ticket.ticket_type(),
                    ticket.as_bytes().len()
                )),
            ),
            check("serial number", Ok(ticket.serial().to_base58())),
            check("provider", self.provider()),
            check("spend date", self.spend_date()),
        ];
        let decoded = ticket.decode();
        match (key, decoded) {
            (key, Err(error)) => {
                checks.push(key_check(ticket.epoch_id(), key));
                checks.push(check("points", Err(error.to_string())));
            }
            (Err(reason), Ok(_)) => checks.push(key_check(ticket.epoch_id(), Err(reason))),
            (Ok((key, place)), Ok(data)) => {
                checks.push(key_check(ticket.epoch_id(), Ok((key, place))));
                let verified = VerifyingKey::new(key).verify(
                    data.payment,
                    &ticket.pay_info().to_bytes(),
                    ticket.spend_date().unix(),
                    &mut OsRng,
                );
                checks.push(check(
                    "payment",
                    verified
                        .map(|_| "proof and signatures verify".to_owned())
                        .map_err(|error| error.to_string()),
                ));
            }
        }
        checks
    }

    fn provider(&self) -> Result<String, String> {
        IdentityKey::from_bytes(self.0.pay_info().provider())
            .map(|key| key.to_string())
            .map_err(|error| error.to_string())
    }

    fn spend_date(&self) -> Result<String, String> {
        let made = self
            .0
            .pay_info()
            .time()
            .ok_or("the time in its pay info is before 1970")?;
        let date = self.0.spend_date();
        let near = [
            made,
            UnixTime(made.get().saturating_sub(MIDNIGHT_SECS)),
            made.saturating_add(MIDNIGHT_SECS),
        ];
        if near.iter().any(|at| EcashDate::of(*at).ok() == Some(date)) {
            Ok(date.to_string())
        } else {
            Err(format!(
                "{date}, but its pay info was made at unix time {made}"
            ))
        }
    }
}

fn key_check(epoch: EpochId, key: Result<(&VerificationKey, &str), String>) -> Check {
    check(
        "master verification key",
        key.map(|(_, place)| format!("epoch {epoch}, {place}")),
    )
}

/// Judges one row of evidence for the network (`chain_id`, `ecash_contract`, `dkg_contract`) under the keys that the chain
/// has of the signer; `None` where it has none. Blocks for some milliseconds.
#[must_use]
pub fn examine_evidence(
    evidence: &BadShareEvidence,
    network: (&str, &str, &str),
    signer: Option<(&VerificationKey, &IdentityKey)>,
) -> Vec<Check> {
    let named = (
        evidence.chain_id.as_str(),
        evidence.ecash_contract.as_str(),
        evidence.dkg_contract.as_str(),
    );
    let who = format!(
        "signer {} of epoch {}, deposit {}",
        evidence.node_index, evidence.epoch_id, evidence.deposit_id
    );
    let mut checks = vec![check(
        "network",
        if named == network {
            Ok(named.0.to_owned())
        } else {
            Err(format!(
                "it is about chain {}, contracts {} and {}; this is chain {}, contracts {} and {}",
                named.0, named.1, named.2, network.0, network.1, network.2
            ))
        },
    )];
    checks.push(check(
        "evidence",
        match signer {
            None => Err(format!("{who}: the chain has no verified key share of it")),
            Some((key, identity)) => match evidence.judge(key, identity) {
                Judgement::Proven => Ok(format!(
                    "{who}: it vouched for a share that does not verify"
                )),
                Judgement::NotProven(reason) => Err(format!("{who}: {reason}")),
            },
        },
    ));
    checks
}
