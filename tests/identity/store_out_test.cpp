// Who asks, while what is known of people cannot be read.
#include <filesystem>
#include <fstream>

#include "site.hpp"
#include "support/sqlite_file.hpp"

namespace tests {

TEST_CASE("without its store identity says that nobody can be known now, not that a login is bad",
          "[identity]") {
    Site site;
    site.config.database.cache_kib = 64;
    site.open();
    auto id = site.add("ann@example.org", good_password, base::Role::editor);
    auto tokens = site.tokens("ann@example.org", good_password);
    auto token = tokens["access_token"].get<std::string>();
    auto session = site.ask("POST", "/v1/auth/session",
                            {{"email", "ann@example.org"}, {"password", good_password}});
    auto cookie = cookie_of(session);
    CHECK(site.me(token) == 200);
    auto file = site.folder / "identity.db";
    bool at_start = GENERATE(true, false);
    site.close();
    if (at_start) {
        std::filesystem::remove(file);
        std::ofstream(file) << std::string(9000, 'x');
    }
    site.open();
    if (!at_start) {
        CHECK(site.me(token) == 200);
        support::overwrite_pages(file);
    }

    auto login = site.log_in("ann@example.org", good_password);
    INFO(login.body);
    CHECK(login.status == 503);
    CHECK(login.json()["error"] == "store_damaged");
    CHECK(site.me(token) == 503);
    auto by_cookie = site.ask("GET", "/v1/auth/me", nullptr, {{"Cookie", cookie}});
    CHECK(by_cookie.status == 503);
    auto by_key = site.ask("GET", "/v1/auth/me", nullptr, Site::bearer("pk_anything"));
    CHECK(by_key.status == 503);
    CHECK(site.ask("GET", "/v1/auth/me").status == 401);
    // Anyone may read them, whoever that is.
    CHECK(site.ask("GET", "/.well-known/jwks.json", nullptr, Site::bearer(token)).status == 200);
    auto account = base::run(site.module->accounts().account(id, {}));
    REQUIRE_FALSE(account);
    CHECK(account.error().code == "store_damaged");
    // /readyz tells it, and sends nobody away for that.
    auto check = site.module->checks().front();
    CHECK(check.ask().empty());
    CHECK_THAT(check.warn(), Catch::Contains("the store identity is out"));
}

}  // namespace tests
