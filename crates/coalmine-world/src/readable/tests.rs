//! Files are read as far as possible, and hostile ones do no harm.

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use proptest::prelude::*;

use super::*;
use crate::{Arrival, Message, Role, sample};

const TEXT: &str = "The invoice code is KQX-482913.";

/// Returns the decoded texts of the files of one prompt.
fn read(files: &[&[u8]]) -> Vec<String> {
    let files =
        files.iter().map(|content| PromptFile::with_content(Arrival::Inline, content.to_vec())).collect();
    let message = Message { files, ..Message::text(Role::User, "see") };
    let mut prompt = Prompt { messages: vec![message], ..Prompt::default() };
    unpack(&mut prompt);
    prompt.messages.swap_remove(0).files.into_iter().map(|file| file.text).collect()
}

fn read_one(content: &[u8]) -> String {
    read(&[content]).swap_remove(0)
}

struct Pixels {
    width: u32,
    height: u32,
    colors: Vec<u8>,
}

fn pixels(image: &[u8]) -> Pixels {
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(image)).read_info().unwrap();
    let mut colors = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut colors).unwrap();
    Pixels { width: reader.info().width, height: reader.info().height, colors }
}

/// Encodes an image again, without its text chunks, as many libraries do.
fn reencode(image: &[u8], filter: ::png::Filter, color: ::png::ColorType) -> Vec<u8> {
    let Pixels { width, height, colors } = pixels(image);
    let colors: Vec<u8> = match color {
        ::png::ColorType::Rgba => colors.chunks(3).flat_map(|c| [c[0], c[1], c[2], 0xff]).collect(),
        _ => colors,
    };
    let mut file = vec![];
    let mut encoder = ::png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_filter(filter);
    encoder.set_compression(::png::Compression::High);
    encoder.write_header().unwrap().write_image_data(&colors).unwrap();
    file
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(vec![], Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    // checksums are ignored
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &[0; 4]].concat()
}

/// Creates an image of one black pixel, with chunks before it.
fn with_chunks(chunks: &[u8]) -> Vec<u8> {
    let header = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    let pixel = chunk(b"IDAT", &zlib(&[0, 0]));
    [b"\x89PNG\r\n\x1a\n", &header[..], chunks, &pixel, &chunk(b"IEND", &[])].concat()
}

#[test]
fn reads_pixels_after_every_reencoding() {
    use ::png::{ColorType, Filter};
    let original = sample::png(TEXT);
    assert!(read_one(&original).contains(TEXT));
    for filter in [Filter::NoFilter, Filter::Sub, Filter::Up, Filter::Avg, Filter::Paeth, Filter::Adaptive] {
        for color in [ColorType::Rgb, ColorType::Rgba] {
            let reencoded = reencode(&original, filter, color);
            let plain = String::from_utf8_lossy(&reencoded).into_owned();
            assert!(!plain.contains("482913"), "the code is compressed");
            assert!(read_one(&reencoded).contains(TEXT), "{filter:?} {color:?}");
        }
    }
}

#[test]
fn reads_every_kind_of_text_chunk() {
    let latin = [b"Comment\0\0", &zlib(TEXT.as_bytes())[..]].concat();
    let utf8 = [b"Comment\0\x01\0\0\0", &zlib("Größe KQX-1".as_bytes())[..]].concat();
    let plain = b"Comment\0plain KQX-2";
    let image = with_chunks(&[chunk(b"zTXt", &latin), chunk(b"iTXt", &utf8), chunk(b"tEXt", plain)].concat());
    let text = read_one(&image);
    for expected in [TEXT, "Größe KQX-1", "plain KQX-2"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let cut = &image[..image.len() - 20];
    assert!(read_one(cut).contains(TEXT), "everything before the break is read");
}

#[test]
fn reads_compressed_documents() {
    let document = sample::pdf(&format!("Invoice (third\\quarter)\n{TEXT}\nGrüße"));
    assert!(!String::from_utf8_lossy(&document).contains("482913"), "the code is compressed");
    let text = read_one(&document);
    assert!(text.contains(&format!("\nInvoice (third\\quarter)\n{TEXT}\nGrüße\n")), "{text}");
}

#[test]
fn reads_plain_and_broken_streams() {
    let packed = zlib(format!("BT ({TEXT}) Tj ET {}", "(more) Tj ".repeat(500)).as_bytes());
    let document =
        |stream: &[u8]| [b"%PDF-1.7\n1 0 obj <<>> stream\r\n", stream, b"\nendstream endobj"].concat();
    assert!(read_one(&document(b"BT [(KQX-) 5 (482913)] TJ ET")).contains("\nKQX-482913\n"));
    assert!(read_one(&document(&packed[..packed.len() - 9])).contains(TEXT));
    let two = [&document(&packed)[..], &document(b"(behind) Tj")].concat();
    assert!(read_one(&two).ends_with("behind"));
}

#[test]
fn reads_streams_in_base_85() {
    // `BT (KQX-482913) Tj ET`
    let digits = "6<#'U92SeC1cR6N0f(7$<,*OE;u~>";
    let document = format!(
        "%PDF-1.3 <</Filter [ /ASCII85Decode ]>> stream\n{digits}endstream\nstream\n(more) Tj endstream"
    );
    let text = read_one(document.as_bytes());
    assert!(text.ends_with("\nKQX-482913\nmore"), "{text}");
}

#[test]
fn reads_anything_else_as_plain_text() {
    assert_eq!(read_one(b"the code is KQX-1"), "the code is KQX-1");
    assert_eq!(read_one(b"a\xffb"), "a\u{fffd}b");
    let (text, packed) = read_plain(b"BT (x) Tj ET".to_vec());
    assert_eq!((text.as_str(), packed), ("BT (x) Tj ET", None));
}

#[test]
fn does_not_read_files_without_content() {
    let link = PromptFile::at_location(Arrival::Link, "https://example.invalid/invoice.png");
    let message = Message { files: vec![link], ..Message::text(Role::User, "see") };
    let mut prompt = Prompt { messages: vec![message], ..Prompt::default() };
    unpack(&mut prompt);
    assert_eq!(prompt.question(), "see\nhttps://example.invalid/invoice.png");
}

#[test]
fn decodes_a_bounded_part_of_bombs() {
    let letters = vec![b'a'; 12 << 20];
    let image = with_chunks(&chunk(b"zTXt", &[b"C\0\0", &zlib(&letters)[..]].concat()));
    let document = [b"%PDF-1.7 stream\n", &zlib(&[b"(", &letters[..], b") Tj"].concat())[..]].concat();
    let wide = {
        let header =
            chunk(b"IHDR", &[&(1_u32 << 24).to_be_bytes()[..], &[0, 0, 0, 64, 8, 0, 0, 0, 0]].concat());
        [b"\x89PNG\r\n\x1a\n", &header[..], &chunk(b"IDAT", &zlib(&letters))].concat()
    };
    let tall = {
        let header = chunk(b"IHDR", &[0, 0, 4, 0, 0, 0, 32, 0, 8, 0, 0, 0, 0]);
        let rows = [&[0][..], &[b'a'; 1024]].concat().repeat(8 << 10);
        [b"\x89PNG\r\n\x1a\n", &header[..], &chunk(b"IDAT", &zlib(&rows))].concat()
    };
    assert!(read_one(&tall).len() > MAX_FILE_BYTES / 2, "the beginning is read");
    for bomb in [image, document, wide, tall] {
        let length = read_one(&bomb).len();
        assert!(length <= MAX_FILE_BYTES + 3 * bomb.len(), "{length} bytes of {}", bomb.len());
    }
}

#[test]
fn files_of_a_prompt_share_one_bound() {
    let stream = zlib(&[b"(", &vec![b'a'; 3 << 20][..], b") Tj"].concat());
    let document = [b"%PDF-1.7 stream\n", &stream[..]].concat();
    let texts = read(&vec![&document[..]; 40]);
    let unpacked = texts.iter().filter(|text| text.len() > 3 << 20).count();
    assert!((1..=MAX_PROMPT_BYTES / (3 << 20)).contains(&unpacked), "{unpacked}");
}

proptest! {
    #[test]
    fn decodes_a_bounded_part_of_any_file(
        which in 0..2_usize,
        cut in 0..400_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        junk in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut file = if which == 0 { sample::png(TEXT) } else { sample::pdf(TEXT) };
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        file.truncate(file.len().saturating_sub(cut));
        file.extend(junk);
        prop_assert!(read_one(&file).len() <= MAX_FILE_BYTES + 3 * file.len() + 1);
    }

    #[test]
    fn reads_any_stream(stream in "([()<>\\[\\]\\\\%'\" 0-9a-fTjJ]|\\PC|\n){0,80}") {
        let file = format!("%PDF-1.7 stream\n{stream}\nendstream /ASCII85Decode stream\n{stream}");
        read_one(file.as_bytes());
    }

    #[test]
    fn reads_every_text_of_sample_files(text in "[ -~]{4,300}") {
        prop_assert!(read_one(&sample::png(&text)).contains(&text));
        prop_assert!(read_one(&sample::pdf(&text)).contains(&text));
    }
}
