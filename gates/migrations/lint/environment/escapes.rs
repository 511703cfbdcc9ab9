//! Texts with backslashes.

/// What `E'…'` stands for: <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS-ESCAPE>.
pub(super) fn decoded(text: &str) -> String {
    let mut decoded = String::new();
    let inner = text.strip_prefix('\'').unwrap_or(text);
    let mut rest = inner.strip_suffix('\'').unwrap_or(inner);
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '\'' {
            rest = rest.strip_prefix('\'').unwrap_or(rest);
        }
        if c != '\\' {
            decoded.push(c);
            continue;
        }
        let Some(escape) = rest.chars().next() else { break };
        rest = &rest[escape.len_utf8()..];
        let (radix, most) = match escape {
            'x' => (16, 2),
            'u' => (16, 4),
            'U' => (16, 8),
            '0'..='7' => (8, 3),
            _ => (0, 0),
        };
        if most > 0 {
            let from = if radix == 8 { format!("{escape}{rest}") } else { rest.to_owned() };
            let digits: String = from.chars().take(most).take_while(|c| c.is_digit(radix)).collect();
            decoded.extend(u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32));
            rest = &rest[digits.len() - usize::from(radix == 8)..];
            continue;
        }
        decoded.push(match escape {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' | 'f' => ' ',
            other => other,
        });
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_escape_stands_for_its_character() {
        assert_eq!(decoded(r"'a\x62\143\u0064\'e''f\\\n'"), "abcd'e'f\\\n");
        assert_eq!(decoded(r"'\x'"), "");
    }
}
