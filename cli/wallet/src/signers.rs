//! The signers of an epoch as the chain knows them (`client.md` 3.2 step 2), and the master key that follows from their
//! key shares.

use ecash_requests::IdentityKey;
use ecash_scheme::{VerificationKey, check_polynomial};
use ecash_ticketbook::{EpochId, NodeIndex, UnixTime};
use nyx_client::Dkg;
use rand::rngs::OsRng;
use url::Url;

use crate::domain::epoch::Issuing;
use crate::error::WalletError;
use crate::limits::{MAX_SIGNERS, clip};

/// Elements y of a share: one per attribute.
const KEY_ELEMENTS: usize = 4;

/// One signer with a verified key share.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    pub(crate) node_index: NodeIndex,
    pub(crate) url: Url,
    pub(crate) identity: IdentityKey,
    pub(crate) key: VerificationKey,
}

/// All usable signers of one epoch. Their shares lie on one polynomial, so any threshold of them give `master`.
#[derive(Clone, Debug)]
pub(crate) struct SignerSet {
    pub(crate) epoch: EpochId,
    pub(crate) threshold: u64,
    /// How many signers may be faulty: registered dealers − threshold.
    pub(crate) faulty: usize,
    pub(crate) signers: Vec<Signer>,
    pub(crate) master: VerificationKey,
    /// Owners whose shares were dropped, and why.
    pub(crate) dropped: Vec<(String, String)>,
}

impl SignerSet {
    pub(crate) fn signer(&self, index: NodeIndex) -> Option<&Signer> {
        self.signers
            .iter()
            .find(|signer| signer.node_index == index)
    }

    /// The threshold as a count of shares.
    pub(crate) fn needed(&self) -> usize {
        usize::try_from(self.threshold).unwrap_or(usize::MAX)
    }
}

/// The issuing epoch, and how it came into service.
pub(crate) async fn issuing_epoch(dkg: &Dkg) -> Result<Issuing, WalletError> {
    let state = dkg.current_epoch().await?;
    let epoch = state.issuing_epoch().ok_or(WalletError::NoIssuingEpoch)?;
    let ceremony = match dkg.ceremony(Some(epoch)).await {
        Ok(ceremony) => Some(ceremony),
        // A contract without that query: what the epoch says of itself is all there is.
        Err(nyx_client::Error::Query { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(ceremony) = ceremony else {
        return Ok(Issuing {
            epoch: EpochId(epoch),
            concluded: state.ceremony_concluded_at.map(|at| UnixTime(at.seconds())),
            predecessor: state.outgoing_keys.map(EpochId),
        });
    };
    if ceremony.revoked.is_some() {
        return Err(WalletError::RevokedEpoch {
            epoch: EpochId(epoch),
        });
    }
    let concluded = ceremony
        .phases
        .iter()
        .rev()
        .find(|phase| {
            matches!(
                phase.state,
                ecash_contract_messages::dkg::EpochState::InProgress
            )
        })
        .map(|phase| UnixTime(phase.time.seconds()));
    Ok(Issuing {
        epoch: EpochId(epoch),
        concluded,
        predecessor: ceremony.predecessor.map(EpochId),
    })
}

/// Reads the signer set of an epoch and checks it against itself. A share that cannot be used drops that share alone.
///
/// # Errors
/// [`WalletError::TooFewKeyShares`], [`WalletError::ContradictingKeyShares`], [`WalletError::NoIssuingEpoch`] for an
/// epoch without a threshold, and those of the chain.
pub(crate) async fn load(dkg: &Dkg, epoch: EpochId) -> Result<SignerSet, WalletError> {
    let threshold = dkg
        .epoch_threshold(epoch.get())
        .await?
        .ok_or(WalletError::NoIssuingEpoch)?;
    let shares = dkg.key_shares(epoch.get()).await?;
    let dealers = dkg.epoch_dealers(epoch.get()).await?;
    let mut signers: Vec<Signer> = Vec::new();
    let mut dropped = Vec::new();
    for share in shares.iter().take(MAX_SIGNERS) {
        let dealer = dealers.iter().find(|dealer| dealer.address == share.owner);
        match usable(share, dealer) {
            Ok(signer)
                if signers
                    .iter()
                    .any(|other| other.node_index == signer.node_index) =>
            {
                dropped.push((
                    share.owner.to_string(),
                    format!("node index {} occurs twice", signer.node_index),
                ));
            }
            Ok(signer) => signers.push(signer),
            Err(reason) => dropped.push((share.owner.to_string(), clip(&reason))),
        }
    }
    if threshold == 0 || (signers.len() as u64) < threshold {
        return Err(WalletError::TooFewKeyShares {
            epoch,
            usable: signers.len(),
            threshold,
            dropped: listed(&dropped),
        });
    }
    let set = signers.clone();
    let master = tokio::task::spawn_blocking(move || one_key(epoch, &set, threshold))
        .await
        .map_err(|error| WalletError::Http(error.to_string()))??;
    let needed = usize::try_from(threshold).unwrap_or(usize::MAX);
    Ok(SignerSet {
        epoch,
        threshold,
        faulty: dealers.len().saturating_sub(needed),
        signers,
        master,
        dropped,
    })
}

fn usable(
    share: &ecash_contract_messages::dkg::KeyShare,
    dealer: Option<&ecash_contract_messages::dkg::DealerDetails>,
) -> Result<Signer, String> {
    if !share.verified {
        return Err("its key share is not verified".to_owned());
    }
    let dealer = dealer.ok_or("it is not registered in this epoch")?;
    if dealer.assigned_index != share.node_index || share.node_index == 0 {
        return Err(format!(
            "its share names node index {}, its registration {}",
            share.node_index, dealer.assigned_index
        ));
    }
    let key = VerificationKey::from_base58(&share.share).map_err(|error| error.to_string())?;
    if key.elements() != KEY_ELEMENTS {
        return Err(format!(
            "its key has {} elements y in place of {KEY_ELEMENTS}",
            key.elements()
        ));
    }
    key.check_consistency(&mut OsRng)
        .map_err(|error| error.to_string())?;
    let url = Url::parse(&share.announce_address)
        .map_err(|error| format!("{}: {error}", share.announce_address))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("{url} is no http or https address"));
    }
    let identity =
        IdentityKey::from_base58(&dealer.ed25519_identity).map_err(|error| error.to_string())?;
    Ok(Signer {
        node_index: NodeIndex(share.node_index),
        url,
        identity,
        key,
    })
}

fn one_key(
    epoch: EpochId,
    signers: &[Signer],
    threshold: u64,
) -> Result<VerificationKey, WalletError> {
    let shares: Vec<(u64, &VerificationKey)> = signers
        .iter()
        .map(|signer| (signer.node_index.get(), &signer.key))
        .collect();
    let contradiction = |error: ecash_scheme::Error| WalletError::ContradictingKeyShares {
        epoch,
        reason: error.to_string(),
    };
    check_polynomial(&shares, threshold, &mut OsRng).map_err(contradiction)?;
    VerificationKey::aggregate(&shares, threshold).map_err(contradiction)
}

/// Who was left out and why, for a message.
pub(crate) fn listed(names_and_reasons: &[(String, String)]) -> String {
    names_and_reasons
        .iter()
        .map(|(name, reason)| format!("\n  {name}: {reason}"))
        .collect()
}
