//! Public keys: ECDSA on P-256, as cosign makes them, and Ed25519.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::signature::{ECDSA_P256_SHA256_ASN1, ED25519, UnparsedPublicKey, VerificationAlgorithm};

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
/// What stands before an uncompressed point on P-256 in a SubjectPublicKeyInfo (RFC 5480).
const P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// What stands before a key of Ed25519 in a SubjectPublicKeyInfo (RFC 8410).
const EDWARDS: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A public key that signatures are checked with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublicKey {
    /// An uncompressed point on P-256; signatures are ECDSA with SHA-256 in ASN.1.
    P256(Vec<u8>),
    /// A key of Ed25519.
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// Reads a public key in PEM (`BEGIN PUBLIC KEY`), which is the only thing in the text.
    ///
    /// # Errors
    /// Returns what is wrong with the text.
    pub fn from_pem(text: &str) -> Result<Self, String> {
        let body = text
            .trim()
            .strip_prefix(BEGIN)
            .and_then(|rest| rest.strip_suffix(END))
            .ok_or_else(|| format!("expected one public key in PEM, from `{BEGIN}` to `{END}`"))?;
        let lines: String = body.split_ascii_whitespace().collect();
        let der = STANDARD.decode(lines).map_err(|_| "its base64 cannot be read".to_owned())?;
        match (der.strip_prefix(&P256), der.strip_prefix(&EDWARDS)) {
            (Some(point), _) if point.len() == 65 && point[0] == 4 => Ok(Self::P256(point.to_owned())),
            (_, Some(key)) if key.len() == 32 => Ok(Self::Ed25519(key.to_owned())),
            _ => Err("expected a key of ECDSA on P-256, as cosign makes it, or of Ed25519".to_owned()),
        }
    }

    /// Returns whether a signature of a message was made with this key.
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        let (algorithm, key): (&dyn VerificationAlgorithm, &[u8]) = match self {
            Self::P256(point) => (&ECDSA_P256_SHA256_ASN1, point),
            Self::Ed25519(key) => (&ED25519, key),
        };
        UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Signer, pem};

    #[test]
    fn both_kinds_of_signatures_are_checked() {
        for signer in [Signer::p256(), Signer::ed25519()] {
            let key = PublicKey::from_pem(&signer.pem()).unwrap();
            let signature = signer.sign(b"message");
            assert!(key.signed(b"message", &signature));
            assert!(!key.signed(b"messagE", &signature));
            assert!(!key.signed(b"message", &signature[1..]));
            assert!(!key.signed(b"message", b""));
            for other in [Signer::p256(), Signer::ed25519()] {
                assert!(!PublicKey::from_pem(&other.pem()).unwrap().signed(b"message", &signature));
            }
        }
    }

    #[test]
    fn other_texts_are_no_keys() {
        let good = Signer::p256().pem();
        let private = good.replace("PUBLIC", "PRIVATE");
        let twice = format!("{good}{good}");
        let mut compressed = P256.to_vec();
        compressed.extend([2; 65]);
        let mut long = EDWARDS.to_vec();
        long.extend([1; 33]);
        let broken = good.replacen("MFkw", "MF=w", 1);
        for bad in
            ["", &private, &twice, &broken, &pem(&compressed), &pem(&long), &pem(&P256), "ssh-ed25519 AAAA"]
        {
            assert!(PublicKey::from_pem(bad).is_err(), "{bad}");
        }
    }
}
