//! What the change is: from events, from a clone, from a working tree; and which gates are asked about it.

mod clones;
mod events;
mod local;
mod stages;
mod working_tree;
