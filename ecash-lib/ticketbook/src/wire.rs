//! `bin` forms of this crate's small values, as the records have them: a date as (year signed, day of the year), or as
//! text in two of them; a type as its number.

use crate::{DepositId, EcashDate, EpochId, TicketType, TicketbookError};
use ecash_scheme::codec::{Decode, Encode, Reader, Writer};
use ecash_scheme::{Error, Result};

pub(crate) fn invalid(what: &'static str, problem: &TicketbookError) -> Error {
    Error::Invalid {
        what,
        problem: problem.to_string(),
    }
}

impl Encode for EcashDate {
    fn encode(&self, out: &mut Writer) {
        let (year, day) = self.ordinal();
        out.int(year.into());
        out.uint(day.into());
    }
}

impl Decode for EcashDate {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let year = input.i64("year of a date")?;
        let day = input.u16("day of a date")?;
        i32::try_from(year)
            .map_err(|_| TicketbookError::DateOutOfRange(format!("[{year},{day}]")))
            .and_then(|year| Self::from_ordinal(year, day))
            .map_err(|problem| invalid("date", &problem))
    }
}

pub(crate) fn encode_date_text(date: EcashDate, out: &mut Writer) {
    out.text(&date.to_string());
}

pub(crate) fn decode_date_text(input: &mut Reader<'_>) -> Result<EcashDate> {
    input
        .text("date", 10)?
        .parse()
        .map_err(|problem| invalid("date", &problem))
}

impl Encode for TicketType {
    fn encode(&self, out: &mut Writer) {
        out.uint(self.code().into());
    }
}

impl Decode for TicketType {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        let code = input.u32("ticket type")?;
        u8::try_from(code)
            .map_err(|_| TicketbookError::UnknownTicketTypeCode(code.into()))
            .and_then(Self::from_code)
            .map_err(|problem| invalid("ticket type", &problem))
    }
}

impl Encode for EpochId {
    fn encode(&self, out: &mut Writer) {
        out.uint(self.get());
    }
}

impl Decode for EpochId {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        input.u64("epoch").map(Self)
    }
}

impl Encode for DepositId {
    fn encode(&self, out: &mut Writer) {
        out.uint(self.get().into());
    }
}

impl Decode for DepositId {
    fn decode(input: &mut Reader<'_>) -> Result<Self> {
        input.u32("deposit id").map(Self)
    }
}
