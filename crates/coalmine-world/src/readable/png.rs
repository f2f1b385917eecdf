//! Images: their text chunks, and whatever their pixels spell.
//!
//! A code that stands in both is still read after someone wrote the image anew, which keeps the pixels and drops the
//! chunks, or cut all but the chunks.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Reader, Transformations};

use super::Room;

/// Runs of fewer characters than this are noise.
const RUN: usize = 4;

/// The text of an image, up to where it is broken.
pub(super) fn text(content: &[u8], room: &mut Room) -> String {
    let mut decoder = Decoder::new_with_limits(Cursor::new(content), Limits { bytes: room.0 });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.ignore_checksums(true);
    let Ok(mut image) = decoder.read_info() else { return String::new() };
    let spelt = runs(&pixels(&mut image, room));
    // there may be chunks behind the pixels
    let _ = image.finish();
    let mut texts = chunks(&image, room);
    texts.push(spelt);
    texts.retain(|text| !text.is_empty());
    texts.join("\n")
}

/// The text chunks: plain, compressed, and in UTF-8.
fn chunks(image: &Reader<Cursor<&[u8]>>, room: &mut Room) -> Vec<String> {
    let info = image.info();
    let mut texts = vec![];
    let mut keep = |text: String| {
        if room.spend(text.len()) {
            texts.push(text);
        }
        room.0
    };
    let mut left = keep(String::new());
    for chunk in &info.uncompressed_latin1_text {
        left = keep(chunk.text.clone());
    }
    for mut chunk in info.compressed_latin1_text.iter().cloned() {
        if chunk.decompress_text_with_limit(left).is_ok() {
            left = keep(chunk.get_text().unwrap_or_default());
        }
    }
    for mut chunk in info.utf8_text.iter().cloned() {
        if chunk.decompress_text_with_limit(left).is_ok() {
            left = keep(chunk.get_text().unwrap_or_default());
        }
    }
    texts
}

/// The colours of all pixels, row by row, without their transparency: whoever writes an image anew likes to add one.
fn pixels(image: &mut Reader<Cursor<&[u8]>>, room: &mut Room) -> Vec<u8> {
    let (colour, _) = image.output_color_type();
    let samples = colour.samples();
    let colours =
        if matches!(colour, ColorType::GrayscaleAlpha | ColorType::Rgba) { samples - 1 } else { samples };
    let mut bytes = vec![];
    while let Ok(Some(row)) = image.next_row() {
        if !room.spend(row.data().len()) {
            break;
        }
        bytes.extend(row.data().chunks(samples).flat_map(|pixel| pixel.iter().take(colours)));
    }
    bytes
}

/// The readable runs among bytes, each on a line of its own.
fn runs(bytes: &[u8]) -> String {
    let lossy = String::from_utf8_lossy(bytes);
    let all = lossy.split(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER);
    let long = all.filter(|run| run.chars().nth(RUN - 1).is_some());
    long.collect::<Vec<_>>().join("\n")
}
