//! A prover that knows the structure of a payment and keeps to as much of it as serves its purpose (spec 5.3, 5.4). Told
//! the truth it makes an honest payment.

use rand::RngCore;

use super::algebra::{
    G1Affine, G2Affine, Key, PARAMETERS, Pair, Scalar, challenge, g, g2, number, pay_info_hash,
    random, sum1, sum2,
};
use super::draft::Draft;

/// Which responses, with the statements that need them, are left out of the proof.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LeftOut {
    Nothing,
    /// z of r_k: that K̂_k and A_k hold one index.
    Kappas,
    /// z of a_k: that A_k holds the index at all.
    Openings,
    /// z of μ_k and m_k: that serial number and tag belong to v and ℓ.
    Serials,
}

/// What is claimed of one ticket.
#[derive(Clone, Copy)]
pub struct Ticket {
    /// ℓ in A_k and μ_k.
    pub index: Scalar,
    /// ℓ in K̂_k.
    pub kappa_index: Scalar,
    pub coin: Pair,
    /// u in the tag.
    pub tag_user: Scalar,
    /// The position whose pay-info hash the tag takes.
    pub tag_position: u64,
}

impl Ticket {
    pub fn honest(index: u64, coin: Pair, user: Scalar, position: u64) -> Self {
        Self {
            index: number(index),
            kappa_index: number(index),
            coin,
            tag_user: user,
            tag_position: position,
        }
    }
}

/// What is claimed in a payment.
#[derive(Clone)]
pub struct Claims {
    pub u: Scalar,
    pub v: Scalar,
    pub expiration: u32,
    /// The type that is shown.
    pub ticket_type: u8,
    /// A fourth hidden attribute in K̂, on Ŷ4.
    pub hidden_type: Option<Scalar>,
    pub book: Pair,
    pub date: Pair,
    pub tickets: Vec<Ticket>,
    /// The number of tickets that is claimed.
    pub count: u64,
    /// Added to every serial number: infinity, or a point of small order.
    pub twist: G1Affine,
    pub left_out: LeftOut,
}

/// What hides the attributes of the three kinds of signatures.
pub struct Blindings {
    pub r: Scalar,
    pub r_e: Scalar,
    pub r_k: Vec<Scalar>,
}

/// (r'·h, r'·S + r·r'·h).
fn rerandomise((h, s): Pair, r: Scalar, scale: Scalar) -> Pair {
    (sum1(&[(scale, h)]), sum1(&[(scale, s), (r * scale, h)]))
}

struct TicketSecrets {
    a: Scalar,
    mu: Scalar,
    m: Scalar,
    commitment: G1Affine,
    serial: G1Affine,
    tag: G1Affine,
    kappa: G2Affine,
    pay_info_hash: Scalar,
}

/// Makes the payment that `claims` describe.
pub fn forge(
    key: &Key,
    claims: &Claims,
    pay_info: &[u8; 72],
    rng: &mut impl RngCore,
) -> (Draft, Blindings) {
    let [_, gamma2, _, _] = PARAMETERS.gamma;
    let (alpha, one) = (key.alpha, Scalar::one());
    let (u, v, e) = (claims.u, claims.v, number(claims.expiration));
    let count = claims.tickets.len();
    let (r, r_e, o_c) = (random(rng), random(rng), random(rng));
    let r_k: Vec<Scalar> = (0..count).map(|_| random(rng)).collect();

    let mut attributes = vec![u, v, e];
    attributes.extend(claims.hidden_type);
    let on_y2 = |scalars: &[Scalar]| -> Vec<(Scalar, G2Affine)> {
        scalars
            .iter()
            .copied()
            .zip(key.y2.iter().copied())
            .collect()
    };
    let kappa = sum2(&[vec![(one, alpha), (r, g2())], on_y2(&attributes)].concat());
    let kappa_e = sum2(&[(one, alpha), (e, key.y2[0]), (r_e, g2())]);
    let commitment = sum1(&[(o_c, g()), (v, gamma2)]);

    let secrets: Vec<TicketSecrets> = (0u64..)
        .zip(&claims.tickets)
        .zip(&r_k)
        .map(|((position, ticket), r_k)| {
            let a = random(rng);
            let pay_info_hash = pay_info_hash(pay_info, position);
            let honest_mu = Option::<Scalar>::from((v + ticket.index + one).invert()).unwrap();
            let honest = sum1(&[(a, g()), (ticket.index, gamma2)]);
            let (mu, m, commitment) = match claims.left_out {
                // Any μ does: A is what makes Γ2 = μ·(A + D + Γ2) + m·G true.
                LeftOut::Openings => {
                    let (mu, m) = (random(rng), random(rng));
                    let inverse = mu.invert().unwrap();
                    let a = sum1(&[
                        (inverse - one, gamma2),
                        (-inverse * m, g()),
                        (-one, commitment),
                    ]);
                    (mu, m, a)
                }
                LeftOut::Serials => (random(rng), Scalar::zero(), honest),
                _ => (honest_mu, -(a + o_c) * honest_mu, honest),
            };
            let shown_hash = super::algebra::pay_info_hash(pay_info, ticket.tag_position);
            TicketSecrets {
                a,
                mu,
                m,
                commitment,
                serial: sum1(&[(mu, PARAMETERS.delta), (one, claims.twist)]),
                tag: sum1(&[(ticket.tag_user + mu * shown_hash, g())]),
                kappa: sum2(&[(one, alpha), (ticket.kappa_index, key.y2[0]), (*r_k, g2())]),
                pay_info_hash,
            }
        })
        .collect();

    let book = rerandomise(claims.book, r, random(rng));
    let date = rerandomise(claims.date, r_e, random(rng));
    let coins = claims.tickets.iter().zip(&r_k);
    let coins = coins
        .map(|(ticket, r_k)| rerandomise(ticket.coin, *r_k, random(rng)))
        .collect();
    let mut draft = Draft {
        kappa,
        kappa_e,
        book,
        date,
        kappas: secrets.iter().map(|secret| secret.kappa).collect(),
        coins,
        serials: secrets.iter().map(|secret| secret.serial).collect(),
        tags: secrets.iter().map(|secret| secret.tag).collect(),
        commitments: secrets.iter().map(|secret| secret.commitment).collect(),
        count: claims.count,
        commitment,
        ticket_type: claims.ticket_type,
        challenge: Scalar::zero(),
        z_r: Scalar::zero(),
        z_re: Scalar::zero(),
        z_rk: Vec::new(),
        z_index: Vec::new(),
        z_opening: Vec::new(),
        z_oc: Scalar::zero(),
        z_mu: Vec::new(),
        z_product: Vec::new(),
        z_attributes: Vec::new(),
    };

    let mut nonce = || random(rng);
    let (n_r, n_re, n_oc) = (nonce(), nonce(), nonce());
    let n_attributes: Vec<Scalar> = attributes.iter().map(|_| nonce()).collect();
    let mut nonces = || -> Vec<Scalar> { (0..count).map(|_| nonce()).collect() };
    let (n_rk, n_index, n_a, n_mu, n_m) = (nonces(), nonces(), nonces(), nonces(), nonces());
    let proven = |statement| claims.left_out != statement;

    let mut transcript = transcript_start(key);
    transcript.extend(draft.instance());
    let f = sum2(&[vec![(one, alpha), (n_r, g2())], on_y2(&n_attributes)].concat());
    let f_e = sum2(&[(one, alpha), (n_re, g2()), (n_attributes[2], key.y2[0])]);
    let f_d = sum1(&[(n_oc, g()), (n_attributes[1], gamma2)]);
    transcript.extend(f.to_compressed());
    transcript.extend(f_e.to_compressed());
    transcript.extend(f_d.to_compressed());
    let mut each1 = |included: bool, of: &dyn Fn(usize) -> G1Affine| {
        if included {
            transcript.extend((0..count).flat_map(|k| of(k).to_compressed()));
        }
    };
    each1(proven(LeftOut::Openings), &|k| {
        sum1(&[(n_a[k], g()), (n_index[k], gamma2)])
    });
    each1(proven(LeftOut::Serials), &|k| {
        sum1(&[(n_mu[k], PARAMETERS.delta)])
    });
    if proven(LeftOut::Kappas) {
        transcript.extend((0..count).flat_map(|k| {
            sum2(&[(one, alpha), (n_rk[k], g2()), (n_index[k], key.y2[0])]).to_compressed()
        }));
    }
    let mut each1 = |included: bool, of: &dyn Fn(usize) -> G1Affine| {
        if included {
            transcript.extend((0..count).flat_map(|k| of(k).to_compressed()));
        }
    };
    each1(proven(LeftOut::Serials), &|k| {
        let base = [(n_mu[k], secrets[k].commitment), (n_mu[k], commitment)];
        sum1(&[base.as_slice(), &[(n_mu[k], gamma2), (n_m[k], g())]].concat())
    });
    each1(proven(LeftOut::Serials), &|k| {
        sum1(&[(n_attributes[0] + n_mu[k] * secrets[k].pay_info_hash, g())])
    });
    transcript.extend(pay_info);
    transcript.extend(claims.count.to_le_bytes());
    let c = challenge(&transcript);

    draft.challenge = c;
    draft.z_r = n_r - c * r;
    draft.z_re = n_re - c * r_e;
    draft.z_oc = n_oc - c * o_c;
    let respond = |nonces: &[Scalar], of: &dyn Fn(usize) -> Scalar| -> Vec<Scalar> {
        nonces
            .iter()
            .enumerate()
            .map(|(k, nonce)| nonce - c * of(k))
            .collect()
    };
    draft.z_attributes = respond(&n_attributes, &|j| attributes[j]);
    draft.z_index = respond(&n_index, &|k| claims.tickets[k].index);
    if proven(LeftOut::Kappas) {
        draft.z_rk = respond(&n_rk, &|k| r_k[k]);
    }
    if proven(LeftOut::Openings) {
        draft.z_opening = respond(&n_a, &|k| secrets[k].a);
    }
    if proven(LeftOut::Serials) {
        draft.z_mu = respond(&n_mu, &|k| secrets[k].mu);
        draft.z_product = respond(&n_m, &|k| secrets[k].m);
    }
    (draft, Blindings { r, r_e, r_k })
}

/// What the transcript begins with: generators, Γ1 … Γ4, key.
pub fn transcript_start(key: &Key) -> Vec<u8> {
    let mut transcript = g().to_compressed().to_vec();
    transcript.extend(g2().to_compressed());
    transcript.extend(PARAMETERS.gamma.iter().flat_map(G1Affine::to_compressed));
    transcript.extend(key.to_bytes());
    transcript
}
