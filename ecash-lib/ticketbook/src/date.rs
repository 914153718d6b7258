//! UTC calendar dates. A date is signed and hashed as the unix timestamp of its midnight (u32), stored as a Julian day
//! number (i32) or as the pair (year, day of the year), and shown as `YYYY-MM-DD`.

use crate::ids::DAY_SECS;
use crate::{TicketbookError, UnixTime, VALIDITY_DAYS};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use time::{Date, Month};

/// Julian day number of 1970-01-01.
pub const UNIX_EPOCH_JULIAN_DAY: i32 = 2_440_588;

/// Last unix day whose midnight fits into a u32 timestamp: 2106-02-07.
const LAST_UNIX_DAY: u32 = 49_710;

/// A UTC date whose midnight fits into a 32-bit unix timestamp: 1970-01-01 … 2106-02-07.
///
/// Kept as the number of days since 1970-01-01, so that every value has all its forms.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EcashDate(u32);

impl EcashDate {
    /// 1970-01-01.
    pub const FIRST: Self = Self(0);
    /// 2106-02-07.
    pub const LAST: Self = Self(LAST_UNIX_DAY);

    /// The date with this many whole days since 1970-01-01.
    ///
    /// # Errors
    /// [`TicketbookError::DateOutOfRange`] after [`Self::LAST`].
    pub fn from_unix_day(days: u64) -> Result<Self, TicketbookError> {
        match u32::try_from(days) {
            Ok(days) if days <= LAST_UNIX_DAY => Ok(Self(days)),
            _ => Err(TicketbookError::DateOutOfRange(format!(
                "with unix day {days}"
            ))),
        }
    }

    /// The date on which this instant lies.
    ///
    /// # Errors
    /// [`TicketbookError::DateOutOfRange`] after [`Self::LAST`].
    pub fn of(time: UnixTime) -> Result<Self, TicketbookError> {
        Self::from_unix_day(time.unix_day())
    }

    /// The date with this midnight, the form inside signatures (E and d of `ecash-scheme.md`).
    ///
    /// # Errors
    /// [`TicketbookError::NotMidnight`] if the timestamp is not a multiple of 86 400.
    pub fn from_unix(timestamp: u32) -> Result<Self, TicketbookError> {
        let seconds = u64::from(timestamp);
        if !seconds.is_multiple_of(DAY_SECS) {
            return Err(TicketbookError::NotMidnight(seconds));
        }
        Self::from_unix_day(seconds / DAY_SECS)
    }

    /// The date with this Julian day number.
    ///
    /// # Errors
    /// [`TicketbookError::DateOutOfRange`] outside 2 440 588 … 2 490 298.
    pub fn from_julian_day(julian_day: i32) -> Result<Self, TicketbookError> {
        u32::try_from(i64::from(julian_day) - i64::from(UNIX_EPOCH_JULIAN_DAY))
            .ok()
            .filter(|days| *days <= LAST_UNIX_DAY)
            .map(Self)
            .ok_or_else(|| TicketbookError::DateOutOfRange(format!("with Julian day {julian_day}")))
    }

    /// The date with this year and day of the year (1 … 366), the form inside `bin` records.
    ///
    /// # Errors
    /// [`TicketbookError::DateOutOfRange`] if there is no such day or it is out of range.
    pub fn from_ordinal(year: i32, day_of_year: u16) -> Result<Self, TicketbookError> {
        Date::from_ordinal_date(year, day_of_year)
            .map_err(|_| TicketbookError::DateOutOfRange(format!("[{year},{day_of_year}]")))?
            .try_into()
    }

    /// Midnight (00:00:00 UTC) of the date as unix timestamp.
    #[must_use]
    pub const fn unix(self) -> u32 {
        self.0 * 86_400 // total: at most 49 710 days, 4 294 944 000
    }

    /// Midnight of the date.
    #[must_use]
    pub const fn midnight(self) -> UnixTime {
        UnixTime(self.unix() as u64)
    }

    /// Whole days since 1970-01-01.
    #[must_use]
    pub const fn unix_day(self) -> u32 {
        self.0
    }

    /// Julian day number.
    #[must_use]
    pub const fn julian_day(self) -> i32 {
        UNIX_EPOCH_JULIAN_DAY + self.0 as i32 // total: at most 49 710 more
    }

    /// Year and day of the year (1 … 366).
    #[must_use]
    pub fn ordinal(self) -> (i32, u16) {
        self.date().to_ordinal_date()
    }

    /// As a date of the `time` crate.
    #[must_use]
    pub fn date(self) -> Date {
        Date::from_julian_day(self.julian_day()).unwrap_or(Date::MIN) // total: 1970 … 2106 is inside the range of `Date`
    }

    /// The date this many days later.
    ///
    /// # Errors
    /// [`TicketbookError::DateOutOfRange`] after [`Self::LAST`].
    pub fn plus_days(self, days: u32) -> Result<Self, TicketbookError> {
        Self::from_unix_day(u64::from(self.0) + u64::from(days))
    }

    /// The date this many days earlier.
    ///
    /// # Errors
    /// [`TicketbookError::DateOutOfRange`] before [`Self::FIRST`].
    pub fn minus_days(self, days: u32) -> Result<Self, TicketbookError> {
        self.0
            .checked_sub(days)
            .map(Self)
            .ok_or_else(|| TicketbookError::DateOutOfRange(format!("{days} days before {self}")))
    }

    /// Days from `earlier` to `self`, negative if it is the later one.
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i64 {
        self.0 as i64 - earlier.0 as i64
    }

    /// Expiration date of a book issued on `self`: six days later, so that `self` is the first of its seven spend dates.
    ///
    /// # Errors
    /// [`TicketbookError::DateOutOfRange`] after [`Self::LAST`].
    pub fn default_expiration(self) -> Result<Self, TicketbookError> {
        self.plus_days(VALIDITY_DAYS - 1)
    }

    /// First spend date of a book that expires on `self`.
    ///
    /// # Errors
    /// [`TicketbookError::DateOutOfRange`] before [`Self::FIRST`].
    pub fn first_spend_date(self) -> Result<Self, TicketbookError> {
        self.minus_days(VALIDITY_DAYS - 1)
    }

    /// Whether a book that expires on `self` can be spent on `date`.
    #[must_use]
    pub const fn covers(self, date: Self) -> bool {
        let left = self.days_since(date);
        0 <= left && left < VALIDITY_DAYS as i64
    }
}

impl TryFrom<Date> for EcashDate {
    type Error = TicketbookError;

    fn try_from(date: Date) -> Result<Self, Self::Error> {
        Self::from_julian_day(date.to_julian_day())
            .map_err(|_| TicketbookError::DateOutOfRange(date.to_string()))
    }
}

impl From<EcashDate> for Date {
    fn from(date: EcashDate) -> Self {
        date.date()
    }
}

impl fmt::Display for EcashDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date().to_calendar_date();
        write!(f, "{year:04}-{:02}-{day:02}", u8::from(month))
    }
}

impl fmt::Debug for EcashDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for EcashDate {
    type Err = TicketbookError;

    /// Reads exactly `YYYY-MM-DD`, ten characters.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || TicketbookError::DateText(text.chars().take(32).collect());
        let digits = |range: std::ops::Range<usize>| -> Option<u16> {
            let part = text.get(range)?;
            if part.bytes().all(|byte| byte.is_ascii_digit()) {
                part.parse().ok()
            } else {
                None
            }
        };
        if text.len() != 10 || text.get(4..5) != Some("-") || text.get(7..8) != Some("-") {
            return Err(malformed());
        }
        let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(5..7), digits(8..10))
        else {
            return Err(malformed());
        };
        let month = u8::try_from(month)
            .ok()
            .and_then(|month| Month::try_from(month).ok())
            .ok_or_else(malformed)?;
        let day = u8::try_from(day).map_err(|_| malformed())?;
        Date::from_calendar_date(i32::from(year), month, day)
            .map_err(|_| malformed())?
            .try_into()
    }
}

impl Serialize for EcashDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EcashDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Serde form of a spend date inside spending data: writes `[year, day of the year]`, reads that or `"YYYY-MM-DD"`.
/// Published peers differ in what they read; the pair is understood by all (`published-2.0.0.md` 3).
pub mod pair {
    use super::EcashDate;
    use serde::de::{Deserializer, Error, SeqAccess, Visitor};
    use serde::ser::{Serialize, Serializer};
    use std::fmt;

    /// Writes the pair.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(date: &EcashDate, serializer: S) -> Result<S::Ok, S::Error> {
        date.ordinal().serialize(serializer)
    }

    /// Reads the pair or the text.
    ///
    /// # Errors
    /// If it is neither, or no date in range.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EcashDate, D::Error> {
        deserializer.deserialize_any(PairOrText)
    }

    struct PairOrText;

    impl<'de> Visitor<'de> for PairOrText {
        type Value = EcashDate;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a date, [year, day of the year] or \"YYYY-MM-DD\"")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<EcashDate, E> {
            text.parse().map_err(E::custom)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<EcashDate, A::Error> {
            let year = list
                .next_element()?
                .ok_or_else(|| A::Error::invalid_length(0, &self))?;
            let day = list
                .next_element()?
                .ok_or_else(|| A::Error::invalid_length(1, &self))?;
            if list.next_element::<u8>()?.is_some() {
                return Err(A::Error::invalid_length(3, &self));
            }
            EcashDate::from_ordinal(year, day).map_err(A::Error::custom)
        }
    }
}
