-- Tickets, lists and cases (gateway.md 5.5). Times are unix seconds, spend dates unix days, serials 48 bytes.

-- second_*: the other row of a split serial.
CREATE TABLE spent (
    serial            BLOB    PRIMARY KEY CHECK (length(serial) = 48),
    pay_info          BLOB    NOT NULL CHECK (length(pay_info) = 72),
    spend_date        INTEGER NOT NULL,
    type              INTEGER NOT NULL,
    gateway_account   TEXT    NOT NULL,
    incarnation       INTEGER NOT NULL,
    batch             INTEGER NOT NULL,
    position          INTEGER NOT NULL,
    tag               BLOB    NOT NULL CHECK (length(tag) = 48),
    accepted_at       INTEGER NOT NULL,
    state             TEXT    NOT NULL CHECK (state IN ('held', 'split')),
    second_spend_date INTEGER,
    second_row        BLOB
) STRICT;
CREATE INDEX spent_spend_date ON spent (spend_date);
CREATE INDEX spent_gateway ON spent (gateway_account, spend_date);

CREATE TABLE payment (
    serial     BLOB    PRIMARY KEY CHECK (length(serial) = 48),
    spend_date INTEGER NOT NULL,
    bytes      BLOB    NOT NULL
) STRICT;
CREATE INDEX payment_spend_date ON payment (spend_date);

CREATE TABLE evidence (
    serial          BLOB    NOT NULL CHECK (length(serial) = 48),
    pay_info        BLOB    NOT NULL CHECK (length(pay_info) = 72),
    bytes           BLOB    NOT NULL,
    gateway_account TEXT    NOT NULL,
    kind            TEXT    NOT NULL CHECK (kind IN ('payment', 'evidence_only')),
    received_at     INTEGER NOT NULL,
    PRIMARY KEY (serial, pay_info)
) STRICT;

CREATE TABLE batch (
    gateway_key BLOB    NOT NULL CHECK (length(gateway_key) = 32),
    incarnation INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    header      BLOB    NOT NULL,
    root        BLOB    NOT NULL CHECK (length(root) = 32),
    receipt     BLOB    NOT NULL,
    bytes       BLOB,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (gateway_key, incarnation, number)
) STRICT;

CREATE TABLE batch_item (
    gateway_key BLOB    NOT NULL CHECK (length(gateway_key) = 32),
    incarnation INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    serial      BLOB    NOT NULL CHECK (length(serial) = 48),
    kind        INTEGER NOT NULL,
    status      INTEGER NOT NULL,
    PRIMARY KEY (gateway_key, incarnation, number, position)
) STRICT;

CREATE TABLE certificate (
    gateway_key BLOB    NOT NULL CHECK (length(gateway_key) = 32),
    incarnation INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    epoch_id    INTEGER NOT NULL,
    ordinal     INTEGER NOT NULL,
    bytes       BLOB    NOT NULL,
    held_since  INTEGER NOT NULL,
    PRIMARY KEY (gateway_key, incarnation, number, epoch_id, ordinal)
) STRICT;

CREATE TABLE log (
    spend_date INTEGER NOT NULL,
    k          INTEGER NOT NULL,
    delta      BLOB    NOT NULL,
    chain      BLOB    NOT NULL CHECK (length(chain) = 32),
    count      INTEGER NOT NULL,
    PRIMARY KEY (spend_date, k)
) STRICT;

CREATE TABLE conflict (
    serial          BLOB    PRIMARY KEY CHECK (length(serial) = 48),
    user_key        BLOB    CHECK (length(user_key) = 48),
    evidence_digest BLOB    CHECK (length(evidence_digest) = 32),
    detected_at     INTEGER NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('identified', 'unknown_spender', 'proposed', 'listed', 'lifted'))
) STRICT;

CREATE TABLE blacklist (
    user_key        BLOB    NOT NULL CHECK (length(user_key) = 48),
    source          TEXT    NOT NULL CHECK (source IN ('chain', 'local')),
    since           INTEGER NOT NULL,
    evidence_digest BLOB    CHECK (length(evidence_digest) = 32),
    PRIMARY KEY (user_key, source)
) STRICT;

CREATE TABLE settlement (
    proposal_id INTEGER PRIMARY KEY,
    date        INTEGER NOT NULL,
    round       INTEGER NOT NULL,
    root        BLOB    NOT NULL CHECK (length(root) = 32),
    list        BLOB,
    vote        TEXT    CHECK (vote IN ('yes', 'no')),
    reason      TEXT,
    state       TEXT    NOT NULL
) STRICT;

CREATE TABLE settled (
    serial BLOB    PRIMARY KEY CHECK (length(serial) = 48),
    date   INTEGER NOT NULL,
    round  INTEGER NOT NULL
) STRICT;

CREATE TABLE gateway (
    account                TEXT    PRIMARY KEY,
    identity_key           BLOB    NOT NULL CHECK (length(identity_key) = 32),
    previous_key           BLOB    CHECK (length(previous_key) = 32),
    previous_accepts_until INTEGER,
    previous_batches_until INTEGER,
    roles                  TEXT    NOT NULL,
    state                  TEXT    NOT NULL CHECK (state IN ('pending', 'admitted', 'suspended'))
) STRICT;

CREATE TABLE epoch_key (
    epoch_id      INTEGER PRIMARY KEY,
    master_key    BLOB    NOT NULL,
    dealers       INTEGER NOT NULL,
    threshold     INTEGER NOT NULL,
    identity_keys TEXT    NOT NULL,
    concluded_at  INTEGER NOT NULL,
    replaced_at   INTEGER,
    revoked_at    INTEGER
) STRICT;

CREATE TABLE withhold_case (
    deposit_id  INTEGER PRIMARY KEY,
    deposit_row BLOB    NOT NULL CHECK (length(deposit_row) = 518),
    refused_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE refund_request (
    deposit_id  INTEGER PRIMARY KEY,
    time        INTEGER NOT NULL,
    signature   BLOB    NOT NULL CHECK (length(signature) = 64),
    received_at INTEGER NOT NULL
) STRICT;

CREATE TABLE handover (
    kind       TEXT    NOT NULL CHECK (kind IN ('used_deposits', 'spent_rows', 'closing')),
    epoch_id   INTEGER NOT NULL,
    date       INTEGER NOT NULL,
    node_index INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    root       BLOB    NOT NULL CHECK (length(root) = 32),
    seal       BLOB,
    merged_at  INTEGER,
    PRIMARY KEY (kind, epoch_id, date, node_index)
) STRICT;
