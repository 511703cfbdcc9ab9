//! What is said before a push, by git itself and by what manages its hooks.

mod install;
mod managers;
mod push;
