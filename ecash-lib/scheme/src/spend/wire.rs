//! The wire forms of a payment (spec 5.5): the only place with parallel lists. One struct serves `bin` and serde alike;
//! [`Wire::into_parts`] checks the shape before anything is decoded.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::codec::{Decode, Encode, Reader, Writer};
use crate::constants::{BOOK, G1_BYTES, G2_BYTES, MAX_TICKETS_PER_PAYMENT, SCALAR_BYTES};
use crate::error::{Error, Result};
use crate::spend::parts::{Encoded, Pair, Parts, Proof, Ticket, TicketResponses};

/// An encoded point or scalar: a byte string in `bin`, lower-case hex in JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes<const N: usize>(pub(crate) [u8; N]);

/// A signature.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct WireSignature {
    h: Bytes<G1_BYTES>,
    s: Bytes<G1_BYTES>,
}

/// A payment as it travels: fields in the order of `bin`, named as in JSON.
#[derive(Serialize, Deserialize)]
pub(super) struct Wire {
    kappa: Bytes<G2_BYTES>,
    kappa_e: Bytes<G2_BYTES>,
    sig: WireSignature,
    sig_exp: WireSignature,
    kappa_k: Vec<Bytes<G2_BYTES>>,
    omega: Vec<WireSignature>,
    ss: Vec<Bytes<G1_BYTES>>,
    tt: Vec<Bytes<G1_BYTES>>,
    aa: Vec<Bytes<G1_BYTES>>,
    spend_value: u64,
    cc: Bytes<G1_BYTES>,
    t_type: u8,
    zk_proof: WireProof,
}

/// The proof as it travels.
#[derive(Serialize, Deserialize)]
struct WireProof {
    challenge: Bytes<SCALAR_BYTES>,
    response_r: Bytes<SCALAR_BYTES>,
    response_r_e: Bytes<SCALAR_BYTES>,
    responses_r_k: Vec<Bytes<SCALAR_BYTES>>,
    responses_l: Vec<Bytes<SCALAR_BYTES>>,
    responses_o_a: Vec<Bytes<SCALAR_BYTES>>,
    response_o_c: Bytes<SCALAR_BYTES>,
    responses_mu: Vec<Bytes<SCALAR_BYTES>>,
    responses_o_mu: Vec<Bytes<SCALAR_BYTES>>,
    responses_attributes: Vec<Bytes<SCALAR_BYTES>>,
}

impl Wire {
    /// One struct for each ticket, from lists that all have exactly n entries, 1 ≤ n ≤ 50 (spec 5.7, steps 2 and 3).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for n, [`Error::WrongLength`] for a list.
    pub(super) fn into_parts(self) -> Result<Parts<Encoded>> {
        let got = self.spend_value;
        let count = usize::try_from(got)
            .ok()
            .filter(|count| (1..=BOOK).contains(count))
            .ok_or(Error::OutOfRange {
                what: "tickets of a payment",
                min: 1,
                max: MAX_TICKETS_PER_PAYMENT,
                got,
            })?;
        let proof = self.zk_proof;
        let mut kappa = exactly("kappa_k", count, self.kappa_k)?;
        let mut omega = exactly("omega", count, self.omega)?;
        let mut serial = exactly("ss", count, self.ss)?;
        let mut tag = exactly("tt", count, self.tt)?;
        let mut commitment = exactly("aa", count, self.aa)?;
        let mut r = exactly("responses_r_k", count, proof.responses_r_k)?;
        let mut index = exactly("responses_l", count, proof.responses_l)?;
        let mut opening = exactly("responses_o_a", count, proof.responses_o_a)?;
        let mut mu = exactly("responses_mu", count, proof.responses_mu)?;
        let mut product = exactly("responses_o_mu", count, proof.responses_o_mu)?;
        let attributes = proof.responses_attributes;
        let got = attributes.len();
        let attributes = attributes.try_into().map_err(|_| Error::WrongLength {
            what: "responses_attributes",
            expected: 3,
            got,
        })?;

        let mut ticket = || {
            Some(Ticket {
                kappa: kappa.next()?,
                omega: omega.next()?.into(),
                serial: serial.next()?,
                tag: tag.next()?,
                commitment: commitment.next()?,
                responses: TicketResponses {
                    r: r.next()?,
                    index: index.next()?,
                    opening: opening.next()?,
                    mu: mu.next()?,
                    product: product.next()?,
                },
            })
        };
        Ok(Parts {
            kappa: self.kappa,
            kappa_e: self.kappa_e,
            wallet: self.sig.into(),
            date: self.sig_exp.into(),
            commitment: self.cc,
            ticket_type: self.t_type,
            proof: Proof {
                challenge: proof.challenge,
                r: proof.response_r,
                r_e: proof.response_r_e,
                o_c: proof.response_o_c,
                attributes,
            },
            tickets: (0..count).map_while(|_| ticket()).collect(),
        })
    }
}

/// The entries of a list that has exactly `count` of them.
fn exactly<T>(what: &'static str, count: usize, list: Vec<T>) -> Result<std::vec::IntoIter<T>> {
    if list.len() == count {
        Ok(list.into_iter())
    } else {
        Err(Error::WrongLength {
            what,
            expected: count,
            got: list.len(),
        })
    }
}

impl From<&Parts<Encoded>> for Wire {
    fn from(parts: &Parts<Encoded>) -> Self {
        fn list<T>(parts: &Parts<Encoded>, of: impl Fn(&Ticket<Encoded>) -> T) -> Vec<T> {
            parts.tickets.iter().map(of).collect()
        }
        Self {
            kappa: parts.kappa,
            kappa_e: parts.kappa_e,
            sig: (&parts.wallet).into(),
            sig_exp: (&parts.date).into(),
            kappa_k: list(parts, |ticket| ticket.kappa),
            omega: list(parts, |ticket| (&ticket.omega).into()),
            ss: list(parts, |ticket| ticket.serial),
            tt: list(parts, |ticket| ticket.tag),
            aa: list(parts, |ticket| ticket.commitment),
            spend_value: parts.tickets.len() as u64,
            cc: parts.commitment,
            t_type: parts.ticket_type,
            zk_proof: WireProof {
                challenge: parts.proof.challenge,
                response_r: parts.proof.r,
                response_r_e: parts.proof.r_e,
                responses_r_k: list(parts, |ticket| ticket.responses.r),
                responses_l: list(parts, |ticket| ticket.responses.index),
                responses_o_a: list(parts, |ticket| ticket.responses.opening),
                response_o_c: parts.proof.o_c,
                responses_mu: list(parts, |ticket| ticket.responses.mu),
                responses_o_mu: list(parts, |ticket| ticket.responses.product),
                responses_attributes: parts.proof.attributes.to_vec(),
            },
        }
    }
}

impl From<WireSignature> for Pair<Encoded> {
    fn from(wire: WireSignature) -> Self {
        Self {
            h: wire.h,
            s: wire.s,
        }
    }
}

impl From<&Pair<Encoded>> for WireSignature {
    fn from(pair: &Pair<Encoded>) -> Self {
        Self {
            h: pair.h,
            s: pair.s,
        }
    }
}

impl Encode for Wire {
    fn encode(&self, out: &mut Writer) {
        self.kappa.encode(out);
        self.kappa_e.encode(out);
        self.sig.encode(out);
        self.sig_exp.encode(out);
        out.list(&self.kappa_k);
        out.list(&self.omega);
        out.list(&self.ss);
        out.list(&self.tt);
        out.list(&self.aa);
        out.uint(self.spend_value);
        self.cc.encode(out);
        out.u8(self.t_type);
        let proof = &self.zk_proof;
        proof.challenge.encode(out);
        proof.response_r.encode(out);
        proof.response_r_e.encode(out);
        out.list(&proof.responses_r_k);
        out.list(&proof.responses_l);
        out.list(&proof.responses_o_a);
        proof.response_o_c.encode(out);
        out.list(&proof.responses_mu);
        out.list(&proof.responses_o_mu);
        out.list(&proof.responses_attributes);
    }
}

impl Decode for Wire {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            kappa: Bytes::decode(input)?,
            kappa_e: Bytes::decode(input)?,
            sig: WireSignature::decode(input)?,
            sig_exp: WireSignature::decode(input)?,
            kappa_k: input.list("kappa_k", BOOK)?,
            omega: input.list("omega", BOOK)?,
            ss: input.list("ss", BOOK)?,
            tt: input.list("tt", BOOK)?,
            aa: input.list("aa", BOOK)?,
            spend_value: input.u64("tickets of a payment")?,
            cc: Bytes::decode(input)?,
            t_type: input.u8("ticket type")?,
            zk_proof: WireProof {
                challenge: Bytes::decode(input)?,
                response_r: Bytes::decode(input)?,
                response_r_e: Bytes::decode(input)?,
                responses_r_k: input.list("responses_r_k", BOOK)?,
                responses_l: input.list("responses_l", BOOK)?,
                responses_o_a: input.list("responses_o_a", BOOK)?,
                response_o_c: Bytes::decode(input)?,
                responses_mu: input.list("responses_mu", BOOK)?,
                responses_o_mu: input.list("responses_o_mu", BOOK)?,
                responses_attributes: input.list("responses_attributes", BOOK)?,
            },
        })
    }
}

impl Encode for WireSignature {
    fn encode(&self, out: &mut Writer) {
        self.h.encode(out);
        self.s.encode(out);
    }
}

impl Decode for WireSignature {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        Ok(Self {
            h: Bytes::decode(input)?,
            s: Bytes::decode(input)?,
        })
    }
}

impl<const N: usize> Encode for Bytes<N> {
    fn encode(&self, out: &mut Writer) {
        out.byte_string(&self.0);
    }
}

impl<const N: usize> Decode for Bytes<N> {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        input.byte_array("point or scalar").map(Self)
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::text::write_hex(f, &self.0)
    }
}

impl<const N: usize> Bytes<N> {
    fn to_bytes(self) -> [u8; N] {
        self.0
    }

    fn from_hex(text: &str) -> Result<Self> {
        crate::text::from_hex(text).map(Self)
    }
}

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: serde::Serializer>(
        &self,
        serializer: S,
    ) -> core::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::text::to_hex(&self.to_bytes()))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> core::result::Result<Self, D::Error> {
        struct Visitor<const N: usize>;
        impl<const N: usize> serde::de::Visitor<'_> for Visitor<N> {
            type Value = Bytes<N>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{} lower-case hex digits", 2 * N)
            }
            fn visit_str<E: serde::de::Error>(
                self,
                text: &str,
            ) -> core::result::Result<Bytes<N>, E> {
                Bytes::from_hex(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}
