use crate::revision::Record;
use crate::{DepositId, EcashDate, TicketType};
use ecash_scheme::codec::{Decode, Encode, Reader, Writer};
use ecash_scheme::{Error, Result, UserKeyPair, UserPublicKey, UserSecretKey};
use zeroize::Zeroizing;

/// A book that is paid for and not complete: enough to make a withdrawal request for its deposit. Record revision 1:
/// deposit id, deposit key, user's keys, type, date, in this order.
///
/// The record has no withdrawal secrets: whoever continues from it makes a new request. Signers bind a deposit to its
/// first request, so this is for interchange; our own wallet keeps the request itself.
#[derive(Clone)]
pub struct IssuanceTicketBook {
    /// The deposit.
    pub deposit_id: DepositId,
    /// ed25519 secret key (seed) that the deposit was made under.
    pub deposit_key: Zeroizing<[u8; 32]>,
    /// The user's keys.
    pub user: UserKeyPair,
    /// Type of the book.
    pub ticket_type: TicketType,
    /// Its expiration date.
    pub expiration: EcashDate,
}

impl Encode for IssuanceTicketBook {
    fn encode(&self, out: &mut Writer) {
        self.deposit_id.encode(out);
        out.raw(&*self.deposit_key);
        out.byte_string(&*self.user.secret_key().to_bytes());
        out.byte_string(&self.user.public_key().to_bytes());
        self.ticket_type.encode(out);
        self.expiration.encode(out);
    }
}

impl Decode for IssuanceTicketBook {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let deposit_id = DepositId::decode(input)?;
        let deposit_key = Zeroizing::new(input.array("deposit key")?);
        let secret = Zeroizing::new(input.byte_array::<32>("user secret key")?);
        let user = UserKeyPair::from(UserSecretKey::from_bytes(&*secret)?);
        let public = UserPublicKey::from_bytes(&input.byte_array::<48>("user public key")?)?;
        if public != *user.public_key() {
            return Err(Error::UserKeyMismatch);
        }
        let ticket_type = TicketType::decode(input)?;
        let expiration = EcashDate::decode(input)?;
        Ok(Self {
            deposit_id,
            deposit_key,
            user,
            ticket_type,
            expiration,
        })
    }
}

impl Record for IssuanceTicketBook {
    const NAME: &'static str = "pending ticketbook";
    const REVISION: u8 = 1;
}
