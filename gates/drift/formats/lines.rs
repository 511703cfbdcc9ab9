//! From offsets of a parser to lines and columns.

use crate::{Position, Span};

/// Characters between two places of a text that are remembered.
const STRIDE: usize = 64;

/// Finds positions in a text without counting from its start, or from that of a long line, each time.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Where each line starts, in bytes and in characters. In ASCII these are the same, and only the first are kept.
    starts: Vec<usize>,
    characters: Vec<usize>,
    /// Characters of the whole text.
    count: usize,
    /// The offset in bytes of every [`STRIDE`]th character.
    strides: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub fn of(text: &'a str) -> Self {
        if text.is_ascii() {
            let starts = std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
            let (starts, none) = (starts.collect(), Vec::new());
            return Self { text, starts, characters: none.clone(), count: text.len(), strides: none };
        }
        let (mut starts, mut characters, mut strides, mut count) = (vec![0], vec![0], vec![], 0);
        for (number, (at, c)) in text.char_indices().enumerate() {
            count = number + 1;
            if number % STRIDE == 0 {
                strides.push(at);
            }
            if c == '\n' {
                starts.push(at + 1);
                characters.push(number + 1);
            }
        }
        Self { text, starts, characters, count, strides }
    }

    pub fn at_byte(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        position(line, offset.min(self.text.len()).saturating_sub(self.starts[line - 1]))
    }

    pub fn bytes(&self, range: std::ops::Range<usize>) -> Span {
        Span { start: self.at_byte(range.start), end: self.at_byte(range.end.max(range.start)) }
    }

    /// Of a 1-based line and a 0-based column in characters.
    pub fn at_char(&self, line: usize, column: usize) -> Position {
        let line = line.max(1);
        if self.characters.is_empty() {
            let start = self.starts.get(line - 1).copied().unwrap_or(self.text.len());
            let end = self.starts.get(line).copied().unwrap_or(self.text.len());
            return position(line, column.min(end - start));
        }
        let (Some(start), Some(before)) = (self.starts.get(line - 1), self.characters.get(line - 1)) else {
            return position(line, 0);
        };
        let number = before.saturating_add(column);
        // Where a line has as many bytes as characters, nothing needs to be counted.
        let next = |starts: &[usize], end: usize| starts.get(line).copied().unwrap_or(end);
        let (bytes, chars) = (next(&self.starts, self.text.len()), next(&self.characters, self.count));
        if bytes - start == chars - before {
            return position(line, column.min(bytes - start));
        }
        let byte = self.strides.get(number / STRIDE).map_or(self.text.len(), |from| {
            let rest = self.text[*from..].chars().take(number % STRIDE);
            from + rest.map(char::len_utf8).sum::<usize>()
        });
        position(line, byte.saturating_sub(*start))
    }
}

fn position(line: usize, bytes_before: usize) -> Position {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Position { line: number(line), column: number(bytes_before.saturating_add(1)) }
}
