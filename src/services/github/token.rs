//! A secret that is never shown.

use std::fmt;

use predeploy_gates::Failure;

/// A token for GitHub. What prints it prints `***`.
#[derive(Clone)]
pub(crate) struct Token(String);

impl Token {
    /// # Errors
    /// If it is empty or holds what no token does: a space, a line break, anything but ASCII. The message does not hold it.
    pub(crate) fn new(token: &str) -> Result<Self, Failure> {
        let token = token.trim();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Failure::new("the token for GitHub is empty or holds characters that no token has")
                .help("give the token alone, without quotes or line breaks"));
        }
        Ok(Self(token.to_owned()))
    }

    pub(super) fn expose(&self) -> String {
        self.0.clone()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
