//! What one part of a pattern, between two `/`, says about one part of a path: `*` any characters, `?` one.

/// A part with at least one wildcard. Literal text at both ends is kept apart: it decides most comparisons.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Glob {
    head: Box<str>,
    /// From the first wildcard to the last.
    middle: Box<[Token]>,
    tail: Box<str>,
    /// Of what a name must hold at least.
    letters: Letters,
}

/// Which bytes a text holds, several to one bit: most names are told from most globs by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Letters(u64);

impl Letters {
    pub(super) fn of(text: &str) -> Self {
        Self(text.bytes().fold(0, |letters, byte| letters | 1 << (byte % 64)))
    }

    fn holds(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    Is(char),
    One,
    Many,
}

impl Glob {
    /// The literal text if there is no wildcard.
    pub(super) fn of(mut tokens: Vec<Token>) -> Result<Self, String> {
        tokens.dedup_by(|next, token| (*next, *token) == (Token::Many, Token::Many));
        let literal = |tokens: &[Token]| {
            tokens.iter().filter_map(|token| if let Token::Is(c) = token { Some(*c) } else { None }).collect::<String>()
        };
        let is_wild = |token: &Token| !matches!(token, Token::Is(_));
        let (Some(first), Some(last)) = (tokens.iter().position(is_wild), tokens.iter().rposition(is_wild)) else {
            return Err(literal(&tokens));
        };
        Ok(Self {
            head: literal(&tokens[..first]).into(),
            middle: tokens[first..=last].into(),
            tail: literal(&tokens[last + 1..]).into(),
            letters: Letters::of(&literal(&tokens)),
        })
    }

    /// What stands behind the last `.` of every name that matches, where the pattern says so.
    pub(super) fn extension(&self) -> Option<&str> {
        self.tail.rsplit_once('.').map(|(_, extension)| extension)
    }

    /// `letters` are those of `name`.
    pub(super) fn matches(&self, name: &str, letters: Letters) -> bool {
        if !letters.holds(self.letters) {
            return false;
        }
        let inner = name.strip_prefix(&*self.head).and_then(|rest| rest.strip_suffix(&*self.tail));
        inner.is_some_and(|inner| *self.middle == [Token::Many] || wild(&self.middle, inner))
    }
}

/// Goes back to the last `*` only: whatever those before it took, it can take more.
fn wild(tokens: &[Token], text: &str) -> bool {
    let next = |at: usize| text[at..].chars().next();
    let (mut token, mut at) = (0, 0);
    let mut back = None;
    loop {
        match (tokens.get(token), next(at)) {
            (None, None) => return true,
            (Some(Token::Many), _) => {
                token += 1;
                back = Some((token, at));
            }
            (Some(Token::One), Some(c)) => (token, at) = (token + 1, at + c.len_utf8()),
            (Some(Token::Is(wanted)), Some(c)) if *wanted == c => (token, at) = (token + 1, at + c.len_utf8()),
            _ => {
                let Some((behind, from)) = back else { return false };
                let Some(c) = next(from) else { return false };
                (token, at) = (behind, from + c.len_utf8());
                back = Some((token, at));
            }
        }
    }
}
