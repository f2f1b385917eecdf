//! What is read in files, and that no file does harm.

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};
use proptest::prelude::*;

use super::*;
use crate::{Arrival, Message, Role, sample};

const TOLD: &str = "The invoice code is KQX-482913.";

/// The text of files of one prompt, unpacked.
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

/// The colours of an image.
fn pixels(image: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = ::png::Decoder::new(std::io::Cursor::new(image)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    (reader.info().width, reader.info().height, pixels)
}

/// Writes an image anew, as a library does that knows nothing of text chunks.
fn written_anew(image: &[u8], filter: ::png::Filter, colour: ::png::ColorType) -> Vec<u8> {
    let (width, height, pixels) = pixels(image);
    let pixels: Vec<u8> = match colour {
        ::png::ColorType::Rgba => pixels.chunks(3).flat_map(|p| [p[0], p[1], p[2], 0xff]).collect(),
        _ => pixels,
    };
    let mut file = vec![];
    let mut encoder = ::png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    encoder.set_filter(filter);
    encoder.set_compression(::png::Compression::High);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

fn zlib(content: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(vec![], Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    // checksums are not looked at
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &[0; 4]].concat()
}

/// An image of one black pixel with chunks before it.
fn with_chunks(chunks: &[u8]) -> Vec<u8> {
    let header = chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    let pixel = chunk(b"IDAT", &zlib(&[0, 0]));
    [b"\x89PNG\r\n\x1a\n", &header[..], chunks, &pixel, &chunk(b"IEND", &[])].concat()
}

#[test]
fn an_image_is_read_by_its_pixels_however_it_was_written_anew() {
    use ::png::{ColorType, Filter};
    let made = sample::png(TOLD);
    assert!(read_one(&made).contains(TOLD));
    for filter in [Filter::NoFilter, Filter::Sub, Filter::Up, Filter::Avg, Filter::Paeth, Filter::Adaptive] {
        for colour in [ColorType::Rgb, ColorType::Rgba] {
            let anew = written_anew(&made, filter, colour);
            let plain = String::from_utf8_lossy(&anew).into_owned();
            assert!(!plain.contains("482913"), "the code is packed away");
            assert!(read_one(&anew).contains(TOLD), "{filter:?} {colour:?}");
        }
    }
}

#[test]
fn text_chunks_of_every_kind_are_read() {
    let latin = [b"Comment\0\0", &zlib(TOLD.as_bytes())[..]].concat();
    let utf8 = [b"Comment\0\x01\0\0\0", &zlib("Größe KQX-1".as_bytes())[..]].concat();
    let plain = b"Comment\0plain KQX-2";
    let image = with_chunks(&[chunk(b"zTXt", &latin), chunk(b"iTXt", &utf8), chunk(b"tEXt", plain)].concat());
    let text = read_one(&image);
    for told in [TOLD, "Größe KQX-1", "plain KQX-2"] {
        assert!(text.contains(told), "{told}: {text}");
    }
    let cut = &image[..image.len() - 20];
    assert!(read_one(cut).contains(TOLD), "what stands before a break is read");
}

#[test]
fn a_document_is_read_through_its_compressed_stream() {
    let made = sample::pdf(&format!("Invoice (third\\quarter)\n{TOLD}\nGrüße"));
    assert!(!String::from_utf8_lossy(&made).contains("482913"), "the code is packed away");
    let text = read_one(&made);
    assert!(text.contains(&format!("\nInvoice (third\\quarter)\n{TOLD}\nGrüße\n")), "{text}");
}

#[test]
fn streams_that_are_plain_or_broken_are_read_as_far_as_they_go() {
    let packed = zlib(format!("BT ({TOLD}) Tj ET {}", "(more) Tj ".repeat(500)).as_bytes());
    let document =
        |stream: &[u8]| [b"%PDF-1.7\n1 0 obj <<>> stream\r\n", stream, b"\nendstream endobj"].concat();
    assert!(read_one(&document(b"BT [(KQX-) 5 (482913)] TJ ET")).contains("\nKQX-482913\n"));
    assert!(read_one(&document(&packed[..packed.len() - 9])).contains(TOLD));
    let two = [&document(&packed)[..], &document(b"(behind) Tj")].concat();
    assert!(read_one(&two).ends_with("behind"));
}

#[test]
fn a_stream_in_letters_is_read() {
    // `BT (KQX-482913) Tj ET`
    let letters = "6<#'U92SeC1cR6N0f(7$<,*OE;u~>";
    let document = format!(
        "%PDF-1.3 <</Filter [ /ASCII85Decode ]>> stream\n{letters}endstream\nstream\n(more) Tj endstream"
    );
    let text = read_one(document.as_bytes());
    assert!(text.ends_with("\nKQX-482913\nmore"), "{text}");
}

#[test]
fn what_is_no_packed_format_is_read_as_it_stands() {
    assert_eq!(read_one(b"the code is KQX-1"), "the code is KQX-1");
    assert_eq!(read_one(b"a\xffb"), "a\u{fffd}b");
    let (text, packed) = take_in(b"BT (x) Tj ET".to_vec());
    assert_eq!((text.as_str(), packed), ("BT (x) Tj ET", None));
}

#[test]
fn a_file_whose_bytes_did_not_come_is_not_seen() {
    let place = PromptFile::at_location(Arrival::Link, "https://example.invalid/invoice.png");
    let message = Message { files: vec![place], ..Message::text(Role::User, "see") };
    let mut prompt = Prompt { messages: vec![message], ..Prompt::default() };
    unpack(&mut prompt);
    assert_eq!(prompt.question(), "see\nhttps://example.invalid/invoice.png");
}

#[test]
fn little_comes_out_of_much_that_is_packed() {
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
    assert!(read_one(&tall).len() > FILE_BYTES / 2, "the beginning is read");
    for bomb in [image, document, wide, tall] {
        let length = read_one(&bomb).len();
        assert!(length <= FILE_BYTES + 3 * bomb.len(), "{length} bytes of {}", bomb.len());
    }
}

#[test]
fn all_files_of_a_prompt_share_one_bound() {
    let stream = zlib(&[b"(", &vec![b'a'; 3 << 20][..], b") Tj"].concat());
    let document = [b"%PDF-1.7 stream\n", &stream[..]].concat();
    let texts = read(&vec![&document[..]; 40]);
    let unpacked = texts.iter().filter(|text| text.len() > 3 << 20).count();
    assert!((1..=PROMPT_BYTES / (3 << 20)).contains(&unpacked), "{unpacked}");
}

proptest! {
    #[test]
    fn no_file_does_harm(
        which in 0..2_usize,
        cut in 0..400_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        junk in prop::collection::vec(any::<u8>(), 0..64),
    ) {
        let mut file = if which == 0 { sample::png(TOLD) } else { sample::pdf(TOLD) };
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        file.truncate(file.len().saturating_sub(cut));
        file.extend(junk);
        prop_assert!(read_one(&file).len() <= FILE_BYTES + 3 * file.len() + 1);
    }

    #[test]
    fn any_stream_is_read(stream in "([()<>\\[\\]\\\\%'\" 0-9a-fTjJ]|\\PC|\n){0,80}") {
        let file = format!("%PDF-1.7 stream\n{stream}\nendstream /ASCII85Decode stream\n{stream}");
        read_one(file.as_bytes());
    }

    #[test]
    fn every_text_is_found_in_what_was_made_of_it(text in "[ -~]{4,300}") {
        prop_assert!(read_one(&sample::png(&text)).contains(&text));
        prop_assert!(read_one(&sample::pdf(&text)).contains(&text));
    }
}
