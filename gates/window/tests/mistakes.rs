//! What is refused before anything is judged.

use serde::Deserialize;

use crate::Gate;
use crate::window::Window;

pub(super) fn read(policy: &str) -> Result<Window, String> {
    let table = toml::de::Deserializer::parse(policy).unwrap();
    Window::deserialize(table).map_err(|e| e.message().to_owned())
}

pub(super) fn mistakes(policy: &str) -> Vec<String> {
    let found = read(policy).unwrap().mistakes();
    found.into_iter().map(|m| format!("{}: {}", m.path.join("."), m.message)).collect()
}

#[test]
fn an_unknown_zone_is_named_with_its_neighbours() {
    let near = |zone: &str| mistakes(&format!("[[deny]]\nzone = \"Europe/Rome\"\n[[deny]]\nzone = \"{zone}\""));
    assert_eq!(
        near("Europe/Berln"),
        [
            "deny.1.zone: `Europe/Berln` is not a time zone of the IANA database; near it are `Europe/Berlin`, `Europe/Belfast`, `Europe/Belgrade`"
        ]
    );
    assert_eq!(
        near("new york"),
        ["deny.1.zone: `new york` is not a time zone of the IANA database; near it are `America/New_York`"]
    );
    assert_eq!(
        near("?"),
        [
            "deny.1.zone: `?` is not a time zone of the IANA database; it is written as a region and a city, such as `Europe/Berlin`"
        ]
    );
}

/// jiff reads this name as UTC.
#[test]
fn the_unknown_zone_is_unknown() {
    let found = mistakes("[[allow]]\nzone = \"Etc/Unknown\"");
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("allow.0.zone: `Etc/Unknown` is not a time zone"), "{found:?}");
}

#[test]
fn what_can_never_hold_is_a_mistake() {
    assert_eq!(
        mistakes(
            r#"
            [[allow]]
            days = []
            zone = "UTC"
            [[deny]]
            from = "24:00"
            risk = []
            zone = "UTC"
            [[freeze]]
            from = "2026-12-20"
            until = "2026-12-19"
            zone = "UTC"
            [[freeze]]
            from = "2026-12-20T18:00"
            until = "2026-12-20T18:00"
            zone = "UTC"
            "#
        ),
        [
            "allow.0.days: `days` is empty, so this window never comes; leave it out for every day",
            "deny.0.risk: `risk` is empty, so this applies to no change; leave it out for every change",
            "deny.0.from: a window cannot start at \"24:00\"; write \"00:00\" and the next day",
            "freeze.0.until: the freeze ends (2026-12-19) before it starts (2026-12-20)",
            "freeze.1.until: the freeze ends (2026-12-20 18:00) before it starts (2026-12-20 18:00)",
        ]
    );
}

#[test]
fn a_gate_without_any_window_is_a_mistake() {
    assert_eq!(
        mistakes(""),
        [": no window is declared, so it would always be open; add an `allow`, `deny` or `freeze` table"]
    );
}

#[test]
fn forms_are_strict_and_say_what_is_meant() {
    let refused = |entry: &str| read(&format!("[[deny]]\nzone = \"UTC\"\n{entry}")).unwrap_err();
    let days = "is not a day of the week: one of mon, tue, wed, thu, fri, sat, sun, or a range such as \"mon-fri\"";
    for day in ["monday", "mon-", "mon-fri-sat", "", "Mon"] {
        assert_eq!(refused(&format!("days = [\"{day}\"]")), format!("`{day}` {days}"));
    }
    for time in ["9:00", "24:01", "09:60", "0900", "+9:00", "09:00:00", "25:00"] {
        let expected = format!("`{time}` is not a time of day such as \"09:00\" (\"00:00\" to \"24:00\")");
        assert_eq!(refused(&format!("until = \"{time}\"")), expected);
    }
    let freeze = |from: &str| {
        read(&format!("[[freeze]]\nzone = \"UTC\"\nuntil = \"2026-12-31\"\nfrom = {from}")).map(|_| ()).unwrap_err()
    };
    for moment in [
        "\"2026-12-20T18:00Z\"",
        "\"2026-12-20T18:00+01:00\"",
        "\"2026-02-30\"",
        "\"20.12.2026\"",
        "2026-12-20T18:00:00Z",
        "18:00:00",
    ] {
        assert!(freeze(moment).contains("is not a date such as \"2026-12-20\""), "{moment}: {}", freeze(moment));
    }
    assert!(freeze("20261220").contains("expected a date such as"), "{}", freeze("20261220"));
    assert!(refused("zon = 1").contains("unknown field `zon`"));
    assert_eq!(
        mistakes("[[deny]]"),
        ["deny.0.zone: `zone` is missing: the IANA name of a time zone, such as \"Europe/Berlin\""]
    );
}
