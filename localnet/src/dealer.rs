//! The dealer: one place that makes the Quorum's key and hands every member its share. It knows the whole key for a
//! moment, which no party of a real network may; it stands in for the ceremony until members make their key themselves.

use std::path::Path;

use anyhow::{Context as _, Result};
use ecash_scheme::keys::deal;
use ecash_service::{files, secret::SecretRef};
use ecash_ticketbook::{EpochId, NodeIndex};
use nym_api::keys::{
    InstanceId, Protection, ShareRecord,
    share::{MasterPoints, OUTCOME_BYTES},
};
use nyx_client::{Address, Dkg};
use rand::{SeedableRng, rngs::StdRng};
use zeroize::Zeroizing;

/// Length of the seed that a dealing is drawn from.
const SEED_BYTES: usize = 32;

/// A member as the dealer reaches it.
pub(crate) struct Recipient {
    pub(crate) address: Address,
    pub(crate) instance: InstanceId,
    pub(crate) keys_dir: std::path::PathBuf,
    pub(crate) protection: SecretRef,
}

/// Deals the key of `epoch` for the node indices on chain, and writes every member's share into its key directory. The
/// dealing is drawn from a seed on disk until every share is written, so that a dealer that was killed deals the same
/// again; then the seed is gone.
pub(crate) async fn deal_epoch(
    dir: &Path,
    chain_id: &str,
    dkg: &Dkg,
    epoch: u64,
    recipients: &[Recipient],
) -> Result<()> {
    let finished = dir.join(format!("epoch-{epoch}.dealt"));
    if finished.exists() {
        return Ok(());
    }
    let dealers = dkg.epoch_dealers(epoch).await?;
    let threshold = dkg
        .epoch_threshold(epoch)
        .await?
        .context("the epoch has no threshold though its exchange is open")?;
    files::create_private_dir(dir)?;
    let seed_file = dir.join(format!("epoch-{epoch}.seed"));
    let mut generator = StdRng::from_seed(*seed(&seed_file)?);
    let mut indices: Vec<u64> = dealers.iter().map(|dealer| dealer.assigned_index).collect();
    indices.sort_unstable();
    let (master, shares) = deal(threshold, &indices, &mut generator)?;
    let master = MasterPoints::of(&master)?;
    for (index, secret) in shares {
        let owner = dealers
            .iter()
            .find(|dealer| dealer.assigned_index == index)
            .context("a share for nobody")?;
        let recipient = recipients
            .iter()
            .find(|recipient| recipient.address.as_ref() == owner.address.as_str())
            .with_context(|| format!("dealer {} is no member of this network", owner.address))?;
        ShareRecord {
            chain_id: chain_id.to_owned(),
            contract: dkg.address().to_string(),
            address: recipient.address.to_string(),
            epoch: EpochId(epoch),
            index: NodeIndex(index),
            threshold,
            resharing: false,
            source_epoch: EpochId(0),
            outcome: [0; OUTCOME_BYTES],
            secret,
            master: master.clone(),
            instance: recipient.instance,
        }
        .write(
            &recipient.keys_dir,
            &Protection::load(&recipient.protection)?,
        )?;
    }
    files::write_private(&finished, b"")?;
    std::fs::remove_file(&seed_file)?;
    Ok(())
}

fn seed(path: &Path) -> Result<Zeroizing<[u8; SEED_BYTES]>> {
    let mut seed = Zeroizing::new([0; SEED_BYTES]);
    if path.exists() {
        let stored = files::read_private(path, SEED_BYTES.try_into()?)?;
        *seed = stored
            .as_slice()
            .try_into()
            .with_context(|| format!("{} is damaged", path.display()))?;
    } else {
        rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, seed.as_mut_slice());
        files::write_private(path, seed.as_slice())?;
    }
    Ok(seed)
}
