#pragma once

#include <string>
#include <string_view>

namespace django {

/// ASCII in small letters; the rest as it is.
std::string lower(std::string_view text);
/// `app.model`: letters, digits and `_`, one dot.
bool is_model_name(std::string_view text);
/// `news` of `news.article`, and `article`.
std::string_view app_of(std::string_view model);
std::string_view class_of(std::string_view model);
/// The model that a row of JSON which nobody can read whole begins with; empty: not to be seen.
std::string model_at_start(std::string_view row);
/// One line: white space folded, control characters gone.
std::string line_of(std::string_view text);
/// At most `bytes` of it, valid UTF-8 cut between characters, with `…` if something is missing.
std::string shortened(std::string_view text, std::size_t bytes = 2000);
/// The first `count` characters.
std::string first_characters(std::string_view text, std::size_t count);

}  // namespace django
