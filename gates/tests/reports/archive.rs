//! Reports inside of archives: `.zip` and `.tar.gz`, as CIs store what a job made.
//!
//! Archives are told by their first bytes and read in memory; nothing is written, so no name can lead anywhere. A member is a report
//! where a folder would give it as one. What is cut, encrypted, doubled or itself an archive is unresolved, and so is an archive that
//! holds no report or unpacks to more than the policy's bounds.
//! See <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT> and RFC 1952.

mod gzip;
mod meter;
mod tar;
mod zip;

use std::collections::BTreeMap;
use std::io::Read;

use globset::{GlobBuilder, GlobMatcher};

use self::meter::{Hashed, Meter};
use crate::tests::evidence::Results;
use crate::tests::gather::{Endings, Stamp};
use crate::tests::policy::Archives;
use crate::{Cancel, Failure, Limits};

/// Largest stamp that is read, in bytes.
const STAMP_BYTES: u64 = 16 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tests) enum Kind {
    Zip,
    Gzip,
}

impl Kind {
    /// Told by the first bytes.
    pub fn of(head: &[u8]) -> Option<Self> {
        match head {
            // A first member, none at all, or a part of several.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Some(Self::Zip),
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            _ => None,
        }
    }
}

/// A report in an archive, or the archive itself where it cannot be read (to its end).
pub struct Member<T = Results> {
    /// `archive.zip!/folder/report.xml`.
    pub path: String,
    pub read: Result<Unpacked<T>, Failure>,
}

/// A report that was read.
pub struct Unpacked<T = Results> {
    pub results: T,
    pub bytes: u64,
    /// SHA-256 in lower-case hex.
    pub digest: String,
}

/// What an archive holds.
pub struct Archive<T = Results> {
    pub members: Vec<Member<T>>,
    /// Its stamps, by their paths.
    pub stamps: BTreeMap<String, Result<Stamp, Failure>>,
}

/// Which kind of archive begins there, and all of its bytes.
pub(in crate::tests) fn kind(mut bytes: impl Read) -> std::io::Result<(Option<Kind>, impl Read)> {
    let mut head = Vec::new();
    bytes.by_ref().take(4).read_to_end(&mut head)?;
    Ok((Kind::of(&head), std::io::Cursor::new(head).chain(bytes)))
}

/// How the members of an archive are read.
pub(in crate::tests) struct Members<'a, T> {
    /// Their names end in one of these, as those of files in a folder.
    pub endings: Endings,
    pub bounds: &'a Archives,
    pub limits: &'a Limits,
    pub cancel: &'a Cancel,
    /// Reads a member to its end.
    pub read: &'a dyn Fn(&str, &mut dyn Read) -> Result<T, Failure>,
}

/// Reads the archive at `path`.
pub(in crate::tests) fn read<T>(path: &str, kind: Kind, bytes: impl Read, how: Members<'_, T>) -> Archive<T> {
    let mut reading = Reading {
        path,
        names: GlobBuilder::new(&how.endings.glob()).literal_separator(true).build().map(|it| it.compile_matcher()),
        bounds: how.bounds,
        limits: how.limits,
        cancel: how.cancel,
        read: how.read,
        archive: Archive { members: Vec::new(), stamps: BTreeMap::new() },
        seen: 0,
    };
    let read = match kind {
        Kind::Zip => zip::read(&mut reading, bytes),
        Kind::Gzip => match reading.alone() {
            Some(name) => gzip::read(&mut reading, &name, bytes),
            None => tar::read(&mut reading, bytes),
        },
    };
    let mut archive = reading.archive;
    if let Err(failure) = read {
        archive.members.push(Member { path: path.into(), read: Err(failure) });
    } else if archive.members.is_empty() {
        let message = format!("`{path}` holds no report: none of its {} files is named like one", reading.seen);
        let help = "see that the job that made it ran its tests, and wrote the reports where it stores them";
        archive.members.push(Member { path: path.into(), read: Err(Failure::new(message).help(help)) });
    }
    archive
}

/// An archive that is being read.
struct Reading<'a, T> {
    path: &'a str,
    read: &'a dyn Fn(&str, &mut dyn Read) -> Result<T, Failure>,
    bounds: &'a Archives,
    limits: &'a Limits,
    cancel: &'a Cancel,
    names: Result<GlobMatcher, globset::Error>,
    archive: Archive<T>,
    /// Files so far, whatever they are.
    seen: u64,
}

/// What is to be done with a member.
enum Use {
    Report(String),
    Stamp(String),
    Nothing,
}

impl<'a, T> Reading<'a, T> {
    fn failure(&self, what: impl std::fmt::Display) -> Failure {
        Failure::new(format!("`{}` cannot be read: {what}", self.path)).help("store and download it again")
    }

    /// What the archive is called unpacked, if it is a report that was compressed alone.
    fn alone(&self) -> Option<String> {
        let name = self.path.rsplit(['/', '\\']).next()?;
        let (name, ending) = name.rsplit_once('.')?;
        let is_report = self.names.as_ref().is_ok_and(|names| names.is_match(name));
        let is_tar = name.to_ascii_lowercase().ends_with(".tar");
        (ending.eq_ignore_ascii_case("gz") && is_report && !is_tar).then(|| name.to_owned())
    }

    /// All bytes of the archive, and what counts what they unpack to.
    fn whole(&self, bytes: impl Read) -> Result<(Vec<u8>, Meter<'a>), Failure> {
        let limit = self.limits.file_bytes;
        let mut whole = Vec::new();
        bytes.take(limit.saturating_add(1)).read_to_end(&mut whole).map_err(|e| self.failure(e))?;
        if whole.len() as u64 > limit {
            return Err(self.failure(format!("larger than the limit `file-bytes` of {limit} bytes")));
        }
        let meter = Meter::new(self.bounds, whole.len() as u64, self.cancel);
        Ok((whole, meter))
    }

    /// Another file follows.
    fn count(&mut self) -> Result<(), Failure> {
        self.cancel.check()?;
        self.seen += 1;
        if self.seen > self.bounds.files {
            let most = self.bounds.files;
            return Err(self.failure(format!("it holds more files than the limit `archives.files` of {most}")));
        }
        Ok(())
    }

    /// A member of this name follows; whoever reads archives gives the bytes as they stand there. Where the answer is nothing, the
    /// member needs not be read.
    fn name(&mut self, name: &[u8], plain: bool) -> Use {
        let path = |name: &str| format!("{}!/{name}", self.path);
        let wrong = |what: &str| {
            let shown = path(&String::from_utf8_lossy(name));
            Member { read: Err(Failure::new(format!("`{shown}` {what}")).help("make the archive anew")), path: shown }
        };
        let leads_out = |name: &str| {
            let absolute = name.starts_with('/') || name.get(1..2) == Some(":");
            absolute || name.contains('\0') || name.split('/').any(|part| part == "..")
        };
        let name = match std::str::from_utf8(name).map(|name| name.replace('\\', "/")) {
            Ok(name) if !leads_out(&name) => name,
            Ok(_) => {
                self.archive.members.push(wrong("has a name that leads out of the archive"));
                return Use::Nothing;
            }
            Err(_) => {
                self.archive.members.push(wrong("has a name that is no UTF-8"));
                return Use::Nothing;
            }
        };
        let name = name.split('/').filter(|part| !matches!(*part, "" | ".")).collect::<Vec<_>>().join("/");
        let is_stamp = name.rsplit('/').next() == Some(Stamp::FILE);
        if !is_stamp && !self.names.as_ref().is_ok_and(|names| names.is_match(&name)) {
            return Use::Nothing;
        }
        let is_archive = [".zip", ".tgz", ".gz"].iter().any(|end| name.ends_with(end));
        let what = match (plain, is_archive) {
            (false, _) => "is a link, and no file",
            (true, true) => "is an archive inside of an archive, which is not read",
            (true, false) if is_stamp => return Use::Stamp(path(&name)),
            (true, false) => return Use::Report(path(&name)),
        };
        self.archive.members.push(wrong(what));
        Use::Nothing
    }

    /// Reads a member to its end.
    fn member(&mut self, of: Use, mut bytes: impl Read) {
        match of {
            Use::Nothing => {}
            Use::Report(path) => {
                let read = self.report(&path, bytes);
                self.archive.members.push(Member { path, read });
            }
            Use::Stamp(path) => {
                let mut text = Vec::new();
                let read = bytes.by_ref().take(STAMP_BYTES).read_to_end(&mut text);
                let stamp = read
                    .and_then(|_| std::io::copy(&mut bytes, &mut std::io::sink()))
                    .map_err(|e| Failure::new(format!("`{path}` cannot be read to its end: {e}")))
                    .and_then(|_| Stamp::parse(&path, &String::from_utf8_lossy(&text)));
                self.archive.stamps.insert(path, stamp);
            }
        }
    }

    fn report(&self, path: &str, bytes: impl Read) -> Result<Unpacked<T>, Failure> {
        let mut bytes = Hashed::new(bytes);
        let results = (self.read)(path, &mut bytes)?;
        let end = std::io::copy(&mut bytes, &mut std::io::sink());
        end.map_err(|e| Failure::new(format!("`{path}` cannot be read to its end: {e}")))?;
        let (bytes, digest) = bytes.finish();
        Ok(Unpacked { results, bytes, digest })
    }
}
