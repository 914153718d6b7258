//! The whole service: with a chain that answers badly, and on the embedded chain.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    missing_docs
)]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use cosmwasm_std::coin;
use ecash_contract_messages::ecash::{self, ExecuteMsg, GatewayState};
use ecash_contract_messages::{dkg, group};
use ecash_requests::gateway::{AccountBody, GatewayClient, Verdict};
use ecash_requests::http::{HttpClient, HttpOptions};
use ecash_requests::{IdentitySecret, NetworkIds};
use ecash_service::clock::{Clock as _, SystemClock};
use ecash_service::files::write_private;
use ecash_service::secret::SecretRef;
use ecash_service::shutdown::{Shutdown, ShutdownTrigger};
use ecash_ticketbook::UnixTime;
use nym_gateway::config::{
    AnnounceAddress, ChainConfig, Config, GatewayConfig, HttpConfig, Limits, LogConfig,
    LoopbackConfig, NetworkConfig,
};
use nym_gateway::http::Status;
use nym_gateway::{Error, IDENTITY_FILE, Ready, Runtime, init, run};
use nyx_client::{Account, Address, Msg, QueryClient, Sender, SenderConfig};
use nyx_embedded::{
    ChainConfig as EmbeddedConfig, DKG_CODE_ID, ECASH_CODE_ID, EmbeddedChain, GROUP_CODE_ID,
    Genesis,
};
use support::{Mint, TYPE, private_home};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

const CHAIN_ID: &str = "zknym-local-0badcafe";
const GATEWAY_MNEMONIC: &str =
    "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about";
const ADMIN_MNEMONIC: &str =
    "legal winner thank year wave sausage worth useful legal winner thank yellow";

fn account(mnemonic: &str) -> Account {
    Account::from_mnemonic(mnemonic, "n").unwrap()
}

fn loopback() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

fn config(
    home: &std::path::Path,
    rpc: &Url,
    ecash_contract: &Address,
    dkg_contract: &Address,
) -> Config {
    let mnemonic = home.join("mnemonic");
    write_private(&mnemonic, GATEWAY_MNEMONIC.as_bytes()).unwrap();
    Config {
        gateway: GatewayConfig {
            home: home.join("gateway"),
            roles: vec![TYPE],
            announce_address: AnnounceAddress::Bound,
        },
        chain: ChainConfig {
            endpoints: vec![rpc.clone()],
            mnemonic: SecretRef::File(mnemonic),
            register: true,
        },
        network: NetworkConfig {
            chain_id: CHAIN_ID.to_owned(),
            bech32_prefix: "n".to_owned(),
            fee_denom: "unym".to_owned(),
            ecash_contract: ecash_contract.clone(),
            dkg_contract: dkg_contract.clone(),
        },
        http: HttpConfig {
            bind: loopback(),
            ..HttpConfig::default()
        },
        loopback: LoopbackConfig { bind: loopback() },
        limits: Limits::without_rates(),
        log: LogConfig::default(),
    }
}

struct Running {
    ready: Ready,
    stop: ShutdownTrigger,
    task: JoinHandle<Result<(), Error>>,
}

impl Running {
    async fn start(config: Config) -> Self {
        let (stop, shutdown) = Shutdown::new();
        let (told, ready) = oneshot::channel();
        let runtime = Runtime {
            clock: SystemClock::shared(),
            shutdown,
            ready: Box::new(move |ready| drop(told.send(ready))),
        };
        let task = tokio::spawn(run(config, runtime));
        let ready = tokio::time::timeout(Duration::from_secs(20), ready)
            .await
            .unwrap()
            .unwrap();
        Self { ready, stop, task }
    }

    async fn status(&self) -> Status {
        let body = http_get(self.ready.loopback, "/v1/status").await;
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    async fn until(&self, enough: impl Fn(&Status) -> bool) -> Status {
        let waiting = async {
            loop {
                let status = self.status().await;
                if enough(&status) {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), waiting)
            .await
            .unwrap()
    }

    async fn stop(self) {
        self.stop.request();
        tokio::time::timeout(Duration::from_secs(20), self.task)
            .await
            .unwrap()
            .unwrap()
            .unwrap();
    }
}

async fn http_get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// An RPC that answers `answer` to whatever is asked, or never if there is none.
async fn bad_rpc(answer: Option<&'static [u8]>) -> Url {
    let listener = TcpListener::bind(loopback()).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            if let Some(answer) = answer {
                let _ = stream.write_all(answer).await;
            } else {
                open.push(stream);
            }
        }
    });
    url
}

#[tokio::test]
async fn with_a_chain_that_answers_garbage_or_nothing_a_gateway_serves_and_takes_no_tickets() {
    let garbage: [Option<&'static [u8]>; 4] = [
        Some(b"\x00\xff not http at all"),
        Some(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"),
        Some(b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n"),
        None,
    ];
    for answer in garbage {
        let home = private_home();
        let contract = account(ADMIN_MNEMONIC).address().clone();
        let config = config(home.path(), &bad_rpc(answer).await, &contract, &contract);
        init(&config, SystemClock::new().now()).await.unwrap();
        let gateway = Running::start(config.clone()).await;
        let status = gateway.status().await;
        assert!(!status.accepting && !status.registry.admitted);
        assert_eq!(http_get(gateway.ready.loopback, "/health").await, "ok\n");

        let client = GatewayClient::new(
            HttpClient::new(HttpOptions::default()).unwrap(),
            &gateway.ready.announce_address,
        )
        .unwrap();
        let now = SystemClock::new().now();
        let key = IdentitySecret::from_bytes(&[3; 32]);
        let body = AccountBody::sign(&key, &gateway.ready.identity_key, UnixTime(now.as_secs()));
        let token = client.create_account(&body).await.unwrap();
        let spend = support::Spend {
            provider: *gateway.ready.identity_key.as_bytes(),
            time: now.as_i64(),
            date: support::expiration(),
            epoch: support::EPOCH,
        };
        let ticket = Mint::shared().book(TYPE).ticket_at(0, spend);
        let verdict = client
            .send_ticket(&token, &ticket.try_into().unwrap())
            .await
            .unwrap()
            .value
            .answer;
        assert_eq!(verdict.verdict, Verdict::UnknownEpoch);
        let network = NetworkIds::new(CHAIN_ID, contract.as_ref(), contract.as_ref()).unwrap();
        let (signer, info) = client
            .info(&network, &mut rand::thread_rng())
            .await
            .unwrap()
            .value;
        assert_eq!(signer, gateway.ready.identity_key);
        assert!(info.epochs.is_empty());
        gateway.stop().await;
    }
}

#[tokio::test]
async fn a_second_gateway_from_one_home_and_a_home_of_another_network_are_refused() {
    let home = private_home();
    let contract = account(ADMIN_MNEMONIC).address().clone();
    let config = config(home.path(), &bad_rpc(None).await, &contract, &contract);
    let runtime = || {
        let (trigger, shutdown) = Shutdown::new();
        std::mem::forget(trigger);
        Runtime {
            clock: SystemClock::shared(),
            shutdown,
            ready: Box::new(|_| {}),
        }
    };
    assert!(matches!(
        run(config.clone(), runtime()).await,
        Err(Error::NotInitialised)
    ));
    let key = init(&config, SystemClock::new().now()).await.unwrap();
    assert!(matches!(
        init(&config, SystemClock::new().now()).await,
        Err(Error::AlreadyInitialised { .. })
    ));
    let gateway = Running::start(config.clone()).await;
    assert_eq!(gateway.ready.identity_key, key);
    assert!(matches!(
        run(config.clone(), runtime()).await,
        Err(Error::InUse { .. })
    ));
    gateway.stop().await;
    let mut elsewhere = config.clone();
    elsewhere.network.chain_id = "another-chain".to_owned();
    assert!(matches!(
        run(elsewhere, runtime()).await,
        Err(Error::OtherNetwork { .. })
    ));
    let mut below_a_file = config.clone();
    below_a_file.gateway.home = home.path().join("mnemonic").join("home");
    let error = init(&below_a_file, SystemClock::new().now())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("mnemonic"), "{error}");
    Running::start(config).await.stop().await;
}

#[tokio::test]
async fn a_restored_identity_key_begins_in_reduced_mode_and_one_of_an_interrupted_init_does_not() {
    let (old, new) = (private_home(), private_home());
    let contract = account(ADMIN_MNEMONIC).address().clone();
    let rpc = bad_rpc(None).await;
    let first = config(old.path(), &rpc, &contract, &contract);
    let key = init(&first, SystemClock::new().now()).await.unwrap();
    let second = config(new.path(), &rpc, &contract, &contract);
    ecash_service::files::create_private_dir(&second.gateway.home).unwrap();
    let pem = std::fs::read(first.gateway.home.join(IDENTITY_FILE)).unwrap();
    write_private(&second.gateway.home.join(IDENTITY_FILE), &pem).unwrap();
    let kept = init(&second, SystemClock::new().now()).await.unwrap();
    assert_eq!(kept, key);
    let interrupted_home = private_home();
    let third = config(interrupted_home.path(), &rpc, &contract, &contract);
    ecash_service::files::create_private_dir(&third.gateway.home).unwrap();
    write_private(&third.gateway.home.join("init_unfinished"), b"").unwrap();
    write_private(&third.gateway.home.join(IDENTITY_FILE), &pem).unwrap();
    assert_eq!(init(&third, SystemClock::new().now()).await.unwrap(), key);
    assert!(!third.gateway.home.join("init_unfinished").exists());
    for (config, reduced) in [(first, false), (second, true), (third, false)] {
        let gateway = Running::start(config).await;
        assert_eq!(gateway.status().await.reduced, reduced);
        gateway.stop().await;
    }
}

/// The embedded chain with the ecash and DKG contracts.
struct Chain {
    rpc: Url,
    admin: Sender,
    client: QueryClient,
    ecash: Address,
    dkg: Address,
    stop: ShutdownTrigger,
    task: JoinHandle<()>,
}

impl Chain {
    async fn start(dir: &std::path::Path) -> Self {
        let (admin, gateway) = (account(ADMIN_MNEMONIC), account(GATEWAY_MNEMONIC));
        let genesis = Genesis::new(CHAIN_ID, admin.address().to_string())
            .unwrap()
            .with_balance(admin.address().to_string(), 1_000_000_000)
            .with_balance(gateway.address().to_string(), 1_000_000_000);
        let chain = EmbeddedChain::open(dir, EmbeddedConfig::new(genesis)).unwrap();
        let listener = TcpListener::bind(loopback()).await.unwrap();
        let rpc: Url = format!("http://{}", listener.local_addr().unwrap())
            .parse()
            .unwrap();
        let (stop, shutdown) = Shutdown::new();
        let task = tokio::spawn(async move {
            chain
                .serve(listener, async move { shutdown.requested().await })
                .await
                .unwrap();
        });
        let client = QueryClient::new(std::slice::from_ref(&rpc)).unwrap();
        let owner = admin.address().to_string();
        let admin = Sender::start(
            client.clone(),
            admin,
            nyx_client::MemoryJournal::default(),
            SenderConfig::new("unym"),
        );
        let group = group::InstantiateMsg {
            admin: Some(owner.clone()),
            members: Vec::new(),
        };
        let group = Msg::instantiate(GROUP_CODE_ID, "group", None, &group).unwrap();
        let made = admin.send(vec![group], "").await.unwrap();
        let group = made.instantiated(0).unwrap().to_string();
        let messages = vec![
            Msg::instantiate(
                ECASH_CODE_ID,
                "ecash",
                None,
                &ecash::InstantiateMsg {
                    holding_account: owner.clone(),
                    multisig_addr: owner.clone(),
                    group_addr: group.clone(),
                    deposit_amount: coin(75_000_000, "unym"),
                    appeal_period_secs: None,
                },
            )
            .unwrap(),
            Msg::instantiate(
                DKG_CODE_ID,
                "dkg",
                None,
                &dkg::InstantiateMsg {
                    group_addr: group.clone(),
                    multisig_addr: owner,
                    time_configuration: None,
                    mix_denom: "unym".to_owned(),
                    key_size: dkg::KEY_SIZE,
                    acknowledgement_time_secs: None,
                    min_dealers: None,
                },
            )
            .unwrap(),
        ];
        let made = admin.send(messages, "").await.unwrap();
        Self {
            rpc,
            client,
            ecash: made.instantiated(0).unwrap(),
            dkg: made.instantiated(1).unwrap(),
            admin,
            stop,
            task,
        }
    }

    async fn entry(&self) -> ecash::Gateway {
        let account = account(GATEWAY_MNEMONIC);
        self.client
            .ecash(&self.ecash)
            .gateway(account.address())
            .await
            .unwrap()
            .unwrap()
    }
}

#[tokio::test]
async fn a_gateway_registers_itself_follows_its_admission_and_registers_again_when_it_moved() {
    let home = private_home();
    let chain = Chain::start(&home.path().join("chain")).await;
    let config = config(home.path(), &chain.rpc, &chain.ecash, &chain.dkg);
    init(&config, SystemClock::new().now()).await.unwrap();
    let gateway = Running::start(config.clone()).await;
    let status = gateway
        .until(|status| status.registry.announce_address.is_some())
        .await;
    assert_eq!(
        status.registry.problem.as_deref(),
        Some("this gateway is registered and not admitted yet")
    );
    let first = chain.entry().await;
    assert_eq!(first.identity_key, gateway.ready.identity_key.to_string());
    assert_eq!(
        (first.announce_address.as_str(), first.state),
        (
            gateway.ready.announce_address.as_str(),
            GatewayState::Pending
        )
    );

    let admit = ExecuteMsg::AdmitGateway {
        address: gateway.ready.account.clone(),
    };
    chain
        .admin
        .send(
            vec![Msg::execute(&chain.ecash, &admit, Vec::new()).unwrap()],
            "",
        )
        .await
        .unwrap();
    gateway.until(|status| status.registry.admitted).await;
    gateway.stop().await;

    let gateway = Running::start(config).await;
    assert_ne!(gateway.ready.announce_address, first.announce_address);
    assert!(
        gateway.status().await.registry.admitted,
        "known from the database at once"
    );
    let moved = gateway.ready.announce_address.clone();
    gateway
        .until(|status| status.registry.announce_address.as_ref() == Some(&moved))
        .await;
    let second = chain.entry().await;
    assert_eq!(
        (second.announce_address, second.state),
        (moved, GatewayState::Admitted)
    );
    gateway.stop().await;
    chain.stop.request();
    chain.task.await.unwrap();
}
