#pragma once

#include "cut.hpp"
#include "pixels.hpp"

namespace image {

/// The part of `from` that `cut` names, in the size that it names, which is no larger. Two passes,
/// along the rows and then along the columns, with Lanczos' kernel of three lobes widened by the
/// scale (C. E. Duchon, Lanczos Filtering in One and Two Dimensions, J. Appl. Meteorology 18, 1979;
/// K. Turkowski, Filters for Common Resampling Tasks, Graphics Gems I, 1990), on light and not on
/// sRGB's numbers (IEC 61966-2-1), with alpha multiplied in. Holds no more rows than the kernel is
/// high. Pure.
Pixels resample(const Pixels& from, const Cut& cut);

/// As a picture that is stored with that EXIF orientation is to be shown. Pure.
Pixels turn(const Pixels& stored, int orientation);

}  // namespace image
