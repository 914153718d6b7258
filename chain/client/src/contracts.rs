//! The contracts' queries, typed, and their lists read to the end.

use std::future::Future;

use crate::{error::Error, limits};

pub(crate) mod dkg;
pub(crate) mod ecash;
pub(crate) mod group;
pub(crate) mod multisig;

/// One page of a list: its entries, and where the next one starts if the contract says.
pub(crate) struct Page<T, K> {
    pub(crate) entries: Vec<T>,
    pub(crate) next: Option<K>,
}

/// Reads a list page by page from `start` until a page names no successor. A contract may name one after its last
/// entries; then one more, empty page ends the list.
///
/// # Errors
/// [`Error::EndlessList`] if the cursor stands still or after [`limits::MAX_PAGES`] pages; whatever `fetch` returns.
pub(crate) async fn read_all<T, K, F>(
    contract: &cosmrs::AccountId,
    query: &'static str,
    start: Option<K>,
    mut fetch: impl FnMut(Option<K>) -> F,
) -> Result<Vec<T>, Error>
where
    K: Clone + PartialEq,
    F: Future<Output = Result<Page<T, K>, Error>>,
{
    let mut all = Vec::new();
    let mut cursor = start;
    for pages in 1..=limits::MAX_PAGES {
        let page = fetch(cursor.clone()).await?;
        let empty = page.entries.is_empty();
        all.extend(page.entries);
        match page.next {
            Some(next) if !empty => {
                if cursor.as_ref() == Some(&next) {
                    return Err(endless(contract, query, pages));
                }
                cursor = Some(next);
            }
            _ => return Ok(all),
        }
    }
    Err(endless(contract, query, limits::MAX_PAGES))
}

fn endless(contract: &cosmrs::AccountId, query: &'static str, pages: usize) -> Error {
    Error::EndlessList {
        contract: contract.to_string(),
        query,
        pages,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]
    use super::*;

    fn contract() -> cosmrs::AccountId {
        cosmrs::AccountId::new("n", &[1; 32]).unwrap()
    }

    async fn read(pages: Vec<(Vec<u32>, Option<u32>)>) -> Result<Vec<u32>, Error> {
        let mut left = pages.into_iter();
        read_all(&contract(), "list", None, |_| {
            let (entries, next) = left.next().unwrap();
            async move { Ok(Page { entries, next }) }
        })
        .await
    }

    #[tokio::test]
    async fn a_list_ends_with_a_page_that_names_no_successor_or_is_empty() {
        assert_eq!(read(vec![(vec![], None)]).await.unwrap(), Vec::<u32>::new());
        assert_eq!(read(vec![(vec![1, 2], None)]).await.unwrap(), [1, 2]);
        assert_eq!(
            read(vec![(vec![1], Some(1)), (vec![2], Some(2)), (vec![], None)])
                .await
                .unwrap(),
            [1, 2]
        );
        assert_eq!(
            read(vec![(vec![1], Some(1)), (vec![], Some(9))])
                .await
                .unwrap(),
            [1]
        );
    }

    #[tokio::test]
    async fn a_cursor_that_stands_still_is_an_error() {
        let error = read(vec![(vec![1], Some(1)), (vec![1], Some(1))])
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::EndlessList { pages: 2, .. }),
            "{error}"
        );
    }
}
