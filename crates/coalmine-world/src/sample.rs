//! Small files that a canary can send. Any viewer can open them, and their text is found only by decoding them.

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use png::{BitDepth, ColorType, Encoder, EncodingError};

/// Number of pixels in a row, and minimum number of rows.
const WIDTH: u32 = 64;
const MIN_ROWS: usize = 16;
/// Number of bytes in a row: red, green and blue.
const ROW_BYTES: usize = WIDTH as usize * 3;

/// Creates an image (PNG, 64 pixels wide) that holds a text twice: in a text chunk, and repeated in the
/// colors of its pixels. The text survives lossless re-encoding, and the loss of all chunks. ASCII text is
/// compressed in both places, so that it is not found by reading the file as text.
pub fn png(text: &str) -> Vec<u8> {
    // writing to memory never fails
    encode_png(text).unwrap_or_default()
}

fn encode_png(text: &str) -> Result<Vec<u8>, EncodingError> {
    let line = format!("{text}\n");
    let rows = line.len().div_ceil(ROW_BYTES).max(MIN_ROWS);
    let pixels: Vec<u8> = line.bytes().cycle().take(rows.saturating_mul(ROW_BYTES)).collect();
    let mut file = vec![];
    let mut encoder = Encoder::new(&mut file, WIDTH, u32::try_from(rows).unwrap_or(u32::MAX));
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    if text.is_ascii() {
        encoder.add_ztxt_chunk("Comment".into(), text.to_owned())?;
    } else {
        encoder.add_itxt_chunk("Comment".into(), text.to_owned())?;
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

/// Creates a document (PDF, one page of A4) that shows a text, line by line, in a compressed content stream.
/// Characters outside Latin-1 become question marks; lines of more than 70 characters run off the page.
pub fn pdf(text: &str) -> Vec<u8> {
    let mut content = String::from("BT /F1 12 Tf 16 TL 72 770 Td\n");
    for line in text.lines() {
        content.extend(["(", &escape(line), ") Tj T*\n"]);
    }
    content.push_str("ET\n");
    // a short text that compression cannot shorten would be stored uncompressed
    content.push_str(&" ".repeat(500));
    let mut encoder = ZlibEncoder::new(vec![], Compression::default());
    // writing to memory never fails
    let _ = encoder.write_all(content.as_bytes());
    let compressed = encoder.finish().unwrap_or_default();
    let stream = format!("<< /Length {} /Filter /FlateDecode >>\nstream\n", compressed.len());
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R \
                /Resources << /Font << /F1 4 0 R >> >> >>";
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
    let objects: [&[&[u8]]; 5] = [
        &[b"<< /Type /Catalog /Pages 2 0 R >>"],
        &[b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"],
        &[page.as_bytes()],
        &[font.as_bytes()],
        &[stream.as_bytes(), &compressed, b"\nendstream"],
    ];
    // the second line marks the file as binary
    let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = String::new();
    for (number, object) in (1..).zip(objects) {
        offsets.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(object.concat());
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 6\n0000000000 65535 f \n{offsets}").bytes());
    file.extend(format!("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").bytes());
    file
}

/// Escapes the content of a literal string.
fn escape(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for c in line.chars() {
        match c {
            '(' | ')' | '\\' => escaped.extend(['\\', c]),
            '\u{20}'..='\u{7e}' => escaped.push(c),
            '\u{a0}'..='\u{ff}' => escaped.push_str(&format!("\\{:03o}", u32::from(c))),
            _ => escaped.push('?'),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_not_found_without_decoding() {
        for file in [png("The picture shows UME-424303."), pdf("The report says UME-424303.")] {
            let text = String::from_utf8_lossy(&file);
            assert!(!file.is_empty() && !text.contains("424303"), "{text}");
        }
    }
}
