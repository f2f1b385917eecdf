//! Entrances for the fuzz targets in `fuzz/`: readers that are otherwise behind a connection or a request.
//! Nothing else may use them.

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{Arrival, Message, Prompt, PromptFile, Role, World, listener, readable};

/// Answers the requests on one connection until it ends.
pub async fn serve_stream(stream: impl AsyncRead + AsyncWrite + Unpin, world: &World) {
    listener::serve_stream(stream, world).await;
}

/// Returns what can be read in the files with these contents, which arrive with one message.
pub fn read_files(contents: Vec<Vec<u8>>) -> Vec<String> {
    let files = contents.into_iter().map(|content| PromptFile::with_content(Arrival::Inline, content));
    let message = Message { files: files.collect(), ..Message::text(Role::User, "") };
    let mut prompt = Prompt { messages: vec![message], ..Prompt::default() };
    readable::unpack(&mut prompt);
    prompt.messages.swap_remove(0).files.into_iter().map(|file| file.text).collect()
}

/// Converts what frameworks write into plain messages, as every provider does with a request.
pub fn read_plain_messages(prompt: &mut Prompt) {
    prompt.parse_inline_calls();
    prompt.mark_failed_results();
}
