//! What the admin does on chain: contracts in their order, the ceremony, admissions. Each step is done once.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use cosmwasm_std::{Coin, Decimal};
use cw_utils::{Duration as VotingPeriod, Threshold};
use cw4::Member;
use ecash_contract_messages::{dkg, ecash, group, multisig};
use nyx_client::{Account, Address, Msg, QueryClient, Sender, SenderConfig};
use nyx_embedded::{DKG_CODE_ID, ECASH_CODE_ID, GROUP_CODE_ID, MULTISIG_CODE_ID};
use serde::Serialize;
use tokio::time::{Instant, sleep};

use crate::{
    home::Contracts,
    journal::{Done, FileJournal},
    network::FEE_DENOM,
};

/// Default price of a book: 75 NYM.
const PRICE_UNYM: u128 = 75_000_000;
/// Share of the votes that passes a proposal, in percent.
const VOTES_PERCENT: u64 = 67;
/// Phases that end as soon as everybody has done its part; the bound is for the case that somebody does not.
const PHASE_SECS: u64 = 120;
/// The exchange of dealings, which nobody ends early because nobody deals.
const EXCHANGE_SECS: u64 = 1;
/// Acknowledgement window, shorter than the submission of key shares.
const ACKNOWLEDGEMENT_SECS: u64 = 60;
/// Wait between two looks at the chain.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// Longest wait for something that the others do on chain.
pub(crate) const PATIENCE: Duration = Duration::from_secs(180);

/// The admin's account at work.
pub(crate) struct Admin {
    sender: Sender,
    journal: FileJournal,
    chain: QueryClient,
}

impl Admin {
    /// Starts the account's sender; transactions of an earlier run are settled first.
    pub(crate) async fn start(
        chain: QueryClient,
        account: Account,
        journal: FileJournal,
    ) -> Result<Self> {
        let config = SenderConfig {
            poll_interval: Duration::from_secs(1),
            ..SenderConfig::new(FEE_DENOM)
        };
        let sender = Sender::start(chain.clone(), account, journal.clone(), config);
        sender
            .recovered()
            .await
            .context("transactions of an earlier run could not be settled")?;
        Ok(Self {
            sender,
            journal,
            chain,
        })
    }

    /// Does a step unless it is done.
    async fn once(&self, step: &str, message: impl FnOnce() -> Result<Msg>) -> Result<Done> {
        if let Some(done) = self.journal.done(step)? {
            return Ok(done);
        }
        let (tx, fate) = self
            .sender
            .submit(vec![message()?], "", step.as_bytes().to_vec())
            .await
            .with_context(|| format!("setup step {step:?}"))?;
        fate.into_included(&tx)
            .with_context(|| format!("setup step {step:?}"))?;
        self.journal
            .done(step)?
            .with_context(|| format!("setup step {step:?} left no record"))
    }

    /// Sends messages that may be sent again in another run.
    pub(crate) async fn send(&self, messages: Vec<Msg>) -> Result<nyx_client::Included> {
        Ok(self.sender.send(messages, "").await?)
    }

    async fn instantiate(
        &self,
        step: &str,
        code_id: u64,
        message: &impl Serialize,
    ) -> Result<Address> {
        let admin = self.sender.address().clone();
        self.once(step, || {
            Ok(Msg::instantiate(
                code_id,
                &format!("localnet {step}"),
                Some(&admin),
                message,
            )?)
        })
        .await?
        .contract
        .with_context(|| format!("setup step {step:?} instantiated nothing"))
    }

    /// The four contracts (`spec/contracts.md` 2): group, multisig with placeholders, DKG, ecash, then the multisig is
    /// told the real addresses.
    pub(crate) async fn deploy(&self, signers: &[Address]) -> Result<Contracts> {
        let admin = self.sender.address().to_string();
        let group = self
            .instantiate(
                "group",
                GROUP_CODE_ID,
                &group::InstantiateMsg {
                    admin: Some(admin.clone()),
                    members: signers
                        .iter()
                        .map(|signer| Member {
                            addr: signer.to_string(),
                            weight: 1,
                        })
                        .collect(),
                },
            )
            .await?;
        let multisig = self
            .instantiate(
                "multisig",
                MULTISIG_CODE_ID,
                &multisig::InstantiateMsg {
                    group_addr: group.to_string(),
                    coconut_bandwidth_contract_address: admin.clone(),
                    coconut_dkg_contract_address: admin.clone(),
                    threshold: Threshold::AbsolutePercentage {
                        percentage: Decimal::percent(VOTES_PERCENT),
                    },
                    max_voting_period: VotingPeriod::Time(multisig::MAX_VOTING_PERIOD_SECS),
                    executor: None,
                    proposal_deposit: None,
                },
            )
            .await?;
        let dkg = self
            .instantiate(
                "dkg",
                DKG_CODE_ID,
                &dkg::InstantiateMsg {
                    group_addr: group.to_string(),
                    multisig_addr: multisig.to_string(),
                    time_configuration: Some(dkg::TimeConfiguration {
                        public_key_submission_time_secs: PHASE_SECS,
                        dealing_exchange_time_secs: EXCHANGE_SECS,
                        verification_key_submission_time_secs: PHASE_SECS,
                        verification_key_validation_time_secs: PHASE_SECS,
                        verification_key_finalization_time_secs: PHASE_SECS,
                        ..dkg::TimeConfiguration::default()
                    }),
                    mix_denom: FEE_DENOM.to_owned(),
                    key_size: dkg::KEY_SIZE,
                    acknowledgement_time_secs: Some(ACKNOWLEDGEMENT_SECS),
                    min_dealers: None,
                },
            )
            .await?;
        let ecash = self
            .instantiate(
                "ecash",
                ECASH_CODE_ID,
                &ecash::InstantiateMsg {
                    holding_account: admin,
                    multisig_addr: multisig.to_string(),
                    group_addr: group.to_string(),
                    deposit_amount: Coin::new(PRICE_UNYM, FEE_DENOM),
                    appeal_period_secs: None,
                },
            )
            .await?;
        self.once("multisig-proposers", || {
            Ok(Msg::migrate(
                &multisig,
                MULTISIG_CODE_ID,
                &multisig::MigrateMsg {
                    coconut_bandwidth_address: ecash.to_string(),
                    coconut_dkg_address: dkg.to_string(),
                },
            )?)
        })
        .await?;
        Ok(Contracts {
            group,
            multisig,
            dkg,
            ecash,
        })
    }

    /// Starts the ceremony where none runs and no keys are in service.
    pub(crate) async fn initiate_ceremony(&self, contract: &Address) -> Result<()> {
        let epoch = self.chain.dkg(contract).current_epoch().await?;
        if epoch.state != dkg::EpochState::WaitingInitialisation {
            return Ok(());
        }
        let message = Msg::execute(contract, &dkg::ExecuteMsg::InitiateDkg {}, Vec::new())?;
        self.send(vec![message]).await?;
        Ok(())
    }

    /// Waits for a gateway's registration, and admits it.
    pub(crate) async fn admit(&self, contract: &Address, gateway: &Address) -> Result<()> {
        let ecash_contract = self.chain.ecash(contract);
        let deadline = Instant::now() + PATIENCE;
        let state = loop {
            if let Some(found) = ecash_contract.gateway(gateway).await? {
                break found.state;
            }
            if Instant::now() > deadline {
                bail!("gateway {gateway} has not registered within {PATIENCE:?}; see its log");
            }
            sleep(LOOK_AGAIN).await;
        };
        if state == ecash::GatewayState::Admitted {
            return Ok(());
        }
        let message = Msg::execute(
            contract,
            &ecash::ExecuteMsg::AdmitGateway {
                address: gateway.to_string(),
            },
            Vec::new(),
        )?;
        self.send(vec![message]).await?;
        Ok(())
    }
}
