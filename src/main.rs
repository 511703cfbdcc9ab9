#[expect(unused_imports, reason = "the runner constructs the adapters")]
#[cfg_attr(not(test), expect(dead_code, reason = "the runner constructs the adapters"))]
mod services;

fn main() {}
