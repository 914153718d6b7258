//! A wallet killed with SIGKILL between the deposit and the last share finishes the same book after a restart: the test
//! starts itself again as the wallet's process, which kills itself where it is told to.

use std::process::Command;

use ecash_wallet::{Event, Wallet, WalletConfig};

use crate::support::{World, holder, order, seed};

const KILL_AT: &str = "WALLET_TEST_KILL_AT";
const WORLD: &str = "WALLET_TEST_WORLD";

/// Where the process dies.
const POINTS: [&str; 6] = [
    "paying",
    "deposited",
    "requesting",
    "share-1",
    "share-3",
    "share-4",
];

fn point(event: &Event) -> Option<String> {
    match event {
        Event::Paying { .. } => Some("paying".to_owned()),
        Event::Deposited { .. } => Some("deposited".to_owned()),
        Event::Requesting { .. } => Some("requesting".to_owned()),
        Event::Share { have, .. } => Some(format!("share-{have}")),
        _ => None,
    }
}

fn die_here() {
    let pid = std::process::id().to_string();
    Command::new("kill").args(["-9", &pid]).status().unwrap();
    loop {
        std::thread::park();
    }
}

/// Not a test of its own: the process that is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_obtains_and_dies() {
    let (Ok(kill_at), Ok(world)) = (std::env::var(KILL_AT), std::env::var(WORLD)) else {
        return;
    };
    let world: serde_json::Value = serde_json::from_str(&world).unwrap();
    let text = |name: &str| world[name].as_str().unwrap().to_owned();
    let network = ecash_wallet::NetworkConfig {
        chain_id: None,
        rpc: vec![text("rpc").parse().unwrap()],
        ecash_contract: text("ecash"),
        dkg_contract: text("dkg"),
        denom: "unym".to_owned(),
    };
    let mut config = WalletConfig::new(text("database").into(), network);
    config.tx_poll = std::time::Duration::from_millis(50);
    let wallet = Wallet::open(config, &seed()).await.unwrap();
    let observer = move |event: &Event| {
        if point(event).as_deref() == Some(&kill_at) {
            die_here();
        }
    };
    let _ = wallet.obtain(&holder(), order(1), &observer).await;
}

fn run_child(world: &World, kill_at: &str) -> std::process::ExitStatus {
    let place = serde_json::json!({
        "rpc": world.rpc, "ecash": world.ecash.to_string(), "dkg": world.dkg.to_string(), "database": world.database(),
    });
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "interrupted::child_obtains_and_dies",
            "--nocapture",
        ])
        .env(KILL_AT, kill_at)
        .env(WORLD, place.to_string())
        .output()
        .unwrap()
        .status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wallet_killed_between_deposit_and_last_share_finishes_the_same_book() {
    use std::os::unix::process::ExitStatusExt as _;
    for kill_at in POINTS {
        let world = World::start().await;
        let status = tokio::task::block_in_place(|| run_child(&world, kill_at));
        assert_eq!(status.signal(), Some(9), "{kill_at}: {status}");
        let wallet = world.open().await.unwrap();
        let report = wallet.recover(&()).await.unwrap();
        assert_eq!(
            (report.books.len(), report.pending.len()),
            (1, 0),
            "{kill_at}: {report:?}"
        );
        assert_eq!(world.deposits().await, 1, "{kill_at}: one deposit");
        assert_eq!(world.distinct_requests(), 1, "{kill_at}: one request");
        assert_eq!(
            wallet.stock().await.unwrap().books.len(),
            1,
            "{kill_at}: one book"
        );
    }
}
