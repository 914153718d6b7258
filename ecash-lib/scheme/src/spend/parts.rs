//! The parts of a payment, whatever its points and scalars are: decoded ones, or bytes that still have to be.
//!
//! What belongs to one ticket is one [`Ticket`]. Parallel lists exist in [`super::wire`] only.

use crate::constants::{G1_BYTES, G2_BYTES, SCALAR_BYTES};
use crate::point::{G1, G2, Unproven};
use crate::scalar::Scalar;
use crate::spend::wire::Bytes;

/// Points of G1, points of G2 and scalars of one form.
pub(crate) trait Form {
    type G1: Clone + PartialEq + Eq + core::fmt::Debug;
    type G2: Clone + PartialEq + Eq + core::fmt::Debug;
    type Scalar: Clone + PartialEq + Eq + core::fmt::Debug;
}

/// Points in their subgroups, scalars below r.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Decoded;

/// Points on the curve, not yet known to be in their subgroups; scalars below r.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct OnCurve;

/// Encodings, not yet looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Encoded;

impl Form for Decoded {
    type G1 = G1;
    type G2 = G2;
    type Scalar = Scalar;
}

impl Form for OnCurve {
    type G1 = Unproven<G1>;
    type G2 = Unproven<G2>;
    type Scalar = Scalar;
}

impl Form for Encoded {
    type G1 = Bytes<G1_BYTES>;
    type G2 = Bytes<G2_BYTES>;
    type Scalar = Bytes<SCALAR_BYTES>;
}

/// A re-randomised signature (h', S').
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Pair<F: Form> {
    pub(crate) h: F::G1,
    pub(crate) s: F::G1,
}

/// One ticket of a payment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ticket<F: Form> {
    /// K̂_k = X̂ + ℓ_k·Ŷ1 + r_k·Ĝ.
    pub(crate) kappa: F::G2,
    /// ω_k, the coin-index signature.
    pub(crate) omega: Pair<F>,
    /// S_k = μ_k·Δ, the serial number.
    pub(crate) serial: F::G1,
    /// T_k = u·G + μ_k·R_k·G, the security tag.
    pub(crate) tag: F::G1,
    /// A_k = a_k·G + ℓ_k·Γ2.
    pub(crate) commitment: F::G1,
    pub(crate) responses: TicketResponses<F>,
}

/// The responses about one ticket.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TicketResponses<F: Form> {
    /// z of r_k.
    pub(crate) r: F::Scalar,
    /// z of ℓ_k.
    pub(crate) index: F::Scalar,
    /// z of a_k.
    pub(crate) opening: F::Scalar,
    /// z of μ_k.
    pub(crate) mu: F::Scalar,
    /// z of m_k.
    pub(crate) product: F::Scalar,
}

/// Challenge and the responses that are about the whole payment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Proof<F: Form> {
    pub(crate) challenge: F::Scalar,
    /// z of r.
    pub(crate) r: F::Scalar,
    /// z of r_e.
    pub(crate) r_e: F::Scalar,
    /// z of o_c.
    pub(crate) o_c: F::Scalar,
    /// z of u, v and E.
    pub(crate) attributes: [F::Scalar; 3],
}

/// All of a payment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Parts<F: Form> {
    /// K̂ = X̂ + u·Ŷ1 + v·Ŷ2 + E·Ŷ3 + r·Ĝ.
    pub(crate) kappa: F::G2,
    /// K̂_e = X̂ + E·Ŷ1 + r_e·Ĝ.
    pub(crate) kappa_e: F::G2,
    /// σ', the ticketbook signature.
    pub(crate) wallet: Pair<F>,
    /// σ'_e, the date signature.
    pub(crate) date: Pair<F>,
    /// D = o_c·G + v·Γ2.
    pub(crate) commitment: F::G1,
    /// t.
    pub(crate) ticket_type: u8,
    pub(crate) proof: Proof<F>,
    /// 1 to 50 of them.
    pub(crate) tickets: Vec<Ticket<F>>,
}

/// Turns every point and scalar into another form.
pub(crate) trait Convert<From: Form, To: Form> {
    type Error;
    fn g1(&self, what: &'static str, point: &From::G1) -> Result<To::G1, Self::Error>;
    fn g2(&self, what: &'static str, point: &From::G2) -> Result<To::G2, Self::Error>;
    fn scalar(&self, what: &'static str, scalar: &From::Scalar) -> Result<To::Scalar, Self::Error>;
}

impl<F: Form> Parts<F> {
    /// Its points of G1.
    pub(crate) fn g1_points(&self) -> impl Iterator<Item = &F::G1> {
        let of_all = [&self.wallet, &self.date]
            .into_iter()
            .flat_map(|pair| [&pair.h, &pair.s])
            .chain([&self.commitment]);
        of_all.chain(self.tickets.iter().flat_map(|ticket| {
            [
                &ticket.omega.h,
                &ticket.omega.s,
                &ticket.serial,
                &ticket.tag,
                &ticket.commitment,
            ]
        }))
    }

    /// Its points of G2.
    pub(crate) fn g2_points(&self) -> impl Iterator<Item = &F::G2> {
        [&self.kappa, &self.kappa_e]
            .into_iter()
            .chain(self.tickets.iter().map(|ticket| &ticket.kappa))
    }

    /// The same payment in another form.
    ///
    /// # Errors
    /// Those of the conversion of its first part that does not convert.
    pub(crate) fn convert<To: Form, C: Convert<F, To>>(
        &self,
        by: &C,
    ) -> Result<Parts<To>, C::Error> {
        let [z_u, z_v, z_e] = &self.proof.attributes;
        Ok(Parts {
            kappa: by.g2("payment: kappa", &self.kappa)?,
            kappa_e: by.g2("payment: kappa_e", &self.kappa_e)?,
            wallet: self.wallet.convert("payment: ticketbook signature", by)?,
            date: self.date.convert("payment: date signature", by)?,
            commitment: by.g1("payment: commitment to v", &self.commitment)?,
            ticket_type: self.ticket_type,
            proof: Proof {
                challenge: by.scalar("payment: challenge", &self.proof.challenge)?,
                r: by.scalar("payment: response r", &self.proof.r)?,
                r_e: by.scalar("payment: response r_e", &self.proof.r_e)?,
                o_c: by.scalar("payment: response o_c", &self.proof.o_c)?,
                attributes: [
                    by.scalar("payment: response u", z_u)?,
                    by.scalar("payment: response v", z_v)?,
                    by.scalar("payment: response E", z_e)?,
                ],
            },
            tickets: self
                .tickets
                .iter()
                .map(|ticket| ticket.convert(by))
                .collect::<Result<_, C::Error>>()?,
        })
    }
}

impl<F: Form> Pair<F> {
    fn convert<To: Form, C: Convert<F, To>>(
        &self,
        what: &'static str,
        by: &C,
    ) -> Result<Pair<To>, C::Error> {
        Ok(Pair {
            h: by.g1(what, &self.h)?,
            s: by.g1(what, &self.s)?,
        })
    }
}

impl<F: Form> Ticket<F> {
    fn convert<To: Form, C: Convert<F, To>>(&self, by: &C) -> Result<Ticket<To>, C::Error> {
        Ok(Ticket {
            kappa: by.g2("ticket: kappa", &self.kappa)?,
            omega: self.omega.convert("ticket: coin-index signature", by)?,
            serial: by.g1("ticket: serial number", &self.serial)?,
            tag: by.g1("ticket: security tag", &self.tag)?,
            commitment: by.g1("ticket: commitment to the index", &self.commitment)?,
            responses: TicketResponses {
                r: by.scalar("ticket: response r", &self.responses.r)?,
                index: by.scalar("ticket: response index", &self.responses.index)?,
                opening: by.scalar("ticket: response a", &self.responses.opening)?,
                mu: by.scalar("ticket: response mu", &self.responses.mu)?,
                product: by.scalar("ticket: response m", &self.responses.product)?,
            },
        })
    }
}
