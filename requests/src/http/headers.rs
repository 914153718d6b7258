use crate::limits::RETRY_AFTER_MAX;
use ecash_ticketbook::UnixTime;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use std::time::Duration;
use time::PrimitiveDateTime;
use time::macros::format_description;

/// The `Date` header, in the one form that servers may write (RFC 9110, 5.6.7).
pub(super) fn date(headers: &HeaderMap) -> Option<UnixTime> {
    http_date(headers.get(DATE)?.to_str().ok()?)
}

/// The `Retry-After` header: seconds, or a date to be compared with the server's own; at most an hour.
pub(super) fn retry_after(headers: &HeaderMap, now: Option<UnixTime>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => http_date(text)?.get().saturating_sub(now?.get()),
    };
    Some(Duration::from_secs(seconds).min(RETRY_AFTER_MAX))
}

fn http_date(text: &str) -> Option<UnixTime> {
    let form = format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    );
    let date = PrimitiveDateTime::parse(text, form).ok()?;
    u64::try_from(date.assume_utc().unix_timestamp())
        .ok()
        .map(UnixTime)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use reqwest::header::HeaderValue;

    fn headers(date: &'static str, retry_after: &'static str) -> HeaderMap {
        [
            (DATE, HeaderValue::from_static(date)),
            (RETRY_AFTER, HeaderValue::from_static(retry_after)),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn a_date_header_gives_unix_seconds() {
        let headers = headers("Sun, 06 Nov 1994 08:49:37 GMT", "0");
        assert_eq!(date(&headers), Some(UnixTime(784_111_777)));
    }

    #[test]
    fn a_date_that_is_none_gives_nothing() {
        for text in [
            "",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1954 08:49:37 GMT",
            "784111777",
        ] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn retry_after_takes_seconds_and_dates_and_is_bounded() {
        let cases = [
            ("7", Some(7)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:49:27 GMT", Some(0)),
            ("18446744073709551615", Some(3600)),
            ("-1", None),
            ("soon", None),
        ];
        for (text, seconds) in cases {
            let headers = headers("Sun, 06 Nov 1994 08:49:37 GMT", text);
            let expected = seconds.map(Duration::from_secs);
            assert_eq!(retry_after(&headers, date(&headers)), expected, "{text}");
        }
    }
}
