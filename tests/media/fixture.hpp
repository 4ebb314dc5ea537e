#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "http/router.hpp"
#include "media/module.hpp"
#include "support/catch.hpp"
#include "support/fake_clock.hpp"
#include "support/fake_feed.hpp"
#include "support/pictures.hpp"
#include "support/stepped_loop.hpp"
#include "support/temporary_folder.hpp"

namespace media {

inline constexpr base::Actor nobody{};
inline constexpr base::Actor reader{5, base::Role::reader};
inline constexpr base::Actor author{7, base::Role::author};
inline constexpr base::Actor other_author{8, base::Role::author};
inline constexpr base::Actor editor{9, base::Role::editor};

/// The module at work on real files and with real workers, beside the log of one news type, which
/// is faked.
class Fixture {
public:
    Fixture();
    ~Fixture();

    void open();
    void close();

    struct Asked {
        http::Method method = http::Method::get;
        std::string target;
        std::string body{};
        base::Actor actor = author;
        std::vector<std::pair<std::string, std::string>> fields{};
        std::size_t piece_bytes = 32 * 1024;  ///< in which the body comes
    };
    http::Response ask(const Asked& asked);
    /// Several at once, on one thread.
    std::vector<http::Response> ask_all(const std::vector<Asked>& all);
    static nlohmann::json json_of(const http::Response& response);
    /// The bytes of an answer that is a file.
    static std::string file_of(const http::Response& response);

    /// Sends a file as it is; gives its id.
    std::int64_t upload(const std::string& file, const std::string& query = "",
                        base::Actor actor = author);
    nlohmann::json item(std::int64_t id);
    /// The status that somebody gets who asks for it.
    int status_for(base::Actor actor, std::int64_t id, const std::string& rest = "");

    /// What happens to an article, heard at once.
    void happens(std::int64_t article, const std::string& type, const nlohmann::json& body);
    void written(std::int64_t article, const std::string& content, const std::string& status);

    /// The files that are kept, without renditions; and those alone.
    std::vector<std::string> kept() const;
    std::vector<std::string> cached() const;

    support::TemporaryFolder folder;
    support::FakeClock clock;
    telemetry::Metrics metrics;
    Config config;
    support::FakeFeed news{"news-sports"};
    std::unique_ptr<Module> module;
    std::unique_ptr<http::Router> router;

private:
    struct Call;

    std::unique_ptr<support::SteppedLoop> loop_;
};

std::string field_of(const http::Response& response, const std::string& name);
std::string error_of(const http::Response& response);
/// A form with a file and fields.
std::string form_of(const std::string& file,
                    const std::vector<std::pair<std::string, std::string>>& fields);
inline constexpr const char* form_type = "multipart/form-data; boundary=\"a boundary\"";

}  // namespace media
