#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the runner constructs the adapters"))]
mod services;

fn main() {}
