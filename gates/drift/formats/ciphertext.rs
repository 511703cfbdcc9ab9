//! Values that somebody encrypted: what they say cannot be compared, and two that look different may be the same.
//!
//! SOPS (<https://getsops.io/docs/#encryption-protocol>) and hiera-eyaml (`ENC[…]`), Ansible Vault
//! (<https://docs.ansible.com/ansible/latest/vault_guide/vault_using_encrypted_content.html>), dotenvx (`encrypted:`), Spring Cloud Config
//! (`{cipher}`), age and OpenPGP in their armour.

/// How they begin.
const BEGIN: &[&str] = &[
    "ENC[AES256_GCM,",
    "ENC[PKCS7,",
    "ENC[GPG,",
    "ENC[KMS,",
    "$ANSIBLE_VAULT;",
    "encrypted:",
    "{cipher}",
    "-----BEGIN AGE ENCRYPTED FILE-----",
    "-----BEGIN PGP MESSAGE-----",
];

/// Whether a value is encrypted.
pub(super) fn is_one(value: &str) -> bool {
    let value = value.trim_start();
    // Nearly all values begin otherwise.
    value.starts_with(['E', '$', 'e', '{', '-']) && BEGIN.iter().any(|begin| value.starts_with(begin))
}

/// What encrypted a whole file.
pub(super) fn of_file(bytes: &[u8]) -> Option<&'static str> {
    [
        (&b"\0GITCRYPT\0"[..], "git-crypt"),
        (b"$ANSIBLE_VAULT;", "Ansible Vault"),
        (b"age-encryption.org/", "age"),
        (b"-----BEGIN AGE ENCRYPTED FILE-----", "age"),
        (b"-----BEGIN PGP MESSAGE-----", "OpenPGP"),
    ]
    .into_iter()
    .find_map(|(begin, tool)| bytes.starts_with(begin).then_some(tool))
}
