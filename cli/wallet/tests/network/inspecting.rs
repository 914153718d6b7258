//! What somebody who was given a ticket, or evidence against a signer, finds out about it.

use ecash_ticketbook::NodeIndex;
use ecash_wallet::{
    BadShareEvidence, Bookshelf, Check, NetworkReader, PrintIndex, TicketFile, Wallet,
    examine_evidence,
};

use crate::support::signer::Mode;
use crate::support::{EPOCH, Keys, TYPE, World, holder, key_of, order};

async fn ticket(world: &World) -> Vec<u8> {
    let wallet = world.wallet_with_book().await;
    let provider = key_of(&world.gateway.identity);
    let ticket = wallet
        .print_ticket(provider, TYPE, PrintIndex::LowestFree)
        .await
        .unwrap();
    wallet.close().await;
    ticket.bytes
}

fn failed(checks: &[Check]) -> Vec<&'static str> {
    checks
        .iter()
        .filter(|check| !check.ok)
        .map(|check| check.check)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_honest_ticket_passes_every_check_under_the_key_of_the_chain_and_of_the_store() {
    let world = World::start().await;
    let bytes = ticket(&world).await;
    let ticket = TicketFile::parse(&bytes).unwrap();
    assert_eq!(ticket.epoch(), EPOCH);
    let chain = NetworkReader::new(&world.network(&world.rpc)).unwrap();
    let key = chain.master_key(EPOCH).await.unwrap();
    assert_eq!(key, world.keys.master);
    let stored = Bookshelf::peek_key(&world.credentials(), EPOCH).await;
    assert_eq!(stored.unwrap(), Some(key.clone()));
    let checks = ticket.examine(Ok((&key, "the one on chain")));
    assert_eq!(failed(&checks), [""; 0], "{checks:?}");
    let detail = |name| {
        &checks
            .iter()
            .find(|check| check.check == name)
            .unwrap()
            .detail
    };
    assert_eq!(
        *detail("provider"),
        key_of(&world.gateway.identity).to_string()
    );
    assert!(checks.iter().any(|check| check.check == "payment"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_cut_at_any_byte_changed_or_under_another_key_fails_the_check_that_says_so() {
    let world = World::start().await;
    let bytes = ticket(&world).await;
    let key = &world.keys.master;
    for length in 0..bytes.len() {
        let check = TicketFile::parse(&bytes[..length]).err().unwrap();
        assert_eq!((check.check, check.ok), ("form", false), "{length}");
    }
    let other = Keys::deal().master;
    let ticket = TicketFile::parse(&bytes).unwrap();
    assert_eq!(failed(&ticket.examine(Ok((&other, "")))), ["payment"]);
    assert_eq!(
        failed(&ticket.examine(Err("it is not known".to_owned()))),
        ["master verification key"]
    );
    // The proof's last response, the nonce of the pay info, the spend date.
    for (position, name) in [(4 + 1190 - 1, "payment"), (4 + 1190, "payment")] {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        let found = match TicketFile::parse(&changed) {
            Ok(ticket) => failed(&ticket.examine(Ok((key, "")))),
            Err(check) => vec![check.check],
        };
        assert!(
            found == [name] || found == ["points"],
            "byte {position}: {found:?}"
        );
    }
    let mut later = bytes.clone();
    later[4 + 1190 + 72 + 3] += 1;
    let found = failed(&TicketFile::parse(&later).unwrap().examine(Ok((key, ""))));
    assert_eq!(found, ["spend date", "payment"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn evidence_is_proven_for_its_own_network_and_signer_and_for_no_other() {
    let world = World::start().await;
    world.signers[0].set(Mode::Refuses);
    world.signers[1].set(Mode::WrongShare);
    let wallet = world.open().await.unwrap();
    wallet.obtain(&holder(), order(1), &()).await.unwrap();
    wallet.close().await;
    let rows = Wallet::peek_evidence(&world.database()).await.unwrap();
    let json = serde_json::to_vec(&rows).unwrap();
    let rows: Vec<BadShareEvidence> = serde_json::from_slice(&json).unwrap();
    let row = &rows[0];

    let chain = NetworkReader::new(&world.network(&world.rpc)).unwrap();
    let chain_id = chain.chain_id().await.unwrap();
    let here = (chain_id.as_str(), world.ecash.as_ref(), world.dkg.as_ref());
    let signers = chain.signers(EPOCH).await.unwrap();
    let keys_of = |index: u64| {
        signers
            .iter()
            .find(|signer| signer.node_index == NodeIndex(index))
            .map(|signer| (&signer.share, &signer.identity))
    };
    let proven = examine_evidence(row, here, keys_of(2));
    assert_eq!(failed(&proven), [""; 0], "{proven:?}");
    assert!(proven.iter().any(|check| check.detail.contains("signer 2")));
    assert_eq!(
        failed(&examine_evidence(row, here, keys_of(1))),
        ["evidence"]
    );
    assert_eq!(failed(&examine_evidence(row, here, None)), ["evidence"]);
    let elsewhere = ("another-chain", here.1, here.2);
    assert_eq!(
        failed(&examine_evidence(row, elsewhere, keys_of(2))),
        ["network"]
    );
    for length in 0..json.len() {
        assert!(serde_json::from_slice::<Vec<BadShareEvidence>>(&json[..length]).is_err());
    }
}
