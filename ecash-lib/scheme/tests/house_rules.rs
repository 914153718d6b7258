//! Rules that a compiler does not hold, or not everywhere.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

/// The one folder that may call into a library without the compiler's help.
const BACKEND: &str = "src/curve/";

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file of the crate with its path below the crate, and its lines without comments.
fn code() -> Vec<(String, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    sources(&root.join("src"), &mut paths);
    let without_comment = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    let read = |path: PathBuf| {
        let name = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap();
        (name, text.lines().map(without_comment).collect())
    };
    paths.into_iter().map(read).collect()
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|char: char| !(char.is_alphanumeric() || char == '_'))
        .any(|part| part == word)
}

#[test]
fn unsafe_code_is_forbidden_outside_the_curve_backend_and_reasoned_inside() {
    let root =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let code = code();
    let with_unsafe: Vec<_> = code
        .iter()
        .filter(|(_, lines)| lines.iter().any(|line| has_word(line, "unsafe")))
        .map(|(name, _)| name.as_str())
        .collect();
    if with_unsafe.is_empty() {
        assert!(root.contains("#![forbid(unsafe_code)]"));
        return;
    }
    assert!(root.contains("#![deny(unsafe_code)]"));
    for name in with_unsafe {
        assert!(name.starts_with(BACKEND), "unsafe code in {name}");
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.contains("unsafe {"))
        {
            let above = lines.iter().take(number).rev().take_while(|above| {
                let above = above.trim();
                above.starts_with("//")
            });
            let reasoned = above.clone().any(|above| above.contains("SAFETY:"));
            assert!(reasoned, "{name}:{}: no reason above: {line}", number + 1);
        }
    }
}

/// Only the curve folder names a curve library.
#[test]
fn curve_libraries_are_named_in_the_curve_folder_only() {
    for (name, lines) in code() {
        let named = ["blst", "blstrs", "bls12_381"].iter().any(|library| {
            lines
                .iter()
                .any(|line| line.contains(&format!("{library}::")))
        });
        let allowed = name.starts_with(BACKEND) || name == "src/curve.rs";
        assert!(!named || allowed, "{name} names a curve library");
    }
}

/// 8.2, R13: the challenge hash has no domain, so it serves the two proofs and nothing else.
#[test]
fn r13_the_challenge_hash_serves_the_two_proofs_and_nothing_else() {
    let callers: Vec<String> = code()
        .into_iter()
        .filter(|(name, lines)| {
            !name.starts_with("src/vectors")
                && lines.iter().any(|line| line.contains("hash::challenge("))
        })
        .map(|(name, _)| name)
        .collect();
    assert_eq!(callers.len(), 2, "{callers:?}");
    for proof in ["spend/transcript.rs", "withdrawal/proof.rs"] {
        assert!(
            callers.iter().any(|caller| caller.ends_with(proof)),
            "{callers:?}"
        );
    }
}

/// 8.2, R11: what holds a secret scalar can neither be printed nor compared in variable time.
#[test]
fn r11_types_with_secrets_derive_neither_debug_nor_equality() {
    for (name, lines) in code() {
        let text = lines.join("\n");
        for definition in text.split("#[derive(").skip(1) {
            let (derived, rest) = definition.split_once(")]").unwrap_or((definition, ""));
            let head = rest.split(['{', ';']).next().unwrap_or_default();
            let is_tuple = rest.chars().nth(head.chars().count()) == Some(';');
            let body = if is_tuple {
                head
            } else {
                rest.split("\n}").next().unwrap_or_default()
            };
            let is_type = body.split_whitespace().take(2).any(|word| word == "struct");
            if is_type && has_word(body, "SecretScalar") {
                for forbidden in ["Debug", "PartialEq", "Eq", "Copy", "Serialize"] {
                    assert!(
                        !has_word(derived, forbidden),
                        "{name}: {forbidden} on {body}"
                    );
                }
            }
        }
    }
}
