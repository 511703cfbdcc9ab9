#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| predeploy_fuzz::coverage("lcov", bytes));
