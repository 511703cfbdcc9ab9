#![no_main]

use predeploy_gates::results::Format;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| predeploy_fuzz::report(Some(Format::Sarif), bytes));
