-- Deposits, requests, shares and audit rows (quorum-api.md 9.2). Times are unix seconds, dates of audit rows YYYY-MM-DD.

CREATE TABLE instance (
    only_row    INTEGER PRIMARY KEY CHECK (only_row = 1),
    id          BLOB    NOT NULL CHECK (length(id) = 16),
    created_at  INTEGER NOT NULL,
    restored_at INTEGER
) STRICT;

CREATE TABLE deposit (
    deposit_id INTEGER PRIMARY KEY,
    pubkey     BLOB    NOT NULL CHECK (length(pubkey) = 32),
    payer      TEXT    NOT NULL,
    block_time INTEGER NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'withheld', 'refunded'))
) STRICT;

CREATE TABLE deposit_request (
    deposit_id        INTEGER PRIMARY KEY,
    request_hash      BLOB    NOT NULL CHECK (length(request_hash) = 32),
    request_bytes     BLOB    NOT NULL CHECK (length(request_bytes) = 397),
    deposit_signature BLOB    NOT NULL CHECK (length(deposit_signature) = 64),
    ecash_pubkey      BLOB    NOT NULL CHECK (length(ecash_pubkey) = 48),
    expiration_date   INTEGER NOT NULL,
    type              INTEGER NOT NULL CHECK (type BETWEEN 0 AND 3),
    recorded_at       INTEGER NOT NULL,
    sequence          INTEGER NOT NULL UNIQUE,
    source            TEXT    NOT NULL CHECK (source IN ('own', 'taken_over'))
) STRICT;
CREATE INDEX deposit_request_ecash_pubkey ON deposit_request (ecash_pubkey);

-- sequence counts together with that of deposit_request.
CREATE TABLE request_conflict (
    deposit_id INTEGER PRIMARY KEY,
    row        BLOB    NOT NULL CHECK (length(row) = 518),
    from_node  INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    sequence   INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE issued_share (
    deposit_id INTEGER NOT NULL,
    epoch_id   INTEGER NOT NULL,
    share      BLOB    NOT NULL CHECK (length(share) = 96),
    PRIMARY KEY (deposit_id, epoch_id)
) STRICT;

CREATE TABLE dead_mark (
    deposit_id INTEGER PRIMARY KEY,
    reason     TEXT    NOT NULL CHECK (reason IN ('withhold', 'refund')),
    at         INTEGER NOT NULL
) STRICT;

CREATE TABLE issued_ticketbook (
    deposit_id                 INTEGER PRIMARY KEY,
    dkg_epoch_id               INTEGER NOT NULL,
    blinded_partial_credential BLOB    NOT NULL CHECK (length(blinded_partial_credential) = 96),
    joined_private_commitments BLOB    NOT NULL,
    expiration_date            TEXT    NOT NULL,
    ticketbook_type_repr       INTEGER NOT NULL,
    merkle_leaf                BLOB    NOT NULL CHECK (length(merkle_leaf) = 32),
    merkle_index               INTEGER NOT NULL,
    UNIQUE (expiration_date, merkle_index)
) STRICT;
CREATE INDEX issued_ticketbook_expiration_date ON issued_ticketbook (expiration_date);

CREATE TABLE issued_ticketbooks_count (
    issuance_date   TEXT    NOT NULL,
    expiration_date TEXT    NOT NULL,
    count           INTEGER NOT NULL,
    UNIQUE (issuance_date, expiration_date)
) STRICT;

CREATE TABLE master_verification_key (
    epoch_id       INTEGER PRIMARY KEY,
    serialised_key BLOB    NOT NULL
) STRICT;

CREATE TABLE global_coin_index_signatures (
    epoch_id              INTEGER PRIMARY KEY,
    serialised_signatures BLOB    NOT NULL
) STRICT;

CREATE TABLE partial_coin_index_signatures (
    epoch_id              INTEGER PRIMARY KEY,
    serialised_signatures BLOB    NOT NULL
) STRICT;

CREATE TABLE global_expiration_date_signatures (
    expiration_date       TEXT    NOT NULL,
    epoch_id              INTEGER NOT NULL,
    serialised_signatures BLOB    NOT NULL,
    PRIMARY KEY (epoch_id, expiration_date)
) STRICT;

CREATE TABLE partial_expiration_date_signatures (
    expiration_date       TEXT    NOT NULL,
    epoch_id              INTEGER NOT NULL,
    serialised_signatures BLOB    NOT NULL,
    PRIMARY KEY (epoch_id, expiration_date)
) STRICT;
