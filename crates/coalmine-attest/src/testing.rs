//! What the tests share: signers, and a statement of a run in which everything passed.

use base64::{Engine, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};

use crate::{PAYLOAD_TYPE, envelope::encoded};

/// The digest of the image in [`statement`].
pub(crate) const IMAGE: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
/// The image id in [`statement`].
pub(crate) const ID: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";
/// The digest of the canaries in [`statement`].
pub(crate) const CANARIES: &str = "sha256:3333333333333333333333333333333333333333333333333333333333333333";

pub(crate) enum Signer {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    pub(crate) fn p256() -> Self {
        let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_ASN1_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self::P256(EcdsaKeyPair::from_pkcs8(kind, document.as_ref(), &random).unwrap())
    }

    pub(crate) fn ed25519() -> Self {
        let document = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(document.as_ref()).unwrap())
    }

    /// Returns the public key as SubjectPublicKeyInfo in PEM.
    pub(crate) fn pem(&self) -> String {
        match self {
            Self::P256(pair) => {
                let head = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
                pem(&[&hex(head), pair.public_key().as_ref()].concat())
            }
            Self::Ed25519(pair) => {
                pem(&[&hex("302a300506032b6570032100"), pair.public_key().as_ref()].concat())
            }
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// Returns an envelope around a statement, in one line.
    pub(crate) fn envelope(&self, statement: &Value) -> String {
        self.envelope_of(PAYLOAD_TYPE, statement.to_string().as_bytes())
    }

    pub(crate) fn envelope_of(&self, payload_type: &str, payload: &[u8]) -> String {
        let signature = self.sign(&encoded(payload_type, payload));
        json!({
            "payloadType": payload_type,
            "payload": STANDARD.encode(payload),
            "signatures": [{ "keyid": "", "sig": STANDARD.encode(signature) }],
        })
        .to_string()
    }
}

fn hex(text: &str) -> Vec<u8> {
    let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(pair).collect()
}

pub(crate) fn pem(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let lines: Vec<&str> =
        body.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

/// Returns the statement about [`IMAGE`] of a run that passed at noon on 2026-11-28.
pub(crate) fn statement() -> Value {
    let digits = |digest: &str| digest["sha256:".len()..].to_owned();
    json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": "registry.test/agent", "digest": { "sha256": digits(IMAGE) } }],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": "PASSED",
            "configuration": [
                { "name": "image", "digest": { "sha256": digits(IMAGE) } },
                { "name": "image-config", "digest": { "sha256": digits(ID) } },
                { "name": "canaries", "digest": { "sha256": digits(CANARIES) } },
            ],
            "passedTests": ["agent-card", "name-recall"],
            "warnedTests": [],
            "failedTests": [],
            "coalmine": {
                "run": "r-1",
                "version": "0.1.0",
                "timeCreated": "2026-11-28T12:00:00Z",
                "reservations": [],
                "skipped": [],
                "notJudged": [],
                "findings": [],
            },
        },
    })
}
