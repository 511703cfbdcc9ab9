//! The hidden line by which an issue is known to follow up on an override: `<!-- predeploy-override: COMMIT GATE,GATE -->`.

/// The label of such issues, by which they are found.
pub(crate) const LABEL: &str = "predeploy-override";

const START: &str = "<!-- predeploy-override: ";
const END: &str = " -->";

/// For a commit and the names of gates, in any order.
pub(crate) fn write(commit: &str, gates: &[String]) -> String {
    format!("{START}{commit} {}{END}", names(gates).join(","))
}

/// The commit and the gates of the first marker in a text.
pub(crate) fn read(text: &str) -> Option<(String, Vec<String>)> {
    let (_, rest) = text.split_once(START)?;
    let (inside, _) = rest.split_once(END)?;
    let (commit, gates) = inside.split_once(' ')?;
    let is_commit = matches!(commit.len(), 40 | 64) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_commit.then(|| (commit.to_ascii_lowercase(), gates.split(',').map(String::from).collect()))
}

/// Sorted, each once, and without what would end the marker.
pub(crate) fn names(gates: &[String]) -> Vec<String> {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let mut names: Vec<String> = gates.iter().map(|gate| gate.chars().map(plain).collect()).collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_ends_it_early() {
        let commit = "0123456789012345678901234567890123456789";
        let gates = ["window".to_string(), "a --> b,c".into(), "window".into()];
        let text = format!("Hello\n\n{}\n", write(commit, &gates));
        assert_eq!(text.matches("-->").count(), 1);
        assert_eq!(read(&text), Some((commit.into(), vec!["a_--__b_c".into(), "window".into()])));
        assert_eq!(read("<!-- predeploy-override: 0123 window -->"), None);
        assert_eq!(read("nothing"), None);
    }
}
