#[cfg_attr(not(test), expect(dead_code, reason = "nothing asks the services yet"))]
mod services;

fn main() {}
