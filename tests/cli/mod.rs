//! What others script against: formats, exit codes, documentation, and being stopped.

mod calendars;
mod documentation;
mod drift;
mod enterprise;
mod formats;
mod manual;
mod merge;
mod owners;
mod publish;
mod results;
mod stopped;
mod terminal;
mod window;
