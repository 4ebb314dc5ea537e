#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "feed.hpp"
#include "http/router.hpp"
#include "listing.hpp"
#include "orchestrator/module.hpp"
#include "response_cache.hpp"
#include "shape.hpp"

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

    /// The answer to that target, if it is kept and still right.
    const CachedResponse* kept(const http::Request& request, std::string_view target);
    void keep(const http::Request& request, NewPage page, CachedResponse answer);
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
    /// That a list is given as a feed.
    struct FeedQuestion {
        FeedFormat format = FeedFormat::rss;
        std::string word{};  ///< what it is of; empty: everything
        std::string self{};  ///< its address
    };
    /// A list's question, put to each of the types it shows.
    struct Question {
        enum class Kind { page, keyset } kind = Kind::page;
        std::int64_t page = 1;
        std::int64_t limit = 10;
        std::optional<news::ListCursor> after{};
        news::ListFilter filter{};
        std::optional<base::Time> from{};   ///< published then or later
        std::optional<base::Time> to{};     ///< or before
        std::vector<std::string> fields{};  ///< the members that are shown; empty: all
        bool counted = false;               ///< how many there are is told, too
        std::optional<FeedQuestion> feed{};
        std::vector<std::string> types{};
        std::string target{};  ///< the canonical one: the key of the cache
    };

    Answer item(const http::Request& request);
    Answer by_slug(const http::Request& request);
    Answer by_legacy_id(const http::Request& request);
    /// The answer to that target, if it is kept; else it is to be made.
    std::optional<http::Response> kept(const http::Request& request, const std::string& target);
    /// Instead of that refusal, if it is only for now: what was last known to be right, marked.
    /// `well`: those it was asked of that answered.
    std::optional<http::Response> outdated(const http::Request& request, const std::string& target,
                                           const base::Error& error,
                                           std::span<const Source> well = {});
    /// The item with that id, as every route that finds one gives it. Refused as
    /// news::Queries::article is.
    Answer read(const http::Request& request, const news::Queries& queries, news::ArticleId id,
                NewPage page, Shape shape = Shape::json);
    /// The same, or what there is to say where it is not there.
    Answer show(const http::Request& request, const news::Queries& queries, news::ArticleId id,
                NewPage page, Shape shape = Shape::json);
    /// What there is to say of an item that is not there: where it went, or that there is none.
    Answer gone(const http::Request& request, const news::Queries& queries, news::ArticleId id,
                base::Error error, Shape shape = Shape::json);
    Answer linked_data(const http::Request& request);
    Answer ninjs(const http::Request& request);
    Answer shaped(const http::Request& request, Shape shape);
    http::Response in_shape(const news::Article& article, Shape shape) const;
    /// What was taken back is told in forms that have a word for it.
    std::optional<http::Response> canceled_in(Shape shape, const http::Request& request,
                                              news::ArticleId id, const base::Error& error) const;
    Answer page(const http::Request& request);
    Answer keyset(const http::Request& request);
    Answer tagged(const http::Request& request);
    Answer feed(const http::Request& request);
    Answer feed_of_tag(const http::Request& request);
    Answer feed_of_author(const http::Request& request);
    /// `kind`: what stands before its name, as `tags/`.
    Answer feed_of(const http::Request& request, std::string_view kind, std::string_view name);
    void write_feed(http::Response& response, const FeedQuestion& feed,
                    const Listing& listing) const;
    Answer history(const http::Request& request);
    Answer version(const http::Request& request);
    Answer as_of(const http::Request& request, std::string time);

    Answer list(const http::Request& request, Question question);
    /// The sources of a list but for those that failed.
    std::vector<Source> well_of(std::vector<Source> sources,
                                const std::vector<std::string>& failed) const;
    base::Task<Listing> ask(Question question, base::Context context) const;
    base::Result<std::vector<std::string>> types_of(const http::Request& request) const;
    base::Result<Question> keyset_question(const http::Request& request, std::string path) const;
    /// What all lists may be asked for beside their place; also in the target.
    base::Result<void> read_filters(const http::Request& request, Question& question) const;
    static base::Task<std::vector<news::Article>> part_of(const news::Queries& queries,
                                                          const Question& question,
                                                          std::int64_t wanted,
                                                          base::Context context);
    base::Task<std::int64_t> count_of(Question question, base::Context context) const;
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
    Answer batch(const http::Request& request);
    /// One of the steps that have a route each, which is named like it.
    template <news::Step step>
    Answer take(const http::Request& request) {
        return take_step(request, step);
    }
    Answer take_step(const http::Request& request, news::Step step);

    Shared& parts_;
};

/// How long a tag, a byline or the name of a feed may be, in characters.
inline constexpr std::size_t word_length_max = 50;
/// How many items one answer has at most.
inline constexpr std::int64_t list_limit_max = 100;
/// Filters that other lists have, or will have: where one does nothing, an answer with everything
/// in it would be a wrong one. All other names that no route knows are ignored, as trackers add
/// them.
std::optional<base::Error> useless_filter(const http::Request& request,
                                          std::initializer_list<const char*> names);
/// The members of an item that ?fields= asks for, in order; empty: all.
base::Result<std::vector<std::string>> fields_in(const http::Request& request);
/// The type named in the path, or `unknown_news_type`.
base::Result<const news::Type*> news_type_of(const Shared& parts, const http::Request& request);
/// What names whole addresses is not given without one.
base::Error no_site_address();
/// The id in the path, or `news_not_found`.
base::Result<news::ArticleId> id_of(const http::Request& request);
/// The failure, in words that name the item the path names.
http::Response refuse(const http::Request& request, base::Error error);
/// An item's strong ETag: its version, and the version of the way it is written.
std::string etag_of(const news::Article& article);
/// What a request that changes an item says besides its content.
base::Result<news::Command> command_of(const http::Request& request);

}  // namespace orchestrator
