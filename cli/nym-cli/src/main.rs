//! The command line of holders and operators.

fn main() {}
