#pragma once

#include "source_text.hpp"

namespace architecture {

/// GCC 12 miscompiles many places of `co_await`. It may only stand at the start of a statement,
/// after `=`, or after `co_return`; with no brace, bracket or `?:` in the rest of its statement,
/// and never in a condition. A lambda that captures must not be a coroutine.
Findings check_co_await(const Source& source);

/// `using namespace` only for literals.
Findings check_using_namespace(const Source& source);

/// No coroutine or thread is let go without somebody who hears of its end.
Findings check_detached(const Source& source);

/// A file that is longer than `lines` does too much.
Findings check_length(const Source& source, std::size_t lines);

/// A public header starts with `#pragma once`, and says of each class what it is for.
Findings check_public_header(const Source& source);

}  // namespace architecture
