//! A step that cannot be taken back rests on what all endpoints say (`dkg.md` 13.1).

use crate::error::{Error, Result};

/// What all endpoints that answered say, if they are at least two and agree.
pub(super) fn agree<T: PartialEq>(
    what: &'static str,
    answers: Vec<std::result::Result<T, nyx_client::Error>>,
) -> Result<T> {
    let asked = answers.len();
    let mut good: Vec<T> = answers
        .into_iter()
        .filter_map(std::result::Result::ok)
        .collect();
    let first = good.pop();
    match first {
        Some(first) if !good.is_empty() && good.iter().all(|other| *other == first) => Ok(first),
        Some(_) if !good.is_empty() => Err(Error::ChainData {
            what,
            value: format!("{} answers", good.len() + 1),
            reason: "EndpointsDisagree: the step is not taken".to_owned(),
        }),
        _ => Err(Error::ChainData {
            what,
            value: format!("fewer than two answers of {asked} endpoints"),
            reason: "a vote needs two endpoints that agree, or chain.own_node".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn silent<T>() -> std::result::Result<T, nyx_client::Error> {
        Err(nyx_client::Error::SenderStopped)
    }

    #[test]
    fn a_step_rests_on_two_endpoints_that_agree() {
        assert_eq!(agree("share", vec![Ok(1), Ok(1)]).unwrap(), 1);
        assert_eq!(agree("share", vec![Ok(1), silent(), Ok(1)]).unwrap(), 1);
        assert!(
            agree("share", vec![Ok(1), Ok(2)])
                .unwrap_err()
                .to_string()
                .contains("EndpointsDisagree")
        );
        assert!(agree("share", vec![Ok(1), Ok(1), Ok(2)]).is_err());
        assert!(agree("share", vec![Ok(1), silent()]).is_err());
        assert!(agree::<u8>("share", vec![silent(), silent()]).is_err());
    }
}
