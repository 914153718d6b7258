//! What decoding asks the allocator for: a small multiple of its input, whatever lengths the input claims. A binary of its
//! own with one test, so that nothing else is counted.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs
)]
// A global allocator cannot be written without it; this one counts and passes on.
#![allow(unsafe_code)]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use common::objects::objects;
use rand::Rng;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: every call goes to the system's allocator unchanged; the counters do not touch the memory.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), SeqCst) + layout.size();
        PEAK.fetch_max(live, SeqCst);
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), SeqCst);
        // SAFETY: `pointer` came from `alloc` above with this `layout`, by the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Most bytes alive at once during `work`, above those before it.
fn peak(work: impl FnOnce()) -> usize {
    let before = LIVE.load(SeqCst);
    PEAK.store(before, SeqCst);
    work();
    PEAK.load(SeqCst) - before
}

/// Bytes that decoding may use for each byte of input, and beside them. Decoding and encoding again holds the value, its
/// bytes, and lists while they grow; a key pair is multiplied out, with more points at once where a backend has no affine ones.
const PER_BYTE: usize = 8;
const BESIDE: usize = 32 * 1024;

#[test]
fn decoding_takes_memory_in_proportion_to_its_input() {
    let objects = objects();
    let rng = &mut common::rng(1);
    // Whatever is made once and kept is made here.
    for object in &objects {
        (object.again)(&object.bytes).unwrap();
    }
    for object in &objects {
        let check = |bytes: &[u8], what: &str| {
            let used = peak(|| drop((object.again)(bytes)));
            let allowed = PER_BYTE * bytes.len() + BESIDE;
            assert!(
                used <= allowed,
                "{}, {what}: {used} bytes for {}",
                object.name,
                bytes.len()
            );
        };
        check(&object.bytes, "honest");
        // A length of 2⁶⁴ − 1, of 2³² − 1 and of 2¹⁶ − 1 wherever one may stand.
        let huge: [&[u8]; 4] = [
            &[0xfd, 255, 255, 255, 255, 255, 255, 255, 255],
            &[0xfc, 255, 255, 255, 255],
            &[0xfb, 255, 255],
            &[250],
        ];
        for position in (0..object.bytes.len()).step_by(object.bytes.len().div_ceil(25)) {
            for length in huge {
                let mut bytes = object.bytes[..position].to_vec();
                bytes.extend_from_slice(length);
                bytes.extend_from_slice(&object.bytes[position + 1..]);
                check(&bytes, "with a huge length");
                check(&bytes[..position + length.len()], "ending in a huge length");
            }
        }
        for _ in 0..20 {
            let mut bytes = object.bytes.clone();
            let position = rng.gen_range(0..bytes.len());
            bytes[position] = rng.r#gen();
            check(&bytes, "tampered");
        }
    }
}
