//! Reports inside of archives. The archives are made here, by the libraries that others make them with.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;
use crate::tests::results::Stamp;

type Files<'a> = &'a [(&'a str, &'a [u8])];

const POLICY: &str = "reports = ['out/*']";
const RED: &[u8] = b"<testsuite><testcase name='x'/>\n<testcase name='y'><failure/></testcase></testsuite>";

fn zipped(files: Files<'_>) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn tar_of(files: Files<'_>) -> Vec<u8> {
    let mut tar = Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // The library would refuse what leads out.
        if name.contains("..") || name.starts_with('/') {
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            tar.append(&header, *bytes).unwrap();
        } else {
            tar.append_data(&mut header, name, *bytes).unwrap();
        }
    }
    tar.into_inner().unwrap()
}

fn tarred(files: Files<'_>) -> Vec<u8> {
    gzipped(&tar_of(files))
}

type Make = fn(Files<'_>) -> Vec<u8>;

const MAKERS: [(&str, Make); 2] = [("zip", zipped), ("tar.gz", tarred)];

fn ask_of(archive: &[u8], settings: &str) -> Outcome {
    reports(&[("out/x.bin", archive)]).ask::<Tests>(&format!("{POLICY}\n{settings}")).unwrap()
}

/// The one finding, after its place.
fn unresolved(archive: &[u8], settings: &str) -> String {
    let outcome = ask_of(archive, settings);
    assert_eq!(verdict(&outcome), Verdict::Unresolved, "{:?}", lines(&outcome));
    let lines = said(&outcome).split_off(1);
    let [line] = &*lines else { panic!("{lines:?}") };
    line.strip_prefix("unresolved tests/unreadable-report ").unwrap().to_owned()
}

#[test]
fn each_member_that_is_named_like_a_report_is_one_and_the_rest_is_left_alone() {
    let long = format!("{}/r.xml", "long".repeat(40));
    for (kind, make) in MAKERS {
        let outcome = ask_of(&make(&[("a/r.xml", RED), (&long, GREEN), ("notes.txt", b"x"), ("a/", b"")]), "");
        assert_eq!(
            said(&outcome),
            ["1 of 4 tests failed, 1 skipped", "error tests/failed-test out/x.bin!/a/r.xml:2 `y` failed"],
            "{kind}"
        );
    }
}

#[test]
fn a_folder_may_hold_archives_beside_reports() {
    for (kind, make) in MAKERS {
        let name = format!("out/deep/e2e.{kind}");
        let fake = reports(&[("out/r.xml", GREEN), (&name, &make(&[("r.xml", b"<testcase name='other'/>")]))]);
        let outcome = fake.ask::<Tests>("reports = ['out/']").unwrap();
        assert_eq!(said(&outcome), ["3 tests passed, 1 skipped"]);
    }
}

/// `tests/copied-report`
#[test]
fn edge_29_a_report_that_an_archive_holds_twice_counts_once() {
    for (kind, make) in MAKERS {
        let fake = reports(&[("out/r.xml", GREEN), ("out/x.bin", &make(&[("1/r.xml", GREEN), ("2/r.xml", GREEN)]))]);
        let outcome = fake.ask::<Tests>(POLICY).unwrap();
        assert_eq!(said(&outcome)[0], "2 tests passed, 1 skipped", "{kind}");
        assert_eq!(said(&outcome).len(), 3);
    }
}

#[test]
fn edge_30_names_that_lead_out_are_unresolved() {
    for (kind, make) in MAKERS {
        for name in ["../../r.xml", "a/../../r.xml", "/etc/r.xml", "..\\r.xml", "C:\\r.xml", "../passwd"] {
            let outcome = ask_of(&make(&[("a.xml", GREEN), (name, GREEN)]), "");
            let at = format!("out/x.bin!/{name}");
            assert_eq!(
                said(&outcome)[1..],
                [format!("unresolved tests/unreadable-report {at} `{at}` has a name that leads out of the archive")],
                "{kind}"
            );
        }
    }
}

#[test]
fn edge_30_links_in_archives_are_unresolved() {
    let mut tar = Builder::new(Vec::new());
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, "r.xml", "/etc/passwd").unwrap();
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.add_symlink("r.xml", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    for archive in [gzipped(&tar.into_inner().unwrap()), zip.finish().unwrap().into_inner()] {
        assert_eq!(unresolved(&archive, ""), "out/x.bin!/r.xml `out/x.bin!/r.xml` is a link, and no file");
    }
}

/// T25
#[test]
fn t25_an_archive_that_unpacks_to_too_much_names_the_limit() {
    let bomb = format!("<testsuite><testcase name='a'/>{}</testsuite>", " ".repeat(16 << 20));
    let ratio = "out/x.bin `out/x.bin` cannot be read: it unpacks to more than the limit `archives.ratio` of 200 times its size";
    let bytes =
        "out/x.bin `out/x.bin` cannot be read: it unpacks to more than the limit `archives.bytes` of 1000000 bytes";
    let files = "out/x.bin `out/x.bin` cannot be read: it holds more files than the limit `archives.files` of 2";
    for (kind, make) in MAKERS {
        let archive = make(&[("r.xml", bomb.as_bytes())]);
        assert!(archive.len() < 20_000);
        let said = said(&ask_of(&archive, ""));
        assert_eq!(said.last().unwrap(), &format!("unresolved tests/unreadable-report {ratio}"), "{kind}");
        let said = super::said(&ask_of(&archive, "archives.bytes = 1000000"));
        assert_eq!(said.last().unwrap(), &format!("unresolved tests/unreadable-report {bytes}"), "{kind}");
        assert_eq!(verdict(&ask_of(&archive, "archives.ratio = 2000")), Verdict::Passed, "{kind}");
        let many = make(&[("a.txt", b"1"), ("b.txt", b"2"), ("r.xml", GREEN)]);
        assert_eq!(unresolved(&many, "archives.files = 2"), files);
        let mut fake = reports(&[("out/x.bin", &many)]);
        fake.limits.file_bytes = 100;
        let outcome = fake.ask::<Tests>(POLICY).unwrap();
        assert!(lines(&outcome)[0].ends_with("larger than the limit `file-bytes` of 100 bytes"));
    }
    // Of what is no report a zip need not unpack anything; a stream has to be.
    let beside: Files<'_> = &[("r.xml", GREEN), ("core", bomb.as_bytes())];
    assert_eq!(verdict(&ask_of(&zipped(beside), "")), Verdict::Passed);
    assert_eq!(unresolved(&tarred(beside), ""), ratio);
    // A name of any length would be kept in memory.
    let mut tar = Builder::new(Vec::new());
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::GNULongName);
    header.set_size(1 << 20);
    header.set_cksum();
    tar.append(&header, &*vec![b'a'; 1 << 20]).unwrap();
    let archive = gzipped(&tar.into_inner().unwrap());
    assert!(unresolved(&archive, "").ends_with("a name in it is longer than the limit of 65536 bytes"));
}

#[test]
fn bounds_of_nothing_are_a_mistake() {
    assert_eq!(
        mistakes("reports = ['a']\narchives.bytes = 0"),
        ["archives.bytes: a bound of 0 lets no archive through: name files instead"]
    );
}

#[test]
fn no_archive_that_was_cut_is_a_pass() {
    for (kind, make) in MAKERS {
        let archive = make(&[("a.xml", GREEN), ("b.xml", b"<testcase name='other'/>")]);
        assert_eq!(verdict(&ask_of(&archive, "")), Verdict::Passed);
        for cut in 0..archive.len() {
            let verdict = verdict(&ask_of(&archive[..cut], ""));
            assert_eq!(verdict, Verdict::Unresolved, "{kind} cut at byte {cut}");
        }
    }
    // Cut before it was compressed, between two files and between the blocks that end it.
    let tar = tar_of(&[("a.xml", GREEN), ("b.xml", GREEN)]);
    for cut in (0..tar.len()).step_by(512) {
        assert_ne!(verdict(&ask_of(&gzipped(&tar[..cut]), "")), Verdict::Passed, "cut at byte {cut}");
    }
    let twice = [tar_of(&[("a.xml", GREEN)]), tar_of(&[("b.xml", RED)])].concat();
    let said = said(&ask_of(&gzipped(&twice), ""));
    assert!(said[1].ends_with("something follows the blocks that end it"), "{said:?}");
}

#[test]
fn a_byte_of_an_archive_that_was_changed_is_never_another_pass() {
    for (kind, make) in MAKERS {
        let archive = make(&[("a.xml", RED), ("b.xml", GREEN)]);
        for at in 0..archive.len() {
            let mut changed = archive.clone();
            changed[at] ^= 0x15;
            assert_ne!(verdict(&ask_of(&changed, "")), Verdict::Passed, "{kind} at byte {at}");
        }
    }
}

#[test]
fn archives_that_hide_what_they_hold_are_unresolved() {
    let at = "out/x.bin `out/x.bin` cannot be read: ";
    let position = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).position(|it| it == what).unwrap();
    // Bit 0 of the flags, in the member's header and in the directory.
    let mut encrypted = zipped(&[("a.xml", GREEN)]);
    for (header, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let header = position(&encrypted, header);
        encrypted[header + flags] |= 1;
    }
    assert_eq!(unresolved(&encrypted, ""), format!("{at}it is encrypted"));
    // Two files of one name: which one is meant?
    let two = zipped(&[("a.xml", RED), ("b.xml", GREEN)]);
    let mut twins = two.clone();
    while let Some(name) = twins.windows(5).position(|it| it == b"b.xml") {
        twins[name] = b'a';
    }
    assert_eq!(
        unresolved(&twins, ""),
        format!("{at}two of its files have one name, so nobody knows which one is meant")
    );
    // Both names lead to the same bytes.
    let mut shared = two;
    let directory = position(&shared, b"PK\x01\x02");
    let second = directory + 4 + position(&shared[directory + 4..], b"PK\x01\x02");
    shared[second + 42..second + 46].fill(0);
    assert_ne!(verdict(&ask_of(&shared, "")), Verdict::Passed);
}

#[test]
fn an_archive_in_an_archive_is_unresolved_and_so_is_one_without_reports() {
    for (kind, make) in MAKERS {
        for name in ["x.zip", "x.tgz", "x.tar.gz"] {
            let nested = make(&[(name, &make(&[("r.xml", GREEN)]))]);
            let at = format!("out/x.bin!/{name}");
            let expected = format!("{at} `{at}` is an archive inside of an archive, which is not read");
            assert_eq!(unresolved(&nested, ""), expected, "{kind}");
        }
        // Called otherwise, it is no report.
        assert!(unresolved(&make(&[("r.xml", &make(&[("r.xml", GREEN)]))]), "").contains("is no test report"));
        for (files, count) in [(&[][..], 0), (&[("r.log", GREEN)], 1)] {
            let expected =
                format!("out/x.bin `out/x.bin` holds no report: none of its {count} files is named like one");
            assert_eq!(unresolved(&make(files), ""), expected, "{kind}");
        }
    }
    assert!(unresolved(&gzipped(GREEN), "").contains("it is cut, damaged, or no tar"));
    assert!(unresolved(&gzipped(b""), "").contains("the blocks that end it are missing"));
}

#[test]
fn t08_a_stamp_in_an_archive_binds_its_reports_and_one_beside_it_binds_the_archive() {
    const HEAD: &str = "0123456789abcdef0123456789abcdef01234567";
    const OTHER: &str = "fedcba9876543210fedcba9876543210fedcba98";
    let stamp = |commit: &str, name: &str, report: &[u8]| {
        let reports = [(name.to_owned(), Stamp::digest(report).unwrap())].into();
        serde_json::to_string(&Stamp {
            version: Stamp::VERSION,
            commit: commit.into(),
            run: None,
            edited: Default::default(),
            reports,
        })
        .unwrap()
    };
    let ask = |files: Files<'_>| {
        let mut fake = reports(files);
        fake.in_ci = true;
        fake.change.head = Some(HEAD.into());
        fake.change.committed = Some("2026-11-18T10:00:00Z".parse().unwrap());
        fake.shipment = Some(super::binding::made_from(&["base"]));
        lines(&fake.ask::<Tests>(POLICY).unwrap())
    };
    for (kind, make) in MAKERS {
        let of = |stamp: &str| {
            ask(&[("out/x.bin", &make(&[("a/predeploy-stamp.json", stamp.as_bytes()), ("a/b/r.xml", GREEN)]))])
        };
        assert_eq!(of(&stamp(HEAD, "b/r.xml", GREEN)), [""; 0], "{kind}");
        let at = "out/x.bin!/a/b/r.xml `out/x.bin!/a/b/r.xml`";
        assert_eq!(
            of(&stamp(OTHER, "b/r.xml", GREEN)),
            [format!(
                "error tests/other-commit {at} was made from fedcba987654, by its stamp `out/x.bin!/a/predeploy-stamp.json`, and not from 0123456789ab"
            )]
        );
        assert!(of(&stamp(HEAD, "b/r.xml", RED))[0].contains("tests/stamp-differs"));
        assert!(of("{")[0].contains("tests/unreadable-stamp"));
        assert!(of(&stamp(HEAD, "elsewhere.xml", GREEN))[0].contains("tests/unbound-report"));
        let archive = make(&[("r.xml", GREEN)]);
        let beside = |commit| {
            ask(&[("out/x.bin", &archive), ("out/predeploy-stamp.json", stamp(commit, "x.bin", &archive).as_bytes())])
        };
        assert_eq!(beside(HEAD), [""; 0]);
        assert!(beside(OTHER)[0].contains("tests/other-commit"));
    }
}

#[test]
fn t08_an_archive_that_git_tracks_never_counts() {
    let mut fake = reports(&[("out/x.zip", &zipped(&[("r.xml", GREEN)]))]);
    fake.tracked = vec!["out/x.zip".into()];
    assert_eq!(verdict(&fake.ask::<Tests>(POLICY).unwrap()), Verdict::Blocked);
}

#[test]
fn the_results_of_the_base_may_be_an_archive() {
    let base = zipped(&[("r.xml", b"<testsuite><testcase name='a'/><testcase name='gone'/></testsuite>")]);
    let fake = reports(&[("out/r.xml", b"<testsuite><testcase name='a'/></testsuite>"), ("base/x.zip", &base)]);
    let policy = "[[layer]]\nname = 'unit'\nreports = ['out/*.xml']\nbase-results = ['base/*']";
    assert_eq!(
        said(&fake.ask::<Tests>(policy).unwrap()),
        ["1 test passed", "warning tests/disappeared-test the test `gone` of the base is gone"]
    );
}

#[test]
fn a_report_that_was_compressed_alone_is_read() {
    let ask = |files: Files<'_>| said(&reports(files).ask::<Tests>("bound = 'off'\nreports = ['out/']").unwrap());
    let (green, red) = (gzipped(b"<testcase name='other'/>"), gzipped(RED));
    assert!(ask(&[("out/a.xml", GREEN), ("out/b.xml.gz", &green)])[0].starts_with("3 tests passed"));
    for name in ["out/b.xml.gz", "out/B.XML.GZ", "out/deep/b.json.gz"] {
        let said = ask(&[("out/a.xml", GREEN), (name, &red)]);
        assert!(said[1].starts_with("error tests/failed-test"), "{name}: {said:?}");
    }
    let cut = ask(&[("out/b.xml.gz", &green[..green.len() - 3])]);
    assert!(cut[1].starts_with("unresolved tests/unreadable-report out/b.xml.gz!/b.xml"), "{cut:?}");
    // In an archive it is one more.
    for (kind, make) in MAKERS {
        let at = "out/x.bin!/b.xml.gz";
        let expected = format!(
            "unresolved tests/unreadable-report {at} `{at}` is an archive inside of an archive, which is not read"
        );
        assert!(said(&ask_of(&make(&[("a.xml", GREEN), ("b.xml.gz", &red)]), "")).contains(&expected), "{kind}");
    }
}

#[test]
fn t25_a_report_compressed_alone_is_bounded() {
    let bomb = format!("<testsuite><testcase name='a'/>{}</testsuite>", " ".repeat(16 << 20));
    let packed = gzipped(bomb.as_bytes());
    let said = said(&reports(&[("out/r.xml.gz", &packed)]).ask::<Tests>("reports = ['out/']").unwrap()).join("; ");
    assert!(said.contains("the limit `archives.ratio` of 200 times its size"), "{said}");
}

#[test]
fn an_archive_behind_another_one_is_unresolved() {
    let (one, two) = (zipped(&[("a.xml", GREEN)]), zipped(&[("b.xml", RED)]));
    for (before, after) in [(&one, &two), (&two, &one), (&two, &zipped(&[]))] {
        let said = unresolved(&[&**before, after].concat(), "");
        assert!(said.contains("bytes stand before its first file"), "{said}");
    }
}
