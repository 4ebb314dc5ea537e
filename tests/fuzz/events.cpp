// Stored events: a body that no version of the program has written is refused by the one exception
// that callers know; all others mean the same after they were written and read once more.
#include <stdexcept>

#include "fuzz/check.hpp"
#include "news/article.hpp"
#include "news/article_json.hpp"
#include "news/event_json.hpp"

namespace {

using fuzz::require;

void check(const news::Event& event) {
    auto text = news::to_json(event);
    auto again = news::event_from_json(name_of(event), text);
    require(again.index() == event.index() && news::to_json(again) == text,
            "an event is the same after it was written and read");
}

/// The article that such an event makes of another, and everything that is shown of it.
void show(const bus::Event& envelope) {
    auto recorded = news::recorded_of(envelope);
    require(recorded.version == envelope.version && recorded.actor == envelope.actor &&
                recorded.at == envelope.recorded_at,
            "the envelope goes with its event");
    news::ArticleRow row;
    row.article.title = "Before";
    row.article.version = envelope.version - 1;
    auto after = news::apply(row, envelope.stream, recorded).article;
    require(after.version == envelope.version && after.id == envelope.stream,
            "an event makes the next version");
    news::ArticleState before;
    before.title = "Before";
    before.version = envelope.version - 1;
    auto state = news::apply(before, envelope.stream, recorded);
    auto content = after.content;
    require(news::article_of(state, content, "") == after, "state and row tell the same");
    std::string shown;
    base::JsonWriter json(shown);
    news::write_json(json, after);
    require(nlohmann::json::parse(shown).at("content") == after.content, "an article can be shown");
    news::differences(&before, state);
    auto tags = news::tags_from_json(news::tags_to_json(after.tags));
    require(tags == after.tags, "tags are the same after they were written and read");
}

}  // namespace

/// The input: the type of an event, a line feed, and its body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    auto rest = fuzz::text_of(bytes, size);
    bus::Event envelope;
    envelope.type = fuzz::take_until(rest, '\n');
    envelope.body = rest;
    envelope.stream = 7;
    envelope.version = static_cast<std::int64_t>(size % 5) + 1;
    envelope.recorded_at = base::from_micros(1772366400000000);
    if (size % 2 == 0) envelope.actor = 12;
    try {
        check(news::event_from_json(envelope.type, envelope.body));
        show(envelope);
    } catch (const std::runtime_error&) {
        // That is how an event is refused; any other exception would end the program here.
    }
    return 0;
}
