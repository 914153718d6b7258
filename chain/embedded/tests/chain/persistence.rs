//! The state survives stops, crashes and torn files; damage is an error that says where.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nyx_embedded::refusal::code;
use nyx_embedded::{ChainError, EmbeddedChain, Genesis, TxHash};
use tempfile::TempDir;

use crate::probe::Do;
use crate::world::{World, config, execute, genesis, people, send};

fn reopen(world: World) -> World {
    let World {
        chain,
        alice,
        bob,
        carol,
        dir,
    } = world;
    drop(chain);
    World {
        chain: EmbeddedChain::open(dir.path(), config()).unwrap(),
        alice,
        bob,
        carol,
        dir,
    }
}

/// Closes the chain and keeps its folder.
fn close(world: World) -> TempDir {
    world.dir
}

fn log(dir: &TempDir) -> PathBuf {
    dir.path().join("blocks.log")
}

fn open(dir: &TempDir) -> Result<EmbeddedChain, ChainError> {
    EmbeddedChain::open(dir.path(), config())
}

fn damaged(dir: &TempDir) -> (PathBuf, u64, String) {
    match open(dir) {
        Err(ChainError::Damaged {
            path,
            offset,
            reason,
        }) => (path, offset, reason),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("opened"),
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// A chain with four blocks behind genesis, all in the log, and the hash after the third.
fn four_blocks() -> (TempDir, [u8; 32], [u8; 32]) {
    let world = World::new();
    let contract = world.probe();
    let set = Do::Set {
        key: "k".to_owned(),
        value: "v".to_owned(),
    };
    world.run(&world.alice, vec![execute(&world.alice, &contract, &set)]);
    let third = world.chain.app_hash();
    world.run(
        &world.alice,
        vec![send(&world.alice, &world.carol.address, 4)],
    );
    let fourth = world.chain.app_hash();
    (close(world), third, fourth)
}

#[test]
fn everything_is_there_after_a_restart() {
    let mut world = World::new();
    let contract = world.probe();
    let set = Do::Set {
        key: "k".to_owned(),
        value: "v".to_owned(),
    };
    let plan = world.plan(&world.alice, vec![execute(&world.alice, &contract, &set)]);
    let hash = world.submit(plan.sign(&world.alice)).unwrap();
    world.chain.produce_block().unwrap();
    let before = (
        world.chain.height(),
        world.chain.time(),
        world.chain.app_hash(),
        world.chain.outcome(hash),
    );
    assert!(before.3.is_some());
    for _ in 0..2 {
        world = reopen(world);
        let after = (
            world.chain.height(),
            world.chain.time(),
            world.chain.app_hash(),
            world.chain.outcome(hash),
        );
        assert_eq!(after, before);
        assert_eq!(world.value(&contract, "k").as_deref(), Some("v"));
        assert_eq!(world.account(&world.alice.address), Some((0, 2)));
    }
    assert_eq!(
        fs::metadata(log(&world.dir)).unwrap().len(),
        0,
        "the snapshot has taken the log's place"
    );
    assert_eq!(
        world
            .run(
                &world.alice,
                vec![send(&world.alice, &world.bob.address, 1)]
            )
            .height,
        before.0 + 1
    );
}

#[test]
fn files_are_for_their_owner_only() {
    let dir = close(World::new());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for file in ["blocks.log", "snapshot", "lock"] {
        assert_eq!(mode(&dir.path().join(file)), 0o600, "{file}");
    }
    let below = dir.path().join("new").join("home");
    drop(EmbeddedChain::open(&below, config()).unwrap());
    assert_eq!(mode(&below), 0o700);
}

#[test]
fn a_record_cut_off_anywhere_is_forgotten_and_the_chain_goes_on() {
    let (dir, third, fourth) = four_blocks();
    let whole = fs::metadata(log(&dir)).unwrap().len();
    drop(open(&dir).map(|chain| assert_eq!(chain.app_hash(), fourth)));
    let (source, _, _) = four_blocks();
    let bytes = fs::read(log(&source)).unwrap();
    assert_eq!(bytes.len() as u64, whole);
    let last = last_frame(&bytes);
    for cut in [
        last,
        last + 1,
        last + 15,
        last + 16,
        last + 47,
        last + 48,
        last + 100,
        bytes.len() - 1,
    ] {
        let dir = tempfile::tempdir().unwrap();
        copy(source.path(), dir.path());
        OpenOptions::new()
            .write(true)
            .open(log(&dir))
            .unwrap()
            .set_len(cut as u64)
            .unwrap();
        let chain = open(&dir).unwrap();
        assert_eq!(
            (chain.height(), chain.app_hash()),
            (3, third),
            "cut at {cut} of {}",
            bytes.len()
        );
        let [alice, bob, _] = people();
        let plan = crate::world::Plan::new(&alice, 0, 2, vec![send(&alice, &bob.address, 1)]);
        chain.submit(plan.sign(&alice)).unwrap();
        assert_eq!(chain.produce_block().unwrap().height, 4);
        drop(chain);
        assert_eq!(open(&dir).unwrap().height(), 4);
    }
}

/// Offset of the last frame: frames begin with `NYXB` and their length.
fn last_frame(bytes: &[u8]) -> usize {
    let (mut at, mut last) = (0, 0);
    while at < bytes.len() {
        assert_eq!(&bytes[at..at + 4], b"NYXB");
        let length = u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap());
        last = at;
        at += 48 + length as usize;
    }
    last
}

#[test]
fn a_last_record_of_zeros_or_of_other_bytes_is_forgotten() {
    let (source, third, _) = four_blocks();
    let bytes = fs::read(log(&source)).unwrap();
    let last = last_frame(&bytes);
    let mut zeros = bytes[..last].to_vec();
    zeros.extend([0; 5_000]);
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for content in [zeros, flipped] {
        fs::write(log(&source), content).unwrap();
        let dir = tempfile::tempdir().unwrap();
        copy(source.path(), dir.path());
        assert_eq!(open(&dir).unwrap().app_hash(), third);
    }
}

#[test]
fn damage_before_the_last_record_is_an_error_that_says_where() {
    let (dir, _, _) = four_blocks();
    let bytes = fs::read(log(&dir)).unwrap();
    let second = 48 + u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    for at in [
        0,
        3,
        4,
        7,
        8,
        15,
        16,
        47,
        48,
        60,
        second - 1,
        second + 6,
        second + 20,
        second + 300,
    ] {
        let mut content = bytes.clone();
        content[at] ^= 0x40;
        fs::write(log(&dir), &content).unwrap();
        let (path, offset, reason) = damaged(&dir);
        assert_eq!(path, log(&dir));
        let frame = if at < second { 0 } else { second };
        assert_eq!(offset, frame as u64, "byte {at}: {reason}");
        assert_eq!(
            fs::read(log(&dir)).unwrap(),
            content,
            "a damaged log is left as it is"
        );
    }
    let mut missing = bytes[..0].to_vec();
    missing.extend(&bytes[second..]);
    fs::write(log(&dir), missing).unwrap();
    assert!(damaged(&dir).2.contains("does not follow"));
    fs::write(log(&dir), b"not a log at all, but long enough").unwrap();
    assert!(damaged(&dir).2.contains("not the head"));
}

#[test]
fn a_damaged_snapshot_is_an_error_and_a_half_written_one_is_ignored() {
    let (dir, _, fourth) = four_blocks();
    drop(open(&dir).unwrap());
    fs::write(dir.path().join("snapshot.new"), b"half").unwrap();
    assert_eq!(open(&dir).unwrap().app_hash(), fourth);
    let path = dir.path().join("snapshot");
    let bytes = fs::read(&path).unwrap();
    for at in [0, 8, 39, 40, bytes.len() / 2, bytes.len() - 1] {
        let mut content = bytes.clone();
        content[at] ^= 1;
        fs::write(&path, content).unwrap();
        assert_eq!(damaged(&dir).0, path);
    }
    for length in [0, 7, 39, 41, bytes.len() - 1] {
        fs::write(&path, &bytes[..length]).unwrap();
        assert_eq!(damaged(&dir).0, path);
    }
}

#[test]
fn a_crash_between_snapshot_and_cutting_the_log_loses_nothing() {
    let (dir, _, fourth) = four_blocks();
    let old_log = fs::read(log(&dir)).unwrap();
    let chain = open(&dir).unwrap();
    chain.produce_block().unwrap();
    let (height, hash) = (chain.height(), chain.app_hash());
    drop(chain);
    let since = fs::read(log(&dir)).unwrap();
    fs::write(log(&dir), [old_log, since].concat()).unwrap();
    let chain = open(&dir).unwrap();
    assert_eq!((chain.height(), chain.app_hash()), (height, hash));
    assert_ne!(hash, fourth);
}

#[test]
fn a_folder_serves_one_process_at_a_time() {
    let world = World::new();
    assert!(matches!(open(&world.dir), Err(ChainError::InUse(path)) if path == world.dir.path()));
    let other = world.chain.clone();
    drop(world.chain);
    assert!(matches!(open(&world.dir), Err(ChainError::InUse(_))));
    drop(other);
    open(&world.dir).unwrap();
}

#[test]
fn another_genesis_is_refused() {
    let dir = close(World::new());
    let mut other = config();
    other.genesis = genesis().with_balance(people()[2].address.clone(), 1);
    match EmbeddedChain::open(dir.path(), other) {
        Err(ChainError::OtherGenesis { found, .. }) => assert_eq!(found, crate::world::CHAIN_ID),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("opened"),
    }
    open(&dir).unwrap();
}

#[test]
fn a_genesis_that_is_none_is_refused_and_leaves_no_chain() {
    let dir = tempfile::tempdir().unwrap();
    let [alice, bob, _] = people();
    let good = || Genesis::new("c", alice.address.clone()).unwrap();
    for genesis in [
        Genesis::new("c", "cosmos1").unwrap(),
        good().with_balance("n1nobody", 1),
        good().with_balance(bob.address.clone(), 0),
        good()
            .with_balance(bob.address.clone(), 1)
            .with_balance(bob.address.clone(), 1),
        good()
            .with_balance(bob.address.clone(), u128::MAX)
            .with_balance(alice.address.clone(), 1),
    ] {
        let mut config = config();
        config.genesis = genesis;
        assert!(matches!(
            EmbeddedChain::open(dir.path(), config),
            Err(ChainError::Genesis(_))
        ));
    }
    for name in ["", "with space", &"x".repeat(51)] {
        assert!(matches!(
            Genesis::new(name, alice.address.clone()),
            Err(ChainError::Genesis(_))
        ));
    }
    open(&dir).unwrap();
}

#[test]
fn a_home_below_a_regular_file_is_an_error_with_the_path() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    match EmbeddedChain::open(file.join("home"), config()) {
        Err(ChainError::Io { path, .. }) => assert_eq!(path, file.join("home")),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("opened"),
    }
}

#[test]
fn a_block_that_can_not_be_written_is_not_shown_and_the_chain_stops() {
    let (dir, _, _) = four_blocks();
    drop(open(&dir).unwrap());
    fs::remove_file(log(&dir)).unwrap();
    std::os::unix::fs::symlink("/dev/full", log(&dir)).unwrap();
    let chain = open(&dir).unwrap();
    let before = (chain.height(), chain.app_hash());
    let [alice, bob, _] = people();
    let plan = crate::world::Plan::new(&alice, 0, 3, vec![send(&alice, &bob.address, 1)]);
    let hash = chain.submit(plan.sign(&alice)).unwrap();
    assert!(matches!(chain.produce_block(), Err(ChainError::Io { .. })));
    assert_eq!(
        (chain.height(), chain.app_hash(), chain.outcome(hash)),
        (before.0, before.1, None)
    );
    assert!(
        matches!(chain.produce_block(), Err(ChainError::Halted { height, .. }) if height == before.0)
    );
    let refusal = chain.submit(plan.sign(&alice)).unwrap_err();
    assert_eq!(refusal.code, code::MEMPOOL_FULL);
    assert!(refusal.log.contains("the chain stopped"), "{refusal}");
    drop(chain);
    fs::remove_file(log(&dir)).unwrap();
    File::create(log(&dir)).unwrap().flush().unwrap();
    let chain = open(&dir).unwrap();
    chain.submit(plan.sign(&alice)).unwrap();
    chain.produce_block().unwrap();
    assert_eq!(
        chain.outcome(TxHash(hash.0)).unwrap().code,
        0,
        "it goes on once there is room again"
    );
}

mod killed {
    //! A real process, a real SIGKILL.

    use std::io::{BufRead, BufReader};
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::time::Duration;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD as BASE64;
    use nyx_embedded::{BlockProduction, EmbeddedChain, TxHash};
    use serde_json::{Value, json};
    use sha2::{Digest, Sha256};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use crate::world::{Plan, config, people, send};

    const HOME: &str = "NYX_EMBEDDED_TEST_HOME";
    const READY: &str = "ready at ";

    /// The child: serves the chain of the folder in the environment until it is killed. Without that folder it is no
    /// test and returns.
    #[test]
    fn child_process() {
        let Some(home) = std::env::var_os(HOME) else {
            return;
        };
        let mut config = config();
        config.production = BlockProduction::Automatic {
            empty_interval: Duration::from_secs(3600),
        };
        let chain = EmbeddedChain::open(home, config).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            println!("{READY}{}", listener.local_addr().unwrap());
            chain.serve(listener, std::future::pending()).await.unwrap();
        });
    }

    struct Process {
        child: Child,
        address: String,
    }

    impl Drop for Process {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    impl Process {
        fn start(home: &Path) -> Self {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "persistence::killed::child_process",
                    "--nocapture",
                ])
                .env(HOME, home)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let ready = lines.map_while(Result::ok).find_map(|line| {
                line.split_once(READY)
                    .map(|(_, address)| address.to_owned())
            });
            Self {
                child,
                address: ready.unwrap(),
            }
        }

        async fn call(&self, method: &str, params: Value) -> Value {
            let body =
                json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
            let head = format!(
                "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            let mut stream = TcpStream::connect(&self.address).await.unwrap();
            stream.write_all((head + &body).as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
        }

        async fn info(&self) -> Value {
            self.call("abci_info", json!({})).await["result"]["response"].clone()
        }

        /// SIGKILL: the process can neither write nor close anything any more.
        fn kill(mut self) {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }

    #[tokio::test]
    async fn a_killed_chain_has_the_same_hash_and_every_transaction_that_it_showed() {
        let home = tempfile::tempdir().unwrap();
        let [alice, _, carol] = people();
        let mut process = Process::start(home.path());
        let mut shown: Vec<[u8; 32]> = Vec::new();
        for sequence in 0..6 {
            let plan = Plan::new(&alice, 0, sequence, vec![send(&alice, &carol.address, 1)]);
            let bytes = plan.sign(&alice);
            let sent = process
                .call("broadcast_tx_commit", json!({"tx": BASE64.encode(&bytes)}))
                .await;
            assert_eq!(sent["result"]["deliver_tx"]["code"], 0, "{sent}");
            shown.push(Sha256::digest(&bytes).into());
            if sequence % 2 == 1 {
                let before = process.info().await;
                process.kill();
                process = Process::start(home.path());
                assert_eq!(process.info().await, before);
            }
        }
        for hash in &shown {
            let found = process
                .call("tx", json!({"hash": BASE64.encode(hash)}))
                .await;
            assert_eq!(found["result"]["tx_result"]["code"], 0);
        }
        process.kill();
        let chain = EmbeddedChain::open(home.path(), config()).unwrap();
        assert_eq!(chain.balance(&carol.address, "unym"), 6);
    }

    #[tokio::test]
    async fn a_chain_killed_while_it_makes_blocks_comes_back_with_what_it_showed() {
        let home = tempfile::tempdir().unwrap();
        let [alice, _, carol] = people();
        let process = Process::start(home.path());
        let mut hashes = Vec::new();
        for sequence in 0..30 {
            let plan = Plan::new(&alice, 0, sequence, vec![send(&alice, &carol.address, 1)]);
            let bytes = plan.sign(&alice);
            hashes.push(TxHash(Sha256::digest(&bytes).into()));
            process
                .call("broadcast_tx_sync", json!({"tx": BASE64.encode(&bytes)}))
                .await;
        }
        let mut shown = 0;
        for hash in &hashes {
            let found = process
                .call("tx", json!({"hash": BASE64.encode(hash.0)}))
                .await;
            shown += usize::from(found["error"].is_null());
        }
        process.kill();
        let chain = EmbeddedChain::open(home.path(), config()).unwrap();
        let kept = hashes
            .iter()
            .take_while(|hash| chain.outcome(**hash).is_some())
            .count();
        assert!(kept >= shown, "{kept} of {shown}");
        assert_eq!(
            chain.balance(&carol.address, "unym"),
            kept as u128,
            "whole transactions, in order"
        );
        assert_eq!(chain.account(&alice.address), Some((0, kept as u64)));
    }
}
