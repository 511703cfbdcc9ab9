//! Documents that Spring Boot takes for some profiles, and what must not be hidden by asking for one.

use super::{Format, keys_of};
use crate::Tree;
use crate::drift::policy::Drift;
use crate::fake::{Fake, lines};

fn yaml(text: &str) -> Vec<String> {
    keys_of("config/application.yml", Format::Yaml, text)
}

fn properties(text: &str) -> Vec<String> {
    keys_of("application.properties", Format::Properties, text)
}

fn ask(production: &str, text: &str) -> Vec<String> {
    let fake = [("s.yml", "a: 1\n"), ("p.yml", text), ("application.yml", text)]
        .iter()
        .fold(Fake::new(), |fake, (path, text)| fake.file_in(Tree::Head, path, text));
    lines(&fake.ask::<Drift>(&format!("files = {{ staging = 's.yml', production = {production} }}")).unwrap())
}

#[test]
fn documents_of_spring_count_for_their_profile() {
    let text = "a: 1\nb: 1\n---\nspring.config.activate.on-profile: production\nb: 2\n---\nspring:\n  config: {activate: {on-profile: '!production & cloud'}}\nb: 3\n---\nspring: {profiles: 'dev, production'}\nc: 4\n";
    assert_eq!(yaml(text), ["1:1 a Number", "5:1 b Number", "11:10 spring.profiles String", "12:1 c Number"]);
    let text = "a=1\nb=1\n#---\nspring.config.activate.on-profile=production\nb=2\n#---\nspring.config.activate.on-profile=dev\nb=3\n";
    assert_eq!(properties(text), ["1:1 a Untyped", "5:1 b Untyped"]);
}

#[test]
fn a_document_for_no_profile_counts_everywhere() {
    for on_profile in ["", " ''", " []", " ','"] {
        let said = yaml(&format!("a: 1\n---\nspring.config.activate.on-profile:{on_profile}\ndebug: true\n"));
        assert!(said.iter().any(|line| line.ends_with(" debug Boolean")), "{on_profile:?}: {said:?}");
    }
    assert_eq!(properties("spring.config.activate.on-profile=\ndebug=1\n").len(), 1);
    // Documents without any key for profiles are laid over each other all the same.
    assert_eq!(yaml("a: 1\n---\ndebug: true\n"), ["1:1 a Number", "3:1 debug Boolean"]);
}

#[test]
fn names_are_relaxed_and_values_are_lists() {
    for key in [
        "spring.config.activate.onProfile",
        "spring.config.activate.on_profile",
        "spring.config.activate.ON-PROFILE",
        "Spring.Config.Activate.OnProfile",
    ] {
        for (value, counts) in
            [("production", true), ("dev", false), ("dev,production", true), ("dev, !production", false)]
        {
            let last =
                properties(&format!("a=1\n#---\n{key}={value}\nb=1\n")).last().map(|line| line.ends_with(" b Untyped"));
            assert_eq!(last, Some(counts), "{key}={value}");
            let last =
                yaml(&format!("a: 1\n---\n{key}: '{value}'\nb: 1\n")).last().map(|line| line.ends_with(" b Number"));
            assert_eq!(last, Some(counts), "{key}: {value}");
        }
    }
    let list =
        "a=1\n#---\nspring.config.activate.on-profile[0]=dev\nspring.config.activate.on-profile[1]=production\nb=1\n";
    assert_eq!(properties(list).len(), 2);
    assert_eq!(yaml("a: 1\n---\nspring: {config: {activate: {onProfile: [dev, production]}}}\nb: 1\n").len(), 2);
    // A variable of the environment is called so, and no key of a file.
    assert_eq!(properties("SPRING_CONFIG_ACTIVATE_ONPROFILE=dev\nb=1\n").len(), 2);
}

#[test]
fn what_cannot_be_told_is_refused_with_its_place() {
    for (text, what) in [
        ("a: 1\n---\nspring.config.activate.on-profile: a & b | c\nb: 1\n", "3:1 it is not known for which profiles"),
        ("a: 1\n---\nspring.config.activate.on-profile: ${P}\nb: 1\n", "3:1 it is not known for which profiles"),
        (
            "a: 1\n---\nspring.config.activate.on-cloud-platform: kubernetes\nb: 1\n",
            "3:1 this document counts on one cloud platform",
        ),
        (
            "a: 1\n---\nspring: {config: {activate: {onCloudPlatform: none}}}\nb: 1\n",
            "3:30 this document counts on one cloud platform",
        ),
    ] {
        let said = yaml(text);
        assert!(said.len() == 1 && said[0].starts_with(what), "{text}: {said:?}");
    }
    // Where the profile leaves it out, the platform does not matter.
    let text = "a: 1\n---\nspring.config.activate: {on-profile: dev, on-cloud-platform: kubernetes}\nb: 1\n";
    assert_eq!(yaml(text), ["1:1 a Number"]);
}

#[test]
fn profiles_that_a_document_adds_count_too() {
    let hidden = "---\nspring.config.activate.on-profile: extra\ndebug: true\n";
    for adds in [
        "spring.profiles.include: extra",
        "spring: {profiles: {group: {production: [more, extra]}}}",
        "spring.profiles.group.production: extra",
    ] {
        let said = yaml(&format!("{adds}\n{hidden}"));
        assert!(said.iter().any(|line| line.ends_with(" debug Boolean")), "{adds}: {said:?}");
    }
    assert_eq!(yaml(&format!("spring.profiles.group.dev: extra\n{hidden}")).len(), 1);
}

/// `drift/unreadable-file`
#[test]
fn a_file_that_is_not_springs_hides_no_document() {
    let text = "spring.config.activate.on-profile: nobody\ndebug: true\n---\nb: 1\n";
    let expected = "unresolved drift/unreadable-file p.yml:1 `p.yml` cannot be compared at line 1, column 1: a document asks for a profile, and nothing tells that Spring reads this file";
    assert_eq!(ask("'p.yml'", text), [expected]);
    assert_eq!(ask("'p.yml'", "spring: {profiles: nobody}\ndebug: true\n").len(), 1);
    // Nothing is hidden where the one document counts.
    assert_eq!(ask("'p.yml'", "spring.config.activate.on-profile: production\na: 1\n"), [""; 0]);
    let said = ask("{ path = 'p.yml', profile = 'production' }", text);
    assert!(said.iter().any(|line| line.contains("`b` is set in production")), "{said:?}");
}

/// `drift/ambiguous-line`
#[test]
fn an_old_way_to_ask_for_a_profile_hides_no_document_by_itself() {
    let text = "a: 1\n---\nspring.profiles: dev\ndebug: true\n";
    let said = ask("'application.yml'", text);
    assert!(
        said[0].contains("application.yml:3")
            && said[0].contains("Spring Boot before version 3 leaves this document out"),
        "{said:?}"
    );
    assert_eq!(said.len(), 1);
    assert_eq!(
        ask("{ path = 'application.yml', profile = 'production' }", text),
        [
            "warning drift/ambiguous-line application.yml:3 `spring.profiles` is read differently: Spring Boot before version 3 leaves this document out, others take it"
        ]
    );
}

#[test]
fn only_what_spring_takes_for_a_line_between_documents_is_one() {
    let hides = |between: &str| {
        let said = properties(&format!("a=1\n{between}spring.config.activate.on-profile=dev\ndebug=1\n"));
        !said.iter().any(|line| line.ends_with(" debug Untyped")) && said.iter().any(|line| line == "1:1 a Untyped")
    };
    for between in ["#---\n", "!---\n", "#---  \n", "! c\n#---\n", "# c\n\n#---\n", "#---\r\n", "#---\n\n"] {
        assert!(hides(between), "{between:?}");
    }
    // Then it is one document for another profile.
    for between in [" #---\n", "# ---\n", "#--\n", "#----\n", "# c\n#---\n", "#---\n# c\n", "#--- x\n"] {
        assert!(!hides(between), "{between:?}");
    }
}

#[test]
fn a_file_of_spring_that_looks_like_an_object_takes_no_other_profiles_documents() {
    let object = "kind: A\nmetadata: {name: n}\n";
    let text = format!("{object}a: 1\n---\nspring.config.activate.on-profile: dev\nb: 1\n");
    assert!(!yaml(&text).iter().any(|line| line.contains(" b ")), "{:?}", yaml(&text));
    let text = format!("{object}a: 1\n---\n{object}spring.config.activate.on-profile: dev\nb: 1\n");
    assert!(!yaml(&text).iter().any(|line| line.contains(" b ") || line.contains(".b ")), "{:?}", yaml(&text));
    // Argo CD calls its own so.
    let argo =
        |name: &str| format!("apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\n");
    let said = yaml(&format!("{}---\n{}", argo("a"), argo("b")));
    assert!(said[3].ends_with(" Application/b.apiVersion String"), "{said:?}");
}

#[test]
fn brackets_hide_no_profile() {
    for key in [
        "spring[config].activate.on-profile",
        "spring.config.activate[on-profile]",
        "spring.config[activate][on-profile]",
        "'[spring].config.activate.on-profile'",
        "spring[profiles]",
    ] {
        let said = yaml(&format!("a: 1\n---\n{key}: eu\nb: 1\n"));
        assert!(said[0].contains("with a name in brackets"), "{key}: {said:?}");
        let key = key.trim_matches('\'');
        let said = properties(&format!("a=1\n#---\n{key}=eu\nb=1\n"));
        assert!(said[0].contains("with a name in brackets"), "{key}: {said:?}");
    }
    let said = yaml("a: 1\nspring:\n  config:\n    '[activate]': {on-profile: eu}\nb: 1\n");
    assert!(said[0].contains("with a name in brackets"), "{said:?}");
    assert_eq!(
        properties("spring.profiles.group[production]=eu\n#---\nspring.config.activate.on-profile=eu\nb=1\n").len(),
        2
    );
}

#[test]
fn what_says_when_a_document_counts_is_no_key() {
    let text = "a: 1\n---\nspring:\n  config: {activate: {onProfile: [production]}, import: b.yml}\nb: 1\n";
    assert_eq!(yaml(text), ["1:1 a Number", "4:49 spring.config.import String", "5:1 b Number"]);
    // Elsewhere it is a key like others.
    assert_eq!(keys_of("a.yml", Format::Yaml, "spring: {config: {activate: {x: 1}}}\n").len(), 1);
}
