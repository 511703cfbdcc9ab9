//! How a bad change tries to pass, and what stops it. Each test carries the number of its attempt.

mod given_policy;
