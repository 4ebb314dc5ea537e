#include "signature_crypto.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string_view>

#include "base/hmac.hpp"
#include "base/ids.hpp"
#include "base/text.hpp"
#include "digest_crypto.hpp"

namespace media {

using base::hmac_sha256;

namespace {

constexpr const char* algorithm = "AWS4-HMAC-SHA256";
constexpr const char* service = "s3";
constexpr const char* ending = "aws4_request";

std::string in_hex(std::string_view bytes) {
    return base::to_hex(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

/// `20130524T000000Z`
std::string basic_time(base::Time time) {
    auto day = std::chrono::floor<std::chrono::days>(time);
    std::chrono::year_month_day date(day);
    std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    std::array<char, 32> text{};
    auto size = std::snprintf(
        text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
        static_cast<int>(clock.seconds().count()));
    return {text.data(), static_cast<std::size_t>(size)};
}

std::string in_small_letters(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    });
    return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> signed_fields(const ToSign& request,
                                                               const StoreKey& key) {
    auto time = basic_time(request.time);
    auto day = time.substr(0, time.find('T'));
    std::map<std::string, std::string> fields{{"host", request.host},
                                              {"x-amz-content-sha256", request.content_sha256},
                                              {"x-amz-date", time}};
    for (const auto& [name, value] : request.fields) {
        fields[in_small_letters(name)] = base::trim(value);
    }
    std::string names;
    std::string lines;
    for (const auto& [name, value] : fields) {
        names += (names.empty() ? "" : ";") + name;
        lines += name + ":" + value + "\n";
    }
    // The empty line is where the query would be.
    auto canonical = request.method + "\n" + request.path + "\n\n" + lines + "\n" + names + "\n" +
                     request.content_sha256;
    auto scope = day + "/" + request.region + "/" + service + "/" + ending;
    auto to_sign =
        std::string(algorithm) + "\n" + time + "\n" + scope + "\n" + digest_of(canonical);
    auto signing_key = hmac_sha256(
        hmac_sha256(hmac_sha256(hmac_sha256("AWS4" + key.secret, day), request.region), service),
        ending);
    auto authorization = std::string(algorithm) + " Credential=" + key.id + "/" + scope +
                         ",SignedHeaders=" + names +
                         ",Signature=" + in_hex(hmac_sha256(signing_key, to_sign));
    return {{"X-Amz-Content-Sha256", request.content_sha256},
            {"X-Amz-Date", time},
            {"Authorization", authorization}};
}

}  // namespace media
