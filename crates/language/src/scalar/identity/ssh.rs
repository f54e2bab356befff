//! SSH public keys.

use crate::scalar::Malformed;
use crate::scalar::text::{self, Checked, part, text};

/// What both the provisioner and the wizard accept.
pub const SSH_ALGORITHMS: [&str; 3] = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"];
/// The wizard asks for this many characters of key.
const LEAST_BODY: usize = 30;
/// A key of 16384 bits and its comment stay below.
const MOST: usize = 4096;

text! {
    /// A public key as a line of `authorized_keys` without options: algorithm, key, optional comment.
    SshPublicKey, "an SSH public key",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ops@omantel.om",
    key,
    // Ed25519 and NIST keys have a fixed form. The lengths inside an RSA key cannot be expressed, so there the
    // schema is wider.
    text::schema(
        "^(ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI[A-P][A-Za-z0-9+/]{42}\
         |ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBB[A-P][A-Za-z0-9+/]{84}[AEIMQUYcgkosw048]=\
         |ssh-rsa AAAAB3NzaC1yc2EA[A-Za-z0-9+/]{14,}={0,2})( [^\\u0000-\\u001f\\u007f-\\u009f]*)?$",
        LEAST_BODY + 8, MOST
    )
}

fn key(text: &str) -> Checked {
    text::length(text, 1, MOST)?;
    text::only(text, "characters on one line", |c| !c.is_control())?;
    let (algorithm, rest) = text.split_once(' ').unwrap_or((text, ""));
    if !SSH_ALGORITHMS.contains(&algorithm) {
        return Err(Malformed::new(refusal(algorithm)).at(0..algorithm.len()));
    }
    let body = rest.split(' ').next().unwrap_or_default();
    let start = (algorithm.len() + 1).min(text.len());
    part(text, start..start + body.len(), |body| check_body(algorithm, body))
}

/// Returns why an algorithm cannot be used.
fn refusal(algorithm: &str) -> String {
    let why = match algorithm {
        "ssh-dss" => "is a DSA key, which OpenSSH no longer accepts",
        "ecdsa-sha2-nistp384" | "ecdsa-sha2-nistp521" => "is on a curve that the provisioner does not accept",
        "-----BEGIN" => "is a private key or PEM; give the line of the `.pub` file",
        a if a.starts_with("sk-") => "needs a hardware token, which the provisioner does not accept",
        _ => "begins with no known algorithm",
    };
    format!("{why}; use `ssh-ed25519`, `ssh-rsa` or `ecdsa-sha2-nistp256`")
}

fn check_body(algorithm: &str, body: &str) -> Checked {
    if body.len() < LEAST_BODY {
        return Err(Malformed::new(format!("has a key of {} characters; it is cut off", body.len())));
    }
    let bytes = decode(body)?;
    let (name, rest) = field(&bytes).ok_or_else(|| Malformed::new("has a key that is cut off"))?;
    if name != algorithm.as_bytes() {
        let name = String::from_utf8_lossy(name);
        return Err(Malformed::new(format!("has a key of the algorithm {name:?}, not `{algorithm}`")));
    }
    if well_formed(algorithm, rest).unwrap_or(false) {
        return Ok(());
    }
    Err(Malformed::new("has a key that is cut off or damaged"))
}

/// Returns whether the fields after the name are those of the algorithm (RFC 4253, 5656 and 8709), and nothing more.
fn well_formed(algorithm: &str, rest: &[u8]) -> Option<bool> {
    let (first, rest) = field(rest)?;
    if algorithm == "ssh-ed25519" {
        return Some(first.len() == 32 && rest.is_empty());
    }
    let (second, rest) = field(rest)?;
    Some(
        rest.is_empty()
            && match algorithm {
                "ecdsa-sha2-nistp256" => {
                    first == b"nistp256" && second.len() == 65 && second.starts_with(&[4])
                }
                _ => !first.is_empty() && !second.is_empty(),
            },
    )
}

/// Returns the first length-prefixed field, and the rest.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

/// Base64 with padding (RFC 4648), canonical.
fn decode(text: &str) -> Result<Vec<u8>, Malformed> {
    let bare = text.trim_end_matches('=');
    let padding = text.len() - bare.len();
    let mut bytes = Vec::with_capacity(text.len());
    let (mut buffer, mut bits) = (0_u32, 0);
    for (n, c) in bare.char_indices() {
        let value = match c {
            'A'..='Z' => u32::from(c) - u32::from('A'),
            'a'..='z' => u32::from(c) - u32::from('a') + 26,
            '0'..='9' => u32::from(c) - u32::from('0') + 52,
            '+' => 62,
            '/' => 63,
            _ => return Err(Malformed::new("has a key that is not Base64").at(n..n + c.len_utf8())),
        };
        buffer = (buffer << 6 | value) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.extend(u8::try_from(buffer >> bits & 0xff));
        }
    }
    if !text.len().is_multiple_of(4) || padding > 2 || buffer & ((1 << bits) - 1) != 0 || bits >= 6 {
        return Err(Malformed::new("has a key that is cut off: its Base64 does not end well"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Scalar;
    use crate::scalar::samples::{fault, within};

    const ED: &str = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

    /// Returns a body with these fields.
    fn body(fields: &[&[u8]]) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut bytes = Vec::new();
        for field in fields {
            bytes.extend(u32::try_from(field.len()).expect("short").to_be_bytes());
            bytes.extend(*field);
        }
        let mut text = String::new();
        for chunk in bytes.chunks(3) {
            let of = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
            let word = of(0) << 16 | of(1) << 8 | of(2);
            for n in 0..=chunk.len() {
                text.push(char::from(ALPHABET[(word >> (18 - 6 * n) & 63) as usize]));
            }
            text.push_str(&"==="[chunk.len()..]);
        }
        text
    }

    #[test]
    fn keys_are_decoded_and_must_be_of_their_algorithm() {
        let point = [&[4_u8][..], &[9; 64]].concat();
        let ed = format!("ssh-ed25519 {ED}");
        let commented = format!("{ed} ops team @ omantel");
        let nist = format!("ecdsa-sha2-nistp256 {}", body(&[b"ecdsa-sha2-nistp256", b"nistp256", &point]));
        let rsa = format!("ssh-rsa {} me", body(&[b"ssh-rsa", &[1, 0, 1], &[0x7f; 256]]));
        let cut = rsa[..300].to_owned();
        let tail = format!("ssh-rsa {}", body(&[b"ssh-rsa", &[1, 0, 1], &[0x7f; 256], b""]));
        let other = format!("ssh-ed25519 {}", body(&[b"ssh-ed25519", &[1; 31]]));
        let mixed = format!("ssh-rsa {ED}");
        let compressed =
            format!("ecdsa-sha2-nistp256 {}", body(&[b"ecdsa-sha2-nistp256", b"nistp256", &[2; 65]]));
        let p384 = format!("ecdsa-sha2-nistp384 {ED}");
        let token = format!("sk-ssh-ed25519@openssh.com {ED}");
        let lines = format!("{ed}\n{ed}");
        within::<SshPublicKey>(
            &[&ed, &commented, &nist, &rsa],
            &[
                "",
                "ssh-ed25519",
                "ssh-rsa AAAA",
                &other,
                &mixed,
                &compressed,
                &p384,
                &token,
                &lines,
                "-----BEGIN OPENSSH",
            ],
            &[&cut, &tail],
        );
    }

    #[test]
    fn what_is_wrong_with_a_key_is_said_where_it_is() {
        let reason = |text| SshPublicKey::parse(text).expect_err("a bad key").reason;
        assert!(reason("sk-ssh-ed25519@openssh.com AAAA").starts_with("needs a hardware token"));
        assert!(reason("ssh-dss AAAA").starts_with("is a DSA key"));
        assert!(reason("ecdsa-sha2-nistp384 AAAA").starts_with("is on a curve"));
        assert_eq!(fault::<SshPublicKey>("ssh-dss AAAA"), ("ssh-dss", None));
        let (mixed, broken, line) =
            (format!("ssh-rsa {ED} c"), format!("ssh-ed25519 {}!", &ED[1..]), format!("ssh-ed25519 {ED}\n"));
        assert_eq!(fault::<SshPublicKey>(&mixed), (ED, None));
        assert_eq!(fault::<SshPublicKey>(&broken), ("!", None));
        assert_eq!(fault::<SshPublicKey>(&line), ("\n", Some(line.trim().into())));
    }
}
