//! The key-value state and views of it that remember what they change.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::iter::Peekable;
use std::ops::Bound;

use cosmwasm_std::{Order, Record, Storage};

/// What a block or a transaction changes: the new value of each key, or none when it was removed.
pub(crate) type WriteSet = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// `[start, end)`, or `None` when that is empty (a `BTreeMap` panics on reversed bounds).
fn bounds(start: Option<&[u8]>, end: Option<&[u8]>) -> Option<Bounds> {
    if let (Some(start), Some(end)) = (start, end)
        && start >= end
    {
        return None;
    }
    Some((
        start.map_or(Bound::Unbounded, |key| Bound::Included(key.to_vec())),
        end.map_or(Bound::Unbounded, |key| Bound::Excluded(key.to_vec())),
    ))
}

/// The state after the last block.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Kv(BTreeMap<Vec<u8>, Vec<u8>>);

impl Kv {
    pub(crate) fn apply(&mut self, writes: WriteSet) {
        for (key, value) in writes {
            match value {
                Some(value) => self.0.insert(key, value),
                None => self.0.remove(&key),
            };
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Vec<u8>, &Vec<u8>)> {
        self.0.iter()
    }
}

impl Storage for Kv {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.0.get(key).cloned()
    }

    fn range<'a>(
        &'a self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = Record> + 'a> {
        let Some(bounds) = bounds(start, end) else {
            return Box::new(std::iter::empty());
        };
        let found = self.0.range(bounds).map(|(k, v)| (k.clone(), v.clone()));
        match order {
            Order::Ascending => Box::new(found),
            Order::Descending => Box::new(found.rev()),
        }
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        self.0.insert(key.to_vec(), value.to_vec());
    }

    fn remove(&mut self, key: &[u8]) {
        self.0.remove(key);
    }
}

/// A view of `base` whose changes stay in the view until somebody applies them.
pub(crate) struct Overlay<'a> {
    base: &'a dyn Storage,
    writes: WriteSet,
}

impl<'a> Overlay<'a> {
    pub(crate) fn new(base: &'a dyn Storage) -> Self {
        Self {
            base,
            writes: WriteSet::new(),
        }
    }

    /// A view that begins with earlier changes.
    pub(crate) fn with(base: &'a dyn Storage, writes: WriteSet) -> Self {
        Self { base, writes }
    }

    /// Adds the changes of a view of this view.
    pub(crate) fn apply(&mut self, writes: WriteSet) {
        self.writes.extend(writes);
    }

    pub(crate) fn into_writes(self) -> WriteSet {
        self.writes
    }
}

impl Storage for Overlay<'_> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        match self.writes.get(key) {
            Some(value) => value.clone(),
            None => self.base.get(key),
        }
    }

    fn range<'a>(
        &'a self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = Record> + 'a> {
        let Some(bounds) = bounds(start, end) else {
            return Box::new(std::iter::empty());
        };
        let own = self.writes.range(bounds);
        let own: Box<dyn Iterator<Item = _>> = match order {
            Order::Ascending => Box::new(own),
            Order::Descending => Box::new(own.rev()),
        };
        Box::new(Merge {
            own: own.peekable(),
            base: self.base.range(start, end, order).peekable(),
            order,
        })
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        self.writes.insert(key.to_vec(), Some(value.to_vec()));
    }

    fn remove(&mut self, key: &[u8]) {
        self.writes.insert(key.to_vec(), None);
    }
}

/// Two ordered streams as one; where both have a key, the own entry hides the other, and a removal shows nothing.
struct Merge<'a, I, B>
where
    I: Iterator<Item = (&'a Vec<u8>, &'a Option<Vec<u8>>)>,
    B: Iterator<Item = Record>,
{
    own: Peekable<I>,
    base: Peekable<B>,
    order: Order,
}

impl<'a, I, B> Iterator for Merge<'a, I, B>
where
    I: Iterator<Item = (&'a Vec<u8>, &'a Option<Vec<u8>>)>,
    B: Iterator<Item = Record>,
{
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            let turn = match (self.own.peek(), self.base.peek()) {
                (None, _) => return self.base.next(),
                (Some(_), None) => Ordering::Less,
                (Some((own, _)), Some((base, _))) => match self.order {
                    Order::Ascending => own.as_slice().cmp(base.as_slice()),
                    Order::Descending => base.as_slice().cmp(own.as_slice()),
                },
            };
            match turn {
                Ordering::Greater => return self.base.next(),
                Ordering::Equal => drop(self.base.next()),
                Ordering::Less => {}
            }
            if let Some((key, Some(value))) = self.own.next() {
                return Some((key.clone(), value.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kv(pairs: &[(&str, &str)]) -> Kv {
        let mut kv = Kv::default();
        for (key, value) in pairs {
            kv.set(key.as_bytes(), value.as_bytes());
        }
        kv
    }

    fn text(records: impl Iterator<Item = Record>) -> Vec<String> {
        records
            .map(|(k, v)| {
                format!(
                    "{}={}",
                    String::from_utf8_lossy(&k),
                    String::from_utf8_lossy(&v)
                )
            })
            .collect()
    }

    #[test]
    fn a_view_shows_its_own_changes_over_the_base_in_both_orders() {
        let base = kv(&[("a", "1"), ("b", "2"), ("c", "3"), ("e", "5")]);
        let mut view = Overlay::new(&base);
        view.set(b"b", b"two");
        view.remove(b"c");
        view.remove(b"never");
        view.set(b"d", b"4");
        let expected = ["a=1", "b=two", "d=4", "e=5"];
        assert_eq!(text(view.range(None, None, Order::Ascending)), expected);
        let mut reversed = text(view.range(None, None, Order::Descending));
        reversed.reverse();
        assert_eq!(reversed, expected);
        assert_eq!(
            text(view.range(Some(b"b"), Some(b"e"), Order::Ascending)),
            ["b=two", "d=4"]
        );
        assert_eq!(
            text(view.range(Some(b"e"), Some(b"b"), Order::Ascending)),
            [""; 0]
        );
        assert_eq!(view.get(b"c"), None);
        assert_eq!(base.get(b"c"), Some(b"3".to_vec()));
    }

    #[test]
    fn applying_a_view_gives_the_state_it_showed() {
        let base = kv(&[("a", "1"), ("b", "2")]);
        let mut outer = Overlay::new(&base);
        outer.set(b"c", b"3");
        let mut inner = Overlay::new(&outer);
        inner.remove(b"c");
        inner.set(b"a", b"one");
        let shown = text(inner.range(None, None, Order::Ascending));
        let writes = inner.into_writes();
        outer.apply(writes);
        let writes = outer.into_writes();
        let mut state = kv(&[("a", "1"), ("b", "2")]);
        state.apply(writes);
        assert_eq!(text(state.range(None, None, Order::Ascending)), shown);
        assert_eq!(shown, ["a=one", "b=2"]);
    }

    #[test]
    fn removals_at_the_end_of_the_range_end_the_iteration() {
        let base = kv(&[("a", "1"), ("z", "26")]);
        let mut view = Overlay::new(&base);
        view.remove(b"z");
        view.remove(b"zz");
        assert_eq!(text(view.range(None, None, Order::Ascending)), ["a=1"]);
        assert_eq!(text(view.range(None, None, Order::Descending)), ["a=1"]);
    }
}
