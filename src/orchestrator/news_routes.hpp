#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "http/router.hpp"
#include "listing.hpp"
#include "orchestrator/module.hpp"
#include "response_cache.hpp"

namespace orchestrator {

/// What all routes use. Immutable after start but for the caches, each of which belongs to one
/// I/O thread.
struct Shared {
    Config config;
    Module::Neighbours neighbours;
    const base::Clock& clock;
    std::vector<ResponseCache> caches;
    telemetry::Counter* hits = nullptr;
    telemetry::Counter* misses = nullptr;
    telemetry::Counter* partial = nullptr;
    telemetry::Counter* stale = nullptr;
};

/// GET routes: cache, fan-out, answer.
class ReadRoutes {
public:
    explicit ReadRoutes(Shared& parts) : parts_(parts) {}
    void add_to(http::Router& router);

    /// By the target as written; other spellings of it find the same answer in the handler.
    std::shared_ptr<const http::PreparedResponse> cached(const http::Request& request);

private:
    using Answer = base::Task<http::Response>;
    /// A list's question, put to each of the types it shows.
    struct Question {
        enum class Kind { page, keyset, tag } kind = Kind::page;
        std::int64_t page = 1;
        std::int64_t limit = 10;
        std::optional<news::ListCursor> after{};
        std::string tag{};
        std::vector<std::string> types{};
        std::string target{};  ///< the canonical one: the key of the cache
    };

    Answer item(const http::Request& request);
    Answer by_slug(const http::Request& request);
    Answer by_legacy_id(const http::Request& request);
    /// The answer to that target, if it is kept; else it is to be made.
    std::optional<http::Response> kept(const http::Request& request, const std::string& target);
    /// Instead of that refusal, if it is only for now: what was last known to be right, marked.
    std::optional<http::Response> outdated(const http::Request& request, const std::string& target,
                                           const base::Error& error);
    /// The item with that id, as every route that finds one gives it. Refused as
    /// news::Queries::article is.
    Answer read(const http::Request& request, const news::Queries& queries, news::ArticleId id,
                NewPage page);
    /// The same, or what there is to say where it is not there.
    Answer show(const http::Request& request, const news::Queries& queries, news::ArticleId id,
                NewPage page);
    /// What there is to say of an item that is not there: where it went, or that there is none.
    Answer gone(const http::Request& request, const news::Queries& queries, news::ArticleId id,
                base::Error error);
    Answer page(const http::Request& request);
    Answer keyset(const http::Request& request);
    Answer tagged(const http::Request& request);
    Answer history(const http::Request& request);
    Answer version(const http::Request& request);
    Answer as_of(const http::Request& request, std::string time);

    Answer list(const http::Request& request, Question question);
    base::Task<Listing> ask(Question question, base::Context context) const;
    base::Result<std::vector<std::string>> types_of(const http::Request& request) const;
    base::Result<Question> keyset_question(const http::Request& request) const;
    base::Context context_of(const http::Request& request) const;
    void visit(const CachedResponse& page, const http::Request& request);

    Shared& parts_;
};

/// POST, PUT and DELETE routes: read the body, give the command, answer.
class WriteRoutes {
public:
    explicit WriteRoutes(Shared& parts) : parts_(parts) {}
    void add_to(http::Router& router);

private:
    using Answer = base::Task<http::Response>;

    Answer create(const http::Request& request);
    Answer revise(const http::Request& request);
    Answer publish(const http::Request& request);
    Answer unpublish(const http::Request& request);
    Answer remove(const http::Request& request);
    Answer restore(const http::Request& request);

    Shared& parts_;
};

/// The type named in the path, or `unknown_news_type`.
base::Result<const news::Type*> news_type_of(const Shared& parts, const http::Request& request);
/// A refusal of what cannot be read.
base::Error malformed(const char* code, const std::string& message);
/// How many items a list is to have: 1 to 100, or `malformed_limit`.
base::Result<std::int64_t> read_limit(std::string_view text);
/// The id in the path, or `news_not_found`.
base::Result<news::ArticleId> id_of(const http::Request& request);
/// The failure, in words that name the item the path names.
http::Response refuse(const http::Request& request, base::Error error);
/// An item's strong ETag: its version, and the version of the way it is written.
std::string etag_of(const news::Article& article);
/// What a request that changes an item says besides its content.
base::Result<news::Command> command_of(const http::Request& request);

}  // namespace orchestrator
