//! Small files that a canary can send: real ones, which any viewer shows, with a text that only whoever reads them finds.

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use png::{BitDepth, ColorType, Encoder, EncodingError};

/// Pixels in a row, and rows at least.
const WIDTH: u32 = 64;
const ROWS: usize = 16;
/// Bytes of a row: red, green and blue.
const ROW: usize = WIDTH as usize * 3;

/// An image (PNG, 64 pixels wide) that holds a text twice: as a text chunk, and spelt again and again by its pixels'
/// colours. It is still there after the image was written anew without loss, or after its chunks were dropped. ASCII is
/// packed in both places, so that whoever takes the file for a text does not find it.
pub fn png(text: &str) -> Vec<u8> {
    // nothing that is written to memory fails
    image(text).unwrap_or_default()
}

fn image(text: &str) -> Result<Vec<u8>, EncodingError> {
    let line = format!("{text}\n");
    let rows = line.len().div_ceil(ROW).max(ROWS);
    let pixels: Vec<u8> = line.bytes().cycle().take(rows * ROW).collect();
    let mut file = vec![];
    let mut encoder = Encoder::new(&mut file, WIDTH, u32::try_from(rows).unwrap_or(u32::MAX));
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    match text.is_ascii() {
        true => encoder.add_ztxt_chunk("Comment".into(), text.to_owned())?,
        false => encoder.add_itxt_chunk("Comment".into(), text.to_owned())?,
    }
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

/// A document (PDF, one page of A4) that shows a text, line by line, from a compressed content stream. Letters beyond
/// Latin-1 become question marks; a line of more than 70 letters runs off the page.
pub fn pdf(text: &str) -> Vec<u8> {
    let mut content = String::from("BT /F1 12 Tf 16 TL 72 770 Td\n");
    for line in text.lines() {
        content.extend(["(", &escaped(line), ") Tj T*\n"]);
    }
    content.push_str("ET\n");
    // what does not get shorter is stored as it stands
    content.push_str(&" ".repeat(500));
    let mut encoder = ZlibEncoder::new(vec![], Compression::default());
    // nothing that is written to memory fails
    let _ = encoder.write_all(content.as_bytes());
    let packed = encoder.finish().unwrap_or_default();
    let stream = format!("<< /Length {} /Filter /FlateDecode >>\nstream\n", packed.len());
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R \
                /Resources << /Font << /F1 4 0 R >> >> >>";
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
    let objects: [&[&[u8]]; 5] = [
        &[b"<< /Type /Catalog /Pages 2 0 R >>"],
        &[b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"],
        &[page.as_bytes()],
        &[font.as_bytes()],
        &[stream.as_bytes(), &packed, b"\nendstream"],
    ];
    // the second line says that the file is no text
    let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut places = String::new();
    for (number, object) in (1..).zip(objects) {
        places.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(object.concat());
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 6\n0000000000 65535 f \n{places}").bytes());
    file.extend(format!("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").bytes());
    file
}

/// The inside of a literal string.
fn escaped(line: &str) -> String {
    let letter = |c: char| match u32::from(c) {
        _ if matches!(c, '(' | ')' | '\\') => format!("\\{c}"),
        0x20..=0x7e => c.to_string(),
        0xa0..=0xff => format!("\\{:03o}", u32::from(c)),
        _ => "?".to_owned(),
    };
    line.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_takes_a_file_for_text_does_not_find_what_it_shows() {
        for file in [png("The picture shows UME-424303."), pdf("The report says UME-424303.")] {
            let text = String::from_utf8_lossy(&file);
            assert!(!file.is_empty() && !text.contains("424303"), "{text}");
        }
    }
}
