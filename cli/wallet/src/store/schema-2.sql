-- What the signers recorded for a deposit, asked for when its request may be replaced or its money demanded back.
ALTER TABLE issuance ADD COLUMN status_asked_at INTEGER;
ALTER TABLE issuance ADD COLUMN refunding_since INTEGER;
ALTER TABLE issuance ADD COLUMN refund_asked_at INTEGER;
ALTER TABLE issuance ADD COLUMN records BLOB;

-- One request per deposit, until the signers have said that they hold none: only from `asking` another one takes its place.
DROP TRIGGER issuance_request_is_fixed;
CREATE TRIGGER issuance_request_is_fixed BEFORE UPDATE OF request, request_hash ON issuance
WHEN OLD.request_hash IS NOT NULL AND (NEW.request_hash IS NOT OLD.request_hash OR NEW.request IS NOT OLD.request)
     AND NOT (OLD.state = 'asking' AND NEW.state = 'requested')
BEGIN
    SELECT RAISE(ABORT, 'the request of a deposit is fixed');
END;

-- From the first refund demand on no request is ever made.
CREATE TRIGGER issuance_refund_is_for_ever BEFORE UPDATE OF state ON issuance
WHEN OLD.refunding_since IS NOT NULL AND NEW.state IN ('paying', 'deposited', 'asking', 'requested', 'issued')
BEGIN
    SELECT RAISE(ABORT, 'the money of this deposit is demanded back');
END;
