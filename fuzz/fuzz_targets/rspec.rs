#![no_main]

use predeploy_fuzz::Format;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| predeploy_fuzz::report(Some(Format::Rspec), bytes));
