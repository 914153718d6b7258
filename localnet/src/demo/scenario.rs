//! The steps themselves, each over the network's URLs only.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use ecash_requests::{
    IdentitySecret, RequestsError,
    gateway::{AccountBody, AccountToken, TicketAnswer, UsageOutcome, Verdict},
    quorum::BlindSignRequestBody,
};
use ecash_scheme::{RandomNonces, UserKeyPair, WithdrawalRequest, WithdrawalSecrets};
use ecash_ticketbook::{DepositId, EcashDate, TicketType};
use ecash_wallet::{
    Event, Order, PrintIndex, Report, Seed, Spending, Ticket, Wallet, WalletConfig,
    derive::Context as SecretContext,
};
use nyx_client::{Account, TxHash};
use rand::{RngCore as _, rngs::OsRng};
use tokio::time::sleep;
use zeroize::Zeroizing;

use super::DONE;
use crate::{
    network::{ADDRESS_PREFIX, Network},
    progress::Progress,
};

/// Type of the demo's books.
const TYPE: TicketType = TicketType::WireguardEntry;
/// What the holder is given: four books and fees.
const FUNDS_UNYM: u128 = 310_000_000;
/// Bandwidth that is used.
const USED_BYTES: u64 = 10_000_000;
/// Length of a client's secret.
const SEED_BYTES: usize = 32;
/// How long a signer has to catch up.
const CATCH_UP: Duration = Duration::from_secs(30);
/// Wait between two looks.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// Deposit keys that are compared with the chain's: more than the demo ever pays with.
const DEPOSIT_KEYS: u32 = 20;

/// What came of a step.
pub(super) struct Done {
    pub(super) outcome: String,
    pub(super) bytes: usize,
}

impl Done {
    fn plain() -> Self {
        Self {
            outcome: DONE.to_owned(),
            bytes: 0,
        }
    }

    fn verdict(answer: &TicketAnswer, bytes: usize) -> Self {
        Self {
            outcome: answer.verdict.name().to_owned(),
            bytes,
        }
    }
}

/// A client's account at one gateway.
struct Customer {
    gateway: u16,
    token: AccountToken,
}

pub(super) struct Scenario {
    network: Network,
    seed: Seed,
    database: PathBuf,
    wallet: Option<Wallet>,
    account: Option<Account>,
    customers: Vec<Customer>,
    first_deposit: Option<DepositId>,
    /// Tickets spent, with their gateway.
    spent: Vec<(u16, Ticket)>,
}

impl Scenario {
    pub(super) fn new(network: Network) -> Result<Self> {
        let mut seed = Zeroizing::new(vec![0; SEED_BYTES]);
        OsRng.fill_bytes(&mut seed);
        let dir = network.home().path().join("holder");
        ecash_service::files::create_private_dir(&dir)?;
        Ok(Self {
            network,
            seed: Seed::new(seed)?,
            database: dir.join("wallet.sqlite"),
            wallet: None,
            account: None,
            customers: Vec::new(),
            first_deposit: None,
            spent: Vec::new(),
        })
    }

    pub(super) fn last_signer(&self) -> u16 {
        self.network
            .signer_numbers()
            .last()
            .copied()
            .unwrap_or_default()
    }

    pub(super) async fn into_network(self) -> Network {
        if let Some(wallet) = self.wallet {
            wallet.close().await;
        }
        self.network
    }

    pub(super) async fn register_gateways(&mut self, progress: &dyn Progress) -> Result<Done> {
        self.network.start_gateways(progress).await?;
        Ok(Done::plain())
    }

    pub(super) async fn fund(&mut self) -> Result<Done> {
        let mnemonic = Account::generate_mnemonic()?;
        let account = Account::from_mnemonic(&mnemonic, ADDRESS_PREFIX)?;
        let included = self.network.fund(account.address(), FUNDS_UNYM).await?;
        self.account = Some(account);
        Ok(Done {
            outcome: DONE.to_owned(),
            bytes: self.tx_bytes(included.hash).await,
        })
    }

    /// Pays for a book and obtains it. Both outcomes, and when the deposit was in a block.
    pub(super) async fn deposit_and_obtain(
        &mut self,
        progress: &dyn Progress,
    ) -> (Result<(Done, Instant)>, Result<Done>) {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let obtained = self.obtain_one(&seen, progress, false).await;
        let seen = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
        let deposit = match seen.deposited {
            Some((id, at)) => {
                self.first_deposit = Some(id);
                let bytes = match seen.transaction {
                    Some(hash) => self.tx_bytes(hash).await,
                    None => 0,
                };
                let outcome = DONE.to_owned();
                Ok((Done { outcome, bytes }, at))
            }
            None => Err(anyhow::anyhow!("no deposit was made")),
        };
        (deposit, obtained)
    }

    pub(super) async fn obtain_again(&mut self) -> Result<Done> {
        let seen = Arc::new(Mutex::new(Seen::default()));
        self.obtain_one(&seen, &crate::progress::Quiet, true).await
    }

    async fn obtain_one(
        &mut self,
        seen: &Arc<Mutex<Seen>>,
        progress: &dyn Progress,
        new_deposit: bool,
    ) -> Result<Done> {
        if self.wallet.is_none() {
            let config = WalletConfig::new(self.database.clone(), self.network.wallet_network()?);
            self.wallet = Some(Wallet::open(config, &self.seed).await?);
        }
        let wallet = self.wallet.as_ref().context("no wallet")?;
        let account = self
            .account
            .as_ref()
            .context("the account was not funded")?;
        let order = Order {
            ticket_type: TYPE,
            count: 1,
            new_deposit,
        };
        let watch = |event: &Event| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.note(event, progress);
        };
        let Report { books, pending, .. } = wallet.obtain(account, order, &watch).await?;
        ensure!(
            books.len() == 1 && pending.is_empty(),
            "{} books complete, {} pending: {pending:?}",
            books.len(),
            pending.len()
        );
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Done {
            outcome: DONE.to_owned(),
            bytes: seen.request_bytes,
        })
    }

    /// Registers a fresh client at a gateway.
    async fn join(&self, gateway: u16) -> Result<AccountToken> {
        let client = IdentitySecret::generate(&mut OsRng);
        let identity = self.network.gateway_identity(gateway)?;
        let body = AccountBody::sign(&client, &identity, Network::now());
        Ok(self
            .network
            .gateway_client(gateway)?
            .create_account(&body)
            .await?)
    }

    fn token(&self, gateway: u16) -> Result<&AccountToken> {
        self.customers
            .iter()
            .find(|customer| customer.gateway == gateway)
            .map(|customer| &customer.token)
            .with_context(|| format!("no account at gateway {gateway}"))
    }

    fn spent_at(&self, gateway: u16) -> Result<&Ticket> {
        self.spent
            .iter()
            .find(|(at, _)| *at == gateway)
            .map(|(_, ticket)| ticket)
            .with_context(|| format!("no ticket was spent at gateway {gateway}"))
    }

    pub(super) async fn spend(&mut self, gateway: u16) -> Result<Done> {
        if self.token(gateway).is_err() {
            let token = self.join(gateway).await?;
            self.customers.push(Customer { gateway, token });
        }
        let wallet = self.wallet.as_ref().context("no book was obtained")?;
        let identity = self.network.gateway_identity(gateway)?;
        let spent = wallet
            .spend_at(&identity, self.token(gateway)?, Spending::of(TYPE))
            .await?;
        let answer = spent.answer.context("the gateway gave no verdict")?;
        let bytes = spent.ticket.bytes.len();
        self.spent.push((gateway, spent.ticket));
        Ok(Done::verdict(&answer, bytes))
    }

    async fn balance(&self, gateway: u16) -> Result<i64> {
        let client = self.network.gateway_client(gateway)?;
        Ok(client
            .bandwidth(self.token(gateway)?)
            .await?
            .value
            .available)
    }

    pub(super) async fn use_bandwidth(&mut self, gateway: u16) -> Result<Done> {
        let before = self.balance(gateway).await?;
        let data_plane = self.network.gateway_loopback_client(gateway)?;
        let used = data_plane
            .report_usage(self.token(gateway)?, USED_BYTES)
            .await?;
        let UsageOutcome::Subtracted { available } = used else {
            bail!("the balance of {before} bytes did not cover {USED_BYTES}");
        };
        ensure!(
            before - available == i64::try_from(USED_BYTES)?,
            "the balance went from {before} to {available} for {USED_BYTES} bytes"
        );
        let body = ecash_requests::gateway::UsageBody { bytes: USED_BYTES };
        Ok(Done {
            outcome: DONE.to_owned(),
            bytes: serde_json::to_vec(&body)?.len(),
        })
    }

    /// Sends bytes as a ticket; what is not granted must not change the balance of the first account either.
    async fn send(&self, gateway: u16, token: &AccountToken, bytes: Vec<u8>) -> Result<Done> {
        let before = self.balance(gateway).await?;
        let sent = bytes.len();
        let client = self.network.gateway_client(gateway)?;
        let answer = client.send_ticket_bytes(token, bytes).await?.value.answer;
        let after = self.balance(gateway).await?;
        if answer.verdict != Verdict::Accepted {
            ensure!(
                before == after,
                "{} changed the balance from {before} to {after}",
                answer.verdict.name()
            );
        }
        Ok(Done::verdict(&answer, sent))
    }

    pub(super) async fn resend_same_bytes(&mut self, gateway: u16) -> Result<Done> {
        let bytes = self.spent_at(gateway)?.bytes.clone();
        self.send(gateway, self.token(gateway)?, bytes).await
    }

    pub(super) async fn replay_from_other_account(&mut self, gateway: u16) -> Result<Done> {
        let bytes = self.spent_at(gateway)?.bytes.clone();
        let other = self.join(gateway).await?;
        self.send(gateway, &other, bytes).await
    }

    /// A payment that nobody has seen, without burning its index.
    async fn preview(&self, provider: u16, index: PrintIndex) -> Result<Ticket> {
        let wallet = self.wallet.as_ref().context("no book was obtained")?;
        let provider = self.network.gateway_identity(provider)?;
        let (ticket, _) = wallet.preview_ticket(provider, TYPE, index).await?;
        Ok(ticket)
    }

    pub(super) async fn same_index_new_pay_info(&mut self, gateway: u16) -> Result<Done> {
        let index = PrintIndex::Exactly(self.spent_at(gateway)?.index);
        let again = self.preview(gateway, index).await?;
        ensure!(
            again.bytes != self.spent_at(gateway)?.bytes,
            "the payment is the same one"
        );
        self.send(gateway, self.token(gateway)?, again.bytes).await
    }

    pub(super) async fn other_gateways_ticket(&mut self, at: u16, provider: u16) -> Result<Done> {
        let ticket = self.preview(provider, PrintIndex::LowestFree).await?;
        self.send(at, self.token(at)?, ticket.bytes).await
    }

    pub(super) async fn tampered(
        &mut self,
        gateway: u16,
        tamper: impl Fn(Vec<u8>) -> Result<Vec<u8>>,
    ) -> Result<Done> {
        let ticket = self.preview(gateway, PrintIndex::LowestFree).await?;
        self.send(gateway, self.token(gateway)?, tamper(ticket.bytes)?)
            .await
    }

    /// Asks every signer for a share over another request for the first deposit, rightly signed. A signer that had not
    /// been asked the first time may answer; fewer than the threshold make no book.
    pub(super) async fn second_request(&mut self) -> Result<Done> {
        let deposit = self.first_deposit.context("no deposit was made")?;
        let body = self.another_request(deposit).await?;
        let bytes = serde_json::to_vec(&body)?.len();
        let mut signed = 0;
        let mut refused = 0;
        for number in self.network.signer_numbers() {
            match self
                .network
                .signer_client(number)?
                .blind_sign(None, &body)
                .await
            {
                Ok(_) => signed += 1,
                Err(RequestsError::Refused { status, .. }) if status < 500 => refused += 1,
                Err(error) => return Err(error.into()),
            }
        }
        let outcome = if refused >= self.network.description().threshold {
            "refused".to_owned()
        } else {
            format!("{signed} signed, {refused} refused")
        };
        Ok(Done { outcome, bytes })
    }

    async fn another_request(&self, deposit: DepositId) -> Result<BlindSignRequestBody> {
        let ecash = self.network.contracts()?.ecash.clone();
        let on_chain = self
            .network
            .chain()
            .ecash(&ecash)
            .deposit(deposit.get())
            .await?
            .context("the deposit is not on chain")?;
        let context = SecretContext {
            chain_id: self.network.description().chain_id.clone(),
            ecash_contract: ecash.to_string(),
        };
        let root = self.seed.root();
        let key = (0..DEPOSIT_KEYS)
            .map(|index| IdentitySecret::from_bytes(&root.deposit_key(&context, index).to_bytes()))
            .find(|key| key.public().to_string() == on_chain.bs58_encoded_ed25519_pubkey)
            .context("the deposit is not this wallet's")?;
        let user = UserKeyPair::from_seed(self.seed.expose());
        let expiration = EcashDate::of(Network::now())?.default_expiration()?;
        let (request, _) = WithdrawalRequest::new(
            &user,
            expiration.unix(),
            TYPE.code(),
            WithdrawalSecrets::random(&mut OsRng),
            &mut RandomNonces(&mut OsRng),
        )?;
        Ok(BlindSignRequestBody::sign(
            request,
            deposit,
            &key,
            *user.public_key(),
            expiration,
            TYPE,
        ))
    }

    pub(super) async fn kill_signer(&mut self, number: u16) -> Result<Done> {
        self.network.kill_signer(number).await?;
        Ok(Done::plain())
    }

    /// Spends a ticket at each gateway that the dead signer does not hear of, starts it again, and waits until it holds its
    /// key and has answered every ticket of both gateways.
    pub(super) async fn catch_up(&mut self, number: u16, gateways: &[u16]) -> Result<Done> {
        let member = self.network.signer(number)?.address.to_string();
        for gateway in gateways {
            let Done { outcome, .. } = self.spend(*gateway).await?;
            ensure!(outcome == "Accepted", "gateway {gateway} said {outcome}");
            ensure!(
                !self.is_at_head(*gateway, &member).await?,
                "gateway {gateway} says that the dead signer {number} has answered everything"
            );
        }
        self.network.restart_signer(number).await?;
        let deadline = Instant::now() + CATCH_UP;
        self.network.await_signer(number, CATCH_UP).await?;
        for gateway in gateways {
            while !self.is_at_head(*gateway, &member).await? {
                if Instant::now() > deadline {
                    let outbox = self.network.gateway_status(*gateway).await?.outbox;
                    bail!(
                        "gateway {gateway} has not delivered everything after {CATCH_UP:?}: {:?}",
                        outbox.members.iter().find(|status| status.member == member)
                    );
                }
                sleep(LOOK_AGAIN).await;
            }
        }
        Ok(Done::plain())
    }

    /// Whether a member has answered every ticket of a gateway.
    async fn is_at_head(&self, gateway: u16, member: &str) -> Result<bool> {
        let outbox = self.network.gateway_status(gateway).await?.outbox;
        Ok(outbox
            .members
            .iter()
            .any(|status| status.member == member && status.at_head))
    }

    /// Size of a transaction on chain; 0 if the node does not tell.
    async fn tx_bytes(&self, hash: TxHash) -> usize {
        match self.network.chain().transaction(hash).await {
            Ok(Some(found)) => found.size_bytes,
            _ => 0,
        }
    }
}

/// What the wallet told while it obtained a book.
#[derive(Default)]
struct Seen {
    transaction: Option<TxHash>,
    deposited: Option<(DepositId, Instant)>,
    /// Size of the body that went to the first signer.
    request_bytes: usize,
}

impl Seen {
    fn note(&mut self, event: &Event, progress: &dyn Progress) {
        match event {
            Event::Paying { tx_hash, .. } => self.transaction = tx_hash.parse().ok(),
            Event::Deposited { deposit_id } => {
                self.deposited = Some((*deposit_id, Instant::now()));
                progress.begins("obtain (alice)");
            }
            Event::Asking { bytes, .. } if self.request_bytes == 0 => {
                self.request_bytes = *bytes;
            }
            Event::Share {
                have, threshold, ..
            } => {
                progress.begins(&format!("obtain (alice): {have} of {threshold} shares"));
            }
            _ => {}
        }
    }
}
