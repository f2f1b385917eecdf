//! What a part of the world answers to a call, and what the journal says of it.

use axum::{body::Body, http::Response};

use crate::{Kind, Said};

pub(crate) struct Answered {
    pub(crate) kind: Kind,
    pub(crate) said: Said,
    pub(crate) response: Response<Body>,
}

impl Answered {
    /// An answer with a note on the call.
    pub(crate) fn noted(kind: Kind, note: Option<String>, response: Response<Body>) -> Self {
        Self { kind, said: Said { note, ..Said::default() }, response }
    }
}
