//! Whose policy judges: in CI the protected base's, never the change's.

use std::path::Path;

use predeploy_gates::{Cancel, Failure, Finding};
use sha2::{Digest, Sha256};

use crate::change::range::{Range, short};
use crate::config::FILE_NAME;
use crate::rules;
use crate::services::disk::Disk;
use crate::services::git::Git;
use crate::services::trees::Origin;

/// Largest policy that is read, in bytes.
pub(crate) const LARGEST: u64 = 4 << 20;

/// Where the policy is to come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum From {
    Base,
    Head,
    /// A file, from the working directory.
    Path(String),
}

/// A policy's text and where it was found.
#[derive(Clone)]
pub(crate) struct Law {
    /// For a person: `the base, 1a2b3c4d5e6f`.
    pub(crate) source: String,
    /// From the repository's root, or as given on the command line.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The tree that files which steer the verdict are read from.
    pub(crate) origin: Origin,
    pub(crate) whose: Whose,
}

/// Who answers for a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The protected branch, whatever the head says.
    Base,
    /// The change, or the folder, itself.
    Head,
    /// Whoever wrote the command line; it need not lie in the repository.
    CommandLine,
}

/// What looking for the law gave.
pub(crate) struct Found {
    pub(crate) law: Option<Law>,
    pub(crate) notes: Vec<Finding>,
    /// The text of the policy that the base has: what it does not say only proposes. `None` if there is no base or it has
    /// no policy.
    pub(crate) base: Option<String>,
}

/// Where predeploy looks.
pub(crate) struct Seeker<'a> {
    pub(crate) git: Option<&'a Git>,
    pub(crate) root: &'a Path,
    /// The working directory from the root, `""` at the root.
    pub(crate) below: &'a str,
    pub(crate) range: &'a Range,
    /// The tree that is judged.
    pub(crate) head: &'a Origin,
    pub(crate) in_ci: bool,
    pub(crate) cancel: &'a Cancel,
}

impl Seeker<'_> {
    /// Finds the policy. `given` is what the command line asks for.
    pub(crate) fn find(&self, given: Option<&From>) -> Result<Found, Failure> {
        let mut notes = Vec::new();
        let base = self.at_base()?;
        let base_text = base.as_ref().map(|law| law.text.clone());
        let law = match given {
            None if self.in_ci => self.law_of_ci(base, &mut notes)?,
            None => self.on_disk()?,
            Some(From::Base) => base,
            Some(From::Head) => self.at_head()?,
            Some(From::Path(path)) => Some(self.given_file(path)?),
        };
        if self.in_ci && !matches!(given, None | Some(From::Base)) {
            notes.push(
                Finding::new(
                    &rules::POLICY_NOT_FROM_BASE,
                    "the policy was given on the command line, not read from the base",
                )
                .help("leave out `--config` and `--policy-from`: in CI the base's policy decides"),
            );
        }
        if let Some(law) = &law {
            notes.extend(self.nested(law));
        }
        Ok(Found { law, notes, base: base_text })
    }

    /// The base's policy; the head's only if the target branch never had one.
    fn law_of_ci(&self, base: Option<Law>, notes: &mut Vec<Finding>) -> Result<Option<Law>, Failure> {
        if base.is_some() {
            return Ok(base);
        }
        if rules::weigh(&self.range.problems) {
            return Ok(None);
        }
        if let (Some(git), Some(commit)) = (self.git, &self.range.law) {
            if git.is_shallow() {
                notes.push(
                    Finding::new(
                        &rules::MISSING_COMMIT,
                        "the base has no policy, and this shallow clone cannot tell whether it ever had one",
                    )
                    .help("fetch the whole history (`fetch-depth: 0` in actions/checkout)"),
                );
                return Ok(None);
            }
            for path in candidates(self.below) {
                if git.ever_had(commit, &path)? {
                    notes.push(
                        Finding::new(&rules::POLICY_REMOVED, format!("`{path}` was removed from the target branch"))
                            .help(
                                "bring the policy back on the target branch; a change cannot bring a new one instead",
                            ),
                    );
                    return Ok(None);
                }
            }
        }
        let head = self.at_head()?;
        if let Some(law) = &head {
            let branch = self.range.target_branch.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
            let message =
                format!("the target branch{branch} has no policy: this change brings the first one, and it decides");
            notes.push(Finding::new(&rules::ADOPTION, message).at_file(law.path.clone()));
        }
        Ok(head.map(|law| Law { source: format!("{} (adoption: the base has none)", law.source), ..law }))
    }

    fn at_base(&self) -> Result<Option<Law>, Failure> {
        let (Some(git), Some(commit)) = (self.git, &self.range.law) else { return Ok(None) };
        let law = self.in_tree(format!("the base, {}", short(commit)), Origin::commit(git, commit)?)?;
        Ok(law.map(|law| Law { whose: Whose::Base, ..law }))
    }

    fn at_head(&self) -> Result<Option<Law>, Failure> {
        let source = match &self.range.head {
            Some(head) => format!("the head, {}", short(head)),
            None => "this folder".into(),
        };
        self.in_tree(source, self.head.clone())
    }

    /// On a developer's machine: what lies on disk.
    fn on_disk(&self) -> Result<Option<Law>, Failure> {
        let source = if self.git.is_some() { "the working tree" } else { "this folder" };
        self.in_tree(source.into(), Origin::Folder(Disk::new(self.root, self.cancel.clone())?))
    }

    fn in_tree(&self, source: String, origin: Origin) -> Result<Option<Law>, Failure> {
        for path in candidates(self.below) {
            if let Some(text) = origin.text(&path, LARGEST)? {
                return Ok(Some(Law { source, path, text, origin, whose: Whose::Head }));
            }
        }
        Ok(None)
    }

    /// A file on disk, from the working directory.
    fn given_file(&self, path: &str) -> Result<Law, Failure> {
        let failed = |e: std::io::Error| {
            Failure::new(format!("the policy `{path}` cannot be read: {e}"))
                .help("name an existing file after `--config`")
        };
        let text = std::fs::read_to_string(path).map_err(failed)?;
        let origin = Origin::Folder(Disk::new(self.root, self.cancel.clone())?);
        Ok(Law { source: "the command line".into(), path: path.into(), text, origin, whose: Whose::CommandLine })
    }

    /// Policies that lie on the way below the one that decides.
    fn nested(&self, law: &Law) -> Vec<Finding> {
        let below = candidates(self.below).into_iter().skip_while(|path| *path != law.path).skip(1);
        below
            .filter(|path| matches!(self.head.text(path, LARGEST), Ok(Some(_)) | Err(_)))
            .map(|path| {
                Finding::new(&rules::NESTED_POLICY, format!("`{path}` decides nothing: `{}` above it does", law.path))
                    .at_file(path)
                    .help(format!("move its gates into `{}`, as `[gates.<name>]` with `kind`", law.path))
            })
            .collect()
    }
}

/// Paths of policies from the root down to a folder below it: the outermost decides.
pub(crate) fn candidates(below: &str) -> Vec<String> {
    let mut candidates = vec![FILE_NAME.to_string()];
    let mut folder = String::new();
    for part in below.split('/').filter(|p| !p.is_empty()) {
        folder.push_str(part);
        folder.push('/');
        candidates.push(format!("{folder}{FILE_NAME}"));
    }
    candidates
}

/// SHA-256, in hexadecimal, over the policy and the files that it names to steer the verdict.
pub(crate) fn digest(law: &Law, consulted: &[String]) -> Result<String, Failure> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    add(law.text.as_bytes());
    for path in consulted {
        add(path.as_bytes());
        // One that is not there, or leads out, is told from an empty one.
        match law.origin.bytes(path, u64::MAX) {
            Ok(Some(bytes)) => add(&bytes),
            Ok(None) | Err(_) => add(b"\0absent"),
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
