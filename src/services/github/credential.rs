//! What GitHub is asked with.

use super::app::App;
use super::token::Token;

/// A token that somebody gave, or an App that gets one.
#[derive(Debug)]
pub(crate) enum Credential {
    Token(Token),
    App(Box<App>),
}

impl From<Token> for Credential {
    fn from(token: Token) -> Self {
        Self::Token(token)
    }
}

impl From<App> for Credential {
    fn from(app: App) -> Self {
        Self::App(Box::new(app))
    }
}
