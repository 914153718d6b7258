-- What a gateway must not forget. Times are unix seconds, dates are unix days (whole days since 1970-01-01).

CREATE TABLE instance (
    only_row        INTEGER PRIMARY KEY CHECK (only_row = 1),
    id              BLOB    NOT NULL CHECK (length(id) = 16),
    opened_at       INTEGER NOT NULL,
    -- 1: this database replaced a lost one; tickets older than opened_at + 120 s are refused for as long as it lives.
    reduced         INTEGER NOT NULL CHECK (reduced IN (0, 1)),
    -- Chain id, ecash and DKG contract, one per line: serials, balances and keys of one network mean nothing in another.
    network         TEXT    NOT NULL,
    -- Number of the chain of batches; NULL: to be asked from the signers before the first batch.
    incarnation     INTEGER
) STRICT;

CREATE TABLE account (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    client_key      BLOB    NOT NULL UNIQUE CHECK (length(client_key) = 32),
    token_hash      BLOB    NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    -- Time inside the last registration that was accepted; a later one must be later.
    registered_time INTEGER NOT NULL,
    created_at      INTEGER NOT NULL,
    last_seen       INTEGER NOT NULL,
    first_accept_at INTEGER,
    available       INTEGER NOT NULL DEFAULT 0,
    expires_at      INTEGER
) STRICT;

CREATE TABLE spend (
    serial          BLOB    PRIMARY KEY CHECK (length(serial) = 48),
    pay_info        BLOB    NOT NULL CHECK (length(pay_info) = 72),
    account         INTEGER REFERENCES account (id) ON DELETE SET NULL,
    ticket_type     INTEGER NOT NULL,
    epoch           BLOB    NOT NULL CHECK (length(epoch) = 8),
    spend_date      INTEGER NOT NULL,
    received_at     INTEGER NOT NULL,
    state           TEXT    NOT NULL DEFAULT 'granted' CHECK (state IN ('granted', 'certified', 'settled', 'revoked'))
) STRICT, WITHOUT ROWID;
CREATE INDEX spend_by_date ON spend (spend_date);
CREATE INDEX spend_by_account ON spend (account);

CREATE TABLE ticket_blob (
    serial          BLOB    PRIMARY KEY CHECK (length(serial) = 48),
    spend_date      INTEGER NOT NULL,
    bytes           BLOB    NOT NULL
) STRICT;
CREATE INDEX ticket_blob_by_date ON ticket_blob (spend_date);

CREATE TABLE evidence (
    serial          BLOB    NOT NULL CHECK (length(serial) = 48),
    pay_info        BLOB    NOT NULL CHECK (length(pay_info) = 72),
    spend_date      INTEGER NOT NULL,
    bytes           BLOB    NOT NULL,
    received_at     INTEGER NOT NULL,
    PRIMARY KEY (serial, pay_info)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_by_date ON evidence (spend_date);

-- What the Quorum is still to get, in order of acceptance. The last three columns name the place in a batch.
CREATE TABLE outbox (
    position        INTEGER PRIMARY KEY AUTOINCREMENT,
    kind            INTEGER NOT NULL CHECK (kind IN (0, 1)), -- 0 payment, 1 evidence only
    serial          BLOB    NOT NULL CHECK (length(serial) = 48),
    pay_info        BLOB    NOT NULL CHECK (length(pay_info) = 72),
    gateway_key     BLOB    NOT NULL CHECK (length(gateway_key) = 32),
    spend_date      INTEGER NOT NULL,
    received_at     INTEGER NOT NULL,
    incarnation     INTEGER,
    batch_number    INTEGER,
    batch_position  INTEGER,
    UNIQUE (serial, pay_info)
) STRICT;
CREATE INDEX outbox_by_date ON outbox (spend_date);
CREATE INDEX outbox_payments ON outbox (kind, position);

-- One row per Quorum member: everything up to `position` has its answer.
CREATE TABLE cursor (
    member          TEXT    PRIMARY KEY,
    position        INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT;

-- What a member answered instead of accepting.
CREATE TABLE refusal (
    member          TEXT    NOT NULL,
    position        INTEGER NOT NULL,
    status          TEXT    NOT NULL,
    detail          TEXT    NOT NULL,
    received_at     INTEGER NOT NULL,
    PRIMARY KEY (member, position)
) STRICT, WITHOUT ROWID;

-- Epochs as read from the chain. `key` is the aggregate made here from the verified shares.
CREATE TABLE epoch (
    epoch           BLOB    PRIMARY KEY CHECK (length(epoch) = 8),
    record          TEXT    NOT NULL,
    key             BLOB    NOT NULL,
    updated_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The own entry in the registry as last read.
CREATE TABLE registry (
    only_row        INTEGER PRIMARY KEY CHECK (only_row = 1),
    record          TEXT    NOT NULL,
    read_at         INTEGER NOT NULL
) STRICT;

-- Signed transactions, written before they are broadcast.
CREATE TABLE transaction_journal (
    hash            TEXT    PRIMARY KEY,
    chain_id        TEXT    NOT NULL,
    account         TEXT    NOT NULL,
    sequence        INTEGER NOT NULL,
    timeout_height  INTEGER NOT NULL,
    raw             BLOB    NOT NULL,
    note            BLOB    NOT NULL,
    stored_at       INTEGER NOT NULL,
    fate            TEXT
) STRICT;
