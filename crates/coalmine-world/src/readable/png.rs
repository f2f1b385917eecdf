//! Images: the text in their chunks and in their pixels.
//!
//! A text that is in both can still be read after the image was re-encoded, which drops chunks, or after it
//! was cut behind the chunks.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits, Reader, Transformations};

use super::Budget;

/// Minimum number of characters of a readable run; anything shorter is noise.
const MIN_RUN: usize = 4;

/// Returns the text of an image, up to the point at which it is broken.
pub(super) fn text(content: &[u8], budget: &mut Budget) -> String {
    let mut decoder = Decoder::new_with_limits(Cursor::new(content), Limits { bytes: budget.0 });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.ignore_checksums(true);
    let Ok(mut image) = decoder.read_info() else { return String::new() };
    let spelled = readable_runs(&pixels(&mut image, budget));
    // reads the chunks after the pixels
    let _ = image.finish();
    let mut texts = chunks(&image, budget);
    texts.push(spelled);
    texts.retain(|text| !text.is_empty());
    texts.join("\n")
}

/// Returns the texts of all chunks: plain, compressed, and in UTF-8.
fn chunks(image: &Reader<Cursor<&[u8]>>, budget: &mut Budget) -> Vec<String> {
    let info = image.info();
    let mut texts = vec![];
    for chunk in &info.uncompressed_latin1_text {
        keep(chunk.text.clone(), &mut texts, budget);
    }
    for mut chunk in info.compressed_latin1_text.iter().cloned() {
        if chunk.decompress_text_with_limit(budget.0).is_ok() {
            keep(chunk.get_text().unwrap_or_default(), &mut texts, budget);
        }
    }
    for mut chunk in info.utf8_text.iter().cloned() {
        if chunk.decompress_text_with_limit(budget.0).is_ok() {
            keep(chunk.get_text().unwrap_or_default(), &mut texts, budget);
        }
    }
    texts
}

fn keep(text: String, texts: &mut Vec<String>, budget: &mut Budget) {
    if budget.spend(text.len()) {
        texts.push(text);
    }
}

/// Returns the colors of all pixels, row by row, without transparency, which re-encoding often adds.
fn pixels(image: &mut Reader<Cursor<&[u8]>>, budget: &mut Budget) -> Vec<u8> {
    let (color, _) = image.output_color_type();
    let samples = color.samples();
    let colors = if matches!(color, ColorType::GrayscaleAlpha | ColorType::Rgba) {
        samples.saturating_sub(1)
    } else {
        samples
    };
    let mut bytes = vec![];
    while let Ok(Some(row)) = image.next_row() {
        if !budget.spend(row.data().len()) {
            break;
        }
        bytes.extend(row.data().chunks(samples).flat_map(|pixel| pixel.iter().take(colors)));
    }
    bytes
}

/// Returns the readable runs among bytes, one on each line.
fn readable_runs(bytes: &[u8]) -> String {
    let lossy = String::from_utf8_lossy(bytes);
    let all = lossy.split(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER);
    let long = all.filter(|run| run.chars().nth(MIN_RUN - 1).is_some());
    long.collect::<Vec<_>>().join("\n")
}
