//! Requests and tickets with one thing wrong, made from honest ones: the kinds of tampering that the vector file has,
//! for fresh values.

use ecash_requests::IdentitySecret;
use ecash_requests::quorum::BlindSignRequestBody;
use ecash_ticketbook::ticket::TICKET_BYTES;
use serde_json::{Value, json};
use std::ops::Range;

const G1: usize = 48;
const G2: usize = 96;
const SCALAR: usize = 32;

/// Order of the groups, little-endian: the smallest number that is no scalar.
const GROUP_ORDER: &str = "01000000fffffffffe5bfeff02a4bd5305d8a10908d83933487d9d2953a7ed73";

/// Something with one thing wrong.
pub struct Tampered<T> {
    /// What is wrong.
    pub what: String,
    /// The thing.
    pub value: T,
}

/// Where the elements and lists of a one-ticket payment are, counted from the beginning of the payment.
struct Layout {
    elements: Vec<(String, Range<usize>)>,
    lists: Vec<(String, Range<usize>)>,
    spend_value: usize,
    ticket_type: usize,
}

impl Layout {
    fn new() -> Self {
        let mut layout = Self {
            elements: Vec::new(),
            lists: Vec::new(),
            spend_value: 0,
            ticket_type: 0,
        };
        let mut at = 0;
        for (name, length) in [
            ("kappa", G2),
            ("kappa_e", G2),
            ("sig.h", G1),
            ("sig.s", G1),
            ("sig_exp.h", G1),
            ("sig_exp.s", G1),
        ] {
            layout.element(&mut at, name, length);
        }
        layout.list(&mut at, "kappa_k", &[("kappa_k", G2)]);
        layout.list(&mut at, "omega", &[("omega.h", G1), ("omega.s", G1)]);
        for name in ["ss", "tt", "aa"] {
            layout.list(&mut at, name, &[(name, G1)]);
        }
        layout.spend_value = at;
        at += 1;
        layout.element(&mut at, "cc", G1);
        layout.ticket_type = at;
        at += 1;
        for name in ["challenge", "response_r", "response_r_e"] {
            layout.element(&mut at, name, SCALAR);
        }
        for name in ["responses_r_k", "responses_l", "responses_o_a"] {
            layout.list(&mut at, name, &[(name, SCALAR)]);
        }
        layout.element(&mut at, "response_o_c", SCALAR);
        for name in ["responses_mu", "responses_o_mu"] {
            layout.list(&mut at, name, &[(name, SCALAR)]);
        }
        let attributes = [
            ("response_u", SCALAR),
            ("response_v", SCALAR),
            ("response_E", SCALAR),
        ];
        layout.list(&mut at, "responses_attributes", &attributes);
        assert_eq!(at, TICKET_BYTES - 88, "layout of a one-ticket payment");
        layout
    }

    fn element(&mut self, at: &mut usize, name: &str, length: usize) {
        self.elements
            .push((name.to_owned(), *at + 1..*at + 1 + length));
        *at += 1 + length;
    }

    fn list(&mut self, at: &mut usize, name: &str, elements: &[(&str, usize)]) {
        let begin = *at;
        *at += 1;
        for (name, length) in elements {
            self.element(at, name, *length);
        }
        self.lists.push((name.to_owned(), begin..*at));
    }

    fn of(&self, name: &str) -> Range<usize> {
        self.elements
            .iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .1
            .clone()
    }
}

/// Tickets that no gateway may grant bandwidth for, made from an honest one and from another honest one of the same book.
#[must_use]
pub fn tickets(ticket: &[u8; TICKET_BYTES], other: &[u8; TICKET_BYTES]) -> Vec<Tampered<Vec<u8>>> {
    let layout = Layout::new();
    let mut all = Vec::new();
    let mut add = |what: String, payment: Vec<u8>| {
        let length = u32::try_from(payment.len()).unwrap().to_be_bytes();
        let value = [&length[..], &payment, &ticket[TICKET_BYTES - 84..]].concat();
        assert_ne!(value, ticket, "{what}");
        all.push(Tampered { what, value });
    };
    let (honest, another) = (&ticket[4..TICKET_BYTES - 84], &other[4..TICKET_BYTES - 84]);
    let with = |range: &Range<usize>, bytes: &[u8]| {
        [&honest[..range.start], bytes, &honest[range.end..]].concat()
    };

    for (name, range) in &layout.elements {
        let present = &honest[range.clone()];
        for (how, bytes) in elements(present) {
            add(format!("{name}: {how}"), with(range, &bytes));
        }
        add(
            format!("{name}: of another ticket"),
            with(range, &another[range.clone()]),
        );
        let prefix = range.start - 1..range.start;
        for length in [present.len() - 1, present.len() + 1] {
            let byte = u8::try_from(length).unwrap();
            add(
                format!("{name}: length prefix {length}"),
                with(&prefix, &[byte]),
            );
        }
    }
    for (name, range) in &layout.lists {
        let (count, entries) = honest[range.clone()].split_first().unwrap();
        let entry = &entries[..entries.len() / usize::from(*count)];
        add(format!("{name}: emptied"), with(range, &[0]));
        add(
            format!("{name}: one entry more"),
            with(range, &[&[count + 1], entries, entry].concat()),
        );
        add(
            format!("{name}: length as a three-byte integer"),
            with(range, &[&[0xfb, 0, *count], entries].concat()),
        );
        let huge = [&[0xfd][..], &[0xff; 8], entries].concat();
        add(format!("{name}: length 2^64 - 1"), with(range, &huge));
    }
    for (one, two) in [
        ("sig.h", "sig.s"),
        ("kappa", "kappa_e"),
        ("ss", "tt"),
        ("omega.h", "sig_exp.h"),
        ("sig.h", "sig_exp.h"),
    ] {
        let (first, second) = (layout.of(one), layout.of(two));
        let mut swapped = with(&first, &honest[second.clone()]);
        swapped[second].copy_from_slice(&honest[first]);
        add(format!("{one} and {two} exchanged"), swapped);
    }
    let at = layout.spend_value;
    for value in [
        &[0][..],
        &[2],
        &[51],
        &[0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ] {
        add(format!("spend value {value:?}"), with(&(at..at + 1), value));
    }
    let at = layout.ticket_type;
    for code in [0, 1, 2, 3, 4, 255]
        .into_iter()
        .filter(|code| *code != honest[at])
    {
        add(format!("ticket type {code}"), with(&(at..at + 1), &[code]));
    }
    add("payment of another ticket".to_owned(), another.to_vec());
    context(ticket, &mut all);
    all
}

/// Changes around the payment.
fn context(ticket: &[u8; TICKET_BYTES], all: &mut Vec<Tampered<Vec<u8>>>) {
    let begin = TICKET_BYTES - 84;
    let flips = [
        ("nonce of the pay info", begin),
        ("time of the pay info", begin + 39),
        ("year of the pay info", begin + 35),
        ("sign of the pay info's time", begin + 32),
        ("provider of the pay info", begin + 40),
        ("spend date", begin + 75),
        ("sign of the spend date", begin + 72),
        ("epoch", begin + 83),
        ("payment length", 3),
    ];
    for (what, at) in flips {
        let mut value = ticket.to_vec();
        value[at] ^= 0x80;
        all.push(Tampered {
            what: format!("{what}: one bit changed"),
            value,
        });
    }
    for days in [-3, -1, 1, 7] {
        let mut value = ticket.to_vec();
        let date = begin + 72..begin + 76;
        let julian = i32::from_be_bytes(value[date.clone()].try_into().unwrap()) + days;
        value[date].copy_from_slice(&julian.to_be_bytes());
        all.push(Tampered {
            what: format!("spend date: {days} days"),
            value,
        });
    }
    for length in [0, 1, 3, 4, 88, 1245, TICKET_BYTES - 1] {
        all.push(Tampered {
            what: format!("only {length} bytes"),
            value: ticket[..length].to_vec(),
        });
    }
    all.push(Tampered {
        what: "one byte more".to_owned(),
        value: [&ticket[..], &[0]].concat(),
    });
    all.push(Tampered {
        what: "sent twice in one".to_owned(),
        value: [&ticket[..], ticket].concat(),
    });
}

/// Other contents for a point or a scalar of this length.
fn elements(present: &[u8]) -> Vec<(String, Vec<u8>)> {
    if present.len() == SCALAR {
        scalars(present)
    } else {
        points(present)
    }
}

fn scalars(present: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut next = present.to_vec();
    next[0] = next[0].wrapping_add(1);
    vec![
        ("plus one".to_owned(), next),
        (
            "the group order".to_owned(),
            hex::decode(GROUP_ORDER).unwrap(),
        ),
        ("all ones".to_owned(), vec![0xff; SCALAR]),
        ("zero".to_owned(), vec![0; SCALAR]),
    ]
}

fn points(present: &[u8]) -> Vec<(String, Vec<u8>)> {
    let length = present.len();
    let first = |byte: u8, last: u8| {
        let mut bytes = vec![0; length];
        (bytes[0], bytes[length - 1]) = (byte, last);
        bytes
    };
    let flipped = |mask: u8| {
        let mut bytes = present.to_vec();
        bytes[0] ^= mask;
        bytes
    };
    let mut all = vec![
        ("compression flag cleared".to_owned(), flipped(0x80)),
        ("sign flag flipped".to_owned(), flipped(0x20)),
        ("infinity flag set".to_owned(), flipped(0x40)),
        ("infinity".to_owned(), first(0xc0, 0)),
        ("infinity with sign".to_owned(), first(0xe0, 0)),
        ("infinity with another x".to_owned(), first(0xc0, 1)),
        ("x not below the modulus".to_owned(), vec![0x9f; length]),
    ];
    // Small x are not those of points in the subgroup, whether or not there is a point of the curve.
    all.extend((1..=6).map(|x| (format!("x = {x}"), first(0x80, x))));
    all
}

/// Bodies that no signer may sign, made from an honest one and from another honest one for the same deposit. Where what
/// is wrong is not the deposit's signature, that is made anew.
#[must_use]
pub fn requests(
    body: &BlindSignRequestBody,
    other: &BlindSignRequestBody,
    deposit: &IdentitySecret,
) -> Vec<Tampered<Value>> {
    let honest = serde_json::to_value(body).unwrap();
    let another = serde_json::to_value(other).unwrap();
    let mut all = Vec::new();
    let mut add = |what: String, mut value: Value| {
        sign_again(&mut value, deposit);
        if value != honest {
            all.push(Tampered { what, value });
        }
    };
    let request = "/inner_sign_request";
    let points = [
        "/joined_commitment_hash",
        "/joined_commitment",
        "/private_attributes_commitments/0",
        "/private_attributes_commitments/1",
    ];
    let proof = [
        "/challenge",
        "/response_opening",
        "/response_openings/0",
        "/response_openings/1",
        "/response_attributes/0",
        "/response_attributes/1",
    ];
    let proof = proof.map(|path| format!("{request}/zk_proof{path}"));
    let points = points.map(|path| format!("{request}{path}"));
    for path in points
        .iter()
        .chain(&proof)
        .map(String::as_str)
        .chain(["/ecash_pubkey/pk"])
    {
        let present = hex::decode(honest.pointer(path).unwrap().as_str().unwrap()).unwrap();
        for (how, bytes) in elements(&present) {
            add(
                format!("{path}: {how}"),
                replaced(&honest, path, json!(hex::encode(bytes))),
            );
        }
        add(
            format!("{path}: of another request"),
            replaced(&honest, path, another.pointer(path).unwrap().clone()),
        );
        let text = hex::encode(&present);
        let texts = [
            text.to_uppercase(),
            text[2..].to_owned(),
            format!("{text}00"),
            format!("0x{text}"),
            String::new(),
        ];
        for text in texts {
            add(
                format!("{path}: text {:.12}… of {}", text, text.len()),
                replaced(&honest, path, json!(text)),
            );
        }
        add(
            format!("{path}: a number"),
            replaced(&honest, path, json!(1)),
        );
    }
    for path in [
        "/private_attributes_commitments",
        "/zk_proof/response_openings",
        "/zk_proof/response_attributes",
    ] {
        let path = format!("{request}{path}");
        let present = honest.pointer(&path).unwrap().as_array().unwrap().clone();
        let changes = [
            ("emptied", Vec::new()),
            ("one entry less", present[..1].to_vec()),
            ("one entry more", [&present[..], &present[..1]].concat()),
            ("exchanged", vec![present[1].clone(), present[0].clone()]),
        ];
        for (how, list) in changes {
            add(
                format!("{path}: {how}"),
                replaced(&honest, &path, Value::Array(list)),
            );
        }
    }
    for (field, value) in [
        (
            "/expiration_date",
            json!(body.expiration_date.minus_days(1).unwrap()),
        ),
        ("/ticketbook_type", json!("v1-wireguard-exit")),
    ] {
        add(format!("{field}: {value}"), replaced(&honest, field, value));
    }
    signatures(&honest, &mut all);
    all
}

/// Changes of the deposit's signature.
fn signatures(honest: &Value, all: &mut Vec<Tampered<Value>>) {
    for at in [0, 31, 32, 63] {
        let path = format!("/signature/{at}");
        let byte = honest.pointer(&path).unwrap().as_u64().unwrap() ^ 1;
        all.push(Tampered {
            what: format!("{path}: one bit changed"),
            value: replaced(honest, &path, json!(byte)),
        });
    }
    for signature in [
        json!(vec![0; 64]),
        json!(vec![0; 63]),
        json!([]),
        json!("00"),
    ] {
        let what = format!("signature {:.20}", signature.to_string());
        all.push(Tampered {
            what,
            value: replaced(honest, "/signature", signature),
        });
    }
}

fn replaced(value: &Value, path: &str, by: Value) -> Value {
    let mut changed = value.clone();
    *changed
        .pointer_mut(path)
        .unwrap_or_else(|| panic!("no {path}")) = by;
    changed
}

/// Makes the deposit's signature anew if the rest decodes.
fn sign_again(value: &mut Value, deposit: &IdentitySecret) {
    if let Ok(body) = serde_json::from_value::<BlindSignRequestBody>(value.clone()) {
        let signed = BlindSignRequestBody::sign(
            body.inner_sign_request,
            body.deposit_id,
            deposit,
            body.ecash_pubkey,
            body.expiration_date,
            body.ticketbook_type,
        );
        value["signature"] = json!(signed.signature.as_bytes().to_vec());
    }
}
