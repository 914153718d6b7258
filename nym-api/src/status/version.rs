//! What was built.

use ecash_requests::quorum::BuildInformation;

/// Version of the interface. Monitors read it as the version of the published program and treat less than 1.1.64 as
/// outdated, so it counts on from there and says nothing of the version of this package.
pub const API_VERSION: &str = "2.0.0";

/// Answer of `api-status/build-information`. What the builder did not say is `unknown`.
#[must_use]
pub fn build_information() -> BuildInformation {
    let given = |value: Option<&str>| value.unwrap_or("unknown").to_owned();
    BuildInformation {
        binary_name: env!("CARGO_PKG_NAME").to_owned(),
        build_timestamp: given(option_env!("NYM_API_BUILD_TIMESTAMP")),
        build_version: API_VERSION.to_owned(),
        commit_sha: given(option_env!("NYM_API_COMMIT_SHA")),
        commit_timestamp: given(option_env!("NYM_API_COMMIT_TIMESTAMP")),
        commit_branch: given(option_env!("NYM_API_COMMIT_BRANCH")),
        rustc_version: env!("NYM_API_RUSTC_VERSION").to_owned(),
        rustc_channel: env!("NYM_API_RUSTC_CHANNEL").to_owned(),
        cargo_profile: env!("NYM_API_PROFILE").to_owned(),
        cargo_triple: env!("NYM_API_TARGET").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn monitors_take_the_version_for_a_current_one() {
        let numbers: Vec<u32> = API_VERSION
            .split('.')
            .map(|part| part.parse().unwrap())
            .collect();
        assert_eq!(numbers.len(), 3);
        assert!(numbers >= vec![1, 1, 64]);
        assert_eq!(build_information().binary_name, "nym-api");
    }
}
