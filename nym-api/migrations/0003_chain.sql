-- What this member has read of the chain and sent to it.

CREATE TABLE mirror_cursor (
    list  TEXT    PRIMARY KEY CHECK (list IN ('deposits', 'changes')),
    after INTEGER NOT NULL
) STRICT;

-- Every signed transaction, before its first byte leaves; kind and fate are null until it is settled.
CREATE TABLE outgoing_tx (
    hash           BLOB    PRIMARY KEY CHECK (length(hash) = 32),
    account        TEXT    NOT NULL,
    chain_id       TEXT    NOT NULL,
    sequence       INTEGER NOT NULL,
    timeout_height INTEGER NOT NULL,
    raw            BLOB    NOT NULL,
    note           BLOB    NOT NULL,
    recorded_at    INTEGER NOT NULL,
    fate           TEXT    CHECK (fate IN ('included', 'failed', 'rejected', 'abandoned')),
    detail         TEXT,
    settled_at     INTEGER
) STRICT;
CREATE INDEX outgoing_tx_open ON outgoing_tx (account, sequence) WHERE fate IS NULL;

-- Verdicts on others' key shares (dkg.md 13.2), one per share text.
CREATE TABLE share_verdict (
    epoch_id    INTEGER NOT NULL,
    node_index  INTEGER NOT NULL,
    share_hash  TEXT    NOT NULL,
    owner       TEXT    NOT NULL,
    proposal_id INTEGER NOT NULL,
    verdict     TEXT    NOT NULL CHECK (verdict IN ('yes', 'no')),
    reason      TEXT,
    judged_at   INTEGER NOT NULL,
    PRIMARY KEY (epoch_id, node_index, share_hash)
) STRICT;
