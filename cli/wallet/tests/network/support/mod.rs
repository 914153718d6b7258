//! One line makes a network: chain, five signers with threshold four, a gateway.

pub(crate) mod dkg;
mod ecash_code;
pub(crate) mod gateway;
pub(crate) mod signer;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cosmwasm_std::Coin;
use ecash_contract_messages::ecash;
use ecash_requests::{IdentityKey, IdentitySecret, NetworkIds, ShortText};
use ecash_scheme::{
    CoinIndexBases, CoinIndexSignatures, DateSignatures, SecretKey, VerificationKey, deal,
};
use ecash_ticketbook::{EcashDate, EpochId, TicketType};
use ecash_wallet::{Event, NetworkConfig, Order, Seed, Wallet, WalletConfig, WalletError};
use nyx_client::{Account, Address, MemoryJournal, Msg, QueryClient, Sender, SenderConfig};
use nyx_embedded::{ChainConfig, Codes, ECASH_CODE_ID, EmbeddedChain, FEE_DENOM, Genesis};
use rand::rngs::OsRng;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use zeroize::Zeroizing;

use gateway::FakeGateway;
use signer::FakeSigner;

pub(crate) const EPOCH: EpochId = EpochId(3);
pub(crate) const EPOCH_AFTER: EpochId = EpochId(4);
pub(crate) const THRESHOLD: u64 = 4;
pub(crate) const PRICE: u128 = 75_000_000;
pub(crate) const TYPE: TicketType = TicketType::WireguardEntry;
/// Enough for many books.
const FUNDS: u128 = 100_000_000_000;
const ADMIN: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
pub(crate) const HOLDER: &str =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";
const FAKE_DKG_CODE_ID: u64 = 3;

/// The keys of the epoch, and the public signatures they make.
pub(crate) struct Keys {
    pub(crate) master: VerificationKey,
    pub(crate) shares: Vec<(u64, SecretKey)>,
}

impl Keys {
    pub(crate) fn deal() -> Self {
        let (master, shares) = deal(THRESHOLD, &[1, 2, 3, 4, 5], &mut OsRng).unwrap();
        Self { master, shares }
    }

    pub(crate) fn share(&self, index: u64) -> &SecretKey {
        &self.shares.iter().find(|(i, _)| *i == index).unwrap().1
    }

    pub(crate) fn dates(&self, expiration: EcashDate) -> DateSignatures {
        let keys: Vec<_> = self
            .shares
            .iter()
            .map(|(i, key)| {
                (
                    *i,
                    key.verification_key(),
                    key.sign_dates(expiration.unix()).unwrap(),
                )
            })
            .collect();
        let parts: Vec<_> = keys
            .iter()
            .map(|(i, key, dates)| (*i, key, dates))
            .collect();
        DateSignatures::aggregate(&parts, THRESHOLD, &self.master, &mut OsRng).unwrap()
    }

    pub(crate) fn coins(&self) -> CoinIndexSignatures {
        let bases = CoinIndexBases::new(&self.master);
        let keys: Vec<_> = self
            .shares
            .iter()
            .map(|(i, key)| (*i, key.verification_key(), key.sign_coin_indices(&bases)))
            .collect();
        let parts: Vec<_> = keys
            .iter()
            .map(|(i, key, coins)| (*i, key, coins))
            .collect();
        CoinIndexSignatures::aggregate(&parts, THRESHOLD, &self.master, &bases, &mut OsRng).unwrap()
    }
}

/// Chain, contracts, signers, one admitted gateway.
pub(crate) struct World {
    pub(crate) chain: EmbeddedChain,
    pub(crate) rpc: String,
    pub(crate) ecash: Address,
    pub(crate) dkg: Address,
    pub(crate) keys: Arc<Keys>,
    pub(crate) signers: Vec<FakeSigner>,
    pub(crate) gateway: FakeGateway,
    pub(crate) home: TempDir,
    admin: Sender,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::start_with(Duration::from_millis(100)).await
    }

    /// A world whose chain makes an empty block after this time.
    pub(crate) async fn start_with(empty_interval: Duration) -> Self {
        let home = tempfile::tempdir().unwrap();
        let admin = Account::from_mnemonic(ADMIN, "n").unwrap();
        let admin_address = admin.address().clone();
        let holder = Account::from_mnemonic(HOLDER, "n").unwrap();
        let genesis = Genesis::new("zknym-local-0badcafe", admin.address().as_ref())
            .unwrap()
            .with_balance(admin.address().as_ref(), FUNDS)
            .with_balance(holder.address().as_ref(), FUNDS);
        let codes = Codes::none()
            .with(dkg::contract)
            .with(dkg::contract)
            .with(dkg::contract)
            .with(ecash_code::contract);
        let config = ChainConfig::new(genesis)
            .with_codes(codes)
            .with_empty_interval(empty_interval);
        let chain = EmbeddedChain::open(home.path().join("chain"), config).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let rpc = format!("http://{}", listener.local_addr().unwrap());
        let server = chain.clone();
        tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
        let query = QueryClient::new(&[rpc.parse().unwrap()]).unwrap();
        let config = SenderConfig {
            poll_interval: Duration::from_millis(50),
            ..SenderConfig::new(FEE_DENOM)
        };
        let admin = Sender::start(query, admin, MemoryJournal::default(), config);
        let keys = Arc::new(Keys::deal());
        let message = ecash::InstantiateMsg {
            holding_account: admin_address.to_string(),
            multisig_addr: admin_address.to_string(),
            group_addr: admin_address.to_string(),
            deposit_amount: Coin::new(PRICE, FEE_DENOM),
            appeal_period_secs: None,
        };
        let instantiate = |code_id, label: &str, msg| Msg::Instantiate {
            code_id,
            admin: None,
            label: label.to_owned(),
            msg,
            funds: vec![],
        };
        let made = admin
            .send(
                vec![
                    instantiate(
                        ECASH_CODE_ID,
                        "ecash",
                        serde_json::to_vec(&message).unwrap(),
                    ),
                    instantiate(FAKE_DKG_CODE_ID, "dkg", b"{}".to_vec()),
                ],
                "",
            )
            .await
            .unwrap();
        let (ecash, dkg) = (made.instantiated(0).unwrap(), made.instantiated(1).unwrap());
        let network = NetworkIds {
            chain_id: short("zknym-local-0badcafe"),
            ecash_contract: short(ecash.as_ref()),
            dkg_contract: short(dkg.as_ref()),
        };
        let mut signers = Vec::new();
        for (index, _) in &keys.shares {
            signers.push(FakeSigner::start(*index, keys.clone(), network.clone()).await);
        }
        let gateway = FakeGateway::start(network, admin_address.to_string()).await;
        let mut world = Self {
            chain,
            rpc,
            ecash,
            dkg,
            keys,
            signers,
            gateway,
            home,
            admin,
        };
        world.publish_shares(&dkg::answers(&world)).await;
        world.register_gateway().await;
        world
    }

    /// What the DKG contract answers from now on.
    pub(crate) async fn publish_shares(&mut self, answers: &serde_json::Value) {
        let message = Msg::execute(&self.dkg, answers, vec![]).unwrap();
        self.admin.send(vec![message], "").await.unwrap();
    }

    /// What the chain says of a deposit from now on.
    pub(crate) async fn deposit_is(&self, id: u32, state: &str) {
        let message = json!({"test_deposit_state": {"id": id, "state": state}});
        let message = Msg::execute(&self.ecash, &message, vec![]).unwrap();
        self.admin.send(vec![message], "").await.unwrap();
    }

    async fn register_gateway(&self) {
        let key = self.gateway.identity.public();
        let proof = ecash_requests::gateway::RegistrationProof::sign(
            &self.gateway.identity,
            &short("zknym-local-0badcafe"),
            &short(self.ecash.as_ref()),
            &short(self.admin.address().as_ref()),
        );
        let register = json!({"register_gateway": {
            "identity_key": key.to_string(),
            "announce_address": self.gateway.url,
            "roles": ["v1-wireguard-entry"],
            "proof": cosmwasm_std::Binary::from(proof.as_bytes().to_vec()),
        }});
        let admit = json!({"admit_gateway": {"address": self.admin.address().to_string()}});
        let messages = [register, admit]
            .iter()
            .map(|msg| Msg::execute(&self.ecash, msg, vec![]).unwrap())
            .collect();
        self.admin.send(messages, "").await.unwrap();
    }

    pub(crate) fn network(&self, rpc: &str) -> NetworkConfig {
        NetworkConfig {
            chain_id: None,
            rpc: vec![rpc.parse().unwrap()],
            ecash_contract: self.ecash.to_string(),
            dkg_contract: self.dkg.to_string(),
            denom: FEE_DENOM.to_owned(),
        }
    }

    pub(crate) fn credentials(&self) -> PathBuf {
        self.home.path().join("credentials.db")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.home.path().join("credentials.db.wallet.sqlite")
    }

    pub(crate) fn config(&self, rpc: &str) -> WalletConfig {
        let mut config = WalletConfig::new(self.database(), self.network(rpc));
        config.tx_poll = Duration::from_millis(50);
        config.wait = Duration::from_secs(20);
        config.try_pauses = [Duration::from_millis(10); 2];
        config.status_pauses = Duration::ZERO..=Duration::from_millis(1);
        config
    }

    /// Configuration of one of many wallets in this world.
    pub(crate) fn config_of(&self, number: usize) -> WalletConfig {
        let mut config = self.config(&self.rpc);
        config.database = self.home.path().join(format!("{number}.wallet.sqlite"));
        config
    }

    pub(crate) async fn open(&self) -> Result<Wallet, WalletError> {
        Wallet::open(self.config(&self.rpc), &seed()).await
    }

    pub(crate) async fn open_via(&self, rpc: &str) -> Wallet {
        Wallet::open(self.config(rpc), &seed()).await.unwrap()
    }

    /// A wallet with one book.
    pub(crate) async fn wallet_with_book(&self) -> Wallet {
        let wallet = self.open().await.unwrap();
        let report = wallet.obtain(&holder(), order(1), &()).await.unwrap();
        assert_eq!(
            (report.books.len(), report.pending.len()),
            (1, 0),
            "{report:?}"
        );
        wallet
    }

    pub(crate) async fn deposits(&self) -> usize {
        let query = QueryClient::new(&[self.rpc.parse().unwrap()]).unwrap();
        query
            .ecash(&self.ecash)
            .deposits_after(None)
            .await
            .unwrap()
            .len()
    }

    pub(crate) fn spent_on_chain(&self) -> u128 {
        FUNDS - self.chain.balance(holder().address().as_ref(), FEE_DENOM)
    }

    /// Hashes of all requests that any signer was sent.
    pub(crate) fn distinct_requests(&self) -> usize {
        let mut all: Vec<Vec<u8>> = self.signers.iter().flat_map(FakeSigner::requests).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    }
}

pub(crate) fn holder() -> Account {
    Account::from_mnemonic(HOLDER, "n").unwrap()
}

pub(crate) fn seed() -> Seed {
    Seed::new(Zeroizing::new(vec![0x42; 32])).unwrap()
}

/// The seed of one of many wallets.
pub(crate) fn seed_of(number: usize) -> Seed {
    let mut bytes = [0x43; 32];
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    Seed::new(Zeroizing::new(bytes.to_vec())).unwrap()
}

pub(crate) fn order(count: u32) -> Order {
    Order {
        ticket_type: TYPE,
        count,
        new_deposit: false,
    }
}

pub(crate) fn short(text: &str) -> ShortText {
    ShortText::new(text).unwrap()
}

pub(crate) fn identity(byte: u8) -> IdentitySecret {
    IdentitySecret::from_bytes(&[byte; 32])
}

pub(crate) fn key_of(secret: &IdentitySecret) -> IdentityKey {
    secret.public()
}

/// Keeps every event.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Vec<Event>>);

impl Recorder {
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

impl ecash_wallet::Observer for Recorder {
    fn on(&self, event: &Event) {
        self.0.lock().unwrap().push(event.clone());
    }
}
