// Tokens: none is let in that was not issued here, whatever is done to one that was; and of those
// that are signed with our key only what says everything that it must.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.hpp"
#include "fuzz/check.hpp"
#include "identity/authenticator_service.hpp"
#include "identity/keys_json.hpp"
#include "identity/private_file.hpp"
#include "identity/token_json.hpp"
#include "support/fake_clock.hpp"
#include "telemetry/log.hpp"

namespace telemetry {

/// The harness has no log.
void log(Level, std::string_view, std::string_view, std::initializer_list<Field>,
         std::string_view) {}

}  // namespace telemetry

namespace {

using fuzz::require;
using identity::TokenKind;
using nlohmann::json;

constexpr std::int64_t access_life = 600;
constexpr std::int64_t session_life = 12 * 3600;

/// One that checks tokens, with the same keys in each run, and what it has issued.
class Site {
public:
    Site() : keys_(open_keys()), service_(*keys_, revocations_, api_keys_, clock_, {}, metrics_) {
        identity::Claims claims{"portal", "portal", 1, now() + access_life, now(), {}, "jti"};
        claims.family = 1;
        issue(TokenKind::access, claims);
        claims.user = 2;
        claims.role = base::Role::admin;
        claims.not_before = now();
        issue(TokenKind::access, claims);
        claims.expires = now() + session_life;
        claims.csrf = base::to_base64url(identity::sha256_text("csrf"));
        issue(TokenKind::session, claims);
    }

    struct Issued {
        TokenKind kind;
        std::string token;
    };
    const std::vector<Issued>& issued() const { return issued_; }
    const identity::SigningKey& key() const { return keys_->current()->front(); }
    const identity::AuthenticatorService& service() const { return service_; }
    std::int64_t now() const { return base::to_micros(clock_.now()) / 1000000; }

private:
    static identity::SigningKey key_of(char seed, base::Time at) {
        auto pair = identity::key_pair_of(std::string(32, seed));
        return {identity::key_id_of(pair.public_key), pair.seed, pair.public_key, at, at};
    }

    std::unique_ptr<identity::KeysService> open_keys() {
        auto name = std::filesystem::temp_directory_path() / "fuzz-keys-XXXXXX";
        auto folder = name.string();
        require(::mkdtemp(folder.data()) != nullptr, "there is a temporary folder");
        auto file = std::filesystem::path(folder) / "keys.json";
        auto written = identity::write_private_file(
            file, to_json(identity::KeySet{key_of('s', clock_.now())}));
        require(written.has_value(), "the keys can be written");
        auto keys = identity::KeysService::open(file, {}, clock_);
        require(keys.has_value(), "the keys can be read");
        std::filesystem::remove_all(folder);
        return std::move(*keys);
    }

    void issue(TokenKind kind, const identity::Claims& claims) {
        issued_.push_back({kind, keys_->issue(kind, claims)});
    }

    support::FakeClock clock_;
    std::unique_ptr<identity::KeysService> keys_;
    identity::Revocations revocations_;
    identity::KnownApiKeys api_keys_;
    telemetry::Metrics metrics_;
    identity::AuthenticatorService service_;
    std::vector<Issued> issued_;
};

bool was_issued(const Site& site, std::string_view token, TokenKind kind) {
    return std::any_of(site.issued().begin(), site.issued().end(), [&](const auto& issued) {
        return issued.kind == kind && issued.token == token;
    });
}

/// Shows the token in each way there is. True if it was let in.
bool present(const Site& site, std::string_view token, bool only_issued) {
    bool let_in = false;
    for (auto kind : {TokenKind::access, TokenKind::session}) {
        auto verified = site.service().verify(token, kind);
        require(verified || !verified.error().code.empty(), "a refusal has a code");
        require(!verified || !only_issued || was_issued(site, token, kind),
                "nothing is let in that was not issued");
        require(verified.has_value() || !was_issued(site, token, kind), "what was issued is good");
        let_in = let_in || verified.has_value();

        http::Request request;
        auto bearer = "Bearer " + std::string(token);
        auto cookie =
            std::string(identity::AuthenticatorService::cookie_name) + "=" + std::string(token);
        request.fields = {kind == TokenKind::access ? http::Request::Field{"Authorization", bearer}
                                                    : http::Request::Field{"Cookie", cookie}};
        auto actor = site.service().authenticate(request);
        require(!actor || !actor->id || verified.has_value() || token.find(';') != token.npos,
                "a request is let in with a good token only");
        request.method = http::Method::post;
        actor = site.service().authenticate(request);
        require(!actor || !actor->id || kind == TokenKind::access,
                "a cookie alone changes nothing");
    }
    return let_in;
}

/// What the text after an operation says: two parts, a line feed between them.
struct Parts {
    std::string header;
    std::string payload;
};

/// `KID` stands for the id of the key, which is not known to whoever writes an input.
Parts parts_of(const Site& site, std::string_view text) {
    Parts parts{std::string(fuzz::take_until(text, '\n')), std::string(text)};
    if (auto at = parts.header.find("KID"); at != std::string::npos) {
        parts.header.replace(at, 3, site.key().id);
    }
    return parts;
}

/// The claims that a token must have which is let in, read by another parser.
void check_claims(const Site& site, const Parts& parts) {
    auto header = json::parse(parts.header);
    require(header.size() == 3 && header["alg"] == "EdDSA" && header["kid"] == site.key().id,
            "the header names our algorithm and our key");
    bool session = header["typ"] == "session+jwt";
    require(session || header["typ"] == "at+jwt", "a token has one of two types");
    auto claims = json::parse(parts.payload);
    require(claims["iss"] == "portal" && claims["aud"] == "portal", "a token is ours and for us");
    for (const char* name : {"sub", "jti", "role", "sid"}) {
        require(claims[name].is_string() && !claims[name].get_ref<const std::string&>().empty(),
                "a token says whose it is");
    }
    auto expires = claims["exp"].get<std::int64_t>();
    auto issued = claims["iat"].get<std::int64_t>();
    require(expires > site.now() && issued <= site.now() + 30, "a token is alive");
    require(expires - issued <= (session ? session_life : access_life), "a token lives so long");
    require(session == claims.contains("csrf"), "a session has a CSRF token");
    require(!claims.contains("nbf") || claims["nbf"] <= site.now() + 30, "a token holds already");
}

void sign_and_present(const Site& site, const Parts& parts) {
    auto input = identity::signing_input(parts.header, parts.payload);
    identity::KeyPair pair{site.key().seed, site.key().public_key};
    auto token = input + "." + base::to_base64url(identity::sign(pair, input));
    if (present(site, token, false)) check_claims(site, parts);
}

void present_forged(const Site& site, const Parts& parts) {
    static const auto other = identity::key_pair_of(std::string(32, 'x'));
    auto input = identity::signing_input(parts.header, parts.payload);
    present(site, input + "." + base::to_base64url(identity::sign(other, input)), true);
    for (const auto& issued : site.issued()) {
        auto signature = issued.token.substr(issued.token.rfind('.'));
        present(site, input + signature, true);
    }
}

/// Each four bytes are a change: where, what, which byte.
std::string edited(std::string token, std::string_view edits) {
    for (; edits.size() >= 4 && !token.empty(); edits.remove_prefix(4)) {
        auto byte = [&edits](std::size_t i) { return static_cast<unsigned char>(edits[i]); };
        auto at = (byte(0) * 256u + byte(1)) % token.size();
        switch (byte(2) % 4) {
            case 0:
                token[at] = edits[3];
                break;
            case 1:
                token.insert(at, 1, edits[3]);
                break;
            case 2:
                token.erase(at, 1 + byte(3) % 8);
                break;
            default:
                token[at] = static_cast<char>(token[at] ^ (1 << byte(3) % 8));
                break;
        }
    }
    return token;
}

}  // namespace

/// The input: a letter for what is to be done, and what to do it with.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const Site site;
    if (size == 0) return 0;
    auto rest = fuzz::text_of(bytes + 1, size - 1);
    switch (bytes[0]) {
        case 's':
            sign_and_present(site, parts_of(site, rest));
            break;
        case 'f':
            present_forged(site, parts_of(site, rest));
            break;
        case 'e':
            for (const auto& issued : site.issued()) {
                present(site, edited(issued.token, rest), true);
            }
            break;
        case 'h': {
            http::Request request;
            request.fields = {{"Authorization", rest}};
            auto actor = site.service().authenticate(request);
            require(!actor || !actor->id, "no made-up field lets anybody in");
            break;
        }
        case 'k':
            if (auto keys = identity::keys_from_json(rest)) {
                auto again = identity::keys_from_json(to_json(*keys));
                require(again && to_json(*again) == to_json(*keys), "a key file means one thing");
            }
            break;
        default:
            present(site, rest, true);
            break;
    }
    return 0;
}
