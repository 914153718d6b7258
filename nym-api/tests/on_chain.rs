//! Members against a chain: registering, shares, votes, phases, and the mirror of the ecash contract.
//!
//! The embedded chain runs in this process; the members' loops are stepped by hand, one look at a time.

#![allow(missing_docs)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::sync::Arc;
use std::time::Duration;

use cosmwasm_std::{Coin, Decimal};
use cw_utils::Threshold;
use cw4::Member as GroupMember;
use ecash_contract_messages::dkg::{EpochState, ExecuteMsg, KeyShare, TimeConfiguration};
use ecash_contract_messages::{dkg, ecash, group, multisig};
use ecash_requests::IdentitySecret;
use ecash_scheme::{SecretKey, VerificationKey, deal};
use ecash_service::clock::SystemClock;
use ecash_ticketbook::{DepositId, EpochId, NodeIndex};
use nym_api::dkg::{Controller, ControllerParts, Follower};
use nym_api::epochs::{EpochReader, EpochWatch};
use nym_api::keys::ring::Owner;
use nym_api::keys::share::MasterPoints;
use nym_api::keys::{InstanceId, KeyRing, Protection, ShareRecord};
use nym_api::mirror::{MirrorWatch, Poller};
use nym_api::store::Store;
use nym_api::store::deposits::DepositState;
use nym_api::store::gateways::GatewayState;
use nym_api::store::outgoing::Journal;
use nyx_client::{Account, Address, MemoryJournal, Msg, QueryClient, Sender, SenderConfig};
use nyx_embedded::{
    ChainConfig, DKG_CODE_ID, ECASH_CODE_ID, EmbeddedChain, GROUP_CODE_ID, Genesis,
    MULTISIG_CODE_ID,
};
use rand::rngs::OsRng;
use url::Url;

const CHAIN_ID: &str = "zknym-local-0000beef";
const SIGNERS: usize = 5;
const THRESHOLD: u64 = 4;
/// Looks that a ceremony may take; each waits for its transactions, so this is a bound and not a pace.
const MAX_LOOKS: usize = 400;

struct Net {
    _home: tempfile::TempDir,
    client: QueryClient,
    admin: Sender,
    mnemonics: Vec<String>,
    accounts: Vec<Address>,
    group: Address,
    multisig: Address,
    dkg: Address,
    ecash: Address,
}

fn account(mnemonic: &str) -> Account {
    Account::from_mnemonic(mnemonic, "n").unwrap()
}

fn mnemonic() -> String {
    Account::generate_mnemonic().unwrap().to_string()
}

fn coin(amount: u128) -> Coin {
    Coin::new(amount, "unym")
}

impl Net {
    async fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let admin = account(&mnemonic());
        let mnemonics: Vec<String> = (0..SIGNERS).map(|_| mnemonic()).collect();
        let accounts: Vec<Address> = mnemonics
            .iter()
            .map(|words| account(words).address().clone())
            .collect();
        let mut genesis = Genesis::new(CHAIN_ID, admin.address().to_string()).unwrap();
        for funded in accounts.iter().chain([admin.address()]) {
            genesis = genesis.with_balance(funded.to_string(), 1_000_000_000_000);
        }
        let config = ChainConfig::new(genesis).with_empty_interval(Duration::from_millis(200));
        let chain = EmbeddedChain::open(home.path().join("chain"), config).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move { chain.serve(listener, std::future::pending()).await });
        let client = QueryClient::new(&[url]).unwrap();
        let admin_address = admin.address().clone();
        let admin = Sender::start(client.clone(), admin, MemoryJournal::default(), fees());

        let members = accounts
            .iter()
            .map(|account| GroupMember {
                addr: account.to_string(),
                weight: 1,
            })
            .collect();
        let make = async |code, message: serde_json::Value| {
            let message = Msg::instantiate(code, "test", Some(&admin_address), &message).unwrap();
            admin
                .send(vec![message], "")
                .await
                .unwrap()
                .instantiated(0)
                .unwrap()
        };
        let group = make(
            GROUP_CODE_ID,
            json(&group::InstantiateMsg {
                admin: Some(admin_address.to_string()),
                members,
            }),
        )
        .await;
        let multisig = make(
            MULTISIG_CODE_ID,
            json(&multisig::InstantiateMsg {
                group_addr: group.to_string(),
                coconut_bandwidth_contract_address: group.to_string(),
                coconut_dkg_contract_address: group.to_string(),
                threshold: Threshold::AbsolutePercentage {
                    percentage: Decimal::percent(67),
                },
                max_voting_period: cw_utils::Duration::Time(86_400),
                executor: None,
                proposal_deposit: None,
            }),
        )
        .await;
        let dkg = make(
            DKG_CODE_ID,
            json(&dkg::InstantiateMsg {
                group_addr: group.to_string(),
                multisig_addr: multisig.to_string(),
                time_configuration: Some(TimeConfiguration {
                    public_key_submission_time_secs: 60,
                    dealing_exchange_time_secs: 2,
                    verification_key_submission_time_secs: 4,
                    verification_key_validation_time_secs: 4,
                    verification_key_finalization_time_secs: 4,
                    in_progress_time_secs: 1_209_600,
                }),
                mix_denom: "unym".to_owned(),
                key_size: 5,
                acknowledgement_time_secs: Some(1),
                min_dealers: None,
            }),
        )
        .await;
        let ecash = make(
            ECASH_CODE_ID,
            json(&ecash::InstantiateMsg {
                holding_account: admin_address.to_string(),
                multisig_addr: multisig.to_string(),
                group_addr: group.to_string(),
                deposit_amount: coin(75_000_000),
                appeal_period_secs: None,
            }),
        )
        .await;
        let migrate = multisig::MigrateMsg {
            coconut_bandwidth_address: ecash.to_string(),
            coconut_dkg_address: dkg.to_string(),
        };
        let migrate = Msg::migrate(&multisig, MULTISIG_CODE_ID, &migrate).unwrap();
        let initiate = Msg::execute(&dkg, &ExecuteMsg::InitiateDkg {}, vec![]).unwrap();
        admin.send(vec![migrate, initiate], "").await.unwrap();
        Self {
            _home: home,
            client,
            admin,
            mnemonics,
            accounts,
            group,
            multisig,
            dkg,
            ecash,
        }
    }

    async fn state(&self) -> (EpochId, EpochState) {
        let epoch = self.client.dkg(&self.dkg).current_epoch().await.unwrap();
        (EpochId(epoch.epoch_id), epoch.state)
    }

    async fn shares(&self, epoch: EpochId) -> Vec<KeyShare> {
        let dkg = self.client.dkg(&self.dkg);
        let mut shares = Vec::new();
        for account in &self.accounts {
            shares.extend(dkg.key_share(epoch.get(), account).await.unwrap());
        }
        shares
    }
}

fn json<T: serde::Serialize>(message: &T) -> serde_json::Value {
    serde_json::to_value(message).unwrap()
}

fn fees() -> SenderConfig {
    SenderConfig {
        poll_interval: Duration::from_millis(20),
        ..SenderConfig::new("unym")
    }
}

struct Signer {
    home: tempfile::TempDir,
    address: Address,
    controller: Controller,
    follower: Follower,
    keys: KeyRing,
    epochs: EpochWatch,
    announce: String,
}

impl Signer {
    async fn start(net: &Net, position: usize, announce: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let keys_dir = home.path().join("keys");
        ecash_service::files::create_private_dir(&keys_dir).unwrap();
        let clock = SystemClock::shared();
        let store = Store::open(&home.path().join("db.sqlite")).await.unwrap();
        let account = account(&net.mnemonics[position]);
        let address = account.address().clone();
        let keys = KeyRing::new(
            keys_dir,
            Protection::from_bytes([1; 32]),
            Owner {
                chain_id: CHAIN_ID.to_owned(),
                contract: net.dkg.to_string(),
                address: address.to_string(),
                instance: InstanceId::from_bytes([7; 16]),
            },
        );
        let journal = Journal::new(store.clone(), Arc::clone(&clock));
        let sender = Sender::start(net.client.clone(), account, journal, fees());
        let epochs = EpochWatch::default();
        let reader = EpochReader::new(
            net.client.clone(),
            net.client.dkg(&net.dkg),
            Some(address.to_string()),
            Duration::ZERO,
        );
        let follower = Follower::new(
            reader,
            epochs.clone(),
            keys.clone(),
            Arc::clone(&clock),
            Duration::from_secs(1),
        );
        let controller = Controller::new(ControllerParts {
            chain: net.client.clone(),
            dkg: net.dkg.clone(),
            group: net.group.clone(),
            multisig: net.multisig.clone(),
            sender,
            identity: IdentitySecret::generate(&mut OsRng).public(),
            announce_address: announce.to_owned(),
            own_node: true,
            keys: keys.clone(),
            store,
            clock,
            every: Duration::from_secs(1),
        });
        Self {
            home,
            address,
            controller,
            follower,
            keys,
            epochs,
            announce: announce.to_owned(),
        }
    }

    /// One look of both loops. A step that another member took meanwhile fails, and is looked at again.
    async fn look(&mut self) {
        let _ = self.controller.round().await;
        let _ = self.follower.round().await;
    }

    /// What the dealer writes into this member's key directory.
    fn receive(
        &self,
        net: &Net,
        epoch: EpochId,
        index: u64,
        secret: &SecretKey,
        master: &VerificationKey,
    ) {
        let record = ShareRecord {
            chain_id: CHAIN_ID.to_owned(),
            contract: net.dkg.to_string(),
            address: self.address.to_string(),
            epoch,
            index: NodeIndex(index),
            threshold: THRESHOLD,
            resharing: false,
            source_epoch: EpochId(0),
            outcome: [0; 32],
            secret: SecretKey::from_bytes(&secret.to_bytes()).unwrap(),
            master: MasterPoints::of(master).unwrap(),
            instance: InstanceId::from_bytes([7; 16]),
        };
        record
            .write(
                &self.home.path().join("keys"),
                &Protection::from_bytes([1; 32]),
            )
            .unwrap();
    }
}

struct Dealt {
    epoch: EpochId,
    master: VerificationKey,
    shares: Vec<(u64, SecretKey)>,
}

/// Registers everybody, waits for the exchange, and deals for the node indices on chain.
async fn register_and_deal(net: &Net, signers: &mut [Signer]) -> Dealt {
    for _ in 0..MAX_LOOKS {
        for signer in signers.iter_mut() {
            signer.look().await;
        }
        if let (epoch, EpochState::DealingExchange { .. }) = net.state().await {
            let mut indices = Vec::new();
            let dealers = net
                .client
                .dkg(&net.dkg)
                .epoch_dealers(epoch.get())
                .await
                .unwrap();
            for signer in signers.iter() {
                let own = dealers
                    .iter()
                    .find(|dealer| dealer.address.as_str() == signer.address.as_ref())
                    .unwrap();
                assert_eq!(own.announce_address, signer.announce);
                assert_eq!(own.bte_public_key_with_proof, "none-v1-");
                indices.push(own.assigned_index);
            }
            let (master, mut shares) = deal(THRESHOLD, &indices, &mut OsRng).unwrap();
            shares.sort_by_key(|(index, _)| indices.iter().position(|other| other == index));
            return Dealt {
                epoch,
                master,
                shares,
            };
        }
    }
    panic!("registration did not end: {:?}", net.state().await);
}

/// Goes on until the epoch is in progress.
async fn conclude(net: &Net, signers: &mut [Signer]) {
    for _ in 0..MAX_LOOKS {
        for signer in signers.iter_mut() {
            signer.look().await;
        }
        if net.state().await.1 == EpochState::InProgress {
            for signer in signers.iter_mut() {
                signer.look().await;
            }
            return;
        }
    }
    panic!("the ceremony did not conclude: {:?}", net.state().await);
}

async fn start(net: &Net) -> Vec<Signer> {
    let mut signers = Vec::new();
    for position in 0..SIGNERS {
        signers.push(
            Signer::start(
                net,
                position,
                &format!("http://127.0.0.1:{}", 9000 + position),
            )
            .await,
        );
    }
    signers
}

#[tokio::test(flavor = "multi_thread")]
async fn five_members_register_submit_vote_and_execute_and_all_their_keys_are_usable() {
    let net = Net::start().await;
    let mut signers = start(&net).await;
    let dealt = register_and_deal(&net, &mut signers).await;
    for (signer, (index, secret)) in signers.iter().zip(&dealt.shares) {
        signer.receive(&net, dealt.epoch, *index, secret, &dealt.master);
    }
    conclude(&net, &mut signers).await;
    let shares = net.shares(dealt.epoch).await;
    assert_eq!(
        shares.iter().filter(|share| share.verified).count(),
        SIGNERS
    );
    for signer in &signers {
        assert!(signer.keys.usable(dealt.epoch).is_some());
        let epochs = signer.epochs.latest().unwrap();
        let issuing = epochs.issuing().unwrap();
        assert_eq!(
            (issuing.id, issuing.threshold, issuing.dealers),
            (dealt.epoch, THRESHOLD, 5)
        );
        assert_eq!(
            issuing.own_share().unwrap().address,
            signer.address.to_string()
        );
    }

    // A member that moves announces its new address.
    let moved = Signer::start(&net, 0, "http://127.0.0.1:7777").await;
    let old = std::mem::replace(&mut signers[0], moved);
    drop(old);
    let (index, secret) = &dealt.shares[0];
    signers[0].receive(&net, dealt.epoch, *index, secret, &dealt.master);
    signers[0].look().await;
    let shares = net.shares(dealt.epoch).await;
    assert_eq!(shares[0].announce_address, "http://127.0.0.1:7777");
    assert!(signers[0].keys.usable(dealt.epoch).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_not_its_owners_is_voted_down_and_the_others_conclude_without_it() {
    let net = Net::start().await;
    let mut signers = start(&net).await;
    let dealt = register_and_deal(&net, &mut signers).await;
    let (_, strangers) = deal(THRESHOLD, &[1, 2, 3, 4, 5], &mut OsRng).unwrap();
    for (position, (signer, (index, secret))) in signers.iter().zip(&dealt.shares).enumerate() {
        let secret = if position == 2 {
            &strangers[0].1
        } else {
            secret
        };
        signer.receive(&net, dealt.epoch, *index, secret, &dealt.master);
    }
    conclude(&net, &mut signers).await;
    let verified: Vec<bool> = net
        .shares(dealt.epoch)
        .await
        .iter()
        .map(|share| share.verified)
        .collect();
    assert_eq!(verified, [true, true, false, true, true]);
    assert!(signers[2].keys.usable(dealt.epoch).is_none());
    assert!(signers[0].keys.usable(dealt.epoch).is_some());
    let proposal = net
        .client
        .dkg(&net.dkg)
        .verification_proposal(dealt.epoch.get(), &signers[2].address)
        .await
        .unwrap();
    let votes = net
        .client
        .multisig(&net.multisig)
        .votes(proposal.unwrap().proposal_id)
        .await
        .unwrap();
    assert!(
        votes
            .iter()
            .filter(|vote| vote.vote == cw3::Vote::No)
            .count()
            >= 2,
        "{votes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_was_away_submits_late_is_voted_on_and_joins_without_a_restart() {
    let net = Net::start().await;
    let mut signers = start(&net).await;
    let dealt = register_and_deal(&net, &mut signers).await;
    for (signer, (index, secret)) in signers.iter().zip(&dealt.shares).take(4) {
        signer.receive(&net, dealt.epoch, *index, secret, &dealt.master);
    }
    let mut away = signers.pop().unwrap();
    conclude(&net, &mut signers).await;
    assert!(away.keys.usable(dealt.epoch).is_none());
    let (index, secret) = &dealt.shares[4];
    away.receive(&net, dealt.epoch, *index, secret, &dealt.master);
    away.look().await;
    // Whoever starts looks for late shares at once; the others would within a minute.
    let mut returned = Vec::new();
    for position in 0..4 {
        let again = Signer::start(
            &net,
            position,
            &format!("http://127.0.0.1:{}", 9000 + position),
        )
        .await;
        let (index, secret) = &dealt.shares[position];
        again.receive(&net, dealt.epoch, *index, secret, &dealt.master);
        returned.push(again);
    }
    for _ in 0..MAX_LOOKS {
        for signer in &mut returned {
            signer.look().await;
        }
        away.look().await;
        if away.keys.usable(dealt.epoch).is_some() {
            return;
        }
    }
    panic!(
        "the late share was not verified: {:?}",
        net.shares(dealt.epoch).await
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mirror_follows_deposits_and_gateways_and_says_how_recent_it_is() {
    let net = Net::start().await;
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(&home.path().join("db.sqlite")).await.unwrap();
    let clock = SystemClock::shared();
    let watch = MirrorWatch::default();
    let ecash = net.client.ecash(&net.ecash);
    let mut poller = Poller::new(
        ecash,
        store.clone(),
        Arc::clone(&clock),
        watch.clone(),
        Duration::from_secs(1),
    );
    assert!(watch.check_fresh(clock.monotonic()).is_err());
    poller.round().await.unwrap();
    watch.check_fresh(clock.monotonic()).unwrap();
    assert!(
        watch
            .check_fresh(clock.monotonic() + Duration::from_secs(61))
            .is_err()
    );

    let owner = IdentitySecret::generate(&mut OsRng).public();
    let deposit = ecash::ExecuteMsg::DepositTicketBookFunds {
        identity_key: owner.to_string(),
    };
    let deposits = (0..3)
        .map(|_| Msg::execute(&net.ecash, &deposit, vec![coin(75_000_000)]).unwrap())
        .collect();
    let made = net.admin.send(deposits, "").await.unwrap();
    let ids = made.deposit_ids().unwrap();
    poller.round().await.unwrap();
    for id in ids {
        let row = store.deposit(DepositId(id)).await.unwrap().unwrap();
        assert_eq!(
            (row.pubkey, row.state),
            (*owner.as_bytes(), DepositState::Open)
        );
        assert_eq!(row.block_time.get(), made.time.seconds());
    }

    let key = IdentitySecret::generate(&mut OsRng);
    let account = net.accounts[0].to_string();
    let text = [
        b"zknym-gateway-v1".as_slice(),
        &u16::try_from(CHAIN_ID.len()).unwrap().to_be_bytes(),
        CHAIN_ID.as_bytes(),
        &u16::try_from(net.ecash.as_ref().len())
            .unwrap()
            .to_be_bytes(),
        net.ecash.as_ref().as_bytes(),
        &u16::try_from(account.len()).unwrap().to_be_bytes(),
        account.as_bytes(),
    ]
    .concat();
    let register = ecash::ExecuteMsg::RegisterGateway {
        identity_key: key.public().to_string(),
        announce_address: "http://127.0.0.1:1".to_owned(),
        roles: serde_json::from_str("[\"v1-mixnet-entry\"]").unwrap(),
        proof: key.sign(&text).as_bytes().to_vec().into(),
    };
    let gateway = Sender::start(
        net.client.clone(),
        self::account(&net.mnemonics[0]),
        MemoryJournal::default(),
        fees(),
    );
    gateway
        .send(
            vec![Msg::execute(&net.ecash, &register, vec![]).unwrap()],
            "",
        )
        .await
        .unwrap();
    poller.round().await.unwrap();
    assert_eq!(
        store.gateway(&account).await.unwrap(),
        None,
        "a pending gateway is not listed"
    );
    for (message, state) in [
        (
            ecash::ExecuteMsg::AdmitGateway {
                address: account.clone(),
            },
            GatewayState::Admitted,
        ),
        (
            ecash::ExecuteMsg::SuspendGateway {
                address: account.clone(),
            },
            GatewayState::Suspended,
        ),
    ] {
        net.admin
            .send(
                vec![Msg::execute(&net.ecash, &message, vec![]).unwrap()],
                "",
            )
            .await
            .unwrap();
        poller.round().await.unwrap();
        let row = store.gateway(&account).await.unwrap().unwrap();
        assert_eq!(
            (row.state, row.identity_key),
            (state, *key.public().as_bytes())
        );
        assert_eq!(row.roles, "v1-mixnet-entry");
    }
}
