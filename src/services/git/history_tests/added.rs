//! The lines that a change adds.

use predeploy_gates::Added;

use super::{History, Repo, numbered};

#[test]
fn added_and_edited_lines_are_told_by_file() {
    let repo = Repo::new();
    let base = repo.git(&["rev-parse", "HEAD"]);
    let edited = format!("{}new\n", numbered(&[(3, "three")]));
    repo.with("a.txt", &edited).with("new.txt", "1\n2\n").with("b.txt", "").with("data.bin", "\0\n");
    repo.with("large.txt", &"x\n".repeat(3 << 20));
    let head = repo.commit("change");
    let added = repo.history().added_lines(&base, &head).unwrap();
    let lines = |ranges: &[std::ops::RangeInclusive<u32>]| Added::Lines(ranges.to_vec());
    let expected = [
        ("a.txt".to_owned(), lines(&[3..=3, 11..=11])),
        ("data.bin".to_owned(), Added::Everything),
        ("large.txt".to_owned(), Added::Everything),
        ("new.txt".to_owned(), lines(&[1..=2])),
    ];
    assert_eq!(added, expected.into());
    assert!(added["a.txt"].holds(11) && !added["a.txt"].holds(4) && added["data.bin"].holds(4));
    assert!(repo.history().added_lines(&base, &"0".repeat(40)).is_err());
}

#[test]
fn a_renamed_file_adds_what_was_edited_in_it() {
    let repo = Repo::new();
    let base = repo.git(&["rev-parse", "HEAD"]);
    repo.git(&["mv", "a.txt", "moved.txt"]);
    let moved = repo.commit("move");
    assert_eq!(repo.history().added_lines(&base, &moved).unwrap(), [].into());
    repo.with("moved.txt", &numbered(&[(10, "ten")]));
    let edited = repo.commit("edit");
    let expected = [("moved.txt".to_owned(), Added::Lines(vec![10..=10]))];
    assert_eq!(repo.history().added_lines(&base, &edited).unwrap(), expected.into());
}
