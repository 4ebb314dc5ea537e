#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "html_reader.hpp"

namespace news {

// The attributes that elements of news HTML have, each as ` name="value"`, in one order and written
// anew. Pure.

/// Whether browsers, or scripts that many sites have, do what stands in an attribute of that name.
bool is_event_handler(std::string_view name);

/// What stands in an attribute, decoded; empty if there is none.
std::string value_of(const HtmlToken& token, std::string_view name);

/// href, title, target, rel; empty if it leads nowhere that it may.
std::string link_attributes(const HtmlToken& token);
/// src, alt, title, width, height; empty if there is no picture that may be shown.
std::string image_attributes(const HtmlToken& token);
/// src, title, width, height, allowfullscreen; empty if it is of none of the hosts.
std::string embed_attributes(const HtmlToken& token, const std::vector<std::string>& hosts);
/// data-block and others with data- that no script acts on, 32 at most; empty if it is no block of
/// the site's own.
std::string data_attributes(const HtmlToken& token);
/// start.
std::string list_attributes(const HtmlToken& token);
/// colspan, rowspan.
std::string cell_attributes(const HtmlToken& token);

}  // namespace news
