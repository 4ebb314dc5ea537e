#include "failure_page.hpp"

#include <algorithm>
#include <charconv>

namespace legacy {

namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t";
    auto first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return out;
}

/// Thousandths (RFC 9110, 12.4.2); what cannot be read is 1.
int weight_of(std::string_view parameters) {
    while (!parameters.empty()) {
        auto end = parameters.find(';');
        auto parameter = trimmed(parameters.substr(0, end));
        parameters.remove_prefix(end == parameters.npos ? parameters.size() : end + 1);
        if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
        double weight = 1;
        std::from_chars(parameter.data() + 2, parameter.data() + parameter.size(), weight);
        return static_cast<int>(std::clamp(weight, 0.0, 1.0) * 1000);
    }
    return 1000;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

/// Whoever changes it changes its hash in failure_page_policy; a test says which.
constexpr const char* style =
    ":root{color-scheme:light dark}"
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto 0;padding:0 1.5rem}"
    "h1{font-size:1.6rem;line-height:1.25}"
    "p:last-child{opacity:.7;font-size:.9rem}";

std::string_view title_of(int status) {
    switch (status) {
        case 400:
            return "This address is not clear";
        case 502:
            return "This page cannot be had just now";
        case 503:
            return "There is too much to do just now";
        case 504:
            return "This page takes too long";
        case 508:
            return "This request runs in a circle";
        default:
            return "This page cannot be shown";
    }
}

}  // namespace

bool prefers_html(std::string_view accept) {
    int html = 0;
    int json = 0;
    while (!accept.empty()) {
        auto comma = accept.find(',');
        auto element = accept.substr(0, comma);
        accept.remove_prefix(comma == accept.npos ? accept.size() : comma + 1);
        auto semicolon = std::min(element.find(';'), element.size());
        auto type = lower(trimmed(element.substr(0, semicolon)));
        auto weight = weight_of(element.substr(semicolon));
        if (type == "text/html" || type == "application/xhtml+xml") html = std::max(html, weight);
        if (type == "application/json" || type.ends_with("+json")) json = std::max(json, weight);
    }
    return html > 0 && html >= json;
}

std::string failure_page(int status, std::string_view message, std::string_view request_id) {
    auto title = escaped(title_of(status));
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
           "<meta name=\"viewport\" content=\"width=device-width\">"
           "<meta name=\"robots\" content=\"noindex\"><title>" +
           title + "</title><style>" + style + "</style></head>\n<body>\n<h1>" + title +
           "</h1>\n<p>" + escaped(message) + "</p>\n<p>" + std::to_string(status) + " · request " +
           escaped(request_id) + "</p>\n</body>\n</html>\n";
}

}  // namespace legacy
