//! The traps of each format.

use super::*;

/// The numbered traps of lcov, from the manual of lcov 2 and from tickets of those who read it.
#[test]
fn edge_2b_lcov_in_every_dialect() {
    let two = "TN:t\nVER:1\nSF:a.c\n# a comment\nFNL:0,1,3\nFNA:0,1,operator,()\nFN:1,3,f\nFNDA:1,f\nFNF:1\nFNH:1\nBRDA:1,e0,x ? y, z,-\n\
        BRDA:2,0,0,-\nBRF:2\nBRH:0\nMCDC:2,1,t,1,0,expr\nMRF:1\nMRH:0\nDA:1,99999999999999999999,abc==\nDA:2,-3\nDA:3,1e3\nDA:4,0\nLF:4\nLH:2\nend_of_record\n";
    assert_eq!(counted(two, &["a.c"]), "50.00 % of 4 lines covered");
    assert_eq!(counted(&two.replace('\n', "\r\n"), &["a.c"]), "50.00 % of 4 lines covered");
    // Sections of one file complement each other.
    let repeated = lcov(&[("a.c", &[(1, 1), (2, 0)]), ("b.c", &[(1, 0)]), ("a.c", &[(1, 0), (2, 1)])]);
    assert_eq!(counted(&repeated, &["a.c", "b.c"]), "66.66 % of 3 lines covered");
    assert_eq!(
        counted(&repeated.replace("SF:a.c", r"SF:C:\w\shop\src\a.c"), &["src/a.c", "b.c"]),
        "66.66 % of 3 lines covered"
    );
    for wrong in [
        "SF:a.c\nLF:10\nLH:9\nend_of_record\n",
        "TN:\n",
        "SF:a.c\nDA:1,1\n",
        "SF:a.c\nDA:1,1\nSF:b.c\nDA:1,1\nend_of_record\n",
        "DA:1,1\nend_of_record\n",
        "SF:a.c\nDA:x,1\nend_of_record\n",
        "Filename      Regions    Missed Regions     Cover\na.c   3  1  66%\n",
        "SF:a.c\nFilename Regions\nend_of_record\n",
        "",
        "  \n",
    ] {
        let told = told(&with(wrong, &[("a.c", "")]), "minimum = '0%'");
        assert!(told[1].starts_with("unresolved tests/unreadable-coverage"), "{wrong}: {told:?}");
    }
}

#[test]
fn edge_2b_cobertura_knows_sources_classes_and_odd_hits() {
    let class = |name: &str, lines: &str| format!("<class filename='{name}'><methods/><lines>{lines}</lines></class>");
    let report = |sources: &str, classes: &str| {
        format!(
            "<!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'><coverage line-rate='1'><sources>{sources}</sources><packages><package><classes>{classes}</classes></package></packages></coverage>"
        )
    };
    let several = class("a.py", "<line number='1' hits='0'/><line number='2' hits='1.5'/>")
        + &class(
            "a.py",
            "<line number='1' hits='99999999999999999999999'/><line number='3' hits='0' branch='true' condition-coverage='50% (1/2)'/>",
        );
    let absolute = report("<source>/ci/shop/src</source>", &several);
    assert_eq!(counted(&absolute, &["src/a.py", "other/a.py"]), "66.66 % of 3 lines covered");
    let relative = report("<source>src</source>", &several);
    assert_eq!(counted(&relative, &["src/a.py", "other/a.py"]), "66.66 % of 3 lines covered");
    let windows = report("<source>D:\\a\\shop\\</source>", &several.replace("a.py", "src\\a.py"));
    assert_eq!(counted(&windows, &["src/a.py"]), "66.66 % of 3 lines covered");
}

#[test]
fn edge_2b_jacoco_names_packages_that_are_looked_for() {
    let line = |nr: u32, mi: u32, ci: u32| format!("<line nr='{nr}' mi='{mi}' ci='{ci}' mb='0' cb='0'/>");
    let file = |package: &str, name: &str| {
        let lines = line(1, 0, 3) + &line(2, 2, 0) + &line(3, 0, 0);
        format!(
            "<package name='{package}'><class name='x'/><sourcefile name='{name}'>{lines}<counter type='LINE' missed='0' covered='2'/></sourcefile></package>"
        )
    };
    let report = |packages: &str| {
        format!(
            "<!DOCTYPE report PUBLIC '-//JACOCO//DTD Report 1.1//EN' 'report.dtd'><report name='r'><group name='api'>{packages}</group></report>"
        )
    };
    let one = report(&file("com/shop", "Cart.java"));
    assert_eq!(counted(&one, &["api/src/main/java/com/shop/Cart.java", "Cart.java"]), "50.00 % of 2 lines covered");
    // Kotlin leaves out what all packages have in common.
    let kotlin = report(&file("com/shop/cart", "Cart.kt"));
    assert_eq!(counted(&kotlin, &["src/main/kotlin/cart/Cart.kt"]), "50.00 % of 2 lines covered");
    // In two modules: the one that the report lies in, else neither.
    let modules = [("api/src/com/shop/Cart.java", ""), ("web/src/com/shop/Cart.java", "")];
    let in_web = Fake::new().file_in(Tree::Work, "web/target/jacoco.xml", &one);
    let in_web = modules.iter().fold(in_web, |fake, (path, text)| fake.file_in(Tree::Head, path, text));
    let policy = "bound = 'off'\n[coverage]\nreports = ['web/target/jacoco.xml']\nminimum = '0%'\n[[coverage.path]]\npaths = ['web/']\nminimum = '50%'";
    assert_eq!(said(&in_web.ask::<Tests>(policy).unwrap()), ["50.00 % of 2 lines covered"]);
    assert!(told(&with(&one, &modules), "minimum = '1%'")[1].starts_with("unresolved tests/no-coverage"));
    // Beside others it matters where the bound depends on it.
    let two = report(&(file("com/shop", "Cart.java") + &file("com/shop", "Pay.java")));
    let files = [modules[0], modules[1], ("api/src/com/shop/Pay.java", "")];
    assert_eq!(
        told(&with(&two, &files), "minimum = '50%'")[1..],
        ["note tests/unmapped-coverage 1 file that may stand for several and left out: `com/shop/Cart.java`"]
    );
    let more = two.replacen("<line nr='1' mi='0' ci='3'", "<line nr='1' mi='3' ci='0'", 1);
    assert_eq!(
        told(&with(&more, &files), "minimum = '50%'")[1..],
        [
            "unresolved tests/unmapped-coverage whether 50 % of the code is covered depends on 1 file that may stand for several of the repository: `com/shop/Cart.java`"
        ]
    );
}

#[test]
fn edge_2b_clover_names_paths_and_methods() {
    // As PHPUnit writes it, and with two projects.
    let file = |name: &str, lines: &str| {
        format!(
            "<project><package name='p'><file name='{name}'><class name='C'/>{lines}<metrics statements='2'/></file></package></project>"
        )
    };
    let lines = "<line num='3' type='method' name='f' count='1'/><line num='4' type='stmt' count='0'/><line num='5' type='stmt' count='2'/>";
    let report = format!(
        "<coverage generated='1700000000'>{}{}</coverage>",
        file("/ci/shop/src/A.php", lines),
        file("/ci/shop/src/B.php", "<line num='1' type='cond' truecount='0' falsecount='1'/>")
    );
    assert_eq!(counted(&report, &["src/A.php", "src/B.php"]), "75.00 % of 4 lines covered");
}

#[test]
fn edge_2b_go_profiles_are_put_together_and_mapped_by_go_mod() {
    let report = "mode: count\nexample.com/shop/cart/a.go:1.10,3.2 2 0\nexample.com/shop/cart/a.go:5.1,5.9 1 0\nmode: count\n\
        example.com/shop/cart/a.go:1.10,3.2 2 4\nexample.com/shop/empty.go:1.1,9.2 0 0\nexample.com/other/b.go:1.1,1.2 1 1\n";
    let fake = with(
        report,
        &[("go.mod", "// shop\nmodule example.com/shop // v1\n\ngo 1.24\n"), ("cart/a.go", ""), ("empty.go", "")],
    );
    assert_eq!(
        told(&fake, "minimum = '0%'"),
        [
            "75.00 % of 4 lines covered",
            "note tests/unmapped-coverage 1 file of the reports not in the repository and left out: `example.com/other/b.go`",
        ]
    );
    let nested = with(
        "mode: set\nexample.com/shop/api/a.go:1.1,1.2 1 1\n",
        &[("backend/go.mod", "module example.com/shop"), ("backend/api/a.go", "")],
    );
    assert_eq!(told(&nested, "minimum = '100%'"), ["100.00 % of 1 line covered"]);
}

#[test]
fn t25_a_block_of_billions_of_lines_is_no_answer() {
    for report in [
        "mode: set\na.go:1.1,4000000000.1 1 1\n",
        "{\"data\":[{\"files\":[{\"filename\":\"a.go\",\"segments\":[[1,1,1,true,true,false],[4000000000,1,0,false,false,false]]}]}],\"type\":\"llvm.coverage.json.export\"}",
    ] {
        let told = told(&with(report, &[("a.go", "")]), "minimum = '0%'");
        assert!(told[1].contains("longer than the limit of"), "{told:?}");
    }
}

#[test]
fn edge_2b_llvm_segments_and_simplecov_lines() {
    let llvm = "{\"data\":[{\"files\":[{\"filename\":\"/ci/shop/src/a.rs\",\"segments\":[[1,1,2,true,true,false],[3,1,0,true,true,false],[3,9,2,true,false,false],[5,2,0,false,false,false]],\"summary\":{\"lines\":{\"percent\":100}}}],\"functions\":[{\"name\":\"f\",\"regions\":[[1,1,5,2,2,0,0,0]]}],\"totals\":{}}],\"type\":\"llvm.coverage.json.export\",\"version\":\"2.0.1\"}";
    assert_eq!(counted(llvm, &["src/a.rs"]), "100.00 % of 5 lines covered");
    let summary = llvm.replace("\"segments\"", "\"left-out\"");
    assert!(counted(&summary, &["src/a.rs"]).contains("unresolved tests/unreadable-coverage"));
    let resultset = "{\"RSpec\":{\"coverage\":{\"/ci/shop/a.rb\":{\"lines\":[1,null,0,\"ignored\"]},\"/ci/shop/b.rb\":[0]},\"timestamp\":1700000000},\"Cucumber\":{\"coverage\":{\"/ci/shop/a.rb\":{\"lines\":[0,null,2,null],\"branches\":{}}},\"timestamp\":1700000000}}";
    assert_eq!(counted(resultset, &["a.rb", "b.rb"]), "66.66 % of 3 lines covered");
    let formatter = "{\"meta\":{\"simplecov_version\":\"0.22.0\"},\"coverage\":{\"/ci/shop/a.rb\":{\"lines\":[1,0]}},\"groups\":{}}";
    assert_eq!(counted(formatter, &["a.rb"]), "50.00 % of 2 lines covered");
    assert!(
        counted("{\"result\":{\"line\":90.0},\"coverage\":7}", &["a.rb"])
            .contains("unresolved tests/unreadable-coverage")
    );
}
