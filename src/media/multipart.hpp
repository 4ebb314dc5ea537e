#pragma once

// multipart/form-data (RFC 7578) as it comes, in pieces of any size. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace media {

/// The boundary that a Content-Type names; nothing if it is none of multipart/form-data, or names
/// none that RFC 2046 allows.
std::optional<std::string> boundary_of(std::string_view content_type);

/// Who hears what is in a form. A refusal ends the reading.
class FormListener {
public:
    virtual ~FormListener() = default;
    /// `is_file`: it has a file name, which nobody needs.
    virtual base::Result<void> begin_part(std::string_view name, bool is_file) = 0;
    virtual base::Result<void> data(std::string_view bytes) = 0;
    virtual base::Result<void> end_part() = 0;
};

/// Reads one form. Holds no more than a piece, a boundary and one part's head, which has 4 KiB at
/// most; a form has 20 parts at most. Refused with `malformed_form` and a sentence.
class FormReader {
public:
    FormReader(const std::string& boundary, FormListener& listener);

    base::Result<void> take(std::string_view piece);
    /// Nothing more comes.
    base::Result<void> end() const;

private:
    enum class State { before_first, after_boundary, in_head, in_data, done };

    base::Result<bool> step();
    base::Result<bool> find_first();
    base::Result<bool> read_after_boundary();
    base::Result<bool> read_head();
    base::Result<bool> read_data();

    const std::string delimiter_;  ///< with the line break before it
    FormListener& listener_;
    State state_ = State::before_first;
    std::string held_;
    int parts_ = 0;
};

}  // namespace media
