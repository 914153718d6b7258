//! Dates: the same day in all its forms, and what is no date.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use ecash_ticketbook::{EcashDate, TicketbookError, UnixTime, VALIDITY_DAYS};

fn date(text: &str) -> EcashDate {
    text.parse().unwrap()
}

#[test]
fn a_date_is_the_same_in_all_its_forms() {
    let day = date("2025-12-07");
    assert_eq!(day.unix(), 1_765_065_600);
    assert_eq!(day.julian_day(), 2_461_017);
    assert_eq!(day.ordinal(), (2025, 341));
    assert_eq!(day.unix_day(), 20_429);
    assert_eq!(day.to_string(), "2025-12-07");
    assert_eq!(EcashDate::from_unix(day.unix()).unwrap(), day);
    assert_eq!(EcashDate::from_julian_day(day.julian_day()).unwrap(), day);
    assert_eq!(EcashDate::from_ordinal(2025, 341).unwrap(), day);
    assert_eq!(EcashDate::try_from(day.date()).unwrap(), day);
    assert_eq!(
        EcashDate::from_julian_day(2_460_677).unwrap(),
        date("2025-01-01")
    );
}

#[test]
fn every_instant_of_a_day_is_on_that_day() {
    let day = date("2025-12-07");
    let midnight = day.midnight();
    assert_eq!(EcashDate::of(midnight).unwrap(), day);
    assert_eq!(EcashDate::of(midnight.saturating_add(86_399)).unwrap(), day);
    assert_eq!(
        EcashDate::of(midnight.saturating_add(86_400)).unwrap(),
        date("2025-12-08")
    );
    assert_eq!(
        EcashDate::of(midnight.saturating_sub(1)).unwrap(),
        date("2025-12-06")
    );
}

#[test]
fn only_midnights_are_dates() {
    for timestamp in [1, 86_399, 86_401, 1_765_065_601, u32::MAX] {
        assert!(
            matches!(
                EcashDate::from_unix(timestamp),
                Err(TicketbookError::NotMidnight(_))
            ),
            "{timestamp}"
        );
    }
}

#[test]
fn the_first_and_the_last_date_are_those_of_a_32_bit_timestamp() {
    assert_eq!(EcashDate::FIRST, date("1970-01-01"));
    assert_eq!(EcashDate::LAST, date("2106-02-07"));
    assert_eq!(EcashDate::LAST.unix(), u32::MAX / 86_400 * 86_400);
    assert!(EcashDate::LAST.plus_days(1).is_err());
    assert!(EcashDate::FIRST.minus_days(1).is_err());
    assert!(EcashDate::LAST.plus_days(u32::MAX).is_err());
    assert!(EcashDate::of(UnixTime(u64::MAX)).is_err());
    for text in ["1969-12-31", "2106-02-08", "9999-12-31", "0000-01-01"] {
        assert!(
            matches!(
                text.parse::<EcashDate>(),
                Err(TicketbookError::DateOutOfRange(_))
            ),
            "{text}"
        );
    }
}

#[test]
fn texts_in_any_other_form_are_refused() {
    let texts = [
        "",
        "2025-12-7",
        "2025-12-007",
        "25-12-07",
        "2025/12/07",
        "2025-12-07 ",
        " 2025-12-07",
        "2025-12-07T00:00:00Z",
        "+025-12-07",
        "2025-1２-07",
        "2025-00-10",
        "2025-13-10",
        "2025-02-29",
        "2025-04-31",
        "2025-12-00",
        "2025-12-32",
        "２０２5-1-1",
        "2025--1-01",
    ];
    for text in texts {
        assert!(
            matches!(text.parse::<EcashDate>(), Err(TicketbookError::DateText(_))),
            "{text:?}"
        );
    }
}

#[test]
fn a_leap_day_is_a_date() {
    assert_eq!(date("2028-02-29").ordinal(), (2028, 60));
}

#[test]
fn a_book_issued_today_expires_in_six_days_and_covers_seven() {
    let today = date("2025-12-28");
    let expiration = today.default_expiration().unwrap();
    assert_eq!(expiration, date("2026-01-03"));
    assert_eq!(expiration.first_spend_date().unwrap(), today);
    let covered = (0..30)
        .map(|days| date("2025-12-20").plus_days(days).unwrap())
        .filter(|day| expiration.covers(*day));
    let covered: Vec<_> = covered.collect();
    assert_eq!(covered.len(), VALIDITY_DAYS as usize);
    assert_eq!(
        (covered.first(), covered.last()),
        (Some(&today), Some(&expiration))
    );
}

#[test]
fn json_of_a_date_is_its_text() {
    assert_eq!(
        serde_json::to_string(&date("2025-12-07")).unwrap(),
        "\"2025-12-07\""
    );
    assert_eq!(
        serde_json::from_str::<EcashDate>("\"2025-12-07\"").unwrap(),
        date("2025-12-07")
    );
    for text in ["[2025,341]", "1765065600", "null", "\"2025-341\""] {
        assert!(serde_json::from_str::<EcashDate>(text).is_err(), "{text}");
    }
}
