//! Envelopes of DSSE: a payload, its type, and signatures over both.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE},
};
use serde::Deserialize;

use crate::PublicKey;

/// The most signatures of an envelope. Each costs a verification.
const MAX_SIGNATURES: usize = 16;

/// An envelope as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Envelope {
    #[serde(rename = "payloadType")]
    pub(crate) payload_type: String,
    payload: String,
    #[serde(default)]
    signatures: Vec<Signature>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Signature {
    sig: String,
}

impl Envelope {
    /// Returns the payload, or `None` if its base64 cannot be read.
    pub(crate) fn payload(&self) -> Option<Vec<u8>> {
        decode(&self.payload)
    }

    /// Returns whether one of the signatures over the payload and its type was made with a key. What the envelope says
    /// about keys is not believed.
    pub(crate) fn is_signed_with(&self, key: &PublicKey) -> bool {
        let Some(payload) = self.payload() else { return false };
        let message = encoded(&self.payload_type, &payload);
        let mut signatures = self.signatures.iter().take(MAX_SIGNATURES);
        signatures.any(|signature| decode(&signature.sig).is_some_and(|bytes| key.signed(&message, &bytes)))
    }
}

/// Returns what is signed: the type and the payload, each after its length (PAE of DSSE v1).
pub(crate) fn encoded(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Signer;

    fn envelope(payload_type: &str, payload: &[u8], signatures: &[Vec<u8>]) -> Envelope {
        let signatures = signatures.iter().map(|bytes| Signature { sig: STANDARD.encode(bytes) }).collect();
        Envelope { payload_type: payload_type.to_owned(), payload: STANDARD.encode(payload), signatures }
    }

    /// The example of the DSSE specification.
    #[test]
    fn type_and_payload_have_their_lengths() {
        assert_eq!(
            encoded("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
        assert_eq!(encoded("\u{e9}", b""), "DSSEv1 2 \u{e9} 0 ".as_bytes());
    }

    #[test]
    fn signature_covers_type_and_payload() {
        let signer = Signer::p256();
        let key = PublicKey::from_pem(&signer.pem()).unwrap();
        let good = signer.sign(&encoded("t", b"p"));
        assert!(envelope("t", b"p", std::slice::from_ref(&good)).is_signed_with(&key));
        assert!(envelope("t", b"p", &[vec![], good.clone()]).is_signed_with(&key));
        assert!(!envelope("u", b"p", std::slice::from_ref(&good)).is_signed_with(&key));
        assert!(!envelope("t", b"q", std::slice::from_ref(&good)).is_signed_with(&key));
        assert!(!envelope("t", b"p", &[]).is_signed_with(&key));
        // the payload alone, without its encoding
        assert!(!envelope("t", b"p", &[signer.sign(b"p")]).is_signed_with(&key));
    }
}
