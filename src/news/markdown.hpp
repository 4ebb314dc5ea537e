#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace news {

/// HTML of Markdown: CommonMark, with tables, ~~struck~~ text and addresses that become links by
/// themselves. HTML within it is text, so nothing of it is markup. What comes out is to be cleaned
/// (clean_html()): addresses are as they were written. Nothing if it has, or would have, more
/// than `bytes_max`, or so many links in long paragraphs that it would take long. `markdown` is
/// valid UTF-8. Parsed by md4c. Pure.
std::optional<std::string> html_of_markdown(std::string_view markdown, std::size_t bytes_max);

}  // namespace news
