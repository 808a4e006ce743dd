//! Packed files, unpacked as they are read. The first bytes of a file tell how it is packed:
//! gzip (RFC 1952), bzip2, xz, or zstd (RFC 8878). A file may be several packed ones in a row, as
//! `cat` makes.

use std::io::{self, BufRead, Read};

use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// The most memory that a file of xz may ask for, in KiB: its level -9 takes 65 MiB.
const MOST_KIB: u32 = 256 << 10;

/// How a file is packed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

impl Packing {
    fn of(start: &[u8]) -> Option<Packing> {
        match start {
            [0x1f, 0x8b, ..] => Some(Packing::Gzip),
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Some(Packing::Bzip2),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Packing::Xz),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
            _ => None,
        }
    }

    /// What a person calls it.
    fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Bzip2 => "bzip2",
            Packing::Xz => "xz",
            Packing::Zstd => "zstd",
        }
    }
}

/// What is in `input`, unpacked if it is packed.
pub(super) fn unpacked(mut input: impl BufRead + 'static) -> io::Result<Box<dyn Read>> {
    let Some(packing) = Packing::of(input.fill_buf()?) else { return Ok(Box::new(input)) };
    let inner: Box<dyn Read> = match packing {
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
        Packing::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(input, true, MOST_KIB)),
        Packing::Zstd => {
            Box::new(Frames { source: input, decoder: FrameDecoder::new(), within: false })
        }
    };
    Ok(Box::new(Unpacked { packing, inner }))
}

/// A packed file, whose faults say so.
struct Unpacked {
    packing: Packing,
    inner: Box<dyn Read>,
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let name = self.packing.name();
        let why = |error: io::Error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            io::ErrorKind::UnexpectedEof => {
                io::Error::new(error.kind(), format!("the file packed by {name} ends too early"))
            }
            kind => io::Error::new(kind, format!("it cannot be unpacked by {name}: {error}")),
        };
        self.inner.read(buffer).map_err(why)
    }
}

/// Frames of zstd, one after another. A frame that is to be skipped is.
struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
    within: bool,
}

impl<R: BufRead> Frames<R> {
    /// Begins the next frame; false at the end of the file.
    fn begin(&mut self) -> io::Result<bool> {
        if self.source.fill_buf()?.is_empty() {
            return Ok(false);
        }
        match self.decoder.reset(&mut self.source) {
            Ok(()) => self.within = true,
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                length,
                ..
            })) => {
                let mut skipped = self.source.by_ref().take(u64::from(length));
                io::copy(&mut skipped, &mut io::sink())?;
            }
            Err(error) => return Err(io::Error::other(error.to_string())),
        }
        Ok(true)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        const ONE: BlockDecodingStrategy = BlockDecodingStrategy::UptoBlocks(1);
        while self.within || self.begin()? {
            let decoder = &mut self.decoder;
            while self.within && decoder.can_collect() == 0 && !decoder.is_finished() {
                let decoded = decoder.decode_blocks(&mut self.source, ONE);
                decoded.map_err(|error| io::Error::other(error.to_string()))?;
            }
            if self.within && decoder.can_collect() > 0 {
                return decoder.read(buffer);
            }
            let stated = decoder.get_checksum_from_data().filter(|_| self.within);
            if stated.is_some() && stated != decoder.get_calculated_checksum() {
                return Err(io::Error::other("a checksum is wrong"));
            }
            self.within = false;
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn text() -> String {
        (0..20_000).map(|line| format!("line {line}\n")).collect()
    }

    fn read(packed: Vec<u8>) -> io::Result<String> {
        let mut text = String::new();
        let input = io::BufReader::with_capacity(100, io::Cursor::new(packed));
        unpacked(input)?.read_to_string(&mut text).map(|_| text)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(text.as_bytes()).expect("memory takes all");
        packer.finish().expect("memory takes all")
    }

    fn bzip2(text: &str) -> Vec<u8> {
        let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        packer.write_all(text.as_bytes()).expect("memory takes all");
        packer.finish().expect("memory takes all")
    }

    fn zstd(text: &str) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(
            text.as_bytes(),
            ruzstd::encoding::CompressionLevel::Fastest,
        )
    }

    /// "hello\n" as `xz` packs it.
    const HELLO: &[u8] = &[
        0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x02, 0x00, 0x21,
        0x01, 0x16, 0x00, 0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0x01, 0x00, 0x05, 0x68, 0x65, 0x6c,
        0x6c, 0x6f, 0x0a, 0x00, 0x00, 0x00, 0xa5, 0x60, 0x97, 0xf1, 0x94, 0xf6, 0xfd, 0xe0, 0x00,
        0x01, 0x1e, 0x06, 0xc1, 0x2f, 0xa4, 0x1d, 0x1f, 0xb6, 0xf3, 0x7d, 0x01, 0x00, 0x00, 0x00,
        0x00, 0x04, 0x59, 0x5a,
    ];

    #[test]
    fn packed_files_are_read_as_if_they_were_not_packed() {
        let text = text();
        assert_eq!(read(text.clone().into_bytes()).expect("it is not packed"), text);
        let packers: [fn(&str) -> Vec<u8>; 3] = [gzip, bzip2, zstd];
        for pack in packers {
            assert_eq!(read(pack(&text)).expect("it is whole"), text);
            let twice = [pack(&text), pack("and more")].concat();
            assert_eq!(read(twice).expect("it is whole"), text.clone() + "and more");
        }
        assert_eq!(read(HELLO.repeat(2)).expect("it is whole"), "hello\nhello\n");
        let skipped = [&[0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3][..], &zstd("a")].concat();
        let first = [zstd("b"), skipped].concat();
        assert_eq!(read(first).expect("it is whole"), "ba");
    }

    #[test]
    fn a_packed_file_that_is_not_whole_is_an_error() {
        let text = text();
        for packed in [gzip(&text), bzip2(&text), zstd(&text), HELLO.to_vec()] {
            let cut = packed[..packed.len() - 9].to_vec();
            assert!(read(cut).is_err());
            let mut spoiled = packed;
            let middle = spoiled.len() / 2;
            spoiled[middle] ^= 0x55;
            assert!(read(spoiled).is_err());
        }
    }
}
