//! Tells the program which compiler, profile and target it was built with.

use std::process::Command;

fn main() {
    let from_env = |name: &str| std::env::var(name).unwrap_or_else(|_| "unknown".to_owned());
    let rustc = Command::new(from_env("RUSTC"))
        .arg("--version")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .and_then(|text| text.split_whitespace().nth(1).map(str::to_owned))
        .unwrap_or_else(|| "unknown".to_owned());
    let channel = ["nightly", "beta"]
        .into_iter()
        .find(|channel| rustc.contains(channel))
        .unwrap_or("stable");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-env=NYM_API_RUSTC_VERSION={rustc}");
    println!("cargo:rustc-env=NYM_API_RUSTC_CHANNEL={channel}");
    println!("cargo:rustc-env=NYM_API_PROFILE={}", from_env("PROFILE"));
    println!("cargo:rustc-env=NYM_API_TARGET={}", from_env("TARGET"));
}
