// What a client asks for in fields: codings, versions, once. Each answer is one that the fields
// allow.
#include <algorithm>
#include <map>
#include <vector>

#include "fuzz/check.hpp"
#include "http/characters.hpp"
#include "http/compression.hpp"
#include "http/conditional.hpp"
#include "http/idempotency.hpp"
#include "identity/token.hpp"

namespace {

using fuzz::require;

/// Thousandths of a weight as RFC 9110, 12.4.2 writes it; less than nothing for other text.
int weight_of(std::string_view text) {
    if (text.size() < 3 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=') return -1;
    text.remove_prefix(2);
    if (text.size() > 5 || (text[0] != '0' && text[0] != '1')) return -1;
    if (text.size() > 1 && text[1] != '.') return -1;
    int weight = (text[0] - '0') * 1000;
    int place = 100;
    for (char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (c < '0' || c > '9') return -1;
        weight += (c - '0') * place;
        place /= 10;
    }
    return weight > 1000 ? -1 : weight;
}

/// The weights of all codings, if the whole of Accept-Encoding is as the RFC wants it.
bool read_codings(const http::Request& request, std::map<std::string, int>& weights) {
    bool good = true;
    for (const auto& field : request.fields) {
        if (!http::equals_lower(field.name, "accept-encoding")) continue;
        http::for_each_element(field.value, [&](std::string_view element) {
            auto rest = element;
            std::string name(http::trim_blanks(fuzz::take_until(rest, ';')));
            for (char& c : name) c = http::to_lower(c);
            if (name == "x-gzip") name = "gzip";
            int weight =
                element.find(';') == element.npos ? 1000 : weight_of(http::trim_blanks(rest));
            bool first = weights.emplace(name, weight).second;
            good = good && first && weight >= 0;
        });
    }
    return good;
}

void check_coding(const http::Request& request) {
    auto chosen = http::choose_coding(request);
    std::map<std::string, int> weights;
    if (!read_codings(request, weights)) {
        require(chosen == http::Coding::identity || !weights.empty(),
                "who asks for nothing gets it");
        return;
    }
    auto weight = [&weights](const char* name, int otherwise) {
        auto found = weights.find(name);
        return found == weights.end() ? otherwise : found->second;
    };
    int any = weight("*", 0);
    int br = weight("br", any);
    int gzip = weight("gzip", any);
    int identity = weight("identity", -1);
    if (chosen == http::Coding::br) require(br > 0 && br >= gzip && br >= identity, "br is liked");
    if (chosen == http::Coding::gzip) require(gzip > br && gzip >= identity, "gzip is liked");
    if (chosen == http::Coding::identity) {
        require((br == 0 && gzip == 0) || identity > std::max(br, gzip), "plain is liked");
    }
}

std::string values_of(const http::Request& request, std::string_view name) {
    std::string values;
    for (const auto& field : request.fields) {
        if (http::equals_lower(field.name, name)) values.append(field.value).append("\n");
    }
    return values;
}

void check_condition(const http::Request& request) {
    static const std::string tag = "\"v7-1-gzip\"";
    auto condition = http::evaluate(request, tag);
    auto must = values_of(request, "if-match");
    auto must_not = values_of(request, "if-none-match");
    auto names = [](const std::string& values, const std::string& text) {
        return values.find(text) != values.npos;
    };
    auto wanted = http::if_match(request);
    require(wanted.has_value() == !must.empty(), "If-Match is there if it was sent");
    if (condition == http::Condition::failed) {
        require(!must.empty() && !wanted->any, "only If-Match fails, and * never does");
    } else if (wanted && !wanted->any) {
        require(names(must, tag), "what If-Match lets through it names");
        auto& tags = wanted->tags;
        require(std::find(tags.begin(), tags.end(), "v7-1") != tags.end(),
                "handlers are told the same, without the coding");
    }
    if (condition == http::Condition::not_modified) {
        require(names(must_not, tag) || names(must_not, "*"), "what is known was named");
    }
    if (wanted) {
        for (const auto& one : wanted->tags) {
            require(names(must, one) && one.find('"') == one.npos, "a tag is what stood there");
        }
    }
}

void check_once(http::Request& request) {
    request.method = http::Method::post;
    request.path = "/v1/news/sports";
    auto key = request.header("Idempotency-Key");
    auto once = http::idempotency_key_of(request, "{}");
    auto lines = std::count_if(request.fields.begin(), request.fields.end(), [](const auto& field) {
        return http::equals_lower(field.name, "idempotency-key");
    });
    bool good = !key || (lines == 1 && !key->empty() && key->size() <= 255);
    require(once.has_value() == good, "there is one key, of 1 to 255 characters");
    if (good) require(once->has_value() == key.has_value(), "who sends no key has none");
    if (good && key) require((*once)->key == *key && !(*once)->body_hash.empty(), "it is the key");
}

void check_bearer(const http::Request& request) {
    auto field = request.header("authorization").value_or("");
    auto token = identity::bearer_of(field);
    if (!token) return;
    require(token->empty() || fuzz::lies_in(*token, field), "a token is the end of the field");
    require(token->size() + 7 == field.size() || (token->empty() && field.size() == 6),
            "`Bearer` and one space stand before it");
    if (auto parts = identity::split_token(*token)) {
        require(token->size() <= identity::token_bytes_max, "a token has its limit");
        require(identity::signing_input(parts->header, parts->payload) == parts->signed_part,
                "a token has one form");
    }
}

}  // namespace

/// The input: field lines.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    auto rest = fuzz::text_of(bytes, size);
    http::Request request;
    while (!rest.empty()) {
        auto line = fuzz::take_until(rest, '\n');
        auto name = fuzz::take_until(line, ':');
        request.fields.push_back({name, http::trim_blanks(line)});
    }
    check_coding(request);
    check_condition(request);
    check_once(request);
    check_bearer(request);
    return 0;
}
