//! What one signer's answer to the request is worth: the table of `client.md` 3.5 as a function.

use ecash_requests::quorum::{
    Attestation, AttestedShare, BlindSignResponse, ResponseSecret, ShareContext,
};
use ecash_scheme::{BlindedSignature, RequestInfo, UserSecretKey};

use crate::signers::Signer;

/// A judged answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// The share verifies and is attested.
    Good(AttestedShare),
    /// The share verifies; its attestation is missing or wrong.
    GoodUnattested(BlindedSignature),
    /// The signer vouches for a share that does not verify.
    BadShare(AttestedShare),
    /// Nothing that could be used or shown.
    BadAnswer(String),
}

/// What the holder knows of the request that was sent.
#[derive(Clone, Copy)]
pub(crate) struct Sent<'a> {
    pub(crate) context: ShareContext<'a>,
    pub(crate) info: &'a RequestInfo,
    pub(crate) user: &'a UserSecretKey,
    pub(crate) response_secret: &'a ResponseSecret,
}

/// Judges the answer of `signer`, checking its share singly, never as part of a batch.
pub(crate) fn judge(answer: &BlindSignResponse, sent: &Sent<'_>, signer: &Signer) -> Judged {
    let (share, attestation) = match answer {
        BlindSignResponse::Clear {
            blinded_signature,
            attestation,
        } => (*blinded_signature, *attestation),
        BlindSignResponse::Sealed(sealed) => match sealed.open(&sent.context, sent.response_secret)
        {
            Ok(opened) => (opened.share, Some(opened.attestation)),
            Err(error) => return Judged::BadAnswer(error.to_string()),
        },
    };
    let attested: Option<Attestation> = attestation.filter(|attestation| {
        attestation
            .verify(&sent.context, &share, &signer.identity)
            .is_ok()
    });
    if share.base() != sent.info.base() {
        return Judged::BadAnswer("its share is about another request".to_owned());
    }
    let good = sent
        .info
        .unblind(sent.user, &share, &signer.key, signer.node_index.get());
    match (good, attested) {
        (Ok(_), Some(attestation)) => Judged::Good(AttestedShare { share, attestation }),
        (Ok(_), None) => Judged::GoodUnattested(share),
        (Err(_), Some(attestation)) => Judged::BadShare(AttestedShare { share, attestation }),
        (Err(error), None) => Judged::BadAnswer(error.to_string()),
    }
}
