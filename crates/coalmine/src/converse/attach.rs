//! Files as parts of a message.

use coalmine_a2a::Part;
use coalmine_world::World;

use crate::plan::{AttachAs, Attachment, Linked};

/// Returns a file as the platform sends it: its bytes, or the link to an upload.
pub(super) fn attach(
    file: &Attachment,
    links: Linked,
    world: &World,
    world_url: &str,
    workspace: &str,
) -> Part {
    let (name, mime) = (file.name.clone(), file.mime.clone());
    let upload = match file.attach {
        AttachAs::Inline => None,
        AttachAs::Link => world.upload(workspace, &name, file.bytes.clone()),
    };
    match upload {
        None => Part::Bytes { name, mime, bytes: file.bytes.to_vec() },
        Some(upload) => {
            let uri = match links {
                Linked::Http => format!("{world_url}{}", upload.signed_path()),
                _ => upload.workspace_uri(),
            };
            Part::Uri { name, mime, uri }
        }
    }
}
