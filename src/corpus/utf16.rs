//! UTF-16 read as UTF-8.

use std::io::{self, Read};

/// Decodes a stream of UTF-16, whose byte-order mark becomes that of UTF-8.
pub(super) struct Utf16<R> {
    reader: R,
    unit: fn([u8; 2]) -> u16,
    /// Bytes read and not yet decoded: half a unit or half a pair at the most.
    raw: Vec<u8>,
    decoded: Vec<u8>,
    given: usize,
}

impl<R: Read> Utf16<R> {
    /// Decodes `reader`, whose pairs of bytes `unit` puts together.
    pub fn new(reader: R, unit: fn([u8; 2]) -> u16) -> Self {
        Utf16 { reader, unit, raw: Vec::new(), decoded: Vec::new(), given: 0 }
    }

    /// Decodes another piece of the stream; tells whether there was one.
    fn fill(&mut self) -> io::Result<bool> {
        (self.given, self.decoded) = (0, Vec::new());
        let n = (&mut self.reader).take(8192).read_to_end(&mut self.raw)?;
        let end = n == 0;
        let mut units: Vec<u16> = self.raw.chunks_exact(2).map(|pair| (self.unit)([pair[0], pair[1]])).collect();
        if !end && units.last().is_some_and(|u| matches!(u, 0xd800..=0xdbff)) {
            units.pop();
        }
        let text = String::from_utf16(&units)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "no UTF-16: half of a surrogate pair"))?;
        self.raw.drain(..units.len() * 2);
        if end && !self.raw.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "no UTF-16: an odd number of bytes"));
        }
        self.decoded = text.into_bytes();
        Ok(!end)
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // A piece may hold no whole character.
        while self.given == self.decoded.len() && self.fill()? {}
        let n = (&self.decoded[self.given..]).read(out)?;
        self.given += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> io::Result<String> {
        let mut out = String::new();
        Utf16::new(bytes, u16::from_le_bytes).read_to_string(&mut out).map(|_| out)
    }

    fn encode(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn pairs_may_fall_on_any_border() {
        for shift in 0..4 {
            let text = "x".repeat(shift) + &"👍é中".repeat(5000);
            assert_eq!(decode(&encode(&text)).unwrap(), text);
        }
        assert_eq!(decode(b"").unwrap(), "");
    }

    #[test]
    fn broken_streams_are_refused() {
        let whole = encode("a👍");
        assert!(decode(&whole[..4]).unwrap_err().to_string().contains("half of a surrogate pair"));
        assert!(decode(&whole[..5]).is_err());
        assert!(decode(&whole[..1]).unwrap_err().to_string().contains("odd number"));
    }
}
