//! What the gate answers, and that its arithmetic is that of a model which looks at every minute.

mod answers;
mod calendars;
mod clocks;
mod corpus;
mod doubts;
mod edges;
mod hostile;
mod mistakes;
mod model;
mod needs;
mod ways;
