//! An owner as CODEOWNERS writes it: `@login`, `@organization/team` or an e-mail address.

use std::cmp::Ordering;
use std::fmt;

/// Two are equal if they differ by nothing but case, as GitHub tells logins, teams and addresses apart.
#[derive(Clone, Debug)]
pub enum Owner {
    /// A login, without `@`, as it is written.
    User(String),
    /// `organization/slug`, without `@`, as it is written.
    Team(String),
    /// An address. GitHub looks for the account that it belongs to; no interface of GitHub's answers that question.
    Email(String),
}

impl Owner {
    /// Nothing if it is none of the three.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        if let Some(name) = text.strip_prefix('@') {
            return match name.split_once('/') {
                Some((organization, slug)) => {
                    (is_name(organization) && is_name(slug)).then(|| Self::Team(name.to_owned()))
                }
                None => is_name(name).then(|| Self::User(name.to_owned())),
            };
        }
        let (local, domain) = text.split_once('@')?;
        let is_domain = domain.split('.').count() > 1
            && domain.split('.').all(|label| {
                !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || !c.is_ascii())
            });
        (!local.is_empty() && !local.contains('/') && is_domain).then(|| Self::Email(text.to_owned()))
    }

    /// What it is called, without `@`.
    pub fn name(&self) -> &str {
        match self {
            Self::User(name) | Self::Team(name) | Self::Email(name) => name,
        }
    }

    /// Whether a login is this user's. A team or an address is nobody's login.
    pub fn is_login(&self, login: &str) -> bool {
        matches!(self, Self::User(name) if name.eq_ignore_ascii_case(login))
    }

    fn kind(&self) -> u8 {
        match self {
            Self::User(_) => 0,
            Self::Team(_) => 1,
            Self::Email(_) => 2,
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) | Self::Team(name) => write!(out, "@{name}"),
            Self::Email(address) => out.write_str(address),
        }
    }
}

impl Ord for Owner {
    fn cmp(&self, other: &Self) -> Ordering {
        let folded = |owner: &Self| owner.name().bytes().map(|b| b.to_ascii_lowercase()).collect::<Vec<u8>>();
        self.kind().cmp(&other.kind()).then_with(|| folded(self).cmp(&folded(other)))
    }
}

impl PartialOrd for Owner {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Owner {
    fn eq(&self, other: &Self) -> bool {
        self.kind() == other.kind() && self.name().eq_ignore_ascii_case(other.name())
    }
}

impl Eq for Owner {}
