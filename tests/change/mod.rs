//! What the change is: from events, from a clone, from a working tree.
