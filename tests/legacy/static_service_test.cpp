#include "static_service.hpp"

#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

namespace {

void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

struct Site {
    Site() {
        write(folder / "static/css/base.css", "body {}");
        write(folder / "static/css/base.5af66c1b1797.css", "body {}");
        write(folder / "static/.htpasswd", "secret");
        write(folder / "static/a b.txt", "spaced");
        write(folder / "media/2026/photo.JPG", "photo");
        write(folder / "secret.txt", "secret");
        std::filesystem::create_symlink(folder / "secret.txt", folder / "static/out.txt");
        std::filesystem::create_symlink("css/base.css", folder / "static/in.css");
    }

    std::optional<http::Response> find(const std::string& target,
                                       http::Method method = http::Method::get) const {
        http::Request request;
        request.method = method;
        request.target = target;
        return files.find(request);
    }
    /// The size of the file that is found; 0 if none is.
    std::uint64_t size(const std::string& target) const {
        auto found = find(target);
        return found ? std::get<http::FileBody>(found->body).size() : 0;
    }

    support::TemporaryFolder folder;
    legacy::StaticService files{{{"/static/", (folder / "static").string()},
                                 {"/media/", (folder / "media").string()},
                                 {"/gone/", (folder / "gone").string()}}};
};

}  // namespace

TEST_CASE("static files are found below their folder, and nothing else is") {
    Site site;
    CHECK(site.size("/static/css/base.css") == 7);
    CHECK(site.size("/static/css/base.css?v=3") == 7);
    CHECK(site.size("/static/a%20b.txt") == 6);
    CHECK(site.size("/static/in.css") == 7);
    CHECK(site.size("/media/2026/photo.JPG") == 5);

    for (const char* target :
         {"/static/", "/static", "/static/css", "/static/css/", "/static/missing.css", "/other.css",
          "/gone/base.css", "/static/.htpasswd", "/static/css/../.htpasswd",
          "/static/../secret.txt", "/static/%2e%2e/secret.txt", "/static/..%2fsecret.txt",
          "/static/css/..%2f..%2f..%2fsecret.txt", "/static//css/base.css", "/static/out.txt",
          "/static/css%5cbase.css", "/static/%2fetc/passwd", "/static/./css/base.css",
          "/staticcss/base.css"}) {
        CAPTURE(target);
        CHECK(site.size(target) == 0);
    }
    CHECK(site.find("/static/css/base.css", http::Method::head));
    CHECK_FALSE(site.find("/static/css/base.css", http::Method::post));
}

TEST_CASE("a static file says what it is, and for how long it stays so") {
    Site site;
    auto plain = site.find("/static/css/base.css");
    REQUIRE(plain);
    CHECK(plain->content_type == "text/css; charset=utf-8");
    CHECK(plain->cache_control == "no-cache");
    auto hashed = site.find("/static/css/base.5af66c1b1797.css");
    REQUIRE(hashed);
    CHECK(hashed->cache_control == "public, max-age=31536000, immutable");
    CHECK(legacy::content_type_of("photo.JPG") == "image/jpeg");
    CHECK(legacy::content_type_of("README") == "application/octet-stream");
    CHECK(legacy::content_type_of("x.unknown") == "application/octet-stream");
    CHECK_FALSE(legacy::is_hashed("base.5af66c1b179.css"));
    CHECK_FALSE(legacy::is_hashed("base.5AF66C1B1797.css"));
    CHECK_FALSE(legacy::is_hashed("5af66c1b1797.css"));
    CHECK_FALSE(legacy::is_hashed("base.css"));
    CHECK_FALSE(legacy::is_hashed(".css"));
}
