//! The codec by itself: whatever sequence of reads succeeds, writing the same sequence gives the bytes that were read.
#![no_main]

use arbitrary::Arbitrary;
use ecash_scheme::Scalar;
use ecash_scheme::codec::{Reader, Writer};
use libfuzzer_sys::fuzz_target;

/// Longest byte string or list that is asked for.
const LONGEST: usize = 40;

#[derive(Arbitrary, Debug)]
enum Read {
    Byte,
    Integer16,
    Integer32,
    Integer64,
    Signed,
    Bytes,
    Text,
    Raw(u8),
    Option,
    List,
    Pair,
}

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    reads: Vec<Read>,
    bytes: &'a [u8],
}

/// Reads one value and writes it; `None` if it was refused.
fn copy(read: &Read, from: &mut Reader<'_>, to: &mut Writer) -> Option<()> {
    const WHAT: &str = "fuzzed";
    match read {
        Read::Byte => to.u8(from.u8(WHAT).ok()?),
        Read::Integer16 => to.uint(from.u16(WHAT).ok()?.into()),
        Read::Integer32 => to.uint(from.u32(WHAT).ok()?.into()),
        Read::Integer64 => to.uint(from.u64(WHAT).ok()?),
        Read::Signed => to.int(from.i64(WHAT).ok()?),
        Read::Bytes => to.byte_string(from.byte_string(WHAT, LONGEST).ok()?),
        Read::Text => to.text(from.text(WHAT, LONGEST).ok()?),
        Read::Raw(count) => to.raw(from.raw(WHAT, (*count).into()).ok()?),
        Read::Option => to.option(from.option::<Scalar>(WHAT).ok()?.as_ref()),
        Read::List => to.list(&from.list::<Scalar>(WHAT, LONGEST).ok()?),
        Read::Pair => to.list(&from.list_of::<Scalar, 2>(WHAT).ok()?),
    }
    Some(())
}

fuzz_target!(|input: Input<'_>| {
    let mut from = Reader::new(input.bytes);
    let mut to = Writer::new();
    for read in &input.reads {
        if copy(read, &mut from, &mut to).is_none() {
            return;
        }
    }
    let consumed = input.bytes.len() - from.remaining();
    assert_eq!(to.finish(), &input.bytes[..consumed]);
});
