//! The numbered edge cases of reviews that CODEOWNERS alone can show.

use crate::review::codeowners::{
    Codeowners, Inert, MOST_PARTS, MOST_WILDCARDS, Owned, Owner, PLACES, TOO_LARGE, Wrong, find,
};
use crate::{Failure, OwnersMistake};

/// Line number and owners, or why nobody.
fn who(read: &Codeowners, path: &str) -> String {
    match read.of(path) {
        Owned::Unmatched => "unmatched".into(),
        Owned::Unowned(line) => format!("{} unowned", line.number),
        Owned::Owners(line) => {
            let owners: Vec<String> = line.owners.iter().map(ToString::to_string).collect();
            format!("{} {}", line.number, owners.join(" "))
        }
    }
}

/// The lines that are told as mistakes, with column and kind.
fn mistakes(text: &str) -> Vec<(u32, u32, Wrong)> {
    Codeowners::parse(text).mistakes().iter().map(|mistake| (mistake.line, mistake.column, mistake.wrong)).collect()
}

#[test]
fn edge_17_owners_differ_by_more_than_case() {
    let read = Codeowners::parse("* @Ada @shop/Payments Ada@Example.com @ada\n");
    let owners = read.of("x").owners();
    assert_eq!(owners.len(), 3, "the same twice is once");
    assert_eq!(owners[0], Owner::User("aDA".into()));
    assert_eq!(owners[1], Owner::Team("Shop/payments".into()));
    assert_eq!(owners[2], Owner::Email("ada@example.COM".into()));
    assert!(owners[0].is_login("ADA") && !owners[0].is_login("ad"));
    assert_ne!(Owner::User("a".into()), Owner::Email("a".into()));
    let mut sorted = vec![Owner::User("b".into()), Owner::User("A".into()), Owner::User("B".into())];
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted, [Owner::User("a".into()), Owner::User("b".into())]);
}

#[test]
fn edge_25_the_first_place_that_has_a_file_decides() {
    assert_eq!(PLACES, [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"]);
    for (at, place) in PLACES.into_iter().enumerate() {
        let mut asked = vec![];
        let found = find(|path| {
            asked.push(path.to_owned());
            Ok(PLACES[at..].contains(&path).then(String::new))
        });
        // An empty one decides too: nobody owns anything.
        assert_eq!(found.unwrap().unwrap().path, place);
        assert_eq!(asked, PLACES[..=at]);
    }
    assert_eq!(find(|_| Ok(None)), Ok(None));
    // What cannot be read is not passed over.
    let failure = find(|path| if path == PLACES[0] { Err(Failure::new("no")) } else { Ok(Some(String::new())) });
    assert_eq!(failure.unwrap_err().message, "no");
}

#[test]
fn edge_26_a_file_of_three_megabytes_is_an_error_and_a_smaller_one_is_read() {
    let of_size =
        |size: usize| find(move |path| Ok((path == "CODEOWNERS").then(|| format!("* @a{}", " ".repeat(size - 4)))));
    assert!(of_size(TOO_LARGE - 1).unwrap().is_some());
    let failure = of_size(TOO_LARGE).unwrap_err();
    assert!(failure.message.contains("`CODEOWNERS` has 3000000 bytes: GitHub loads none"), "{failure}");
}

#[test]
fn t25_a_file_that_would_take_too_long_or_too_much_is_an_error_with_the_limits_name() {
    let of = |text: String| find(move |_| Ok(Some(text.clone()))).map(|found| found.is_some());
    assert_eq!(of("*a*\n".repeat(MOST_WILDCARDS)), Ok(true));
    let failure = of("*a*\n".repeat(MOST_WILDCARDS + 1)).unwrap_err();
    assert!(failure.message.contains("has more than 10000 lines with `*` or `?`"), "{failure}");
    assert_eq!(of(format!("# *\n{}", "# ?\n".repeat(MOST_WILDCARDS))), Ok(true));
    assert_eq!(of(format!("a{}", "/a".repeat(MOST_PARTS))), Ok(true));
    let failure = of(format!("a{}\n/b", "/a".repeat(MOST_PARTS))).unwrap_err();
    assert!(failure.message.contains("has more than 500000 `/`"), "{failure}");
}

#[test]
fn edge_26_the_last_match_decides_and_may_name_nobody() {
    let read = Codeowners::parse("/apps/ @a @b\n/apps/github\n/apps/github/keys @c\n");
    assert_eq!(who(&read, "apps/x"), "1 @a @b");
    assert_eq!(who(&read, "apps/github/x"), "2 unowned");
    assert_eq!(who(&read, "apps/github/keys/x"), "3 @c");
    assert_eq!(who(&read, "README.md"), "unmatched");
    let reversed = Codeowners::parse("/apps/github/keys @c\n/apps/github\n/apps/ @a @b\n");
    assert_eq!(who(&reversed, "apps/github/keys/x"), "3 @a @b");
}

#[test]
fn edge_27_what_gitignore_knows_and_codeowners_does_not_is_a_mistake_and_skipped() {
    let text = "* @all\n!/apps/ @a\n\\#notes @b\n/src/C#/ @c\n***/*.rb @d\n*.txt docs@\nend\\ @e\n";
    assert_eq!(
        mistakes(text),
        [
            (2, 1, Wrong::InvalidPattern),
            (3, 2, Wrong::InvalidPattern),
            (4, 7, Wrong::InvalidPattern),
            (5, 1, Wrong::InvalidPattern),
            (6, 7, Wrong::InvalidOwner),
        ]
    );
    let read = Codeowners::parse(text);
    for path in ["apps/x", "#notes", "src/C#/x", "a/b.rb", "a.txt"] {
        assert_eq!(who(&read, path), "1 @all", "the line before decides about {path}");
    }
    // A blank that is escaped is part of the pattern, and then nobody is named.
    assert_eq!(who(&read, "end @e"), "7 unowned");
    assert_eq!(mistakes("a/b\\ "), []);
    assert_eq!(mistakes("a/b\\"), [(1, 4, Wrong::InvalidPattern)]);
    assert_eq!(mistakes("a\\/b @a"), [(1, 2, Wrong::InvalidPattern)]);
}

#[test]
fn edge_27_an_invalid_line_takes_no_other_with_it() {
    let read = Codeowners::parse("/a @one\n/a nobody\n/a @x @y/z/w\n/b @two\n");
    assert_eq!(who(&read, "a"), "1 @one");
    assert_eq!(who(&read, "b"), "4 @two");
    assert_eq!(read.lines().len() + read.mistakes().len(), 4);
}

#[test]
fn edge_27_comments_blanks_and_ends_of_lines() {
    let text =
        "\u{feff}# first\r\n\r\n  \t\n   # indented\r\n/a\t@a  @b # why @c\r\n  /b @d#and @e\r\n/c # nobody\r\n/d";
    let read = Codeowners::parse(text);
    assert_eq!(read.mistakes(), []);
    assert_eq!(who(&read, "a"), "5 @a @b");
    assert_eq!(who(&read, "b"), "6 @d");
    assert_eq!(who(&read, "c"), "7 unowned");
    assert_eq!(who(&read, "d"), "8 unowned");
    assert_eq!(read.lines().iter().map(|line| line.pattern.as_str()).collect::<Vec<_>>(), ["/a", "/b", "/c", "/d"]);
    assert!(Codeowners::parse("").lines().is_empty());
}

#[test]
fn edge_27_case_matters_in_paths() {
    let read = Codeowners::parse("/Docs/ @a\n*.MD @b\n");
    assert_eq!(who(&read, "docs/x"), "unmatched");
    assert_eq!(who(&read, "Docs/x"), "1 @a");
    assert_eq!(who(&read, "x.md"), "unmatched");
}

#[test]
fn edge_28_owners_that_the_forge_refuses_are_among_the_inert_lines() {
    let read = Codeowners::parse("* @all\n/a @ghost\n*.txt docs@\n");
    let forge = |line: u32, kind: &str| OwnersMistake { line, kind: kind.into(), message: format!("{kind} on {line}") };
    let inert = read.inert(None, &[forge(3, "Invalid owner"), forge(2, "Unknown owner")]);
    let told: Vec<_> = inert.iter().map(|inert| (inert.line, &inert.why)).collect();
    assert_eq!(told, [(2, &Inert::Forge("Unknown owner".into())), (3, &Inert::InvalidOwner)]);
}

#[test]
fn edge_29_an_address_is_an_owner_and_nobodys_login() {
    let read = Codeowners::parse("*.go docs@example.com\n*.rs a.b+c@mail.example.co.uk\n");
    let owner = &read.of("a.go").owners()[0];
    assert!(matches!(owner, Owner::Email(address) if address == "docs@example.com"));
    assert!(!owner.is_login("docs") && !owner.is_login("docs@example.com"));
    assert_eq!(read.of("a.rs").owners()[0].to_string(), "a.b+c@mail.example.co.uk");
    for wrong in ["docs@", "@", "docs", "@a@b", "a@b", "@/team", "@org/", "@a/b/c", "docs@.com", "a@b..c", "@a[bot]"] {
        assert_eq!(mistakes(&format!("* {wrong}")), [(1, 3, Wrong::InvalidOwner)], "{wrong}");
    }
    for right in ["@a-b_c", "@a/b.c", "@Org-1/team_2"] {
        assert_eq!(mistakes(&format!("* {right}")), [], "{right}");
    }
}

#[test]
fn edge_32_sections_of_gitlab_are_mistakes_not_rules() {
    let text = "[Docs] @docs\n*.md @a\n^[Optional][2] @b\n[Two words] @c\n[Plain]\n/x [role] @d\n";
    assert_eq!(
        mistakes(text),
        [
            (1, 1, Wrong::Section),
            (3, 1, Wrong::Section),
            (4, 1, Wrong::Section),
            (5, 1, Wrong::Section),
            (6, 4, Wrong::InvalidOwner)
        ]
    );
    let read = Codeowners::parse(text);
    // No default owner, no second approval: a line stands for itself.
    assert_eq!(who(&read, "README.md"), "2 @a");
    assert_eq!(who(&read, "main.rs"), "unmatched");
    // To GitHub it is a path like any other.
    assert_eq!(who(&read, "[Docs]"), "1 @docs");
    assert_eq!(mistakes("/[id]/ @a\n[slug].tsx @b\n"), []);
}
