//! A gateway with a clock, keys and a registration of the test's choosing, and wallets that can spend at it. No chain.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation
)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use ecash_requests::gateway::{
    AccountBody, AccountCreated, AccountToken, BandwidthResponse, Consumed, TicketAnswer, Verdict,
    routes,
};
use ecash_requests::{IdentitySecret, NetworkIds, ShortText};
use ecash_scheme::{
    CoinIndexBases, CoinIndexSignatures, DateSignatures, RandomNonces, SpendContext, UserKeyPair,
    VerificationKey, VerifyingKey, Wallet, WithdrawalRequest, WithdrawalSecrets, deal,
};
use ecash_service::clock::{Clock as _, ManualClock, UnixTime};
use ecash_service::http::{Metrics, PeerAddress};
use ecash_ticketbook::{EcashDate, EpochId, NodeIndex, PayInfo, SpendingData, TicketType};
use http_body_util::BodyExt as _;
use nym_gateway::accept::Situation;
use nym_gateway::config::{HttpConfig, Limits};
use nym_gateway::epochs::{EpochKey, EpochRecord, KnownEpochs, Signer};
use nym_gateway::gateway::{Gateway, Profile};
use nym_gateway::http::{loopback_router, public_router};
use nym_gateway::registry::{EntryState, Registry, RegistryEntry};
use nym_gateway::skew::ClockState;
use nym_gateway::spend_store::SpendStore;
use nym_gateway::store::{KeyOrigin, Quota, Store};
use rand::rngs::StdRng;
use rand::{RngCore as _, SeedableRng as _};
use serde::de::DeserializeOwned;
use tower::ServiceExt as _;

pub const DAY: u64 = 86_400;
/// 2026-03-10, 12:00 UTC.
pub const NOON: UnixTime = UnixTime::from_secs(1_773_144_000);
pub const EPOCH: EpochId = EpochId(7);
pub const TYPE: TicketType = TicketType::WireguardEntry;
pub const GRANT: i64 = 500_000_000;

/// Spend dates of the books: three days before today until three days after.
pub fn expiration() -> EcashDate {
    EcashDate::from_unix_day(NOON.as_secs() / DAY + 3).unwrap()
}

pub fn date_of(time: UnixTime) -> EcashDate {
    EcashDate::from_unix_day(time.as_secs() / DAY).unwrap()
}

/// The key of an epoch with everything a wallet needs.
pub struct Mint {
    pub master: VerificationKey,
    pub verifying: Arc<VerifyingKey>,
    secret: ecash_scheme::SecretKey,
    dates: DateSignatures,
    coins: CoinIndexSignatures,
}

impl Mint {
    pub fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let (master, mut keys) = deal(1, &[1], &mut rng).unwrap();
        let (_, secret) = keys.remove(0);
        Self {
            verifying: Arc::new(VerifyingKey::new(&master)),
            dates: secret.sign_dates(expiration().unix()).unwrap(),
            coins: secret.sign_coin_indices(&CoinIndexBases::new(&master)),
            secret,
            master,
        }
    }

    /// The mint that most tests share.
    pub fn shared() -> &'static Self {
        static MINT: OnceLock<Mint> = OnceLock::new();
        MINT.get_or_init(|| Self::new(1))
    }

    pub fn book(&'static self, ticket_type: TicketType) -> Book {
        let mut rng = StdRng::from_entropy();
        let user = UserKeyPair::random(&mut rng);
        let (expiration, code) = (expiration().unix(), ticket_type.code());
        let (request, info) = WithdrawalRequest::new(
            &user,
            expiration,
            code,
            WithdrawalSecrets::random(&mut rng),
            &mut RandomNonces(&mut rng),
        )
        .unwrap();
        let verified = request.verify(user.public_key(), expiration, code).unwrap();
        let answer = self.secret.blind_sign(&verified);
        let share = info
            .unblind(
                user.secret_key(),
                &answer,
                &self.secret.verification_key(),
                1,
            )
            .unwrap();
        let signatures = info
            .aggregate(user.secret_key(), &[share], 1, &self.master)
            .unwrap();
        Book {
            mint: self,
            user,
            wallet: signatures.to_bytes().to_vec(),
            next: Mutex::new(0),
        }
    }
}

/// A ticketbook whose tickets can be spent in any order and more than once.
pub struct Book {
    mint: &'static Mint,
    user: UserKeyPair,
    wallet: Vec<u8>,
    next: Mutex<u64>,
}

/// What a ticket is made with.
#[derive(Clone, Copy)]
pub struct Spend {
    pub provider: [u8; 32],
    pub time: i64,
    pub date: EcashDate,
    pub epoch: EpochId,
}

impl Book {
    pub fn next_index(&self) -> u64 {
        let mut next = self.next.lock().unwrap();
        *next += 1;
        *next - 1
    }

    /// Ticket `index`, with a fresh nonce.
    pub fn ticket_at(&self, index: u64, spend: Spend) -> Vec<u8> {
        let mut nonce = [0; 32];
        rand::thread_rng().fill_bytes(&mut nonce);
        self.ticket_with(
            index,
            PayInfo::new(nonce, spend.time, spend.provider),
            spend,
        )
    }

    /// Ticket `index` for given pay info; every call randomises the proof anew.
    pub fn ticket_with(&self, index: u64, pay_info: PayInfo, spend: Spend) -> Vec<u8> {
        let signatures = ecash_scheme::WalletSignatures::from_bytes(&self.wallet).unwrap();
        let mut wallet = Wallet::new(signatures, index).unwrap();
        let context = SpendContext {
            master: &self.mint.master,
            dates: &self.mint.dates,
            coins: &self.mint.coins,
        };
        let payment = wallet
            .spend(
                self.user.secret_key(),
                &context,
                &pay_info.to_bytes(),
                spend.date.unix(),
                1,
                &mut rand::thread_rng(),
            )
            .unwrap();
        SpendingData {
            payment,
            pay_info,
            spend_date: spend.date,
            epoch_id: spend.epoch,
        }
        .to_bytes()
    }
}

pub fn network() -> NetworkIds {
    NetworkIds::new("test-chain", "n1ecash", "n1contract").unwrap()
}

pub fn signer(index: u64, announce_address: &str) -> Signer {
    Signer {
        node_index: NodeIndex(index),
        owner: format!("n1signer{index}"),
        identity_key: IdentitySecret::from_bytes(&[index as u8; 32])
            .public()
            .to_string(),
        announce_address: announce_address.to_owned(),
    }
}

pub fn epoch_key(mint: &Mint, epoch: EpochId, since: UnixTime) -> EpochKey {
    EpochKey {
        record: EpochRecord {
            epoch,
            master_epoch: epoch,
            predecessor: None,
            in_progress_since: since,
            revoked: false,
            threshold: 1,
            signers: vec![signer(1, "http://127.0.0.1:1")],
        },
        key: Arc::clone(&mint.verifying),
    }
}

pub fn entry(identity_key: [u8; 32], state: EntryState) -> RegistryEntry {
    RegistryEntry {
        identity_key,
        announce_address: "http://gateway.example".to_owned(),
        roles: vec![TYPE],
        state,
        previous: None,
    }
}

/// One gateway in the process.
pub struct World<S = Store> {
    pub clock: ManualClock,
    pub gateway: Arc<Gateway<S>>,
    pub public: Router,
    pub loopback: Router,
    pub book: Book,
}

pub struct Options {
    pub now: UnixTime,
    pub limits: Limits,
    pub quota: Quota,
    pub identity: [u8; 32],
}

impl Default for Options {
    fn default() -> Self {
        Self {
            now: NOON,
            limits: Limits::without_rates(),
            quota: Quota::default(),
            identity: [7; 32],
        }
    }
}

pub fn identity(seed: [u8; 32]) -> IdentitySecret {
    IdentitySecret::from_bytes(&seed)
}

fn profile(seed: [u8; 32]) -> Profile {
    Profile {
        identity: identity(seed),
        account: ShortText::new("n1gw1").unwrap(),
        network: network(),
        roles: vec![TYPE],
    }
}

/// What a gateway needs to know to take tickets.
pub fn ready_situation(seed: [u8; 32], now: UnixTime) -> Situation {
    let situation = Situation::default();
    let key = *identity(seed).public().as_bytes();
    let epoch = epoch_key(Mint::shared(), EPOCH, NOON.minus_secs(30 * DAY));
    situation
        .epochs
        .set(KnownEpochs::new(vec![epoch], Some(EPOCH)));
    situation
        .registry
        .set(Registry::read(Some(entry(key, EntryState::Admitted)), now));
    situation.clock.set(ClockState::estimated(0, now));
    situation
}

pub async fn open_store(home: &Path, options: &Options) -> Store {
    if !home.join("instance_id").exists() {
        Store::create(home, &network(), KeyOrigin::New, options.now)
            .await
            .unwrap();
    }
    Store::open(home, &network(), options.quota, options.now)
        .await
        .unwrap()
}

pub fn private_home() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

impl World {
    pub async fn new(home: &Path) -> Self {
        Self::with(home, Options::default()).await
    }

    pub async fn with(home: &Path, options: Options) -> Self {
        let store = open_store(home, &options).await;
        World::<Store>::over(store.clone(), store, options).await
    }
}

impl<S: SpendStore> World<S> {
    pub async fn over(spends: S, store: Store, options: Options) -> Self {
        let clock = ManualClock::at(options.now);
        let gateway = Gateway::over(
            spends,
            profile(options.identity),
            store,
            ready_situation(options.identity, options.now),
            clock.shared(),
            options.limits,
        )
        .await
        .unwrap();
        let config = HttpConfig::default();
        Self {
            public: public_router(&gateway, &config),
            loopback: loopback_router(&gateway, &config, Metrics::install().unwrap()),
            gateway,
            clock,
            book: Mint::shared().book(TYPE),
        }
    }

    pub fn key(&self) -> [u8; 32] {
        *self.gateway.profile.identity.public().as_bytes()
    }

    /// A spend for this gateway, now.
    pub fn spend(&self) -> Spend {
        let now = self.clock.now();
        Spend {
            provider: self.key(),
            time: now.as_i64(),
            date: date_of(now),
            epoch: EPOCH,
        }
    }

    /// The next ticket for this gateway, now.
    pub fn ticket(&self) -> Vec<u8> {
        self.book.ticket_at(self.book.next_index(), self.spend())
    }

    pub async fn client(&self, seed: u8) -> AccountToken {
        let body = self.registration(seed, self.clock.now().as_secs());
        let (status, created) = self.register(&body).await;
        assert_eq!(status, StatusCode::CREATED);
        serde_json::from_slice::<AccountCreated>(&created)
            .unwrap()
            .token
    }

    pub fn registration(&self, seed: u8, time: u64) -> AccountBody {
        AccountBody::sign(
            &IdentitySecret::from_bytes(&[seed; 32]),
            &self.gateway.profile.identity.public(),
            ecash_ticketbook::UnixTime(time),
        )
    }

    pub async fn register(&self, body: &AccountBody) -> (StatusCode, Vec<u8>) {
        let request = post(
            routes::ACCOUNTS,
            None,
            "application/json",
            serde_json::to_vec(body).unwrap(),
        );
        let answer = call(&self.public, request).await;
        (answer.status, answer.body)
    }

    pub async fn send(&self, token: &AccountToken, ticket: &[u8]) -> Sent {
        let answer = call(
            &self.public,
            post(
                routes::TICKETS,
                Some(token),
                routes::OCTET_STREAM,
                ticket.to_vec(),
            ),
        )
        .await;
        let parsed: TicketAnswer = answer.json();
        assert_eq!(answer.status.as_u16(), parsed.verdict.http_status());
        Sent {
            verdict: parsed.verdict,
            consumed: parsed.consumed,
            serial: parsed.serial,
            available: parsed.available,
        }
    }

    pub async fn available(&self, token: &AccountToken) -> i64 {
        let answer = call(&self.public, get(routes::BANDWIDTH, Some(token))).await;
        answer.json::<BandwidthResponse>().available
    }

    /// Balance on disk, whatever memory says.
    pub async fn stored_balance(&self) -> i64 {
        self.gateway
            .store
            .accounts()
            .await
            .unwrap()
            .iter()
            .map(|row| row.available)
            .sum()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub verdict: Verdict,
    pub consumed: Consumed,
    pub serial: Option<String>,
    pub available: i64,
}

pub struct Answered {
    pub status: StatusCode,
    pub headers: axum::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!(
                "{error}: {} {}",
                self.status,
                String::from_utf8_lossy(&self.body)
            )
        })
    }
}

pub async fn call(router: &Router, mut request: Request<Body>) -> Answered {
    request
        .extensions_mut()
        .insert(PeerAddress("192.0.2.1:1234".parse::<SocketAddr>().unwrap()));
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answered {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

pub fn post(
    path: &str,
    token: Option<&AccountToken>,
    content_type: &str,
    body: impl Into<Body>,
) -> Request<Body> {
    request("POST", path, token)
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .unwrap()
}

pub fn get(path: &str, token: Option<&AccountToken>) -> Request<Body> {
    request("GET", path, token).body(Body::empty()).unwrap()
}

fn request(method: &str, path: &str, token: Option<&AccountToken>) -> axum::http::request::Builder {
    let builder = Request::builder().method(method).uri(path);
    match token {
        Some(token) => builder.header(
            header::AUTHORIZATION,
            format!("Bearer {}", *token.to_base58()),
        ),
        None => builder,
    }
}
