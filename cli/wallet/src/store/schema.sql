CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE deposit_tx (
    tx_hash         BLOB PRIMARY KEY CHECK (length(tx_hash) = 32),
    raw             BLOB NOT NULL,
    account         TEXT NOT NULL,
    sequence        INTEGER NOT NULL,
    timeout_height  INTEGER NOT NULL,
    last_deposit_id INTEGER,
    fate            TEXT NOT NULL CHECK (fate IN ('open', 'included', 'failed', 'abandoned')),
    height          INTEGER,
    code            INTEGER,
    log             TEXT,
    signed_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE issuance (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    origin            TEXT NOT NULL CHECK (origin IN ('own', 'restored', 'reference')),
    key_index         INTEGER,
    deposit_sk        BLOB CHECK (length(deposit_sk) = 32),
    deposit_pk        BLOB NOT NULL CHECK (length(deposit_pk) = 32),
    type              INTEGER,
    tx_hash           BLOB REFERENCES deposit_tx (tx_hash),
    msg_index         INTEGER,
    deposit_id        INTEGER UNIQUE,
    deposit_time      INTEGER,
    state             TEXT NOT NULL CHECK (state IN (
                          'paying', 'deposited', 'asking', 'requested', 'refunding',
                          'withheld', 'issued', 'unpaid', 'used', 'refunded')),
    reason            TEXT,
    attempt           INTEGER,
    expiration        INTEGER,
    epoch_id          INTEGER,
    request_info      BLOB,
    request           BLOB,
    request_hash      BLOB UNIQUE CHECK (length(request_hash) = 32),
    deposit_signature BLOB CHECK (length(deposit_signature) = 64),
    next_try_at       INTEGER,
    updated_at        INTEGER NOT NULL,
    CHECK (state NOT IN ('deposited', 'requested') OR (deposit_id IS NOT NULL AND deposit_sk IS NOT NULL)),
    CHECK (state <> 'requested' OR (request IS NOT NULL AND request_info IS NOT NULL
                                    AND request_hash IS NOT NULL AND deposit_signature IS NOT NULL
                                    AND expiration IS NOT NULL AND epoch_id IS NOT NULL))
) STRICT;
CREATE INDEX issuance_state ON issuance (state);

-- One request per deposit: once its hash is there, it is never another one.
CREATE TRIGGER issuance_request_is_fixed BEFORE UPDATE OF request, request_hash ON issuance
WHEN OLD.request_hash IS NOT NULL AND (NEW.request_hash IS NOT OLD.request_hash OR NEW.request IS NOT OLD.request)
BEGIN
    SELECT RAISE(ABORT, 'the request of a deposit is fixed');
END;

CREATE TABLE share (
    deposit_id  INTEGER NOT NULL,
    epoch_id    INTEGER NOT NULL,
    node_index  INTEGER NOT NULL,
    blinded     BLOB NOT NULL CHECK (length(blinded) = 96),
    attestation BLOB CHECK (length(attestation) = 64),
    PRIMARY KEY (deposit_id, epoch_id, node_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE evidence (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    deposit_id INTEGER NOT NULL,
    epoch_id   INTEGER NOT NULL,
    node_index INTEGER NOT NULL,
    data       BLOB NOT NULL,
    found_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE book (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    home          TEXT NOT NULL CHECK (home IN ('own', 'reference')),
    reference_id  INTEGER,
    origin        TEXT NOT NULL CHECK (origin IN ('issued', 'imported', 'rebuilt')),
    digest        BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    deposit_id    INTEGER,
    type          INTEGER NOT NULL,
    expiration    INTEGER NOT NULL,
    epoch_id      INTEGER NOT NULL,
    first_index   INTEGER NOT NULL CHECK (first_index BETWEEN 0 AND 49),
    last_index    INTEGER NOT NULL CHECK (last_index BETWEEN first_index - 1 AND 49),
    exported_from INTEGER,
    data          BLOB,
    state         TEXT NOT NULL CHECK (state IN ('ready', 'quarantined', 'locked', 'void', 'discarded')),
    reason        TEXT,
    CHECK (home = 'reference' OR data IS NOT NULL)
) STRICT;

CREATE TABLE ticket (
    book_id     INTEGER NOT NULL REFERENCES book (id),
    idx         INTEGER NOT NULL CHECK (idx BETWEEN 0 AND 49),
    state       TEXT NOT NULL CHECK (state IN ('sent', 'accepted', 'refused', 'abandoned', 'printed', 'seen')),
    pay_info    BLOB UNIQUE CHECK (length(pay_info) = 72),
    provider    BLOB CHECK (length(provider) = 32),
    bytes       BLOB,
    spend_date  INTEGER,
    sent_at     INTEGER,
    verdict     TEXT,
    answered_at INTEGER,
    PRIMARY KEY (book_id, idx)
) STRICT;
CREATE INDEX ticket_provider ON ticket (provider, sent_at);

-- The burn rule: a ticket's bytes never change, and its row goes only with its book's journal.
CREATE TRIGGER ticket_bytes_are_fixed BEFORE UPDATE OF book_id, idx, pay_info, provider, bytes ON ticket
WHEN NEW.book_id IS NOT OLD.book_id OR NEW.idx IS NOT OLD.idx OR NEW.pay_info IS NOT OLD.pay_info
     OR NEW.provider IS NOT OLD.provider OR NEW.bytes IS NOT OLD.bytes
BEGIN
    SELECT RAISE(ABORT, 'the bytes of a ticket are fixed');
END;

CREATE TABLE master_key (
    epoch_id INTEGER PRIMARY KEY,
    data     BLOB NOT NULL
) STRICT;

CREATE TABLE coin_signatures (
    epoch_id INTEGER PRIMARY KEY,
    data     BLOB NOT NULL
) STRICT;

CREATE TABLE date_signatures (
    epoch_id   INTEGER NOT NULL,
    expiration INTEGER NOT NULL,
    data       BLOB NOT NULL,
    PRIMARY KEY (epoch_id, expiration)
) STRICT, WITHOUT ROWID;

CREATE TABLE spent_list (
    epoch_id   INTEGER NOT NULL,
    node_index INTEGER NOT NULL,
    date       INTEGER NOT NULL,
    k          INTEGER NOT NULL,
    chain      BLOB NOT NULL,
    closed     INTEGER NOT NULL,
    head       BLOB,
    hashes     BLOB NOT NULL,
    PRIMARY KEY (epoch_id, node_index, date)
) STRICT, WITHOUT ROWID;
