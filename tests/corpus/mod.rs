//! Corpora that lie beside the repository and are not part of it: what is not there is not asked.

mod tests;
mod window;
