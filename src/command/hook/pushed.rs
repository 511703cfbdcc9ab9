//! What git tells its pre-push hook (githooks(5), `builtin/push` → `transport.c`): one line a ref,
//!
//! ```text
//! <local ref> SP <local object> SP <remote ref> SP <remote object> LF
//! ```
//!
//! The local ref is what was written on the command line (`HEAD`, `main~1`, `HEAD^{/a text}`), or `(delete)`. An object that does not
//! exist is all zeros, 40 or 64 of them. If nothing is new, there is no line at all. pre-commit tells one range in variables instead.

use predeploy_gates::Failure;

use crate::environment::Environment;
use crate::services::git::{CommitId, Git};

/// One ref that is pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pushed {
    /// What it is called here.
    pub(super) name: String,
    /// What it is called there, if that is known.
    pub(super) to: Option<String>,
    remote: String,
    /// Nothing if it is deleted.
    head: Option<String>,
    /// What the remote has now; nothing if that is new.
    there: Option<String>,
}

/// Which commits are judged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Range {
    /// Why none.
    Nothing(String),
    /// The remote has nothing to compare with.
    Everything {
        head: CommitId,
    },
    Since {
        base: CommitId,
        head: CommitId,
    },
}

impl Pushed {
    /// Reads git's lines.
    ///
    /// # Errors
    /// If a line is not one: nothing may go through because it was not understood.
    pub(super) fn of_git(text: &str, remote: &str) -> Result<Vec<Self>, Failure> {
        text.lines().enumerate().map(|(index, line)| Self::of_line(line, index + 1, remote)).collect()
    }

    fn of_line(line: &str, number: usize, remote: &str) -> Result<Self, Failure> {
        let wrong = |what: &str| {
            Failure::new(format!("line {number} of standard input: {what}"))
                .help("let git call the hook, and let what is between them pass its standard input on")
        };
        // The local ref alone may have spaces in it.
        let parts: Vec<&str> = line.rsplitn(4, ' ').collect();
        let [there, to, head, name] = parts[..] else {
            return Err(wrong("it is not `<local ref> <local object> <remote ref> <remote object>`"));
        };
        let object = |id: &str| {
            let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|b| b.is_ascii_hexdigit());
            if !is_id {
                return Err(wrong("an object is not named by 40 or 64 hexadecimal digits"));
            }
            Ok(id.bytes().any(|b| b != b'0').then(|| id.to_owned()))
        };
        Ok(Self {
            name: if name == "(delete)" { to.to_owned() } else { name.to_owned() },
            to: Some(to.to_owned()),
            remote: remote.to_owned(),
            head: object(head)?,
            there: object(there)?,
        })
    }

    /// What pre-commit tells. Without a range it was told to look at everything that the branch has.
    pub(super) fn by_pre_commit(environment: &Environment, remote: &str) -> Self {
        let get = |name: &str| environment.get(name).map(String::from);
        let head = get("PRE_COMMIT_TO_REF").or_else(|| get("PRE_COMMIT_LOCAL_BRANCH")).unwrap_or_else(|| "HEAD".into());
        Self {
            name: get("PRE_COMMIT_LOCAL_BRANCH").unwrap_or_else(|| head.clone()),
            to: get("PRE_COMMIT_REMOTE_BRANCH"),
            remote: remote.to_owned(),
            head: Some(head),
            there: get("PRE_COMMIT_FROM_REF"),
        }
    }

    /// As if HEAD were pushed.
    pub(super) fn head(remote: &str) -> Self {
        Self { name: "HEAD".into(), to: None, remote: remote.into(), head: Some("HEAD".into()), there: None }
    }

    /// From where to where. On the remote's default branch that is what is new there; on another branch it is all that the default
    /// branch lacks, for that is what a pull request will bring: a later push must not make an earlier one look accepted.
    ///
    /// # Errors
    /// If what is pushed is no commit, or the history is not all there.
    pub(super) fn range(&self, git: &Git) -> Result<Range, Failure> {
        let Some(head) = &self.head else {
            return Ok(Range::Nothing("it is deleted there".into()));
        };
        let head = git.commit(head)?;
        let default = self.default_branch(git);
        // What the remote has may never have been fetched: then git refuses the push, or it is a forced one.
        let there = self.there.as_deref().and_then(|there| git.commit(there).ok());
        let (branch, tip) = default.unzip();
        let is_another = self.to.is_some() && self.to != branch;
        let base = if is_another { tip.or(there) } else { there.or(tip) };
        let Some(base) = base else { return Ok(Range::Everything { head }) };
        match git.merge_base(&base, &head)? {
            Some(base) if base == head => Ok(Range::Nothing("the remote has all of it".into())),
            Some(base) => Ok(Range::Since { base, head }),
            None => Ok(Range::Everything { head }),
        }
    }

    /// The remote's default branch and its tip, as far as the clone knows them.
    fn default_branch(&self, git: &Git) -> Option<(String, CommitId)> {
        let told = git.default_branch_of(&self.remote);
        let usual = ["main", "master"].map(String::from);
        told.into_iter().chain(usual).find_map(|branch| {
            let tip = git.commit(&format!("refs/remotes/{}/{branch}", self.remote)).ok()?;
            Some((format!("refs/heads/{branch}"), tip))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZEROS: &str = "0000000000000000000000000000000000000000";
    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn one(line: &str) -> Pushed {
        let [pushed] = Pushed::of_git(line, "origin").unwrap().try_into().unwrap();
        pushed
    }

    #[test]
    fn lines_of_git_are_read() {
        let pushed = one(&format!("refs/heads/fix {A} refs/heads/fix {ZEROS}\n"));
        assert_eq!((pushed.name.as_str(), pushed.head.as_deref(), pushed.there), ("refs/heads/fix", Some(A), None));
        let deleted = one(&format!("(delete) {ZEROS} refs/heads/old {A}\n"));
        assert_eq!((deleted.name.as_str(), deleted.head, deleted.there.as_deref()), ("refs/heads/old", None, Some(A)));
        let spoken = one(&format!("HEAD^{{/a nasty text}} {A} refs/heads/x {ZEROS}"));
        assert_eq!((spoken.name.as_str(), spoken.to.as_deref()), ("HEAD^{/a nasty text}", Some("refs/heads/x")));
        let long = "0".repeat(64);
        assert_eq!(one(&format!("HEAD {long} refs/heads/x {long}")).head, None);
        assert_eq!(Pushed::of_git("", "origin").unwrap(), []);
    }

    #[test]
    fn what_is_no_line_of_git_is_an_error() {
        for text in ["main", "\n", "main abc refs/heads/main abc\n", &format!("{A} refs/heads/x {ZEROS}\n")] {
            let failure = Pushed::of_git(text, "origin").unwrap_err();
            assert!(failure.message.starts_with("line 1 of standard input"), "{text:?}: {}", failure.message);
        }
    }
}
