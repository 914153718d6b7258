//! What the signers recorded for a deposit, and its money back (`client.md` 5.2, 12.3).

use std::time::Duration;

use ecash_contract_messages::ecash::DepositState;
use ecash_requests::quorum::{
    BlindSignRequestBody, DepositOwnerRequest, OwnerAction, QuorumClient, RecordedRequest,
};
use ecash_requests::{IdentitySecret, RequestsError};
use ecash_ticketbook::DepositId;
use futures::future::join_all;
use rand::Rng as _;
use rand::rngs::OsRng;
use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::domain::asking::{self, Known, Said, Verdict};
use crate::domain::issuance::{Input, Reason, State, is_too_old};
use crate::error::WalletError;
use crate::event::{Event, Observer};
use crate::limits::{STATUS_PAUSE_SECS, TRIES_PER_SIGNER, clip};
use crate::signers::{Signer, SignerSet};
use crate::store::IssuanceRow;
use crate::wallet::Wallet;

/// What one signer said about a deposit.
enum Answer {
    Nothing,
    Recorded([u8; 32], Box<BlindSignRequestBody>),
    None(String),
}

/// A record that holds a signer, as it is kept with an issuance that ends `used`.
#[derive(Serialize)]
struct Holder {
    node_index: u64,
    record: RecordedRequest,
}

/// The signers' answers about one deposit.
pub(crate) struct Records {
    answers: Vec<(u64, Answer)>,
}

impl Records {
    fn said(&self) -> Vec<Said<'_, [u8; 32]>> {
        self.answers
            .iter()
            .map(|(_, answer)| match answer {
                Answer::Nothing => Said::Nothing,
                Answer::Recorded(hash, _) => Said::Recorded(hash),
                Answer::None(_) => Said::NoAnswer,
            })
            .collect()
    }

    fn body(&self, wanted: &[u8; 32]) -> Option<&BlindSignRequestBody> {
        self.answers.iter().find_map(|(_, answer)| match answer {
            Answer::Recorded(hash, body) if hash == wanted => Some(&**body),
            _ => None,
        })
    }

    /// How many answered, and what the others said, for the row and the person.
    fn summary(&self, threshold: u64) -> String {
        let silent: Vec<String> = self
            .answers
            .iter()
            .filter_map(|(index, answer)| match answer {
                Answer::None(reason) => Some(format!("; signer {index}: {reason}")),
                _ => None,
            })
            .collect();
        format!(
            "{} of {} signers said what they recorded for the deposit, {threshold} are needed{}",
            self.answers.len() - silent.len(),
            self.answers.len(),
            silent.concat()
        )
    }
}

impl Wallet {
    /// Takes the chain's word about a deposit. True where it moved the issuance.
    pub(crate) async fn take_chains_word(
        &self,
        row: &IssuanceRow,
        observer: &dyn Observer,
    ) -> Result<bool, WalletError> {
        let Some(deposit) = row.deposit_id else {
            return Ok(false);
        };
        let state = match self.inner.ecash.deposit_info(deposit.get()).await {
            Ok(info) => info.map(|info| info.state),
            // A contract without that query.
            Err(nyx_client::Error::Query { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let (input, to, reason) = match state {
            Some(DepositState::Withheld) if row.state != State::Withheld => {
                (Input::Withheld, State::Withheld, Reason::Withheld)
            }
            Some(DepositState::Refunded) => (Input::Refunded, State::Refunded, Reason::Refunded),
            _ => return Ok(false),
        };
        self.allowed(row, input)?;
        self.enter(row, to, Some(reason), observer).await?;
        Ok(true)
    }

    /// Asks what the signers recorded, and does what follows. True where the issuance is in another state now.
    pub(crate) async fn settle_by_records(
        &self,
        row: &IssuanceRow,
        set: &SignerSet,
        observer: &dyn Observer,
        deadline: Instant,
    ) -> Result<bool, WalletError> {
        let records = self.ask_records(row, set, observer, deadline).await?;
        let now = self.now();
        let too_old = row.deposit_time.is_some_and(|made| is_too_old(made, now));
        let said = records.said();
        let verdict = asking::decide(&said, set.threshold, too_old, |hash| {
            self.known(row, records.body(hash))
        });
        match (row.state, verdict) {
            (State::Asking, Verdict::Send(hash)) => {
                let Some(body) = records.body(hash) else {
                    return Ok(false);
                };
                if !self.adopt_request(row, body, set.epoch).await? {
                    return Ok(false);
                }
                self.told(row, State::Requested, observer);
                Ok(true)
            }
            (State::Asking, Verdict::MakeRequest) => {
                self.make_request(row, set.epoch).await?;
                self.told(row, State::Requested, observer);
                Ok(true)
            }
            (State::Asking, Verdict::Refund) => {
                self.allowed(row, Input::FoundUnused)?;
                self.enter(row, State::Refunding, Some(Reason::Refunding), observer)
                    .await?;
                Ok(true)
            }
            (State::Asking | State::Requested | State::Refunding, Verdict::Used) => {
                self.allowed(row, Input::FoundUsed)?;
                self.end_as_used(row, &records, observer).await?;
                Ok(true)
            }
            (State::Asking, Verdict::AskAgain) => {
                let summary = records.summary(set.threshold);
                self.inner
                    .store
                    .note(row.id, Some(&summary), None, now)
                    .await?;
                Ok(false)
            }
            // A request that was refused is tried on until its expiration date; a refund is demanded on.
            _ => Ok(false),
        }
    }

    /// Whether signers that refuse a request may be asked for its status now: once an hour.
    pub(crate) fn may_ask_status(&self, row: &IssuanceRow) -> bool {
        row.status_asked_at
            .is_none_or(|asked| self.now() >= asked.saturating_add(STATUS_PAUSE_SECS))
    }

    /// Demands the money back of all signers. What they do about it shows on chain.
    pub(crate) async fn demand_refund(
        &self,
        row: &IssuanceRow,
        set: &SignerSet,
        observer: &dyn Observer,
        deadline: Instant,
    ) -> Result<(), WalletError> {
        let (deposit, key) = owner(row)?;
        self.inner
            .store
            .note_refund_asked(row.id, self.now())
            .await?;
        let answers = join_all(set.signers.iter().map(|signer| {
            let key = &key;
            async move {
                let answer = self
                    .patiently(deadline, || async move {
                        let client = self.signer_client(signer.url.as_str())?;
                        let body = self.owners_word(OwnerAction::Refund, deposit, key);
                        let sending = client.refund(deposit, &body);
                        Ok(self.inner.watch.send("refund demand", sending).await)
                    })
                    .await?;
                Ok((signer.node_index, answer))
            }
        }))
        .await
        .into_iter()
        .collect::<Result<Vec<_>, WalletError>>()?;
        let recorded = answers.iter().filter(|(_, answer)| answer.is_ok()).count();
        observer.on(&Event::RefundDemanded {
            deposit_id: deposit,
            recorded,
            asked: answers.len(),
        });
        let refusals: Vec<String> = answers
            .iter()
            .filter_map(|(index, answer)| {
                let error = answer.as_ref().err()?;
                Some(format!("; signer {index}: {error}"))
            })
            .collect();
        let reason = format!(
            "{}; {recorded} of {} signers wrote the demand down{}",
            Reason::Refunding.text(),
            answers.len(),
            refusals.concat()
        );
        self.inner
            .store
            .note(row.id, Some(&reason), None, self.now())
            .await
    }

    /// Enters another state and tells so.
    pub(crate) async fn enter(
        &self,
        row: &IssuanceRow,
        to: State,
        reason: Option<Reason>,
        observer: &dyn Observer,
    ) -> Result<(), WalletError> {
        self.inner
            .store
            .enter(row.id, row.state, to, reason, self.now())
            .await?;
        self.told(row, to, observer);
        Ok(())
    }

    fn told(&self, row: &IssuanceRow, state: State, observer: &dyn Observer) {
        observer.on(&Event::Moved {
            deposit_id: row.deposit_id,
            state,
        });
    }

    fn allowed(&self, row: &IssuanceRow, input: Input) -> Result<(), WalletError> {
        crate::domain::issuance::step(row.state, &row.facts(None), input, self.now())
            .map(|_| ())
            .map_err(|_| WalletError::NotAllowed {
                issuance: row.id,
                state: row.state.text(),
                input: input.text(),
            })
    }

    async fn end_as_used(
        &self,
        row: &IssuanceRow,
        records: &Records,
        observer: &dyn Observer,
    ) -> Result<(), WalletError> {
        let holders: Vec<Holder> = records
            .answers
            .iter()
            .filter_map(|(node_index, answer)| match answer {
                Answer::Recorded(_, body) => Some(Holder {
                    node_index: *node_index,
                    record: RecordedRequest::of(&self.inner.network, body),
                }),
                _ => None,
            })
            .collect();
        let listed: Vec<String> = holders
            .iter()
            .map(|holder| {
                format!(
                    "signer {} holds request {} of expiration date {}",
                    holder.node_index, holder.record.request_hash, holder.record.expiration_date
                )
            })
            .collect();
        let json = serde_json::to_vec(&holders).map_err(|error| WalletError::Damaged {
            what: "issuance.records",
            reason: error.to_string(),
        })?;
        let reason = format!("{}: {}", Reason::Used.text(), listed.join("; "));
        self.inner
            .store
            .enter_used(row.id, &json, &reason, self.now())
            .await?;
        self.told(row, State::Used, observer);
        Ok(())
    }

    fn known(&self, row: &IssuanceRow, body: Option<&BlindSignRequestBody>) -> Known {
        let openings = body.is_some_and(|body| {
            self.openings_of(row, body)
                .is_ok_and(|openings| openings.is_some())
        });
        let spendable = body.is_some_and(|body| {
            self.today()
                .is_ok_and(|today| body.expiration_date >= today)
        });
        Known {
            openings,
            spendable,
        }
    }

    async fn ask_records(
        &self,
        row: &IssuanceRow,
        set: &SignerSet,
        observer: &dyn Observer,
        deadline: Instant,
    ) -> Result<Records, WalletError> {
        let (deposit, key) = owner(row)?;
        self.inner
            .store
            .note_status_asked(row.id, self.now())
            .await?;
        observer.on(&Event::AskingStatus {
            deposit_id: deposit,
            signers: set.signers.len(),
        });
        let answers = join_all(set.signers.iter().map(|signer| {
            let key = &key;
            async move {
                let answer = self
                    .patiently(deadline, || async move {
                        let client: QuorumClient = self.signer_client(signer.url.as_str())?;
                        let body = self.owners_word(OwnerAction::Status, deposit, key);
                        let sending = client.deposit_status(deposit, &body);
                        Ok(self.inner.watch.send("status question", sending).await)
                    })
                    .await?;
                let said = match answer {
                    Ok(answered) => match answered.value.recorded {
                        None => Answer::Nothing,
                        Some(record) => self.judge_record(&record, deposit, key, signer),
                    },
                    Err(error) => Answer::None(clip(&error.to_string())),
                };
                Ok((signer.node_index.get(), said))
            }
        }))
        .await
        .into_iter()
        .collect::<Result<_, WalletError>>()?;
        Ok(Records { answers })
    }

    /// A record that does not count is no answer.
    fn judge_record(
        &self,
        record: &RecordedRequest,
        deposit: DepositId,
        key: &IdentitySecret,
        signer: &Signer,
    ) -> Answer {
        match record.check(&self.inner.network, deposit, &key.public()) {
            Ok(body) => Answer::Recorded(*record.request_hash.as_bytes(), Box::new(body)),
            Err(error) => {
                tracing::debug!(signer = %signer.node_index, %error, "a record that does not count");
                Answer::None(clip(&format!("its record does not count: {error}")))
            }
        }
    }

    fn owners_word(
        &self,
        action: OwnerAction,
        deposit: DepositId,
        key: &IdentitySecret,
    ) -> DepositOwnerRequest {
        DepositOwnerRequest::sign(action, &self.inner.network, deposit, self.now(), key)
    }

    /// Calls up to three times while nobody answers.
    async fn patiently<T, F>(
        &self,
        deadline: Instant,
        mut call: impl FnMut() -> F,
    ) -> Result<Result<T, RequestsError>, WalletError>
    where
        F: Future<Output = Result<Result<T, RequestsError>, WalletError>>,
    {
        let mut pauses = self.inner.config.try_pauses.iter();
        for _ in 1..TRIES_PER_SIGNER {
            match call().await? {
                Err(
                    error @ (RequestsError::Unreachable { .. }
                    | RequestsError::TimedOut { .. }
                    | RequestsError::Broken { .. }),
                ) => {
                    let pause = pauses.next().copied().unwrap_or(Duration::ZERO);
                    if Instant::now() + pause > deadline {
                        return Ok(Err(error));
                    }
                    sleep(pause).await;
                }
                answer => return Ok(answer),
            }
        }
        call().await
    }

    /// Waits between the questions for two deposits; false where the waiting time does not allow it.
    pub(crate) async fn pause_between_questions(&self, deadline: Instant) -> bool {
        let pauses = &self.inner.config.status_pauses;
        let pause = OsRng.gen_range(pauses.clone());
        if Instant::now() + pause > deadline {
            return false;
        }
        sleep(pause).await;
        true
    }
}

fn owner(row: &IssuanceRow) -> Result<(DepositId, IdentitySecret), WalletError> {
    let missing = |what| WalletError::Damaged {
        what,
        reason: "it is empty in an issuance with a deposit".to_owned(),
    };
    let deposit = row
        .deposit_id
        .ok_or_else(|| missing("issuance.deposit_id"))?;
    let secret = row
        .deposit_secret
        .as_ref()
        .ok_or_else(|| missing("issuance.deposit_sk"))?;
    Ok((deposit, IdentitySecret::from_bytes(secret)))
}
