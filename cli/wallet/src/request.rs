//! The one request of a deposit (`client.md` 3.4): made and stored before the first byte goes to a signer, the same for ever.

use ecash_requests::IdentitySecret;
use ecash_requests::quorum::{BlindSignRequestBody, RequestHash};
use ecash_scheme::constants::WITHDRAWAL_INSTANCE_BYTES;
use ecash_scheme::{
    NonceName, RequestInfo, SecretScalar, WithdrawalRequest, WithdrawalSecrets,
    hash_to_scalar_with_tag,
};
use ecash_ticketbook::{DepositId, EcashDate, EpochId};
use rand::rngs::OsRng;
use rand::{Rng as _, RngCore as _};
use zeroize::Zeroizing;

use crate::derive::BookId;
use crate::error::WalletError;
use crate::limits::MAX_ATTEMPT;
use crate::store::{IssuanceRow, MadeRequest, Origin};
use crate::wallet::Wallet;

/// Tag of the hash that proof nonces come from.
const NONCE_TAG: &[u8] = b"ZKNYM-WALLET-V01-NONCE";

/// A stored request with all that is needed to send it.
pub(crate) struct StoredRequest {
    pub(crate) deposit_id: DepositId,
    pub(crate) deposit_key: IdentitySecret,
    pub(crate) request: WithdrawalRequest,
    pub(crate) info: RequestInfo,
    pub(crate) hash: RequestHash,
    pub(crate) body: BlindSignRequestBody,
}

/// What unblinds the answers to a request.
pub(crate) struct Openings {
    pub(crate) attempt: u16,
    /// The request info, 248 bytes.
    pub(crate) info: Zeroizing<Vec<u8>>,
}

impl StoredRequest {
    /// Takes a row in state `requested` apart.
    pub(crate) fn read(
        row: &IssuanceRow,
        user: ecash_scheme::UserPublicKey,
    ) -> Result<Self, WalletError> {
        let missing = |what| WalletError::Damaged {
            what,
            reason: "it is empty in a requested issuance".to_owned(),
        };
        let deposit_id = row
            .deposit_id
            .ok_or_else(|| missing("issuance.deposit_id"))?;
        let secret = row
            .deposit_secret
            .as_ref()
            .ok_or_else(|| missing("issuance.deposit_sk"))?;
        let request = row
            .request
            .as_ref()
            .ok_or_else(|| missing("issuance.request"))?;
        let info = row
            .request_info
            .as_ref()
            .ok_or_else(|| missing("issuance.request_info"))?;
        let hash = row
            .request_hash
            .ok_or_else(|| missing("issuance.request_hash"))?;
        let signature = row
            .deposit_signature
            .ok_or_else(|| missing("issuance.deposit_signature"))?;
        let expiration = row
            .expiration
            .ok_or_else(|| missing("issuance.expiration"))?;
        let request = WithdrawalRequest::from_bytes(request)?;
        Ok(Self {
            deposit_id,
            deposit_key: IdentitySecret::from_bytes(secret),
            info: RequestInfo::from_bytes(info)?,
            hash: RequestHash::from(hash),
            body: BlindSignRequestBody {
                inner_sign_request: request.clone(),
                deposit_id,
                signature: signature.into(),
                ecash_pubkey: user,
                expiration_date: expiration,
                ticketbook_type: row.ticket_type,
                envelope: None,
            },
            request,
        })
    }
}

impl Wallet {
    /// Makes the one request of a deposit and stores it, before the first byte goes to a signer.
    pub(crate) async fn make_request(
        &self,
        row: &IssuanceRow,
        epoch: EpochId,
    ) -> Result<(), WalletError> {
        let inner = &self.inner;
        let expiration = self.today()?.default_expiration()?;
        let missing = |what| WalletError::Damaged {
            what,
            reason: "it is empty in a deposited issuance".to_owned(),
        };
        let deposit_id = row
            .deposit_id
            .ok_or_else(|| missing("issuance.deposit_id"))?;
        let secret = row
            .deposit_secret
            .as_ref()
            .ok_or_else(|| missing("issuance.deposit_sk"))?;
        let (attempt, request, info) =
            self.new_request(row, deposit_id, expiration, first_attempt(row.origin))?;
        let user = *inner.user.public_key();
        let body = BlindSignRequestBody::sign(
            request.clone(),
            deposit_id,
            &IdentitySecret::from_bytes(secret),
            user,
            expiration,
            row.ticket_type,
        );
        let made = MadeRequest {
            attempt,
            expiration,
            epoch,
            info: &info.to_bytes(),
            request: &request.to_bytes(),
            hash: *body.request_hash(&inner.network).as_bytes(),
            signature: *body.signature.as_bytes(),
        };
        inner.store.store_request(row.id, &made, self.now()).await
    }

    /// Stores a request that a signer recorded as the one that is sent, where its openings are known: those of the row, or
    /// derived ones. False where they are not.
    pub(crate) async fn adopt_request(
        &self,
        row: &IssuanceRow,
        body: &BlindSignRequestBody,
        epoch: EpochId,
    ) -> Result<bool, WalletError> {
        let hash = *body.request_hash(&self.inner.network).as_bytes();
        let Some(openings) = self.openings_of(row, body)? else {
            return Ok(false);
        };
        let made = MadeRequest {
            attempt: openings.attempt,
            expiration: body.expiration_date,
            epoch,
            info: &openings.info,
            request: &body.inner_sign_request.to_bytes(),
            hash,
            signature: *body.signature.as_bytes(),
        };
        self.inner
            .store
            .store_request(row.id, &made, self.now())
            .await?;
        Ok(true)
    }

    /// Attempt and openings of a recorded request: those of the row's own request, or derived and compared by C.
    pub(crate) fn openings_of(
        &self,
        row: &IssuanceRow,
        body: &BlindSignRequestBody,
    ) -> Result<Option<Openings>, WalletError> {
        let hash = *body.request_hash(&self.inner.network).as_bytes();
        if let (Some(own), Some(info)) = (row.request_hash, &row.request_info)
            && own == hash
        {
            return Ok(Some(Openings {
                attempt: row.attempt.unwrap_or(0),
                info: info.clone(),
            }));
        }
        if body.ecash_pubkey != *self.inner.user.public_key()
            || body.ticketbook_type != row.ticket_type
        {
            return Ok(None);
        }
        for attempt in 0..=MAX_ATTEMPT {
            let derived =
                self.derived_request(row, body.deposit_id, body.expiration_date, attempt)?;
            if let Some((request, info)) = derived
                && request.commitment() == body.inner_sign_request.commitment()
            {
                return Ok(Some(Openings {
                    attempt,
                    info: info.to_bytes(),
                }));
            }
        }
        Ok(None)
    }

    /// Derived secrets, fresh nonces; another attempt only where h comes out at infinity.
    fn new_request(
        &self,
        row: &IssuanceRow,
        deposit_id: DepositId,
        expiration: EcashDate,
        first_attempt: u16,
    ) -> Result<(u16, WithdrawalRequest, RequestInfo), WalletError> {
        for attempt in first_attempt..=MAX_ATTEMPT {
            if let Some((request, info)) =
                self.derived_request(row, deposit_id, expiration, attempt)?
            {
                return Ok((attempt, request, info));
            }
        }
        Err(WalletError::Attempts { deposit_id })
    }

    /// The request of one attempt; `None` where its h is at infinity.
    fn derived_request(
        &self,
        row: &IssuanceRow,
        deposit_id: DepositId,
        expiration: EcashDate,
        attempt: u16,
    ) -> Result<Option<(WithdrawalRequest, RequestInfo)>, WalletError> {
        let inner = &self.inner;
        let nonce_key = inner.root.nonce_key();
        let mut nonces =
            |instance: &[u8; WITHDRAWAL_INSTANCE_BYTES], name: NonceName| -> SecretScalar {
                let mut fresh = Zeroizing::new([0_u8; 32]);
                OsRng.fill_bytes(fresh.as_mut_slice());
                let parts = [
                    nonce_key.as_slice(),
                    instance,
                    name.as_str().as_bytes(),
                    fresh.as_slice(),
                ];
                hash_to_scalar_with_tag(&parts, NONCE_TAG).into()
            };
        let book = BookId {
            deposit_id,
            deposit_key: &row.deposit_public,
            expiration,
            ticket_type: row.ticket_type,
            attempt,
        };
        let derived = inner.root.book_secrets(&inner.context, &book)?;
        let secrets =
            WithdrawalSecrets::from_wide_bytes(&derived.v, &derived.o, &derived.o1, &derived.o2);
        let made = WithdrawalRequest::new(
            &inner.user,
            expiration.unix(),
            row.ticket_type.code(),
            secrets,
            &mut nonces,
        );
        match made {
            Ok(made) => Ok(Some(made)),
            Err(ecash_scheme::Error::UnusableSecrets) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// The attempt that a new request begins with (`client.md` 12.3): drawn for a deposit that a scan found, so that it does
/// not equal a request that another device may still hold and send.
fn first_attempt(origin: Origin) -> u16 {
    match origin {
        Origin::Own | Origin::Reference => 0,
        Origin::Restored => OsRng.gen_range(1..=MAX_ATTEMPT),
    }
}
