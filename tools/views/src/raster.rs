//! A picture as PNG.

use std::sync::{Arc, LazyLock};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{self, fontdb},
};

use crate::picture::Picture;

/// Why there is no PNG.
#[derive(Debug, thiserror::Error)]
pub enum RasterError {
    /// The picture can't be read: a defect of this library.
    #[error("the picture can't be read: {0}")]
    Svg(#[from] usvg::Error),
    /// It is larger than memory allows.
    #[error("a picture of {0} by {1} pixels is too large")]
    Size(u32, u32),
    /// It can't be written.
    #[error("the PNG can't be written: {0}")]
    Png(String),
}

/// Reading fonts takes longer than drawing.
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for font in [dejavu::sans::regular(), dejavu::sans::bold()] {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family("DejaVu Sans");
    Arc::new(fonts)
});

/// The largest side of a PNG.
const MAX_SIDE: f32 = 16_384.0;

/// Draws a picture in pixels, `scale` of them for each of its own.
///
/// # Errors
/// If it is too large.
pub fn png(picture: &Picture, scale: f32) -> Result<Vec<u8>, RasterError> {
    let options =
        usvg::Options { fontdb: Arc::clone(&FONTS), font_family: "DejaVu Sans".into(), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(&picture.svg, &options)?;
    #[expect(clippy::cast_precision_loss, reason = "a picture's size")]
    let (width, height) = (picture.width as f32 * scale, picture.height as f32 * scale);
    let too_large = || RasterError::Size(picture.width, picture.height);
    if !(1.0..=MAX_SIDE).contains(&width) || !(1.0..=MAX_SIDE).contains(&height) {
        return Err(too_large());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    let mut pixels = Pixmap::new(width.ceil() as u32, height.ceil() as u32).ok_or_else(too_large)?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| RasterError::Png(error.to_string()))
}
