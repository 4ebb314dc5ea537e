#include "fixture.hpp"

#include <sys/stat.h>
#include <unistd.h>

namespace media {

namespace {

/// A body that comes in pieces of one size.
class PiecedBody final : public http::BodyReader {
public:
    PiecedBody(std::string_view body, std::size_t piece_bytes)
        : left_(body), piece_bytes_(piece_bytes) {}
    std::optional<std::uint64_t> length() const override { return std::nullopt; }
    base::Task<std::string_view> next() override {
        auto piece = left_.substr(0, piece_bytes_);
        left_.remove_prefix(piece.size());
        co_return piece;
    }

private:
    std::string_view left_;
    const std::size_t piece_bytes_;
};

std::vector<std::string> files_in(const std::filesystem::path& folder, bool renditions) {
    std::vector<std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        auto name = std::filesystem::relative(entry.path(), folder).string();
        if (entry.is_regular_file() && name.starts_with("renditions") == renditions) {
            all.push_back(name);
        }
    }
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace

/// A request with all that its views point into.
struct Fixture::Call {
    Call(const Asked& wanted, http::Router& router)
        : asked(wanted), body(asked.body, asked.piece_bytes) {
        request.method = asked.method;
        request.target = asked.target;
        auto mark = request.target.find('?');
        if (mark != request.target.npos) request.query = request.target.substr(mark + 1);
        for (const auto& [name, value] : asked.fields) request.fields.push_back({name, value});
        request.context.actor = asked.actor;
        request.context.request_id = "test";
        match = router.match(request);
        REQUIRE(match.route);
        if (match.route->handler.takes_whole_body()) {
            request.body = asked.body;
            if (asked.fields.empty() && !asked.body.empty()) {
                request.fields.push_back({"Content-Type", "application/json"});
            }
        }
    }
    base::Task<http::Response> begin() { return match.route->handler(request, body); }

    const Asked asked;
    PiecedBody body;
    http::Request request;
    http::Router::Match match;
    std::optional<base::Result<http::Response>> outcome;
};

Fixture::Fixture() {
    config.program = PORTAL_BINARY;
}

Fixture::~Fixture() {
    close();
}

void Fixture::open() {
    loop_ = std::make_unique<support::SteppedLoop>();
    host::Environment environment{folder.path(), clock, metrics, loop_->executor()};
    auto opened = Module::open(config, environment, {{"sports", &news}});
    REQUIRE(opened);
    module = std::move(*opened);
    router = std::make_unique<http::Router>();
    module->add_routes(*router);
    REQUIRE(loop_->run(module->start()));
}

void Fixture::close() {
    if (!module) return;
    std::optional<base::Result<void>> stopped;
    loop_->spawn(module->stop({}), stopped);
    loop_->settle();
    router.reset();
    module.reset();
    loop_.reset();
}

http::Response Fixture::ask(const Asked& asked) {
    return std::move(ask_all({asked}).front());
}

std::vector<http::Response> Fixture::ask_all(const std::vector<Asked>& all) {
    std::vector<std::unique_ptr<Call>> calls;
    for (const auto& asked : all) {
        calls.push_back(std::make_unique<Call>(asked, *router));
        loop_->spawn(calls.back()->begin(), calls.back()->outcome);
    }
    std::vector<http::Response> answers;
    // A wait of one for another is over as soon as that one has ended.
    for (int round = 0; round < 100; ++round) {
        loop_->settle();
        bool are_done = std::all_of(calls.begin(), calls.end(),
                                    [](const auto& call) { return call->outcome.has_value(); });
        if (are_done) break;
    }
    for (auto& call : calls) {
        auto& outcome = call->outcome;
        if (!outcome || !*outcome) throw std::runtime_error("a request has no answer");
        answers.push_back(std::move(**outcome));
    }
    return answers;
}

nlohmann::json Fixture::json_of(const http::Response& response) {
    return nlohmann::json::parse(std::get<std::string>(response.body));
}

std::string Fixture::file_of(const http::Response& response) {
    const auto& file = std::get<http::FileBody>(response.body);
    std::string text(file.size(), '\0');
    REQUIRE(::pread(file.descriptor(), text.data(), text.size(), 0) == std::ssize(text));
    return text;
}

std::int64_t Fixture::upload(const std::string& file, const std::string& query, base::Actor actor) {
    auto answer = ask({http::Method::post, "/v1/media" + query, file, actor});
    CAPTURE(std::get<std::string>(answer.body));
    REQUIRE(answer.status == 201);
    return json_of(answer).at("id");
}

nlohmann::json Fixture::item(std::int64_t id) {
    auto answer = ask({http::Method::get, "/v1/media/" + std::to_string(id)});
    REQUIRE(answer.status == 200);
    return json_of(answer);
}

int Fixture::status_for(base::Actor actor, std::int64_t id, const std::string& rest) {
    return ask({http::Method::get, "/v1/media/" + std::to_string(id) + rest, "", actor}).status;
}

void Fixture::happens(std::int64_t article, const std::string& type, const nlohmann::json& body) {
    auto position = news.add(article, body.dump(), type);
    loop_->settle();
    REQUIRE(module->subscriptions().front().subscription->applied().value() == position);
}

void Fixture::written(std::int64_t article, const std::string& content, const std::string& status) {
    nlohmann::json body = {{"title", "A"},       {"description", ""},
                           {"author", "A"},      {"tags", nlohmann::json::array()},
                           {"content", content}, {"status", status}};
    if (status == "published") body["published_at"] = "2026-05-04T10:20:30.123Z";
    happens(article, "article_created.v1", body);
}

std::vector<std::string> Fixture::kept() const {
    return files_in(folder / "media", false);
}

std::vector<std::string> Fixture::cached() const {
    return files_in(folder / "media", true);
}

std::string field_of(const http::Response& response, const std::string& name) {
    for (const auto& [its_name, value] : response.fields) {
        if (its_name == name) return value;
    }
    return "";
}

std::string error_of(const http::Response& response) {
    return Fixture::json_of(response).value("error", "");
}

std::string form_of(const std::string& file,
                    const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string form =
        "a preamble\r\n--a boundary\r\n"
        "Content-Disposition: form-data; name=\"file\"; filename=\"x.exe\"\r\n"
        "Content-Type: text/plain\r\n\r\n" +
        file;
    for (const auto& [name, value] : fields) {
        form += "\r\n--a boundary  \r\ncontent-disposition: form-data; name=" + name + "\r\n\r\n" +
                value;
    }
    return form + "\r\n--a boundary--\r\nan epilogue";
}

}  // namespace media
