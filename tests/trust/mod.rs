//! How a bad change tries to pass, and what stops it. Each test carries the number of its attempt.

mod adoption;
mod direction;
mod earlier_step;
mod edited_policy;
mod given_policy;
mod limits;
mod links;
mod merge_group;
mod merge_queue;
mod overrides;
mod range;
mod retreat;
mod risk;
mod simulated;
mod updated;
mod vanished;
mod waivers;
