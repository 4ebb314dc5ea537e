#pragma once

namespace image {

/// Has every codec do what it does once in a process (tables, choices by the processor), with a
/// picture of our own: in the sandbox they could not ask any more.
void warm_up();

}  // namespace image
