//! The network as anyone sees it, without a wallet: the health of its signers, the keys of its epochs. For programs that
//! show the network or check what they were given.

use ecash_requests::http::HttpClient;
use ecash_requests::{IdentityKey, install_crypto_provider};
use ecash_scheme::VerificationKey;
use ecash_ticketbook::{EpochId, NodeIndex, UnixTime};
use nyx_client::{Dkg, Ecash, QueryClient, parse_address};

use crate::config::NetworkConfig;
use crate::error::WalletError;
use crate::event::{Event, Observer};
use crate::limits::CALL_TIMEOUT;
use crate::preflight::{NetworkHealth, ailing, ask_all};
use crate::provider::{self, Gateway};
use crate::signers;

/// What the chain has of one signer of an epoch.
#[derive(Clone, Debug)]
pub struct SignerKeys {
    /// Its index.
    pub node_index: NodeIndex,
    /// Its verified key share.
    pub share: VerificationKey,
    /// Its registered identity key.
    pub identity: IdentityKey,
}

/// Reads chain and signers; writes nothing anywhere.
pub struct NetworkReader {
    chain: QueryClient,
    ecash: Ecash,
    dkg: Dkg,
    http: HttpClient,
}

impl NetworkReader {
    /// A reader of this network. Nobody is asked yet.
    ///
    /// # Errors
    /// [`WalletError::Chain`] for addresses and URLs that are none, [`WalletError::Http`].
    pub fn new(network: &NetworkConfig) -> Result<Self, WalletError> {
        install_crypto_provider();
        let chain = QueryClient::new(&network.rpc)?;
        let dkg = chain.dkg(&parse_address(&network.dkg_contract)?);
        Ok(Self {
            ecash: chain.ecash(&parse_address(&network.ecash_contract)?),
            chain,
            dkg,
            http: provider::http_client(CALL_TIMEOUT)?,
        })
    }

    /// Asks the chain for the issuing epoch and all its signers for their status.
    ///
    /// # Errors
    /// [`WalletError::NoIssuingEpoch`], [`WalletError::TooFewKeyShares`], [`WalletError::Chain`].
    pub async fn health(&self, observer: &dyn Observer) -> Result<NetworkHealth, WalletError> {
        let issuing = signers::issuing_epoch(&self.dkg).await?;
        let set = signers::load(&self.dkg, issuing.epoch).await?;
        for (owner, reason) in &set.dropped {
            observer.on(&Event::ShareDropped {
                owner: owner.clone(),
                reason: reason.clone(),
            });
        }
        // Only who answers counts here, not when.
        let answers = ask_all(&self.http, &set, || UnixTime(0)).await?;
        let ailing = ailing(&set, &answers);
        Ok(NetworkHealth::of(&set, ailing))
    }

    /// The id of the chain that the node is on.
    ///
    /// # Errors
    /// [`WalletError::Chain`].
    pub async fn chain_id(&self) -> Result<String, WalletError> {
        Ok(self.chain.status().await?.chain_id)
    }

    /// The admitted gateway with this identity key.
    ///
    /// # Errors
    /// [`WalletError::UnknownGateway`], [`WalletError::Chain`].
    pub async fn gateway(&self, identity: &IdentityKey) -> Result<Gateway, WalletError> {
        let gateways = provider::read_registry(&self.ecash).await?;
        gateways
            .into_iter()
            .find(|gateway| gateway.identity == *identity)
            .ok_or_else(|| WalletError::UnknownGateway(identity.to_string()))
    }

    /// The master key of an epoch: the own aggregate of the key shares on chain, which lie on one polynomial.
    ///
    /// # Errors
    /// [`WalletError::NoIssuingEpoch`] for an epoch without keys, [`WalletError::RevokedEpoch`],
    /// [`WalletError::TooFewKeyShares`], [`WalletError::ContradictingKeyShares`], [`WalletError::Chain`].
    pub async fn master_key(&self, epoch: EpochId) -> Result<VerificationKey, WalletError> {
        match self.dkg.ceremony(Some(epoch.get())).await {
            Ok(ceremony) if ceremony.revoked.is_some() => {
                return Err(WalletError::RevokedEpoch { epoch });
            }
            // A contract without that query revokes nothing.
            Ok(_) | Err(nyx_client::Error::Query { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(signers::load(&self.dkg, epoch).await?.master)
    }

    /// The signers of an epoch, revoked or not, with the keys that the chain has of them.
    ///
    /// # Errors
    /// Those of [`Self::master_key`] but revocation.
    pub async fn signers(&self, epoch: EpochId) -> Result<Vec<SignerKeys>, WalletError> {
        let set = signers::load(&self.dkg, epoch).await?;
        Ok(set
            .signers
            .into_iter()
            .map(|signer| SignerKeys {
                node_index: signer.node_index,
                share: signer.key,
                identity: signer.identity,
            })
            .collect())
    }
}
