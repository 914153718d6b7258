//! A Quorum of five in memory, of which one is the member under test: its router over a database in a temporary
//! directory, with a clock, keys and a chain made of tables.

#![allow(dead_code, missing_docs, unreachable_pub)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation
)]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use ecash_contract_messages::dkg::EpochState;
use ecash_requests::bytes::Hex;
use ecash_requests::quorum::{
    AbciInfo, BlockHead, BlockHeader, BlockId, BlockInfo, DetailedChainStatus, HeaderVersion,
    PartSetHeader,
};
use ecash_requests::quorum::{
    BlindSignRequestBody, BlindSignResponse, ChainDetails, DenomDetails, NetworkContracts,
    NetworkDetails, NetworkDetailsResponse,
};
use ecash_requests::{IdentitySecret, NetworkIds, ShortText};
use ecash_scheme::{
    BlindedSignature, CoinIndexBases, CoinIndexSignatures, DateSignatures, PartialWallet,
    RandomNonces, RequestInfo, SecretKey, SpendContext, UserKeyPair, VerificationKey, Wallet,
    WithdrawalRequest, WithdrawalSecrets, deal,
};
use ecash_service::clock::{ManualClock, UnixTime as ServiceTime};
use ecash_ticketbook::{
    DepositId, EcashDate, EpochId, NodeIndex, PayInfo, SpendingData, TicketType, UnixTime,
};
use http_body_util::BodyExt as _;
use nym_api::config::Limits;
use nym_api::epochs::{ConcludedEpoch, EpochWatch, Epochs, Signer};
use nym_api::globals::{PeerFuture, Peers};
use nym_api::http::router;
use nym_api::keys::ring::Owner;
use nym_api::keys::share::MasterPoints;
use nym_api::keys::{InstanceId, KeyRing, KeyState, Protection, ShareRecord};
use nym_api::member::{Member, MemberOptions, MemberParts};
use nym_api::mirror::{ChainLookup, LookupFuture, MirrorWatch};
use nym_api::signers::SurveyWatch;
use nym_api::status::{HeadFuture, HeadSource};
use nym_api::store::Store;
use nym_api::store::deposits::{DepositRow, DepositState};
use nym_api::store::gateways::{GatewayRow, GatewayState};
use rand::rngs::OsRng;
use tower::ServiceExt as _;

/// 2025-12-05, 12:00 UTC.
pub const NOON: u64 = 1_764_936_000;
pub const EPOCH: EpochId = EpochId(3);
pub const OWN: NodeIndex = NodeIndex(2);
pub const THRESHOLD: u64 = 4;
pub const GATEWAY: &str = "n1gateway";

pub fn today() -> EcashDate {
    EcashDate::of(UnixTime(NOON)).unwrap()
}

pub fn expiration() -> EcashDate {
    today().default_expiration().unwrap()
}

pub fn network() -> NetworkIds {
    NetworkIds::new("test-chain", "n1ecash", "n1contract").unwrap()
}

/// The chain as tables.
#[derive(Default)]
pub struct Chain {
    pub deposits: Mutex<HashMap<DepositId, DepositRow>>,
    pub gateways: Mutex<HashMap<String, GatewayRow>>,
    pub unreachable: Mutex<bool>,
    pub questions: Mutex<u32>,
    pub head_time: Mutex<Option<i64>>,
}

impl Chain {
    fn answer<T>(&self, found: Option<T>) -> nym_api::Result<Option<T>> {
        *self.questions.lock().unwrap() += 1;
        if *self.unreachable.lock().unwrap() {
            return Err(nyx_client::Error::SenderStopped.into());
        }
        Ok(found)
    }
}

impl ChainLookup for Chain {
    fn deposit(&self, id: DepositId) -> LookupFuture<'_, DepositRow> {
        let found = self.deposits.lock().unwrap().get(&id).cloned();
        Box::pin(async move { self.answer(found) })
    }

    fn gateway<'a>(&'a self, account: &'a str) -> LookupFuture<'a, GatewayRow> {
        let found = self.gateways.lock().unwrap().get(account).cloned();
        Box::pin(async move { self.answer(found) })
    }
}

impl HeadSource for Chain {
    fn head(&self) -> HeadFuture<'_> {
        Box::pin(async move {
            let seconds = self.head_time.lock().unwrap().unwrap_or(NOON as i64);
            Ok(self.answer(Some(head_at(seconds)))?.unwrap())
        })
    }
}

/// A block of this time.
pub fn head_at(seconds: i64) -> DetailedChainStatus {
    let id = |byte: &str| BlockId {
        hash: byte.repeat(32).parse().unwrap(),
        part_set_header: PartSetHeader {
            total: 1,
            hash: "".parse().unwrap(),
        },
    };
    DetailedChainStatus {
        abci: AbciInfo {
            data: "nyx".to_owned(),
            version: "1".to_owned(),
            app_version: 0,
            last_block_height: 300,
            last_block_app_hash: "AA".repeat(32),
        },
        latest_block: BlockInfo {
            block_id: id("AB"),
            block: BlockHead {
                header: BlockHeader {
                    version: HeaderVersion { block: 11, app: 0 },
                    chain_id: "test-chain".to_owned(),
                    height: 300,
                    time: time::OffsetDateTime::from_unix_timestamp(seconds).unwrap(),
                    last_block_id: Some(id("AC")),
                    last_commit_hash: None,
                    data_hash: Some("".parse().unwrap()),
                    validators_hash: "AD".repeat(32).parse().unwrap(),
                    next_validators_hash: "AD".repeat(32).parse().unwrap(),
                    consensus_hash: "AE".repeat(32).parse().unwrap(),
                    app_hash: "AF".repeat(32).parse().unwrap(),
                    last_results_hash: None,
                    evidence_hash: None,
                    proposer_address: Hex([7; 20]),
                },
            },
        },
    }
}

/// The other signers in memory; those in `silent` do not answer, those in `lying` sign with another key.
pub struct OtherSigners {
    pub keys: BTreeMap<u64, SecretKey>,
    pub master: VerificationKey,
    pub silent: Mutex<Vec<u64>>,
    pub lying: Mutex<Vec<u64>>,
    pub asked: Mutex<u32>,
}

impl OtherSigners {
    fn key(&self, index: NodeIndex) -> Option<&SecretKey> {
        *self.asked.lock().unwrap() += 1;
        let index = index.get();
        if self.silent.lock().unwrap().contains(&index) {
            return None;
        }
        let index = if self.lying.lock().unwrap().contains(&index) {
            index % 5 + 1
        } else {
            index
        };
        self.keys.get(&index)
    }
}

fn no_answer() -> ecash_requests::RequestsError {
    ecash_requests::RequestsError::TimedOut {
        url: "http://nobody".to_owned(),
    }
}

impl Peers for OtherSigners {
    fn dates<'a>(
        &'a self,
        signer: &'a Signer,
        _: EpochId,
        expiration: EcashDate,
    ) -> PeerFuture<'a, DateSignatures> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            Ok(self
                .key(signer.index)
                .ok_or_else(no_answer)?
                .sign_dates(expiration.unix())
                .unwrap())
        })
    }

    fn coins<'a>(&'a self, signer: &'a Signer, _: EpochId) -> PeerFuture<'a, CoinIndexSignatures> {
        Box::pin(async move {
            let key = self.key(signer.index).ok_or_else(no_answer)?;
            Ok(key.sign_coin_indices(&CoinIndexBases::new(&self.master)))
        })
    }
}

pub struct World {
    pub home: tempfile::TempDir,
    pub clock: ManualClock,
    pub store: Store,
    pub chain: Arc<Chain>,
    pub peers: Arc<OtherSigners>,
    pub epochs: EpochWatch,
    pub mirror: MirrorWatch,
    pub survey: SurveyWatch,
    pub identity: IdentitySecret,
    pub master: VerificationKey,
    pub options: MemberOptions,
    pub router: Router,
}

impl World {
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut MemberOptions)) -> Self {
        let (master, keys) = deal(THRESHOLD, &[1, 2, 3, 4, 5], &mut OsRng).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut options = MemberOptions {
            signer_enabled: true,
            limits: Limits::without_rates(),
            ..MemberOptions::default()
        };
        change(&mut options);
        let store = Store::open(&home.path().join("db.sqlite")).await.unwrap();
        let peers = OtherSigners {
            keys: keys.into_iter().collect(),
            master: master.clone(),
            silent: Mutex::default(),
            lying: Mutex::default(),
            asked: Mutex::default(),
        };
        let mut world = Self {
            clock: ManualClock::at(ServiceTime::from_secs(NOON)),
            store,
            chain: Arc::default(),
            peers: Arc::new(peers),
            epochs: EpochWatch::default(),
            mirror: MirrorWatch::default(),
            survey: SurveyWatch::default(),
            identity: IdentitySecret::from_bytes(&[9; 32]),
            master,
            options,
            router: Router::new(),
            home,
        };
        world
            .chain
            .gateways
            .lock()
            .unwrap()
            .insert(GATEWAY.to_owned(), gateway(GatewayState::Admitted));
        world.look_at_chain();
        world.router = world.build(true);
        world
    }

    /// Writes down what another process needs to be the same member: keys, and the chain's tables in the mirror.
    pub async fn save(&self) {
        let keys: Vec<(u64, String)> = self
            .peers
            .keys
            .iter()
            .map(|(index, key)| (*index, hex::encode(key.to_bytes())))
            .collect();
        std::fs::write(
            self.home.path().join("keys.json"),
            serde_json::to_vec(&keys).unwrap(),
        )
        .unwrap();
        let deposits: Vec<DepositRow> = self
            .chain
            .deposits
            .lock()
            .unwrap()
            .values()
            .cloned()
            .collect();
        self.store.mirror_deposits(&deposits, None).await.unwrap();
        self.store
            .mirror_gateway(&gateway(GatewayState::Admitted))
            .await
            .unwrap();
        self.store.close().await;
    }

    /// The member that was saved in `home`.
    pub async fn load(home: &Path) -> Self {
        let keys: Vec<(u64, String)> =
            serde_json::from_slice(&std::fs::read(home.join("keys.json")).unwrap()).unwrap();
        let keys: BTreeMap<u64, SecretKey> = keys
            .iter()
            .map(|(index, key)| {
                (
                    *index,
                    SecretKey::from_bytes(&hex::decode(key).unwrap()).unwrap(),
                )
            })
            .collect();
        let mut world = Self::with(|_| {}).await;
        let publics: Vec<_> = keys
            .iter()
            .map(|(index, key)| (*index, key.verification_key()))
            .collect();
        let shares: Vec<_> = publics.iter().map(|(index, key)| (*index, key)).collect();
        world.master = VerificationKey::aggregate(&shares, THRESHOLD).unwrap();
        world.peers = Arc::new(OtherSigners {
            keys,
            master: world.master.clone(),
            silent: Mutex::default(),
            lying: Mutex::default(),
            asked: Mutex::default(),
        });
        world.store = Store::open(&home.join("db.sqlite")).await.unwrap();
        world.look_at_chain();
        world.router = world.build(true);
        world
    }

    pub fn database(&self) -> PathBuf {
        self.home.path().join("db.sqlite")
    }

    /// The same member after a restart: a new process would open the same files.
    pub async fn restart(&mut self) {
        self.store.close().await;
        self.store = Store::open(&self.database()).await.unwrap();
        self.router = self.build(true);
    }

    /// A router over this world; without its key if not `with_key`.
    pub fn build(&self, with_key: bool) -> Router {
        let keys = KeyRing::new(
            self.home.path().to_path_buf(),
            Protection::from_bytes([1; 32]),
            Owner {
                chain_id: "test-chain".to_owned(),
                contract: "n1contract".to_owned(),
                address: "n1own".to_owned(),
                instance: InstanceId::from_bytes([7; 16]),
            },
        );
        if with_key {
            keys.insert(self.share(OWN.get()), KeyState::Usable);
        }
        let member = Member::new(MemberParts {
            network: network(),
            details: details(),
            address: Some(ShortText::new("n1own").unwrap()),
            announce_address: "http://own".to_owned(),
            clock: self.clock.shared(),
            store: self.store.clone(),
            keys,
            identity: self.identity.clone(),
            epochs: self.epochs.clone(),
            mirror: self.mirror.clone(),
            chain: self.chain.clone(),
            head: self.chain.clone(),
            survey: self.survey.clone(),
            peers: self.peers.clone(),
            options: self.options.clone(),
        });
        router(member.unwrap())
    }

    fn share(&self, index: u64) -> ShareRecord {
        ShareRecord {
            chain_id: "test-chain".to_owned(),
            contract: "n1contract".to_owned(),
            address: "n1own".to_owned(),
            epoch: EPOCH,
            index: NodeIndex(index),
            threshold: THRESHOLD,
            resharing: false,
            source_epoch: EpochId(0),
            outcome: [0; 32],
            secret: SecretKey::from_bytes(&self.peers.keys[&index].to_bytes()).unwrap(),
            master: MasterPoints::of(&self.master).unwrap(),
            instance: InstanceId::from_bytes([7; 16]),
        }
    }

    pub fn concluded(&self) -> ConcludedEpoch {
        ConcludedEpoch {
            id: EPOCH,
            threshold: THRESHOLD,
            dealers: 5,
            signers: self
                .peers
                .keys
                .iter()
                .map(|(index, key)| Signer {
                    index: NodeIndex(*index),
                    address: format!("n1signer{index}"),
                    announce_address: format!("http://signer{index}"),
                    identity: IdentitySecret::from_bytes(&[*index as u8; 32]).public(),
                    key: key.verification_key(),
                })
                .collect(),
            own_index: Some(OWN),
            concluded_at: UnixTime(NOON - 86_400 * 40),
            predecessor: None,
            revoked: false,
        }
    }

    /// What the loops would do: take the epochs and the mirror for read now.
    pub fn look_at_chain(&self) {
        self.look_with(self.concluded(), EpochState::InProgress);
    }

    pub fn look_with(&self, epoch: ConcludedEpoch, state: EpochState) {
        use ecash_service::clock::Clock as _;
        let read_at = self.clock.monotonic();
        let id = epoch.id;
        self.epochs.set(Epochs {
            read_at,
            block_height: 10,
            block_time: UnixTime(self.clock.now().as_secs()),
            current: id,
            state,
            issuing: Some(id),
            concluded: [(id, Arc::new(epoch))].into_iter().collect(),
        });
        self.mirror.reached_end(read_at);
    }

    /// Time passes, and the loops go on.
    pub fn wait(&self, secs: u64) {
        self.clock.advance_secs(secs);
        self.look_at_chain();
    }

    pub fn deposit(&self, id: u32, key: &IdentitySecret) {
        self.deposit_at(id, key.public().as_bytes(), NOON - 60, DepositState::Open);
    }

    pub fn deposit_at(&self, id: u32, pubkey: &[u8; 32], time: u64, state: DepositState) {
        let row = DepositRow {
            id: DepositId(id),
            pubkey: *pubkey,
            payer: "n1payer".to_owned(),
            block_time: UnixTime(time),
            state,
        };
        self.chain.deposits.lock().unwrap().insert(row.id, row);
    }

    pub async fn call(&self, request: Request<Body>) -> Answer {
        call(self.router.clone(), request).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    pub async fn blind_sign(&self, body: &BlindSignRequestBody) -> Answer {
        self.call(post("/v1/ecash/blind-sign", body)).await
    }

    pub async fn blind_sign_under(&self, epoch: u64, body: &BlindSignRequestBody) -> Answer {
        self.call(post(
            &format!("/v1/ecash/blind-sign?epoch_id={epoch}"),
            body,
        ))
        .await
    }

    pub fn dates(&self, expiration: EcashDate) -> DateSignatures {
        let sets: Vec<_> = self
            .peers
            .keys
            .iter()
            .map(|(index, key)| {
                (
                    *index,
                    key.verification_key(),
                    key.sign_dates(expiration.unix()).unwrap(),
                )
            })
            .collect();
        let shares: Vec<_> = sets
            .iter()
            .map(|(index, key, set)| (*index, key, set))
            .collect();
        DateSignatures::aggregate(&shares, THRESHOLD, &self.master, &mut OsRng).unwrap()
    }

    pub fn coins(&self) -> CoinIndexSignatures {
        let bases = CoinIndexBases::new(&self.master);
        let sets: Vec<_> = self
            .peers
            .keys
            .iter()
            .map(|(index, key)| {
                (
                    *index,
                    key.verification_key(),
                    key.sign_coin_indices(&bases),
                )
            })
            .collect();
        let shares: Vec<_> = sets
            .iter()
            .map(|(index, key, set)| (*index, key, set))
            .collect();
        CoinIndexSignatures::aggregate(&shares, THRESHOLD, &self.master, &bases, &mut OsRng)
            .unwrap()
    }
}

pub fn gateway(state: GatewayState) -> GatewayRow {
    GatewayRow {
        account: GATEWAY.to_owned(),
        identity_key: *gateway_key().public().as_bytes(),
        former: None,
        roles: "v1-mixnet-entry".to_owned(),
        state,
    }
}

pub fn gateway_key() -> IdentitySecret {
    IdentitySecret::from_bytes(&[8; 32])
}

fn details() -> NetworkDetailsResponse {
    let denom = |base: &str| DenomDetails {
        base: base.to_owned(),
        display: base[1..].to_owned(),
        display_exponent: 6,
    };
    NetworkDetailsResponse {
        connected_nyxd: "http://chain".to_owned(),
        network: NetworkDetails {
            network_name: "test".to_owned(),
            chain_details: ChainDetails {
                bech32_account_prefix: "n".to_owned(),
                mix_denom: denom("unym"),
                stake_denom: denom("unyx"),
            },
            endpoints: Vec::new(),
            contracts: NetworkContracts::default(),
            nym_api_urls: None,
            nym_vpn_api_urls: None,
            nym_vpn_api_url: None,
        },
    }
}

pub fn post<T: serde::Serialize>(path: &str, body: &T) -> Request<Body> {
    Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(serde_json::to_vec(body).unwrap()))
        .unwrap()
}

/// An answer, read.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json<T: serde::de::DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    #[track_caller]
    pub fn is(&self, status: u16, about: &str) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert!(
            self.text().contains(about),
            "{:?} does not speak of {about:?}",
            self.text()
        );
        self
    }

    pub fn share(&self) -> BlindedSignature {
        match self.json() {
            BlindSignResponse::Clear {
                blinded_signature, ..
            } => blinded_signature,
            BlindSignResponse::Sealed(_) => panic!("sealed"),
        }
    }
}

pub async fn call(router: Router, request: Request<Body>) -> Answer {
    let response: Response<Body> = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    assert!(
        parts.headers.contains_key(header::DATE),
        "every answer carries a date"
    );
    if !parts.status.is_success() && !parts.status.is_redirection() {
        let kind = parts.headers.get(header::CONTENT_TYPE).unwrap();
        assert_eq!(kind, "text/plain; charset=utf-8");
    }
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// Somebody with a deposit.
pub struct Holder {
    pub user: UserKeyPair,
    pub deposit_key: IdentitySecret,
    pub deposit: DepositId,
}

impl Holder {
    pub fn new(deposit: u32) -> Self {
        Self {
            user: UserKeyPair::random(&mut OsRng),
            deposit_key: IdentitySecret::generate(&mut OsRng),
            deposit: DepositId(deposit),
        }
    }

    /// A holder whose deposit is on chain.
    pub fn paid(world: &World, deposit: u32) -> Self {
        let holder = Self::new(deposit);
        world.deposit(deposit, &holder.deposit_key);
        holder
    }

    pub fn withdraw(&self, expiration: EcashDate) -> (WithdrawalRequest, RequestInfo) {
        self.withdraw_with(expiration, WithdrawalSecrets::random(&mut OsRng))
    }

    pub fn withdraw_with(
        &self,
        expiration: EcashDate,
        secrets: WithdrawalSecrets,
    ) -> (WithdrawalRequest, RequestInfo) {
        let mut rng = OsRng;
        let mut nonces = RandomNonces(&mut rng);
        WithdrawalRequest::new(
            &self.user,
            expiration.unix(),
            TicketType::MixnetEntry.code(),
            secrets,
            &mut nonces,
        )
        .unwrap()
    }

    pub fn body(&self) -> BlindSignRequestBody {
        self.body_until(expiration())
    }

    pub fn body_until(&self, expiration: EcashDate) -> BlindSignRequestBody {
        self.sign(self.withdraw(expiration).0, expiration)
    }

    pub fn sign(&self, request: WithdrawalRequest, expiration: EcashDate) -> BlindSignRequestBody {
        BlindSignRequestBody::sign(
            request,
            self.deposit,
            &self.deposit_key,
            *self.user.public_key(),
            expiration,
            TicketType::MixnetEntry,
        )
    }

    /// A whole book, signed by all five members.
    pub fn wallet(&self, world: &World) -> Wallet {
        let (request, info) = self.withdraw(expiration());
        let code = TicketType::MixnetEntry.code();
        let verified = request
            .verify(self.user.public_key(), expiration().unix(), code)
            .unwrap();
        let partials: Vec<PartialWallet> = world
            .peers
            .keys
            .iter()
            .map(|(index, key)| {
                let blinded = key.blind_sign(&verified);
                info.unblind(
                    self.user.secret_key(),
                    &blinded,
                    &key.verification_key(),
                    *index,
                )
                .unwrap()
            })
            .collect();
        let signatures = info
            .aggregate(self.user.secret_key(), &partials, THRESHOLD, &world.master)
            .unwrap();
        Wallet::new(signatures, 0).unwrap()
    }
}

/// A book with what is needed to spend it.
pub struct Book {
    pub holder: Holder,
    pub wallet: Wallet,
    pub dates: DateSignatures,
    pub coins: CoinIndexSignatures,
    pub master: VerificationKey,
}

impl Book {
    pub fn new(world: &World, holder: Holder) -> Self {
        let wallet = holder.wallet(world);
        Self {
            holder,
            wallet,
            dates: world.dates(expiration()),
            coins: world.coins(),
            master: world.master.clone(),
        }
    }

    pub fn spend(&mut self, provider: &IdentitySecret, stamped: u64) -> SpendingData {
        let date = EcashDate::of(UnixTime(stamped)).unwrap();
        self.spend_many(provider, stamped, date, 1)
    }

    /// Spends the ticket that comes after `spent` ones, whatever was spent before.
    pub fn spend_again(
        &mut self,
        spent: u64,
        provider: &IdentitySecret,
        stamped: u64,
    ) -> SpendingData {
        self.wallet = Wallet::new(self.wallet.signatures().clone(), spent).unwrap();
        self.spend(provider, stamped)
    }

    pub fn spend_many(
        &mut self,
        provider: &IdentitySecret,
        stamped: u64,
        date: EcashDate,
        count: u64,
    ) -> SpendingData {
        let pay_info = PayInfo::new(
            rand::random(),
            stamped as i64,
            *provider.public().as_bytes(),
        );
        let context = SpendContext {
            master: &self.master,
            dates: &self.dates,
            coins: &self.coins,
        };
        let payment = self
            .wallet
            .spend(
                self.holder.user.secret_key(),
                &context,
                &pay_info.to_bytes(),
                date.unix(),
                count,
                &mut OsRng,
            )
            .unwrap();
        SpendingData {
            payment,
            pay_info,
            spend_date: date,
            epoch_id: EPOCH,
        }
    }
}

pub const fn secs(count: u64) -> Duration {
    Duration::from_secs(count)
}
