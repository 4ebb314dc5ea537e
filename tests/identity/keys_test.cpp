// The file of the signing keys, and how one key follows another.
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "base/text.hpp"
#include "keys_json.hpp"
#include "keys_service.hpp"
#include "private_file.hpp"
#include "site.hpp"
#include "token_crypto.hpp"

namespace tests {

namespace {

using namespace std::chrono_literals;
using identity::KeysService;

constexpr const char* ann = "ann@example.org";

mode_t mode_of(const std::filesystem::path& file) {
    struct stat facts {};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    return facts.st_mode & 0777;
}

void write(const std::filesystem::path& file, const std::string& content) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << content;
}

/// What opening the module on that folder says.
std::string refusal(Site& site) {
    base::Loop background;
    host::Environment environment{site.folder.path(), site.clock, site.metrics,
                                  background.get_executor()};
    auto opened = identity::Module::open(site.config, environment);
    return opened ? "" : opened.error().code;
}

}  // namespace

TEST_CASE("the first start makes a key that only its owner may read", "[identity]") {
    Site site;
    auto before = ::umask(0);
    site.open();
    ::umask(before);
    CHECK(mode_of(site.folder / "identity.keys.json") == 0600);
    CHECK_FALSE(std::filesystem::exists(site.folder / "identity.keys.json.new"));
    auto first = site.keys();
    CHECK(first.size() == 1);
    site.reopen();
    CHECK(site.keys().front().id == first.front().id);
}

TEST_CASE("a file of keys that others may read is closed to them, not refused", "[identity]") {
    Site site;
    site.open();
    site.close();
    auto file = site.folder / "identity.keys.json";
    for (mode_t mode : {0640, 0604, 0620, 0602, 0666, 0440, 0400, 0600}) {
        CAPTURE(mode);
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        CHECK(refusal(site) == "");
        CHECK(mode_of(file) == (mode == 0400 ? mode_t{0400} : mode_t{0600}));
    }
}

TEST_CASE("keys that are damaged are not used", "[identity]") {
    Site site;
    site.open();
    site.close();
    auto file = site.folder / "identity.keys.json";

    auto keys = site.keys();
    auto good = identity::to_json(keys);
    auto changed = [&](auto change) {
        auto copy = keys;
        change(copy.front());
        return identity::to_json(copy);
    };
    auto stranger = identity::make_key_pair();
    const std::vector<std::string> damaged = {
        "",
        "{}",
        "{\"keys\":[]}",
        good.substr(0, good.size() / 2),
        good + good,
        changed([](auto& key) { key.seed.resize(31); }),
        changed([](auto& key) { key.seed.clear(); }),
        changed([](auto& key) { key.public_key.resize(16); }),
        changed([](auto& key) { key.id = "x"; }),
        changed([&](auto& key) { key.seed = stranger.seed; }),
        changed([&](auto& key) { key.public_key = stranger.public_key; }),
        std::string(70000, ' ') + good,
        std::string(32, '\0'),
    };
    for (const auto& content : damaged) {
        CAPTURE(content);
        write(file, content);
        CHECK(refusal(site) == "keys_unusable");
    }
    write(file, good);
    CHECK(refusal(site) == "");
    std::filesystem::rename(file, site.folder / "elsewhere");
    std::filesystem::create_symlink(site.folder / "elsewhere", file);
    CHECK(refusal(site) == "keys_unusable");
    std::filesystem::remove(file);
    std::filesystem::create_directory(file);
    CHECK(refusal(site) == "keys_unusable");
}

TEST_CASE("a bit that flips in the file of the keys is found, or changes no key", "[identity]") {
    Site site;
    site.open();
    site.close();
    auto file = site.folder / "identity.keys.json";
    auto keys = site.keys();
    auto good = identity::to_json(keys);
    // Only each key's times have no second place that they must fit.
    std::size_t step = std::getenv("PORTAL_TEST_LONG") ? 1 : 37;
    int found = 0;
    int harmless = 0;
    for (std::size_t bit = 0; bit < good.size() * 8; bit += step) {
        auto spoilt = good;
        spoilt[bit / 8] = static_cast<char>(spoilt[bit / 8] ^ (1 << (bit % 8)));
        write(file, spoilt);
        CAPTURE(bit, spoilt);
        auto code = refusal(site);
        if (!code.empty()) {
            CHECK(code == "keys_unusable");
            ++found;
            continue;
        }
        ++harmless;
        auto now = site.keys();
        REQUIRE(now.size() >= keys.size());
        CHECK(now.front().id == keys.front().id);
        CHECK(now.front().seed == keys.front().seed);
        CHECK(now.front().public_key == keys.front().public_key);
    }
    WARN("bits flipped in the file of the keys: " << found + harmless << ", found: " << found
                                                  << ", without effect on a key: " << harmless);
    CHECK(found > harmless);
}

TEST_CASE("what a start that was cut short left behind is no hindrance", "[identity]") {
    support::TemporaryFolder folder;
    write(folder / "keys.new", "half");
    REQUIRE(identity::write_private_file(folder / "keys", "whole"));
    auto read = identity::read_private_file(folder / "keys");
    REQUIRE(read);
    CHECK((*read)->content == "whole");
    CHECK_FALSE(std::filesystem::exists(folder / "keys.new"));
    auto none = identity::read_private_file(folder / "none");
    REQUIRE(none);
    CHECK_FALSE(none->has_value());
    CHECK(identity::write_private_file(folder / "no" / "keys", "x").error().code ==
          "keys_unusable");
}

TEST_CASE("the published keys verify what was signed", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    std::string access = site.tokens(ann, good_password)["access_token"];
    auto answer = site.ask("GET", "/.well-known/jwks.json");
    REQUIRE(answer.status == 200);
    CHECK(answer.field("Cache-Control") == "public, max-age=300");
    auto keys = answer.json()["keys"];
    REQUIRE(keys.size() == 1);
    auto key = keys[0];
    CHECK(key["kty"] == "OKP");
    CHECK(key["crv"] == "Ed25519");
    CHECK(key["use"] == "sig");
    CHECK(key["alg"] == "EdDSA");
    CHECK(key.size() == 6);
    auto parts = identity::split_token(access);
    auto header = json::parse(parts->header);
    CHECK(header["kid"] == key["kid"]);
    auto public_key = base::from_base64url(key["x"].get<std::string>());
    CHECK(identity::verify(*public_key, parts->signed_part, parts->signature));
    CHECK_FALSE(identity::verify(*public_key, "x", parts->signature));
}

TEST_CASE("a new key is published before it signs, and the old one verifies on", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    site.close();
    support::FakeClock& clock = site.clock;
    auto open = [&] {
        return KeysService::open(site.folder / "identity.keys.json",
                                 {site.config.key_life_s, site.config.session_life_s}, clock);
    };
    auto keys = std::move(*open());
    auto old_id = keys->current()->front().id;
    identity::Claims claims;
    auto kid = [&] {
        auto parts = identity::split_token(keys->issue(identity::TokenKind::access, claims));
        return json::parse(parts->header)["kid"].get<std::string>();
    };
    REQUIRE(keys->rotate());
    CHECK(keys->current()->size() == 1);

    clock.advance(site.config.key_life_s + 1s);
    REQUIRE(keys->rotate());
    REQUIRE(keys->rotate());
    REQUIRE(keys->current()->size() == 2);
    auto new_id = keys->current()->back().id;
    CHECK(json::parse(*keys->jwks())["keys"].size() == 2);
    CHECK(kid() == old_id);
    clock.advance(59min);
    CHECK(kid() == old_id);
    clock.advance(1min);
    CHECK(kid() == new_id);
    CHECK(mode_of(site.folder / "identity.keys.json") == 0600);

    clock.advance(site.config.session_life_s);
    REQUIRE(keys->rotate());
    CHECK(keys->current()->size() == 2);
    clock.advance(1s);
    REQUIRE(keys->rotate());
    REQUIRE(keys->current()->size() == 1);
    CHECK(keys->current()->front().id == new_id);
    CHECK(json::parse(*keys->jwks())["keys"].size() == 1);
    keys = std::move(*open());
    CHECK(kid() == new_id);
}

TEST_CASE("logins outlive the change of keys", "[identity]") {
    Site site;
    site.open();
    site.add(ann, good_password);
    site.clock.advance(site.config.key_life_s + 1s);
    std::string before = site.tokens(ann, good_password)["access_token"];
    site.reopen();
    CHECK(site.ask("GET", "/.well-known/jwks.json").json()["keys"].size() == 2);
    CHECK(site.me(before) == 200);
    site.clock.advance(59min);
    std::string late = site.tokens(ann, good_password)["access_token"];
    site.clock.advance(1min);
    std::string after = site.tokens(ann, good_password)["access_token"];
    CHECK(site.me(late) == 200);
    CHECK(site.me(after) == 200);
    CHECK(late.substr(0, late.find('.')) != after.substr(0, after.find('.')));
}

}  // namespace tests
