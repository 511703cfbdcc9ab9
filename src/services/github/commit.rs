//! Commits and the people whom they name.

use predeploy_gates::{Commit, Contributor, Failure, Person};
use serde::Deserialize;

use super::pages::Connection;

/// A commit with all whom it names: the fragment `Made`.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Made {
    pub(super) oid: String,
    message_headline: String,
    committed_via_web: bool,
    parents: Connection<Oid>,
    committer: Option<GitActor>,
    /// GitHub puts the author first and behind them those of `Co-authored-by`.
    authors: Connection<GitActor>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct Oid {
    pub(super) oid: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct GitActor {
    email: Option<String>,
    user: Option<User>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct User {
    login: String,
}

impl Made {
    /// `opened`: who opened the pull request that it belongs to.
    ///
    /// # Errors
    /// If it has more authors or parents than a page holds.
    pub(super) fn complete(self, opened: Option<&Person>) -> Result<Commit, Failure> {
        let authors = self.authors.whole("authors of a commit")?;
        Ok(Commit {
            id: self.oid,
            headline: self.message_headline,
            parents: self.parents.whole("parents of a commit")?.into_iter().map(|parent| parent.oid).collect(),
            on_web: self.committed_via_web,
            neutral: false,
            authors: authors.into_iter().map(|author| author.contributor(opened)).collect(),
            committer: committer(self.committer, self.committed_via_web, opened),
        })
    }
}

/// What is done on the web is committed by GitHub itself.
pub(super) fn committer(
    committer: Option<GitActor>,
    committed_via_web: bool,
    opened: Option<&Person>,
) -> Option<Contributor> {
    committer.filter(|_| !committed_via_web).map(|committer| committer.contributor(opened))
}

impl GitActor {
    pub(super) fn contributor(self, opened: Option<&Person>) -> Contributor {
        let bot = opened.filter(|author| self.is_mail_of_bot(author)).cloned();
        let account = self.user.map(|user| Person { login: user.login, bot: false }).or(bot);
        Contributor { email: self.email, account }
    }

    /// GitHub tells no account for the e-mail address of a bot (`49699333+dependabot[bot]@users.noreply.github.com`). It is
    /// believed only of the bot that opened the pull request.
    fn is_mail_of_bot(&self, author: &Person) -> bool {
        let name = || self.email.as_deref()?.split_once('@')?.0.rsplit('+').next()?.strip_suffix("[bot]");
        author.bot && name() == Some(author.login.trim_end_matches("[bot]"))
    }
}
