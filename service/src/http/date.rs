//! The `Date` header: wallets and gateways correct their clocks by it.

use axum::http::{HeaderValue, Response, header};

use crate::clock::UnixTime;

/// `time` in the form of RFC 9110, section 5.6.7: `Tue, 25 Nov 2025 08:49:37 GMT`.
#[must_use]
pub fn http_date(time: UnixTime) -> String {
    let at = time.to_datetime();
    let weekday = at.weekday().to_string();
    let month = at.month().to_string();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        weekday.get(..3).unwrap_or_default(),
        at.day(),
        month.get(..3).unwrap_or_default(),
        at.year(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// Puts the time of the server's clock into an answer, errors included.
pub(super) fn stamp<B>(response: &mut Response<B>, now: UnixTime) {
    if let Ok(value) = HeaderValue::from_str(&http_date(now)) {
        response.headers_mut().insert(header::DATE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_the_fixed_form_of_http() {
        assert_eq!(
            http_date(UnixTime::from_secs(784_111_777)),
            "Sun, 06 Nov 1994 08:49:37 GMT"
        );
        assert_eq!(http_date(UnixTime::EPOCH), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(UnixTime::MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
    }
}
