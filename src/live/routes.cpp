#include "routes.hpp"

#include <algorithm>

#include "base/problems.hpp"
#include "base/text.hpp"
#include "event_json.hpp"

namespace live {

namespace {

using base::Error;
using base::malformed;
using base::Reason;

constexpr std::size_t tags_max = 20;
constexpr std::size_t tag_characters_max = 50;

/// The words of a parameter that has several, with commas; none if it is not there.
base::Result<std::vector<std::string>> words_in(const http::Request& request, const char* name,
                                                const char* code, std::size_t most) {
    std::vector<std::string> words;
    auto given = request.query_parameter(name);
    if (!given) return words;
    std::string_view left = *given;
    for (;;) {
        auto comma = std::min(left.find(','), left.size());
        auto word = base::trim(left.substr(0, comma));
        auto length = base::count_code_points(word);
        bool is_word = length && *length >= 1 && *length <= tag_characters_max &&
                       word.find('\0') == word.npos && words.size() < most;
        if (!is_word) {
            return malformed(code, std::string(name) + " has up to " + std::to_string(most) +
                                       " words with commas, each of up to " +
                                       std::to_string(tag_characters_max) + " characters.");
        }
        words.emplace_back(word);
        if (comma == left.size()) return words;
        left.remove_prefix(comma + 1);
    }
}

Error behind(std::int64_t most) {
    return {Reason::conflict, "since_too_old",
            "More has happened since then than is told one by one (" + std::to_string(most) +
                " events). Load the lists anew, and follow from now on."};
}

http::Response stream_of(std::shared_ptr<Reader> reader) {
    http::Response response;
    response.content_type = "text/event-stream; charset=utf-8";
    response.cache_control = "no-store";
    response.fields.emplace_back("X-Accel-Buffering", "no");
    response.body = http::Stream{[reader](http::BodyWriter& to) { return Reader::run(reader, to); },
                                 std::nullopt};
    return response;
}

base::Result<Filter> filter_in(const Channel& channel, const http::Request& request) {
    for (const char* name : {"author", "status", "tag", "from", "to", "language"}) {
        if (!request.query_parameter(name)) continue;
        return malformed("malformed_filter", std::string("A live stream cannot be filtered by ") +
                                                 name + ", but by types and tags.");
    }
    const auto& names = channel.hub.names();
    auto types = words_in(request, "types", "malformed_types", names.size());
    if (!types) return types.error();
    auto tags = words_in(request, "tags", "malformed_tags", tags_max);
    if (!tags) return tags.error();
    Filter filter;
    filter.logs.assign(names.size(), types->empty());
    for (const auto& type : *types) {
        auto known = std::find(names.begin(), names.end(), type);
        if (known == names.end()) {
            return malformed("malformed_types", "There is no such news type: " + type);
        }
        filter.logs[static_cast<std::size_t>(known - names.begin())] = true;
    }
    filter.tags = std::move(*tags);
    return filter;
}

base::Result<bool> follows_in(const http::Request& request) {
    auto given = request.query_parameter("follow").value_or("1");
    if (given == "1") return true;
    if (given == "0") return false;
    return malformed("malformed_follow",
                     "follow is 0, to end after what was missed, or it is left out.");
}

/// Whether all that followed can be told.
base::Result<void> check(const Channel& channel, const Positions& positions, const Filter& filter) {
    std::int64_t missed = 0;
    for (std::size_t i = 0; i < positions.size(); ++i) {
        if (!filter.logs[i]) continue;
        auto head = channel.hub.head(i);
        if (positions[i] == missing) {
            return malformed("malformed_since",
                             "The position does not say how far you have come "
                             "in " +
                                 channel.hub.names()[i] + ".");
        }
        if (positions[i] > head) {
            return Error{Reason::conflict, "since_unknown",
                         "That position lies ahead of what has happened here, as after a copy was "
                         "restored. Load the lists anew, and follow from now on."};
        }
        missed += head - positions[i];
    }
    if (missed > channel.limits.catch_up_events_max)
        return behind(channel.limits.catch_up_events_max);
    return {};
}

/// A browser that comes back by itself cannot read why it is refused, and would come again: so it
/// is told to load anew in the stream.
base::Result<void> find_start(const Channel& channel, const http::Request& request,
                              ReaderStart& start) {
    auto last = request.header("Last-Event-ID");
    bool comes_back = last && !last->empty();
    auto since = request.query_parameter("since");
    auto now = channel.hub.now();
    if (!comes_back && !since) {
        start.positions = std::move(now);
        return {};
    }
    auto given = comes_back ? std::string(*last) : std::move(*since);
    auto positions = parse_positions(given, channel.hub.names());
    base::Result<void> good =
        malformed("malformed_since",
                  "since is the id of an event, as it came. Leave it out to follow from "
                  "now on.");
    if (positions) good = check(channel, *positions, start.filter);
    if (!good && !comes_back) return good.error();
    if (!good) {
        start.positions = std::move(now);
        start.reset = reset_event(good.error().code);
        return {};
    }
    for (std::size_t i = 0; i < now.size(); ++i) {
        if (!start.filter.logs[i]) (*positions)[i] = now[i];
    }
    start.positions = std::move(*positions);
    return {};
}

}  // namespace

Routes::Routes(const Channel& everybody, const Channel& newsroom, const ReaderCounters& counters,
               const base::Clock& clock)
    : everybody_(everybody), newsroom_(newsroom), counters_(counters), clock_(clock) {}

void Routes::add_to(http::Router& router) {
    // ?types=&tags=&follow=0&since=, or the field Last-Event-ID
    router.add({http::Method::get, "/v1/live", http::Access::anyone,
                [this](const http::Request& request) { return listen(everybody_, request); }});
    // The same for authors, of their own articles, and for editors, of all: every step, and who has
    // an article open.
    router.add({http::Method::get, "/v1/newsroom/live", http::Access::author,
                [this](const http::Request& request) { return listen(newsroom_, request); }});
}

Routes::Answer Routes::listen(const Channel& channel, const http::Request& request) {
    ReaderStart start;
    auto filter = filter_in(channel, request);
    if (!filter) co_return http::failure(request, filter.error());
    start.filter = std::move(*filter);
    auto follows = follows_in(request);
    if (!follows) co_return http::failure(request, follows.error());
    if (!*follows) start.goal = channel.hub.shown();
    const auto& actor = request.context.actor;
    bool sees_all = &channel == &everybody_ || actor.role >= base::Role::editor;
    // Nobody owns what nobody made.
    if (!sees_all) start.filter.owner = actor.subject().value_or(0);
    // First: from here on all that comes is made ready.
    start.client = request.peer;
    start.place = channel.places->take(start.client);
    if (!start.place) {
        Error full{Reason::unavailable, "live_full",
                   "Too many are listening already. Try again in a while."};
        co_return http::failure(request, full);
    }
    auto found = find_start(channel, request, start);
    if (!found) co_return http::failure(request, found.error());
    auto board = co_await channel.hub.board(request.thread);
    if (!board) co_return http::failure(request, board.error());
    co_return stream_of(std::make_shared<Reader>(channel.hub, std::move(*board), std::move(start),
                                                 channel.catch_ups, channel.limits, counters_,
                                                 clock_));
}

}  // namespace live
