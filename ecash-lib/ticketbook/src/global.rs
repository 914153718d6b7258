//! What all books of an epoch share: the epoch's key, the date signatures of each expiration date, the coin-index
//! signatures. Public; kept as records, epoch first (`ecash-scheme.md` B.3).

use crate::revision::Record;
use crate::wire::{decode_date_text, encode_date_text, invalid};
use crate::{EcashDate, EpochId, TicketbookError};
use ecash_scheme::codec::{Decode, Encode, Reader, Writer};
use ecash_scheme::{CoinIndexSignatures, DateSignatures, Result, VerificationKey};

/// The aggregated key of an epoch. Record revision 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochVerificationKey {
    /// The epoch.
    pub epoch_id: EpochId,
    /// Its key.
    pub key: VerificationKey,
}

/// The seven date signatures of one expiration date under the key of one epoch. Record revision 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregatedDateSignatures {
    epoch_id: EpochId,
    expiration: EcashDate,
    signatures: DateSignatures,
}

/// The fifty coin-index signatures under the key of one epoch. Record revision 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AggregatedCoinIndexSignatures {
    /// The epoch.
    pub epoch_id: EpochId,
    /// Its coin-index signatures.
    pub signatures: CoinIndexSignatures,
}

impl AggregatedDateSignatures {
    /// Date signatures with the epoch of the key that made them.
    ///
    /// # Errors
    /// [`TicketbookError::NotMidnight`], [`TicketbookError::DateOutOfRange`] if the signatures are about no date.
    pub fn new(
        epoch_id: EpochId,
        signatures: DateSignatures,
    ) -> std::result::Result<Self, TicketbookError> {
        let expiration = EcashDate::from_unix(signatures.expiration())?;
        Ok(Self {
            epoch_id,
            expiration,
            signatures,
        })
    }

    /// The epoch.
    #[must_use]
    pub const fn epoch_id(&self) -> EpochId {
        self.epoch_id
    }

    /// The expiration date.
    #[must_use]
    pub const fn expiration(&self) -> EcashDate {
        self.expiration
    }

    /// The signatures.
    #[must_use]
    pub const fn signatures(&self) -> &DateSignatures {
        &self.signatures
    }
}

impl Encode for EpochVerificationKey {
    fn encode(&self, out: &mut Writer) {
        self.epoch_id.encode(out);
        self.key.encode(out);
    }
}

impl Decode for EpochVerificationKey {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            epoch_id: EpochId::decode(input)?,
            key: VerificationKey::decode(input)?,
        })
    }
}

impl Record for EpochVerificationKey {
    const NAME: &'static str = "epoch verification key";
    const REVISION: u8 = 2;
}

impl Encode for AggregatedDateSignatures {
    fn encode(&self, out: &mut Writer) {
        self.epoch_id.encode(out);
        encode_date_text(self.expiration, out);
        self.signatures.encode(out);
    }
}

impl Decode for AggregatedDateSignatures {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let epoch_id = EpochId::decode(input)?;
        let named = decode_date_text(input)?;
        let record = Self::new(epoch_id, DateSignatures::decode(input)?)
            .map_err(|problem| invalid(Self::NAME, &problem))?;
        if record.expiration == named {
            return Ok(record);
        }
        let problem = TicketbookError::Mismatch {
            what: "list of signatures",
            expected: named.to_string(),
            actual: record.expiration.to_string(),
        };
        Err(invalid(Self::NAME, &problem))
    }
}

impl Record for AggregatedDateSignatures {
    const NAME: &'static str = "aggregated date signatures";
    const REVISION: u8 = 2;
}

impl Encode for AggregatedCoinIndexSignatures {
    fn encode(&self, out: &mut Writer) {
        self.epoch_id.encode(out);
        self.signatures.encode(out);
    }
}

impl Decode for AggregatedCoinIndexSignatures {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            epoch_id: EpochId::decode(input)?,
            signatures: CoinIndexSignatures::decode(input)?,
        })
    }
}

impl Record for AggregatedCoinIndexSignatures {
    const NAME: &'static str = "aggregated coin-index signatures";
    const REVISION: u8 = 2;
}
