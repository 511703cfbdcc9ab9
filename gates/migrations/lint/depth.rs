//! How deep the syntax tree of a text may become, told before anything that recurses meets it.
//!
//! Parsers descend once for each bracket and each operator, and a tree that is too deep ends the program. Every word of an
//! item of a list may nest once at most, so that the sum over the open brackets bounds the depth.

use super::statement::Statement;

/// Deepest tree that is parsed. Nothing that people write comes near it.
pub(super) const DEEPEST: usize = 2_000;

/// Enough stack for a tree of that depth, in bytes; a page of it is used only when it is needed.
pub(super) const STACK: usize = 64 << 20;

/// A bound on the depth of the deepest statement.
pub(super) fn of(statements: &[Statement<'_>]) -> usize {
    statements.iter().map(statement).max().unwrap_or(0)
}

fn statement(statement: &Statement<'_>) -> usize {
    /// What is known of an open bracket: words of the item at hand, its deepest bracket, and the deepest item so far.
    #[derive(Clone, Copy, Default)]
    struct Level {
        words: usize,
        inner: usize,
        deepest: usize,
    }
    impl Level {
        fn close(&mut self) -> usize {
            self.deepest = self.deepest.max(self.words + self.inner);
            (self.words, self.inner) = (0, 0);
            self.deepest
        }
    }
    let mut levels = vec![Level::default()];
    let mut bound = 0;
    for word in &statement.words {
        match word.text {
            "(" | "[" => levels.push(Level::default()),
            ")" | "]" if levels.len() > 1 => {
                let depth = levels.pop().map_or(0, |mut level| level.close()) + 1;
                if let Some(level) = levels.last_mut() {
                    level.inner = level.inner.max(depth);
                    level.words += 1;
                }
            }
            "," | ";" => {
                if let Some(level) = levels.last_mut() {
                    level.close();
                }
            }
            _ => {
                if let Some(level) = levels.last_mut() {
                    level.words += 1;
                }
            }
        }
        bound = bound.max(levels.len());
    }
    while let Some(mut level) = levels.pop() {
        let depth = level.close() + 1;
        bound = bound.max(depth);
        if let Some(above) = levels.last_mut() {
            above.inner = above.inner.max(depth);
        }
    }
    bound
}

#[cfg(test)]
mod tests {
    use super::super::statement::read;
    use super::*;

    #[test]
    fn brackets_and_operators_nest_and_lists_do_not() {
        let depth = |sql: &str| of(&read(sql, 0, None).0);
        let n = 3_000;
        let nested = [
            format!("SELECT {}1{}", "(".repeat(n), ")".repeat(n)),
            format!("SELECT {}", "(".repeat(n)),
            format!("SELECT 1{}", "+1".repeat(n)),
            format!("SELECT 1{}", "+(1)".repeat(n)),
            format!("SELECT {} true", "NOT ".repeat(n)),
            format!("SELECT {}1{}", "CASE WHEN a THEN ".repeat(n), " END".repeat(n)),
            format!("SELECT 1{}", " UNION SELECT 1".repeat(n)),
            format!("SELECT {}1{}", "ARRAY[1,".repeat(n), "]".repeat(n)),
        ];
        for sql in nested {
            assert!(depth(&sql) > DEEPEST, "{}", &sql[..40]);
        }
        assert!(depth(&format!("INSERT INTO t VALUES {}(1)", "(1, -2, 'x'),".repeat(n))) < 20);
        assert!(depth(&"SELECT 1;".repeat(n)) < 5);
    }
}
