//! GitHub's dialect.

use super::{Codeowners, Owned};

#[test]
fn the_last_match_decides() {
    let read = Codeowners::parse("* @a\n/db/ @shop/db @b # both\n/db/seeds\n!/x @c\n");
    assert_eq!(read.of("db/x.sql").owners().len(), 2);
    assert!(matches!(read.of("db/seeds/x.sql"), Owned::Unowned(line) if line.number == 3));
    assert_eq!(read.of("README.md").line().unwrap().number, 1);
    assert_eq!(read.mistakes().len(), 1);
}
