#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace news {

// Addresses that may stand in news, each written in one way: white space around and line breaks
// within are left out, `//host` means https. Nothing for all others; among them those that browsers
// read in another way than they look: with a backslash, a user name, a control character. What they
// are given is decoded. Pure.

/// For a reader to follow: http, https, mailto, tel, a path of the site, a place in the page.
std::optional<std::string> link_address(std::string_view written);
/// For a browser to load: http, https, a path of the site.
std::optional<std::string> image_address(std::string_view written);
/// https, of just such a host.
std::optional<std::string> embed_address(std::string_view written,
                                         const std::vector<std::string>& hosts);

}  // namespace news
