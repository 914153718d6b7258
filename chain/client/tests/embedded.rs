//! The client against a chain that executes the network's contracts: one deposit, whatever happens on the way.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::time::Duration;

use cosmwasm_std::Coin;
use nyx_client::{
    Account, Address, Error, Fate, Included, MemoryJournal, Msg, QueryClient, Sender, SenderConfig,
    parse_address,
};
use nyx_embedded::testing::{Fault, FaultyProxy};
use nyx_embedded::{
    ChainConfig, DKG_CODE_ID, ECASH_CODE_ID, EmbeddedChain, GROUP_CODE_ID, Genesis,
    MULTISIG_CODE_ID,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot};

const ADMIN: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const HOLDER: &str = "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong";
const PRICE: u128 = 75_000_000;
const MONEY: u128 = 1_000_000_000_000;
const SEND: &str = "broadcast_tx_sync";

/// A served chain with a block every few milliseconds, the four contracts on it, and a proxy in front.
struct Network {
    chain: EmbeddedChain,
    client: QueryClient,
    proxy: FaultyProxy,
    group: Address,
    multisig: Address,
    dkg: Address,
    ecash: Address,
    _stop: oneshot::Sender<()>,
    _home: TempDir,
}

fn account(words: &str) -> Account {
    Account::from_mnemonic(words, "n").unwrap()
}

fn config() -> SenderConfig {
    SenderConfig {
        timeout_blocks: 40,
        poll_interval: Duration::from_millis(10),
        ..SenderConfig::new("unym")
    }
}

impl Network {
    async fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let genesis = Genesis::new("zknym-local-00000001", account(ADMIN).address().to_string())
            .unwrap()
            .with_balance(account(ADMIN).address().to_string(), MONEY)
            .with_balance(account(HOLDER).address().to_string(), MONEY);
        let config = ChainConfig::new(genesis).with_empty_interval(Duration::from_millis(10));
        let chain = EmbeddedChain::open(home.path(), config).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = chain.clone();
        tokio::spawn(async move {
            serving
                .serve(listener, async move { drop(stopped.await) })
                .await
        });
        let proxy = FaultyProxy::start(url.clone()).await.unwrap();
        let client = QueryClient::new(&[proxy.url().parse().unwrap()]).unwrap();
        let deployer = Sender::start(
            client.clone(),
            account(ADMIN),
            MemoryJournal::default(),
            self::config(),
        );
        let admin = account(ADMIN).address().clone();
        let make = async |code_id: u64, msg: Value| -> Address {
            let msg = Msg::instantiate(code_id, "contract", Some(&admin), &msg).unwrap();
            let made = deployer.send(vec![msg], "").await.unwrap();
            parse_address(made.attribute("instantiate", "_contract_address").unwrap()).unwrap()
        };
        let group = make(
            GROUP_CODE_ID,
            json!({"admin": admin, "members": [{"addr": admin, "weight": 1}]}),
        )
        .await;
        let multisig = make(
            MULTISIG_CODE_ID,
            json!({
                "group_addr": group,
                "coconut_bandwidth_contract_address": group,
                "coconut_dkg_contract_address": group,
                "threshold": {"absolute_percentage": {"percentage": "0.67"}},
                "max_voting_period": {"time": 86_400},
            }),
        )
        .await;
        let dkg = make(DKG_CODE_ID, json!({
            "group_addr": group, "multisig_addr": multisig, "mix_denom": "unym", "key_size": 5, "min_dealers": 1,
        }))
        .await;
        let ecash = make(
            ECASH_CODE_ID,
            json!({
                "holding_account": admin, "multisig_addr": multisig, "group_addr": group,
                "deposit_amount": {"denom": "unym", "amount": PRICE.to_string()},
            }),
        )
        .await;
        let names = json!({"coconut_bandwidth_address": ecash, "coconut_dkg_address": dkg});
        deployer
            .send(
                vec![Msg::migrate(&multisig, MULTISIG_CODE_ID, &names).unwrap()],
                "",
            )
            .await
            .unwrap();
        Self {
            chain,
            client,
            proxy,
            group,
            multisig,
            dkg,
            ecash,
            _stop: stop,
            _home: home,
        }
    }

    fn holder(&self, journal: &MemoryJournal, timeout_blocks: u64) -> Sender {
        let config = SenderConfig {
            timeout_blocks,
            ..config()
        };
        Sender::start(
            self.client.clone(),
            account(HOLDER),
            journal.clone(),
            config,
        )
    }

    fn deposit(&self, key: &str) -> Msg {
        let message = json!({"deposit_ticket_book_funds": {"identity_key": key}});
        Msg::execute(&self.ecash, &message, vec![Coin::new(PRICE, "unym")]).unwrap()
    }

    /// How many deposits the contract has been paid for.
    fn deposits(&self) -> u128 {
        let balance = self.chain.balance(self.ecash.as_ref(), "unym");
        assert_eq!(balance % PRICE, 0);
        balance / PRICE
    }
}

/// Two ed25519 keys (those of the seeds 1… and 2…).
const KEYS: [&str; 2] = [
    "AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9",
    "9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu",
];

fn deposit_ids(included: &Included) -> Vec<u32> {
    included.deposit_ids().unwrap()
}

#[tokio::test]
async fn the_contracts_answer_in_the_types_of_the_client() {
    let network = Network::start().await;
    let Network {
        client,
        group,
        multisig,
        dkg,
        ecash,
        ..
    } = &network;
    let admin = account(ADMIN).address().clone();
    assert_eq!(client.group(group).members().await.unwrap().len(), 1);
    assert_eq!(
        client
            .multisig(multisig)
            .config()
            .await
            .unwrap()
            .coconut_dkg_addr
            .as_str(),
        dkg.as_ref()
    );
    assert_eq!(client.dkg(dkg).current_epoch().await.unwrap().epoch_id, 0);
    assert_eq!(
        client.ecash(ecash).default_price().await.unwrap(),
        Coin::new(PRICE, "unym")
    );
    let info = client.contract_info(multisig).await.unwrap();
    assert_eq!(
        (info.code_id, info.admin),
        (MULTISIG_CODE_ID, Some(admin.to_string()))
    );
    assert!(
        client
            .raw_state(ecash, b"contract_info")
            .await
            .unwrap()
            .is_some()
    );
    assert!(matches!(
        client.contract_info(&admin).await,
        Err(Error::NotFound { .. })
    ));
    let status = client.status().await.unwrap();
    assert_eq!(
        (status.chain_id.as_str(), status.catching_up),
        ("zknym-local-00000001", false)
    );
    assert_eq!(
        client.balances(account(HOLDER).address()).await.unwrap(),
        [Coin::new(MONEY, "unym")]
    );
}

#[tokio::test]
async fn deposits_of_one_transaction_have_ids_in_order_and_the_time_of_their_block() {
    let network = Network::start().await;
    let holder = network.holder(&MemoryJournal::default(), 40);
    let messages = vec![network.deposit(KEYS[0]), network.deposit(KEYS[1])];
    let included = holder.send(messages, "Ecash::Deposit").await.unwrap();
    let ids = deposit_ids(&included);
    assert_eq!((ids.len(), ids[1]), (2, ids[0] + 1));
    assert_eq!(
        network.client.block_time(included.height).await.unwrap(),
        included.time
    );
    let ecash = network.client.ecash(&network.ecash);
    let found = ecash.deposit(ids[1]).await.unwrap().unwrap();
    assert_eq!(found.bs58_encoded_ed25519_pubkey, KEYS[1]);
    assert_eq!(network.deposits(), 2);
}

#[tokio::test]
async fn the_head_is_the_newest_block_with_the_application_that_committed_it() {
    let network = Network::start().await;
    let holder = network.holder(&MemoryJournal::default(), 40);
    let message = vec![network.deposit(KEYS[0])];
    let included = holder.send(message, "Ecash::Deposit").await.unwrap();
    let head = network.client.head().await.unwrap();
    assert!(head.header.height.value() >= included.height);
    assert_eq!(head.header.height, head.info.last_block_height);
    assert_eq!(head.header.hash(), head.block_id.hash);
    let status = network.client.status().await.unwrap();
    assert_eq!(head.header.chain_id.to_string(), status.chain_id);
}

#[tokio::test]
async fn a_deposit_whose_answers_are_lost_is_made_once() {
    let network = Network::start().await;
    let holder = network.holder(&MemoryJournal::default(), 40);
    network.proxy.set(SEND, Some(Fault::LoseAnswer));
    let included = holder
        .send(vec![network.deposit(KEYS[0])], "")
        .await
        .unwrap();
    assert_eq!(deposit_ids(&included).len(), 1);
    assert_eq!(network.deposits(), 1);
}

#[tokio::test]
async fn a_deposit_that_lands_late_is_made_once() {
    let network = Network::start().await;
    let holder = network.holder(&MemoryJournal::default(), 10_000);
    network.proxy.set(SEND, Some(Fault::Hold));
    let deposit = network.deposit(KEYS[0]);
    let waiting = tokio::spawn(async move { holder.send(vec![deposit], "").await });
    while network.proxy.held() < 3 {
        tokio::task::yield_now().await;
    }
    assert_eq!(network.deposits(), 0);
    let answers = network.proxy.deliver_held().await.unwrap();
    assert!(answers[0].contains(r#""code":0"#), "{}", answers[0]);
    let included = waiting.await.unwrap().unwrap();
    assert_eq!(deposit_ids(&included).len(), 1);
    network.proxy.deliver_held().await.unwrap();
    assert_eq!(network.deposits(), 1);
}

#[tokio::test]
async fn a_deposit_that_never_lands_is_given_up_only_when_it_never_can() {
    let network = Network::start().await;
    let holder = network.holder(&MemoryJournal::default(), 5);
    network.proxy.set(SEND, Some(Fault::Hold));
    let before = network.chain.height();
    let (tx, fate) = holder
        .submit(vec![network.deposit(KEYS[0])], "", Vec::new())
        .await
        .unwrap();
    assert_eq!(fate, Fate::Abandoned);
    assert!(network.chain.height() > tx.timeout_height() && tx.timeout_height() >= before + 5);
    for answer in network.proxy.deliver_held().await.unwrap() {
        assert!(
            answer.contains(r#""code":30"#),
            "what was held has timed out: {answer}"
        );
    }
    network.proxy.set(SEND, None);
    holder
        .send(vec![network.deposit(KEYS[0])], "")
        .await
        .unwrap();
    assert_eq!(network.deposits(), 1);
}

#[tokio::test]
async fn a_sender_that_starts_again_settles_the_deposit_of_the_one_before() {
    let network = Network::start().await;
    let journal = MemoryJournal::default();
    network.proxy.set(SEND, Some(Fault::Hold));
    let holder = network.holder(&journal, 10_000);
    let deposit = network.deposit(KEYS[0]);
    let abandoned = tokio::spawn(async move { holder.send(vec![deposit], "").await });
    while network.proxy.held() == 0 {
        tokio::task::yield_now().await;
    }
    abandoned.abort();
    network.proxy.set(SEND, None);
    let holder = network.holder(&journal, 40);
    holder.recovered().await.unwrap();
    assert_eq!(network.deposits(), 1, "the bytes of the journal were sent");
    holder
        .send(vec![network.deposit(KEYS[1])], "")
        .await
        .unwrap();
    assert_eq!(network.deposits(), 2);
}

#[tokio::test]
async fn a_deposit_for_the_wrong_price_fails_before_it_is_sent() {
    let network = Network::start().await;
    let holder = network.holder(&MemoryJournal::default(), 40);
    let message = json!({"deposit_ticket_book_funds": {"identity_key": KEYS[0]}});
    let cheap = Msg::execute(&network.ecash, &message, vec![Coin::new(PRICE - 1, "unym")]).unwrap();
    let sent = network.proxy.seen(SEND);
    assert!(matches!(
        holder.send(vec![cheap], "").await,
        Err(Error::Simulation { .. })
    ));
    assert_eq!((network.proxy.seen(SEND), network.deposits()), (sent, 0));
}
