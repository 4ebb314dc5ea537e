#include "html_address.hpp"

#include <algorithm>

#include "base/unicode.hpp"
#include "html_reader.hpp"

namespace news {

namespace {

/// What is left of it in a browser; nothing if it has a character that cannot be seen.
std::optional<std::string> tidy(std::string_view written) {
    std::string address;
    for (char c : written) {
        if (c == '\t' || c == '\n' || c == '\r') continue;
        auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) return std::nullopt;
        address += c;
    }
    auto first = address.find_first_not_of(' ');
    if (first == std::string::npos) return std::nullopt;
    auto last = address.find_last_not_of(' ');
    return address.substr(first, last + 1 - first);
}

/// The part that names a server, of an address with `//` at `slashes`.
std::string_view authority_of(std::string_view address, std::size_t slashes) {
    auto rest = address.substr(slashes + 2);
    return rest.substr(0, rest.find_first_of("/?#"));
}

bool is_number_up_to(std::string_view text, int most) {
    if (text.empty() || text.size() > 5) return false;
    int number = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return false;
        number = number * 10 + (c - '0');
    }
    return number <= most;
}

std::vector<std::string_view> labels_of(std::string_view host) {
    std::vector<std::string_view> labels;
    for (std::size_t begin = 0; begin <= host.size();) {
        auto end = std::min(host.find('.', begin), host.size());
        labels.push_back(host.substr(begin, end - begin));
        begin = end + 1;
    }
    return labels;
}

/// A name of DNS, in any script, or an IPv4 address: what a browser finds in an address, and no
/// other spelling of it.
bool names_server(std::string_view written) {
    constexpr std::size_t host_max = 253;
    auto host = base::to_ascii_domain(written);
    if (!host || host->size() > host_max) return false;
    auto labels = labels_of(*host);
    for (auto label : labels) {
        auto good = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        };
        if (label.empty() || !std::all_of(label.begin(), label.end(), good)) return false;
    }
    // A browser takes whatever ends in a number for an address, however short it is.
    auto last = labels.back();
    if (last.find_first_not_of("0123456789") != last.npos && !last.starts_with("0x")) return true;
    auto is_byte = [](std::string_view label) {
        return is_number_up_to(label, 255) && (label.size() == 1 || label[0] != '0');
    };
    return labels.size() == 4 && std::all_of(labels.begin(), labels.end(), is_byte);
}

bool is_authority(std::string_view authority) {
    auto colon = authority.find(':');
    bool good_port = colon == authority.npos || is_number_up_to(authority.substr(colon + 1), 65535);
    return good_port && names_server(authority.substr(0, colon));
}

bool is_site_path(std::string_view address) {
    return address.starts_with('/') && !address.starts_with("//") &&
           address.substr(0, address.find_first_of("?#")).find('\\') == address.npos;
}

/// An address of a server, http or https; its scheme in small letters.
std::optional<std::string> server_address(std::string address) {
    if (address.starts_with("//")) address.insert(0, "https:");
    auto colon = address.find(':');
    if (colon == std::string::npos || address.compare(colon + 1, 2, "//") != 0) return {};
    auto scheme = to_small_letters(address.substr(0, colon));
    if (scheme != "http" && scheme != "https") return {};
    if (!is_authority(authority_of(address, colon + 1))) return {};
    return address.replace(0, colon, scheme);
}

}  // namespace

std::optional<std::string> link_address(std::string_view written) {
    auto address = tidy(written);
    if (!address) return {};
    if (address->starts_with('#') || is_site_path(*address)) return address;
    auto colon = address->find(':');
    auto scheme = to_small_letters(address->substr(0, std::min(colon, address->size())));
    bool is_person = colon != std::string::npos && (scheme == "mailto" || scheme == "tel");
    if (is_person && address->compare(colon + 1, 1, "/") == 0) return {};
    if (is_person) return address->replace(0, colon, scheme);
    return server_address(std::move(*address));
}

std::optional<std::string> image_address(std::string_view written) {
    auto address = tidy(written);
    if (!address) return {};
    if (is_site_path(*address)) return address;
    return server_address(std::move(*address));
}

std::optional<std::string> embed_address(std::string_view written,
                                         const std::vector<std::string>& hosts) {
    auto address = tidy(written);
    if (address) address = server_address(std::move(*address));
    if (!address || !address->starts_with("https:")) return {};
    auto host = to_small_letters(authority_of(*address, 6));
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) return {};
    return address;
}

}  // namespace news
