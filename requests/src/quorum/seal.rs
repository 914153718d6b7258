//! Sealed answers: HPKE (RFC 9180) base mode, single shot, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305
//! (`quorum-api.md` 3.1.4).

use super::{Attestation, AttestedShare, ShareContext};
use crate::RequestsError;
use crate::bytes::{Base58, Base64};
use crate::identity::SIGNATURE_BYTES;
use crate::text::SignedText;
use curve25519_dalek::{MontgomeryPoint, Scalar};
use ecash_scheme::BlindedSignature;
use ecash_scheme::constants::SIGNATURE_BYTES as SHARE_BYTES;
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal,
};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

type SealKem = X25519HkdfSha256;

const INFO: &[u8] = b"zknym-seal-v1";
/// enc(h) ‖ enc(B) ‖ attestation signature.
const PLAINTEXT_BYTES: usize = SHARE_BYTES + SIGNATURE_BYTES;
/// The plaintext and the tag.
const CIPHERTEXT_BYTES: usize = PLAINTEXT_BYTES + 16;

/// An X25519 public key to seal for: canonical (u < p) and of no small order, so that the shared secret depends on the
/// sender's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseKey([u8; 32]);

impl ResponseKey {
    /// Checks a key.
    ///
    /// # Errors
    /// [`RequestsError::Key`] if it is not canonical or of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, RequestsError> {
        let refused = |reason| {
            Err(RequestsError::Key {
                key: Base58(*bytes).to_string(),
                reason,
            })
        };
        if !is_below_field_modulus(bytes) {
            return refused("not canonically encoded");
        }
        if (MontgomeryPoint(*bytes) * Scalar::from(8u8)).to_bytes() == [0; 32] {
            return refused("of small order");
        }
        Ok(Self(*bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Whether 32 little-endian bytes are a number below p = 2²⁵⁵ − 19.
fn is_below_field_modulus(bytes: &[u8; 32]) -> bool {
    const MODULUS: [u8; 32] = {
        let mut modulus = [0xff; 32];
        modulus[0] = 0x7f;
        modulus[31] = 0xed;
        modulus
    };
    let mut big_endian = *bytes;
    big_endian.reverse();
    big_endian < MODULUS
}

/// The secret of a [`ResponseKey`]: one for each signer and request. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct ResponseSecret(Zeroizing<[u8; 32]>);

impl ResponseSecret {
    /// A fresh secret.
    pub fn generate<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *bytes);
        Self(bytes)
    }

    /// The secret with these bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The bytes, for storage.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The public key.
    #[must_use]
    pub fn public(&self) -> ResponseKey {
        ResponseKey(MontgomeryPoint::mul_base_clamped(*self.0).to_bytes())
    }
}

/// A share and its attestation, sealed for the caller's response key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SealedShare {
    /// Encapsulated key, base64.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub enc: Base64<32>,
    /// Ciphertext of enc(h) ‖ enc(B) ‖ attestation signature, base64.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub ciphertext: Base64<CIPHERTEXT_BYTES>,
}

impl SealedShare {
    /// Seals a share. Associated data: the context's text ‖ response key.
    ///
    /// # Errors
    /// [`RequestsError::Sealing`]; cannot happen with a key that [`ResponseKey::from_bytes`] admitted.
    pub fn seal<R: RngCore + CryptoRng>(
        context: &ShareContext<'_>,
        share: &AttestedShare,
        recipient: &ResponseKey,
        rng: &mut R,
    ) -> Result<Self, RequestsError> {
        let sealing = |_| RequestsError::Sealing;
        let key = <SealKem as Kem>::PublicKey::from_bytes(recipient.as_bytes()).map_err(sealing)?;
        let mut plaintext = Zeroizing::new(Vec::with_capacity(PLAINTEXT_BYTES));
        plaintext.extend_from_slice(&share.share.to_bytes());
        plaintext.extend_from_slice(share.attestation.signature.as_bytes());
        let (enc, ciphertext) = single_shot_seal::<ChaCha20Poly1305, HkdfSha256, SealKem, _>(
            &OpModeS::Base,
            &key,
            INFO,
            &plaintext,
            associated_data(context, recipient).as_bytes(),
            &mut Rng09(rng),
        )
        .map_err(sealing)?;
        let mut encapsulated = [0; 32];
        enc.write_exact(&mut encapsulated);
        let ciphertext = ciphertext.try_into().map_err(|_| RequestsError::Sealing)?;
        Ok(Self {
            enc: Base64(encapsulated),
            ciphertext: Base64(ciphertext),
        })
    }

    /// Opens a sealed share. The attestation inside is not verified: see [`AttestedShare::open`].
    ///
    /// # Errors
    /// [`RequestsError::Unsealable`] under another key or context; [`RequestsError::Decode`] if what was sealed is no
    /// share.
    pub fn open(
        &self,
        context: &ShareContext<'_>,
        secret: &ResponseSecret,
    ) -> Result<AttestedShare, RequestsError> {
        let unsealable = |_| RequestsError::Unsealable;
        let key =
            <SealKem as Kem>::PrivateKey::from_bytes(secret.as_bytes()).map_err(unsealable)?;
        let enc =
            <SealKem as Kem>::EncappedKey::from_bytes(self.enc.as_bytes()).map_err(unsealable)?;
        let plaintext = Zeroizing::new(
            single_shot_open::<ChaCha20Poly1305, HkdfSha256, SealKem>(
                &OpModeR::Base,
                &key,
                &enc,
                INFO,
                self.ciphertext.as_bytes(),
                associated_data(context, &secret.public()).as_bytes(),
            )
            .map_err(unsealable)?,
        );
        let refused = |reason: String| RequestsError::Decode {
            what: "opened share",
            reason,
        };
        let (share, signature) = plaintext
            .split_at_checked(SHARE_BYTES)
            .ok_or_else(|| refused(format!("{} bytes", plaintext.len())))?;
        let signature = signature
            .try_into()
            .map_err(|_| refused(format!("{} bytes", plaintext.len())))?;
        Ok(AttestedShare {
            share: BlindedSignature::from_bytes(share)
                .map_err(|error| refused(error.to_string()))?,
            attestation: Attestation {
                epoch_id: context.epoch_id,
                node_index: context.node_index,
                signature: Base58(signature),
            },
        })
    }
}

fn associated_data(context: &ShareContext<'_>, recipient: &ResponseKey) -> SignedText {
    context.text().raw(recipient.as_bytes())
}

/// A generator of the `rand_core` 0.6 traits under those of 0.9, which HPKE takes.
struct Rng09<'a, R>(&'a mut R);

impl<R: RngCore> rand_09::RngCore for Rng09<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.0.fill_bytes(dest);
    }
}

impl<R: RngCore + CryptoRng> rand_09::CryptoRng for Rng09<'_, R> {}
