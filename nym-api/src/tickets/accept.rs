//! Accepting a ticket from a gateway: gate, registry, decision, proof, record (`quorum-api.md` 6.1, `gateway.md` R5.1).

use std::sync::Arc;

use ecash_requests::quorum::{TicketRejection, VerifyEcashTicketBody};
use ecash_scheme::{Identified, Payment, Verified, VerifyingKey, identify};
use ecash_service::clock::SharedClock;
use ecash_ticketbook::{EcashDate, EpochId, SpendingData, UnixTime};

use super::decide::{Facts, Status, Step, decide};
use crate::epochs::{EpochWatch, Epochs};
use crate::error::{Error, Result};
use crate::globals::Globals;
use crate::mirror::{Direct, MirrorWatch};
use crate::refusal::Refusal;
use crate::store::Store;
use crate::store::gateways::{GatewayRow, GatewayState};
use crate::store::tickets::{Finding, NewSpend};
use crate::today;
use crate::workers::Workers;

/// A key is known if this member issued to it within so many seconds (`gateway.md` R5.4): 14 days.
const KNOWN_KEY_SECS: u64 = 14 * 86_400;
/// Times a ticket whose serial number was spent while it was verified is looked at again.
const MAX_ROUNDS: usize = 2;

/// What acceptance stands on.
#[derive(Clone)]
pub struct AccepterParts {
    /// The clock.
    pub clock: SharedClock,
    /// The database.
    pub store: Store,
    /// The mirror and the chain behind it.
    pub registry: Direct,
    /// How recent the mirror is.
    pub mirror: MirrorWatch,
    /// What is known of the epochs.
    pub epochs: EpochWatch,
    /// Master keys.
    pub globals: Globals,
    /// Where curve arithmetic runs.
    pub workers: Workers,
}

/// Accepts tickets.
#[derive(Clone)]
pub struct Accepter {
    parts: AccepterParts,
}

type Proved = Verified<Payment>;

impl Accepter {
    /// Acceptance over `parts`.
    #[must_use]
    pub fn new(parts: AccepterParts) -> Self {
        Self { parts }
    }

    /// Judges a ticket of a published gateway: `Ok(Ok(()))` when it is recorded as the one spend of its serial number.
    ///
    /// # Errors
    /// [`Refusal::NotAMember`], [`Refusal::UnknownGateway`], [`Refusal::DeliversBatches`], [`Refusal::EpochKeyMissing`],
    /// and those that pass.
    pub async fn verify_ticket(
        &self,
        body: VerifyEcashTicketBody,
    ) -> std::result::Result<std::result::Result<(), TicketRejection>, Refusal> {
        let parts = &self.parts;
        let epochs = parts.epochs.fresh(parts.clock.monotonic())?;
        if !epochs.is_registered() {
            return Err(Refusal::NotAMember);
        }
        parts.mirror.check_fresh(parts.clock.monotonic())?;
        let gateway = self.admitted(body.gateway_cosmos_addr.as_str()).await?;
        if body.credential.payment.tickets() != 1 {
            return Ok(Err(TicketRejection::MultipleTickets));
        }
        let now = today::now(&*parts.clock);
        let spend_date = body.credential.spend_date;
        let status = self
            .accept(&epochs, &gateway, Arc::new(body.credential), now)
            .await?;
        Ok(match status {
            Status::Accepted => Ok(()),
            Status::DoubleSpend => Err(TicketRejection::DoubleSpend),
            Status::Invalid | Status::WrongProvider => Err(TicketRejection::InvalidTicket),
            Status::Late => Err(invalid_date(spend_date, now)?),
        })
    }

    async fn admitted(&self, account: &str) -> std::result::Result<GatewayRow, Refusal> {
        let unknown = || Refusal::UnknownGateway(account.to_owned());
        let gateway = self
            .parts
            .registry
            .gateway(account)
            .await?
            .ok_or_else(unknown)?;
        if gateway.state != GatewayState::Admitted {
            return Err(unknown());
        }
        if self
            .parts
            .store
            .delivers_batches(&gateway.identity_key)
            .await?
        {
            return Err(Refusal::DeliversBatches(account.to_owned()));
        }
        if let Some(former) = gateway.former
            && self.parts.store.delivers_batches(&former.key).await?
        {
            return Err(Refusal::DeliversBatches(account.to_owned()));
        }
        Ok(gateway)
    }

    async fn accept(
        &self,
        epochs: &Epochs,
        gateway: &GatewayRow,
        data: Arc<SpendingData>,
        now: UnixTime,
    ) -> std::result::Result<Status, Refusal> {
        let (Some(&serial), Some(&tag)) =
            (data.serial_numbers().first(), data.payment.tags().first())
        else {
            return Ok(Status::Invalid);
        };
        let ticket_type = data.ticket_type().map_err(Error::from)?;
        let mut proved = None;
        for _ in 0..MAX_ROUNDS {
            let spent = self.parts.store.spent(&serial).await?;
            let revoked = epochs
                .concluded
                .get(&data.epoch_id)
                .is_some_and(|epoch| epoch.revoked);
            let facts = Facts {
                data: &data,
                ticket_type,
                gateway,
                spent: spent.as_ref(),
                revoked,
                now,
            };
            if let Step::Answer(status) = decide(&facts) {
                return Ok(status);
            }
            let verified = match proved.take() {
                Some(verified) => verified,
                None => match self.prove(epochs, Arc::clone(&data)).await? {
                    Some(verified) => verified,
                    None => return Ok(Status::Invalid),
                },
            };
            let account = gateway.account.as_str();
            let new = NewSpend {
                serial,
                tag,
                data: &data,
                ticket_type,
                gateway_account: account,
                now,
            };
            if spent.is_some() {
                self.keep_conflict(epochs, &new, verified).await?;
                return Ok(Status::DoubleSpend);
            }
            if self.parts.store.record_spend(&new).await? {
                return Ok(Status::Accepted);
            }
            proved = Some(verified);
        }
        Err(Refusal::Overloaded)
    }

    /// Verifies a payment under the key of the epoch that it names. `None`: it does not verify.
    async fn prove(
        &self,
        epochs: &Epochs,
        data: Arc<SpendingData>,
    ) -> std::result::Result<Option<Proved>, Refusal> {
        let key = self.epoch_key(epochs, data.epoch_id).await?;
        self.parts
            .workers
            .run(move || {
                VerifyingKey::new(&key)
                    .verify(
                        data.payment.clone(),
                        &data.pay_info.to_bytes(),
                        data.spend_date.unix(),
                        &mut rand::rngs::OsRng,
                    )
                    .ok()
            })
            .await
    }

    async fn epoch_key(
        &self,
        epochs: &Epochs,
        id: EpochId,
    ) -> std::result::Result<Arc<ecash_scheme::VerificationKey>, Refusal> {
        let issuing = epochs.issuing()?.id;
        match epochs.concluded.get(&id) {
            Some(epoch) => self.parts.globals.master_key(epoch).await,
            None => Err(Refusal::EpochNotServed { asked: id, issuing }),
        }
    }

    /// Keeps the payment of a serial number that is spent with another pay info, and what the pair says.
    async fn keep_conflict(
        &self,
        epochs: &Epochs,
        new: &NewSpend<'_>,
        verified: Proved,
    ) -> std::result::Result<(), Refusal> {
        let mut finding = Finding::UnknownSpender;
        for earlier in self.parts.store.payments(&new.serial).await? {
            let Some(earlier) = self.prove(epochs, Arc::new(earlier)).await? else {
                continue;
            };
            if let Some(found) = self.name(&earlier, &verified, new.now).await? {
                finding = found;
                break;
            }
        }
        if finding == Finding::UnknownSpender {
            tracing::warn!("two payments of one ticket name nobody that this member issued to");
        }
        self.parts.store.record_conflict(new, finding).await?;
        Ok(())
    }

    async fn name(
        &self,
        earlier: &Proved,
        later: &Proved,
        now: UnixTime,
    ) -> Result<Option<Finding>> {
        let Ok(Identified::Spender(key)) = identify(earlier, later) else {
            return Ok(None);
        };
        let since = now.saturating_sub(KNOWN_KEY_SECS);
        let known = self.parts.store.issued_since(&key, since).await?;
        Ok(known.then_some(Finding::Identified(key)))
    }
}

fn invalid_date(received: EcashDate, now: UnixTime) -> Result<TicketRejection> {
    let today = EcashDate::of(now)?;
    Ok(TicketRejection::InvalidSpentDate {
        today,
        yesterday: today.minus_days(1).unwrap_or(today),
        received,
    })
}
