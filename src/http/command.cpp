#include "http/command.hpp"

#include "base/text.hpp"
#include "http/idempotency.hpp"

namespace http {

namespace {
constexpr std::int64_t version_max = (std::int64_t{1} << 53) - 1;
}

std::string VersionTag::of(std::int64_t version) const {
    return "\"" + std::to_string(version) + std::string(form) + "\"";
}

std::optional<base::Expected> VersionTag::expected(const Request& request) const {
    auto wanted = if_match(request);
    if (!wanted) return std::nullopt;
    base::Expected expected;
    expected.from_header = true;
    expected.any = wanted->any;
    for (std::string_view tag : wanted->tags) {
        if (!tag.ends_with(form)) continue;
        tag.remove_suffix(form.size());
        auto version = base::parse_number(tag, version_max);
        if (version) expected.versions.push_back(*version);
    }
    return expected;
}

base::Result<base::Command> VersionTag::command(const Request& request,
                                                std::string_view body) const {
    auto key = idempotency_key_of(request, body);
    if (!key) return key.error();
    return base::Command{request.context, expected(request), std::move(*key)};
}

Response VersionTag::refuse(const Request& request, base::Error error,
                            std::string_view instead) const {
    if (error.code == "precondition_failed") {
        auto its = expected(request);
        auto advice = if_match_advice(request, its && !its->versions.empty(), instead);
        if (!advice.empty()) error.message = advice;
    }
    return failure(request, error);
}

}  // namespace http
