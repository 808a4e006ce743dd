//! SVG to PNG, with fonts of our own: the same pixels on every machine.

use std::sync::Arc;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::Fault;

/// Pixels of the PNG for each of the SVG.
const SCALE: f32 = 2.0;
const REGULAR: &[u8] = include_bytes!("../../../assets/DejaVuSans.ttf");
const BOLD: &[u8] = include_bytes!("../../../assets/DejaVuSans-Bold.ttf");

/// The bytes of a PNG file that looks as `svg` does, at twice its size.
pub fn from_svg(svg: &str) -> Result<Vec<u8>, Fault> {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    let options = Options { fontdb: Arc::new(fonts), ..Options::default() };
    let tree = Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size();
    let scaled = |length: u32| (length as f32 * SCALE) as u32;
    let mut pixels =
        Pixmap::new(scaled(size.width()), scaled(size.height())).ok_or("the SVG has no size")?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut pixels.as_mut());
    Ok(pixels.encode_png()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::chart::CHARTS;
    use crate::report::fixture;

    #[test]
    fn a_chart_becomes_the_same_pixels_twice() {
        let svg = (CHARTS[3].draw)(&fixture::shop()).unwrap();
        let png = from_svg(&svg).unwrap();
        assert_eq!(&png[1..4], b"PNG");
        assert_eq!(png, from_svg(&svg).unwrap());
    }

    #[test]
    fn what_is_no_svg_is_an_error() {
        assert!(from_svg("<svg").is_err());
    }
}
