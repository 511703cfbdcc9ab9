//! A file that standard input holds, where a command asks for it.

use std::io::{Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use predeploy_gates::{Failure, Limits, Opened};

use super::disk::stays_inside;

/// A file from the repository's root that is not there, and its content.
#[derive(Clone)]
pub(crate) struct Piped {
    pub(crate) path: String,
    content: Arc<[u8]>,
    opened: Arc<AtomicBool>,
}

impl Piped {
    pub(crate) fn read(path: &str, from: &mut dyn Read) -> Result<Self, Failure> {
        let path = path.trim_start_matches("./");
        if path.is_empty() || path.starts_with('/') || !stays_inside(path) {
            return Err(Failure::new(format!("`{path}` names no file of the repository"))
                .help("name it as the policy does, from the repository's root"));
        }
        let most = Limits::default().file_bytes;
        let mut content = Vec::new();
        from.take(most.saturating_add(1))
            .read_to_end(&mut content)
            .map_err(|e| Failure::new(format!("standard input cannot be read: {e}")))?;
        if content.len() as u64 > most {
            return Err(Failure::new(format!("standard input is larger than {most} bytes")));
        }
        Ok(Self { path: path.to_owned(), content: content.into(), opened: Arc::default() })
    }

    /// Whether anybody asked for it.
    pub(crate) fn was_opened(&self) -> bool {
        self.opened.load(Ordering::Relaxed)
    }

    pub(crate) fn open(&self) -> Opened {
        self.opened.store(true, Ordering::Relaxed);
        let (size, content) = (self.content.len() as u64, Arc::clone(&self.content));
        Opened { resolved: self.path.clone(), size, reader: Box::new(Cursor::new(content)) }
    }
}
