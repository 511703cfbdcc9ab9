//! GraphQL connections, read to their end.

use predeploy_gates::Failure;
use serde::Deserialize;

/// One page of a list.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connection<T> {
    total_count: usize,
    page_info: PageInfo,
    /// GitHub's schema lets each be null; one that is was not given to us.
    nodes: Vec<Option<T>>,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

impl<T> Connection<T> {
    /// The list, if this page is all of it; nothing if it was cut or holds a null.
    pub(super) fn complete(self) -> Option<Vec<T>> {
        let nodes: Vec<T> = self.nodes.into_iter().collect::<Option<_>>()?;
        (nodes.len() == self.total_count && !self.page_info.has_next_page).then_some(nodes)
    }

    /// The list, if this page is all of it.
    ///
    /// # Errors
    /// If it is not.
    pub(super) fn whole(self, what: &'static str) -> Result<Vec<T>, Failure> {
        let mut list = List::new(what);
        list.add(Some(self))?;
        if list.more() {
            return Err(incomplete(format!("more than {} {what}", list.nodes.len())));
        }
        Ok(list.nodes)
    }
}

/// One page of a list that grows while it is read, or whose length GitHub does not tell.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Slice<T> {
    page_info: PageInfo,
    nodes: Vec<Option<T>>,
}

impl<T> Slice<T> {
    /// What it holds, and where the next page starts if there is one; `after` is where this one did.
    ///
    /// # Errors
    /// If something on it was not given, or the next page would be the same.
    pub(super) fn read(self, what: &str, after: Option<&str>) -> Result<(Vec<T>, Option<String>), Failure> {
        let null = || incomplete(format!("a null among the {what}"));
        let nodes = self.nodes.into_iter().map(|node| node.ok_or_else(null)).collect::<Result<Vec<T>, _>>()?;
        match (self.page_info.has_next_page, self.page_info.end_cursor) {
            (false, _) => Ok((nodes, None)),
            (true, Some(next)) if Some(next.as_str()) != after && !nodes.is_empty() => Ok((nodes, Some(next))),
            (true, _) => Err(incomplete(format!("a page of {what} without an end"))),
        }
    }
}

/// A list as it is put together from its pages.
#[derive(Debug)]
pub(super) struct List<T> {
    what: &'static str,
    total: Option<usize>,
    nodes: Vec<T>,
    cursor: Option<String>,
    ended: bool,
}

impl<T> List<T> {
    /// Most that is read of one list.
    const MOST: usize = 10_000;

    pub(super) fn new(what: &'static str) -> Self {
        Self { what, total: None, nodes: Vec::new(), cursor: None, ended: false }
    }

    /// Whether another page is to be asked for.
    pub(super) fn more(&self) -> bool {
        !self.ended
    }

    /// Where the next page starts.
    pub(super) fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Adds a page. One that was not asked for is `None`.
    ///
    /// # Errors
    /// If the list changed between two pages, a page brings nothing new, or the end comes at another length than GitHub
    /// names.
    pub(super) fn add(&mut self, page: Option<Connection<T>>) -> Result<(), Failure> {
        let what = self.what;
        let Some(page) = page.filter(|_| !self.ended) else {
            return if self.ended { Ok(()) } else { Err(incomplete(format!("no {what}"))) };
        };
        let total = *self.total.get_or_insert(page.total_count);
        if total != page.total_count {
            return Err(incomplete(format!("{total} {what} and then {}", page.total_count)));
        }
        if total > Self::MOST {
            return Err(Failure::new(format!("{total} {what} are more than the {} that are read", Self::MOST)));
        }
        let before = self.nodes.len();
        for node in page.nodes {
            self.nodes.push(node.ok_or_else(|| incomplete(format!("a null among the {what}")))?);
        }
        let count = self.nodes.len();
        match (page.page_info.has_next_page, page.page_info.end_cursor) {
            (false, _) if count == total => self.ended = true,
            (true, Some(cursor)) if before < count && count < total => self.cursor = Some(cursor),
            _ => return Err(incomplete(format!("{count} of {total} {what}"))),
        }
        Ok(())
    }

    pub(super) fn into_nodes(self) -> Vec<T> {
        self.nodes
    }
}

pub(super) fn incomplete(gave: String) -> Failure {
    Failure::new(format!("GitHub's answer is not whole: it gave {gave}"))
        .help("ask again; the pull request may have changed while it was read, or the token may not see all of it")
}
