//! Real layouts of each framework, good and broken.
