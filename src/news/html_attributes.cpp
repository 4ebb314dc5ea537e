#include "html_attributes.hpp"

#include <algorithm>
#include <charconv>

#include "base/html_characters.hpp"
#include "html_address.hpp"

namespace news {

namespace {

constexpr std::size_t data_attributes_max = 32;
constexpr std::size_t data_name_max = 64;
constexpr int number_max = 20000;

void append(std::string& out, std::string_view name, std::string_view value) {
    out += ' ';
    out += name;
    out += "=\"";
    base::append_html(out, value, base::HtmlPlace::value);
    out += '"';
}

void append_text(std::string& out, const HtmlToken& token, std::string_view name) {
    auto value = value_of(token, name);
    if (!value.empty()) append(out, name, value);
}

/// A number from `least` on; pixels may be named.
void append_number(std::string& out, const HtmlToken& token, std::string_view name, int least) {
    auto value = value_of(token, name);
    std::string_view text = value;
    while (!text.empty() && is_html_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_html_space(text.back())) text.remove_suffix(1);
    if (text.ends_with("px")) text.remove_suffix(2);
    int number = 0;
    auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool whole = failed == std::errc() && end == text.data() + text.size();
    if (whole && number >= least && number <= number_max) append(out, name, std::to_string(number));
}

void append_sizes(std::string& out, const HtmlToken& token) {
    append_number(out, token, "width", 1);
    append_number(out, token, "height", 1);
}

void append_target(std::string& out, const HtmlToken& token) {
    static constexpr std::string_view known[] = {"author",    "bookmark", "external", "license",
                                                 "me",        "nofollow", "noopener", "noreferrer",
                                                 "sponsored", "tag",      "ugc"};
    bool is_new = is_same_word(value_of(token, "target"), "_blank");
    auto words = " " + to_small_letters(value_of(token, "rel")) + " ";
    std::replace_if(words.begin(), words.end(), is_html_space, ' ');
    // Or the new page could turn this one into another.
    if (is_new) words += "noopener ";
    std::string kept;
    for (auto word : known) {
        if (words.find(" " + std::string(word) + " ") == std::string::npos) continue;
        if (!kept.empty()) kept += ' ';
        kept += word;
    }
    if (is_new) append(out, "target", "_blank");
    if (!kept.empty()) append(out, "rel", kept);
}

/// `data-` names, without it, that known scripts act on; those with a dash at their end are only
/// beginnings of names, the others also whole ones.
constexpr std::string_view script_names[] = {
    "action", "ajax",       "bind",  "bs-",   "controller", "dismiss", "dojo-",
    "hx-",    "ic-",        "mage-", "ng-",   "on-",        "oj-",     "provide",
    "remote", "ride",       "rv-",   "slide", "sly-",       "spy",     "toggle",
    "turbo",  "turbolinks", "uk-",   "up-",   "win-",       "wp-",     "x-"};
constexpr std::size_t script_name_max = 32;  ///< longer than any of them

bool is_of_family(std::string_view name, std::string_view family) {
    if (!name.starts_with(family)) return false;
    return family.ends_with('-') || name.size() == family.size() || name[family.size()] == '-';
}

bool is_data_name(std::string_view name) {
    return !is_event_handler(name) && name.starts_with("data-") && name.size() > 5 &&
           name.size() <= data_name_max && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

}  // namespace

bool is_event_handler(std::string_view name) {
    constexpr std::string_view data = "data-";
    auto start = to_small_letters(name.substr(0, script_name_max));
    std::string_view rest = start;
    if (!rest.starts_with(data)) return rest.starts_with("on");
    rest.remove_prefix(data.size());
    return std::any_of(std::begin(script_names), std::end(script_names),
                       [&](std::string_view family) { return is_of_family(rest, family); });
}

std::string value_of(const HtmlToken& token, std::string_view name) {
    const auto* attribute = token.find(name);
    return attribute ? base::decode_html(attribute->value, base::HtmlPlace::value) : std::string();
}

std::string link_attributes(const HtmlToken& token) {
    std::string out;
    auto address = link_address(value_of(token, "href"));
    if (!address) return out;
    append(out, "href", *address);
    append_text(out, token, "title");
    append_target(out, token);
    return out;
}

std::string image_attributes(const HtmlToken& token) {
    std::string out;
    auto address = image_address(value_of(token, "src"));
    if (!address) return out;
    append(out, "src", *address);
    append(out, "alt", value_of(token, "alt"));
    append_text(out, token, "title");
    append_sizes(out, token);
    return out;
}

std::string embed_attributes(const HtmlToken& token, const std::vector<std::string>& hosts) {
    std::string out;
    auto address = embed_address(value_of(token, "src"), hosts);
    if (!address) return out;
    append(out, "src", *address);
    append_text(out, token, "title");
    append_sizes(out, token);
    if (token.find("allowfullscreen")) append(out, "allowfullscreen", "");
    return out;
}

std::string data_attributes(const HtmlToken& token) {
    std::string out;
    auto kind = value_of(token, "data-block");
    if (kind.empty()) return out;
    append(out, "data-block", kind);
    std::vector<std::string> names = {"data-block"};
    for (const auto& attribute : token.attributes) {
        auto name = to_small_letters(attribute.name.substr(0, data_name_max + 1));
        bool is_new = std::find(names.begin(), names.end(), name) == names.end();
        if (!is_new || !is_data_name(name) || names.size() == data_attributes_max) continue;
        append(out, name, base::decode_html(attribute.value, base::HtmlPlace::value));
        names.push_back(std::move(name));
    }
    return out;
}

std::string list_attributes(const HtmlToken& token) {
    std::string out;
    append_number(out, token, "start", 0);
    return out;
}

std::string cell_attributes(const HtmlToken& token) {
    std::string out;
    append_number(out, token, "colspan", 2);
    append_number(out, token, "rowspan", 2);
    return out;
}

}  // namespace news
