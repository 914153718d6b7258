use crate::RequestsError;
use ecash_ticketbook::UnixTime;

/// Whether something made at `made_at` is at most `max_age_secs` old and at most `max_ahead_secs` ahead, both included.
pub(crate) fn check_time(
    what: &'static str,
    made_at: UnixTime,
    now: UnixTime,
    max_age_secs: u64,
    max_ahead_secs: u64,
) -> Result<(), RequestsError> {
    if made_at > now.saturating_add(max_ahead_secs) {
        return Err(RequestsError::FromTheFuture {
            what,
            made_at,
            now,
            limit_secs: max_ahead_secs,
        });
    }
    if made_at < now.saturating_sub(max_age_secs) {
        return Err(RequestsError::TooOld {
            what,
            made_at,
            now,
            limit_secs: max_age_secs,
        });
    }
    Ok(())
}
