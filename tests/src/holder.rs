//! A holder that can be dishonest: it deposits, asks, aggregates and spends step by step, so that a test can change
//! anything in between. It keeps nothing and recovers nothing; the wallet is another program.

use anyhow::{Context as _, Result, bail, ensure};
use ecash_contract_messages::ecash::ExecuteMsg;
use ecash_requests::http::{HttpClient, HttpOptions};
use ecash_requests::quorum::{BlindSignRequestBody, BlindSignResponse, QuorumClient};
use ecash_requests::{IdentitySecret, NetworkIds};
use ecash_scheme::{
    BlindedSignature, CoinIndexSignatures, DateSignatures, PartialWallet, RandomNonces,
    RequestInfo, SpendContext, UserKeyPair, VerificationKey, WithdrawalRequest, WithdrawalSecrets,
};
use ecash_ticketbook::{
    DepositId, EcashDate, EpochId, IssuedTicketBook, NodeIndex, PayInfo, SpendingData, TicketType,
    UnixTime,
};
use nyx_client::{Account, MemoryJournal, Msg, QueryClient, Sender, SenderConfig, parse_address};
use rand::rngs::OsRng;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use url::Url;

/// Denomination of deposits and fees.
pub const DENOM: &str = "unym";

/// A signer of the epoch in service, as the chain shows it.
pub struct Signer {
    /// Its node index.
    pub index: NodeIndex,
    /// Its client.
    pub client: QuorumClient,
    /// Its announced URL.
    pub url: Url,
    key: VerificationKey,
}

/// The holder.
pub struct Holder {
    /// The network.
    pub network: NetworkIds,
    /// The epoch in service.
    pub epoch: EpochId,
    /// Its signers.
    pub signers: Vec<Signer>,
    /// The chain.
    pub chain: QueryClient,
    /// The account that pays.
    pub account: Account,
    sender: Sender,
    user: UserKeyPair,
    threshold: u64,
    master: VerificationKey,
}

/// A deposit and its key.
pub struct Deposit {
    /// Its id.
    pub id: DepositId,
    /// Its key.
    pub key: IdentitySecret,
}

/// A request with what unblinds its answers.
pub struct Request {
    /// The honest body.
    pub body: BlindSignRequestBody,
    info: RequestInfo,
}

/// A book with what it takes to spend it.
pub struct Book<'a> {
    holder: &'a Holder,
    book: IssuedTicketBook,
    dates: DateSignatures,
    coins: CoinIndexSignatures,
}

/// The time of this machine.
#[must_use]
pub fn now() -> UnixTime {
    UnixTime(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |elapsed| elapsed.as_secs()),
    )
}

/// Today.
#[must_use]
pub fn today() -> EcashDate {
    EcashDate::of(now()).unwrap()
}

impl Holder {
    /// A holder whose account must be funded before it pays.
    ///
    /// # Errors
    /// If the chain does not answer or has no epoch in service.
    pub async fn new(rpc: &Url, network: NetworkIds) -> Result<Self> {
        let chain = QueryClient::new(std::slice::from_ref(rpc))?;
        let dkg = chain.dkg(&parse_address(network.dkg_contract.as_str())?);
        let epoch = dkg.current_epoch().await?.epoch_id;
        let threshold = dkg.epoch_threshold(epoch).await?.context("no threshold")?;
        let http = HttpClient::new(HttpOptions::default())?;
        let mut signers = Vec::new();
        for share in dkg.key_shares(epoch).await? {
            signers.push(Signer {
                index: NodeIndex(share.node_index),
                client: QuorumClient::new(http.clone(), &share.announce_address)?,
                url: share.announce_address.parse()?,
                key: VerificationKey::from_base58(&share.share)?,
            });
        }
        let keys: Vec<_> = signers
            .iter()
            .map(|signer| (signer.index.get(), &signer.key))
            .collect();
        let master = VerificationKey::aggregate(&keys, threshold)?;
        let mnemonic = Account::generate_mnemonic()?;
        let account = Account::from_mnemonic(&mnemonic, "n")?;
        let paying = Account::from_mnemonic(&mnemonic, "n")?;
        let config = SenderConfig {
            poll_interval: Duration::from_millis(100),
            ..SenderConfig::new(DENOM)
        };
        let sender = Sender::start(chain.clone(), paying, MemoryJournal::default(), config);
        let user = UserKeyPair::random(&mut OsRng);
        Ok(Self {
            network,
            epoch: EpochId(epoch),
            signers,
            chain,
            account,
            sender,
            user,
            threshold,
            master,
        })
    }

    /// The message that deposits under a key with this text.
    ///
    /// # Errors
    /// If the price cannot be read.
    pub async fn deposit_message(&self, identity_key: String) -> Result<Msg> {
        let contract = parse_address(self.network.ecash_contract.as_str())?;
        let price = self.chain.ecash(&contract).default_price().await?;
        Ok(Msg::execute(
            &contract,
            &ExecuteMsg::DepositTicketBookFunds { identity_key },
            vec![price],
        )?)
    }

    /// Pays for a book.
    ///
    /// # Errors
    /// If the transaction fails.
    pub async fn deposit(&self) -> Result<Deposit> {
        let key = IdentitySecret::generate(&mut OsRng);
        let message = self.deposit_message(key.public().to_string()).await?;
        let included = self.sender.send(vec![message], "").await?;
        let [id] = included.deposit_ids()?[..] else {
            bail!("one deposit, another number of ids")
        };
        Ok(Deposit {
            id: DepositId(id),
            key,
        })
    }

    /// A fresh request for a deposit: every call has secrets of its own.
    ///
    /// # Errors
    /// If the secrets do not serve.
    pub fn request(&self, deposit: &Deposit, ticket_type: TicketType) -> Result<Request> {
        self.request_until(deposit, ticket_type, today().default_expiration()?)
    }

    /// The same for another expiration date.
    ///
    /// # Errors
    /// If the secrets do not serve.
    pub fn request_until(
        &self,
        deposit: &Deposit,
        ticket_type: TicketType,
        expiration: EcashDate,
    ) -> Result<Request> {
        let secrets = WithdrawalSecrets::random(&mut OsRng);
        let nonces = &mut RandomNonces(&mut OsRng);
        let (request, info) = WithdrawalRequest::new(
            &self.user,
            expiration.unix(),
            ticket_type.code(),
            secrets,
            nonces,
        )?;
        let user = *self.user.public_key();
        let body = BlindSignRequestBody::sign(
            request,
            deposit.id,
            &deposit.key,
            user,
            expiration,
            ticket_type,
        );
        Ok(Request { body, info })
    }

    /// Asks every signer, and puts the book together.
    ///
    /// # Errors
    /// If fewer than the threshold sign, or one signs wrongly.
    pub async fn obtain(&self, request: &Request) -> Result<Book<'_>> {
        let mut shares: Vec<PartialWallet> = Vec::new();
        for signer in &self.signers {
            if let Ok(answer) = signer
                .client
                .blind_sign(Some(self.epoch), &request.body)
                .await
            {
                let share = clear(answer.value)?;
                shares.push(request.info.unblind(
                    self.user.secret_key(),
                    &share,
                    &signer.key,
                    signer.index.get(),
                )?);
            }
        }
        let signatures = request.info.aggregate(
            self.user.secret_key(),
            &shares,
            self.threshold,
            &self.master,
        )?;
        let signer = &self.signers.first().context("no signers")?.client;
        let expiration = Some(request.body.expiration_date);
        let dates = signer
            .aggregated_expiration_date_signatures(Some(self.epoch), expiration)
            .await?
            .value
            .signatures;
        let coins = signer
            .aggregated_coin_indices_signatures(Some(self.epoch))
            .await?
            .value
            .signatures;
        let book =
            IssuedTicketBook::new(signatures, 0, self.epoch, self.user.secret_key().clone())?;
        Ok(Book {
            holder: self,
            book,
            dates,
            coins,
        })
    }
}

/// The share of a clear answer.
///
/// # Errors
/// If it is sealed.
pub fn clear(answer: BlindSignResponse) -> Result<BlindedSignature> {
    match answer {
        BlindSignResponse::Clear {
            blinded_signature,
            attestation,
        } => {
            ensure!(attestation.is_some(), "a share without attestation");
            Ok(blinded_signature)
        }
        BlindSignResponse::Sealed(_) => bail!("a sealed answer to a request without response key"),
    }
}

impl Book<'_> {
    /// The ticket with this index for a provider, stamped now. The same index can be spent again and again.
    ///
    /// # Errors
    /// If the book has no such ticket.
    pub fn spend(&self, index: u64, provider: [u8; 32]) -> Result<SpendingData> {
        let context = SpendContext {
            master: &self.holder.master,
            dates: &self.dates,
            coins: &self.coins,
        };
        let now = now();
        let pay_info = PayInfo::generate(&mut OsRng, now, provider);
        let date = EcashDate::of(now)?;
        Ok(self.book.spend_ticket(
            index,
            &context,
            self.holder.epoch,
            pay_info,
            date,
            &mut OsRng,
        )?)
    }
}
