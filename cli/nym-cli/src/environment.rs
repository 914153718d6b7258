//! Network variables (`cli.md` 4): the process's environment, an env file, and the options that override them.
//!
//! Where `CONFIGURED` is set in the environment, the file is ignored and the environment is used as it is; otherwise the
//! file is loaded without overriding what is set. Nothing falls back to a public network: a variable that is needed and
//! missing is an error that names it.

use std::collections::BTreeMap;
use std::path::Path;

use ecash_wallet::NetworkConfig;
use url::Url;
use zeroize::Zeroizing;

use crate::args::Global;
use crate::failure::{Exit, Failure};

/// Largest env file, in bytes.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// Older names of variables.
const ALIASES: [(&str, &str); 2] = [("NYMD_VALIDATOR", "NYXD"), ("API_VALIDATOR", "NYM_API")];

/// The variables that are in force.
#[derive(Clone, Debug)]
pub(crate) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Loads them for this process.
    pub(crate) fn load(global: &Global) -> Result<Self, Failure> {
        let process: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let file = match &global.config_env_file {
            Some(path) if !process.contains_key("CONFIGURED") => Some(read(path)?),
            Some(path) => {
                tracing::warn!(
                    "{} is ignored: CONFIGURED is set in the environment",
                    path.display()
                );
                None
            }
            None => None,
        };
        let mut environment = Self::merge(process, file.as_deref())?;
        for (name, option) in [
            ("NYXD", &global.nyxd_url),
            ("NYM_API", &global.nym_api_url),
            ("ECASH_CONTRACT_ADDRESS", &global.ecash_contract_address),
            (
                "COCONUT_DKG_CONTRACT_ADDRESS",
                &global.coconut_dkg_contract_address,
            ),
            ("GROUP_CONTRACT_ADDRESS", &global.group_contract_address),
            (
                "MULTISIG_CONTRACT_ADDRESS",
                &global.multisig_contract_address,
            ),
            ("MIXNET_CONTRACT_ADDRESS", &global.mixnet_contract_address),
            ("VESTING_CONTRACT_ADDRESS", &global.vesting_contract_address),
        ] {
            if let Some(value) = option {
                environment.0.insert(name.to_owned(), value.clone());
            }
        }
        Ok(environment)
    }

    fn merge(mut process: BTreeMap<String, String>, file: Option<&str>) -> Result<Self, Failure> {
        for (name, value) in file.map(parse).transpose()?.unwrap_or_default() {
            process.entry(name).or_insert(value);
        }
        for (old, new) in ALIASES {
            if let Some(value) = process.get(old).cloned() {
                process.entry(new.to_owned()).or_insert(value);
            }
        }
        Ok(Self(process))
    }

    /// A variable; an empty one counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    fn need(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| {
            Failure::new(
                Exit::Failed,
                format!("{name} is not set; name the network with -c <env file>, or set the variables yourself with CONFIGURED=true"),
            )
        })
    }

    /// Prefix of addresses.
    pub(crate) fn prefix(&self) -> &str {
        self.get("BECH32_PREFIX").unwrap_or("n")
    }

    /// Denomination of fees and deposits.
    pub(crate) fn denom(&self) -> &str {
        self.get("MIX_DENOM").unwrap_or("unym")
    }

    /// RPC endpoints.
    pub(crate) fn rpc(&self) -> Result<Vec<Url>, Failure> {
        self.need("NYXD")?
            .split(',')
            .map(|text| {
                Url::parse(text.trim()).map_err(|error| {
                    Failure::new(Exit::Failed, format!("NYXD {text:?} is no URL: {error}"))
                })
            })
            .collect()
    }

    /// What a wallet needs to know of the network.
    pub(crate) fn network(&self) -> Result<NetworkConfig, Failure> {
        Ok(NetworkConfig {
            chain_id: None,
            rpc: self.rpc()?,
            ecash_contract: self.need("ECASH_CONTRACT_ADDRESS")?.to_owned(),
            dkg_contract: self.need("COCONUT_DKG_CONTRACT_ADDRESS")?.to_owned(),
            denom: self.denom().to_owned(),
        })
    }

    /// The mnemonic: the variable wins over the option.
    pub(crate) fn mnemonic(&self, global: &Global) -> Option<Zeroizing<String>> {
        self.get("MNEMONIC")
            .map(str::to_owned)
            .or_else(|| global.mnemonic.clone())
            .map(Zeroizing::new)
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |reason: String| {
        Failure::new(
            Exit::Failed,
            format!("cannot read env file {}: {reason}", path.display()),
        )
    };
    let size = std::fs::metadata(path)
        .map_err(|error| failed(error.to_string()))?
        .len();
    if size > MAX_FILE_BYTES {
        return Err(failed(format!(
            "it has {size} bytes, more than {MAX_FILE_BYTES}"
        )));
    }
    std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))
}

/// Lines `NAME=value`, with `#` comments, an optional `export`, and single or double quotes around a value.
fn parse(text: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut variables = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line
            .split_once('=')
            .map(|(name, value)| (name.trim(), value.trim()))
            .filter(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
            .ok_or_else(|| {
                Failure::new(
                    Exit::Failed,
                    format!("line {number} of the env file is not NAME=value"),
                )
            })?;
        variables.push((name.to_owned(), unquote(value).to_owned()));
    }
    Ok(variables)
}

fn unquote(value: &str) -> &str {
    for quote in ['\'', '"'] {
        if let Some(inner) = value.strip_prefix(quote) {
            // What follows the closing quote is a comment.
            return inner.split(quote).next().unwrap_or(inner);
        }
    }
    value.split(" #").next().unwrap_or(value).trim_end()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const FILE: &str = "# a network\nCONFIGURED=true\nexport NYXD=http://127.0.0.1:1\nNYM_APIS='[{\"url\":\"http://127.0.0.1:2\"}]'\nMIXNET_CONTRACT_ADDRESS=\nMIX_DENOM=\"unym\" # fees\n";

    #[test]
    fn a_file_fills_what_is_not_set_and_overrides_nothing() {
        let process = BTreeMap::from([("NYXD".to_owned(), "http://127.0.0.1:9".to_owned())]);
        let environment = Environment::merge(process, Some(FILE)).unwrap();
        assert_eq!(environment.get("NYXD"), Some("http://127.0.0.1:9"));
        assert_eq!(
            environment.get("NYM_APIS"),
            Some("[{\"url\":\"http://127.0.0.1:2\"}]")
        );
        assert_eq!(environment.get("MIX_DENOM"), Some("unym"));
        assert_eq!(
            environment.get("MIXNET_CONTRACT_ADDRESS"),
            None,
            "empty counts as absent"
        );
    }

    #[test]
    fn old_names_are_understood() {
        let environment =
            Environment::merge(BTreeMap::new(), Some("NYMD_VALIDATOR=http://127.0.0.1:3")).unwrap();
        assert_eq!(environment.rpc().unwrap().len(), 1);
    }

    #[test]
    fn a_missing_variable_is_named_and_no_public_network_takes_its_place() {
        let environment = Environment::merge(BTreeMap::new(), None).unwrap();
        assert!(environment.network().unwrap_err().message.contains("NYXD"));
    }

    #[test]
    fn a_line_that_is_no_assignment_is_named_by_its_number() {
        assert!(
            parse("A=1\nnonsense\n")
                .unwrap_err()
                .message
                .contains("line 2")
        );
        assert!(parse("A B=1").is_err());
    }
}
