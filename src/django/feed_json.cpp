#include "feed_json.hpp"

#include "base/json_writer.hpp"

namespace django {

namespace {

void write_record(base::JsonWriter& writer, const FeedChange& change) {
    writer.open('{').name("model").value(change.model);
    writer.name("pk").json(to_json(change.key));
    writer.name("fields").json(to_json(change.fields)).close('}');
}

void write(base::JsonWriter& writer, const FeedChange& change) {
    bool is_save = change.operation == FeedChange::Operation::save;
    writer.open('{').name("position").value(change.position);
    writer.name("operation").value(is_save ? "save" : "delete");
    writer.name("model").value(change.model);
    writer.name("pk").json(to_json(change.key));
    if (is_save && change.fields.is_null()) {
        writer.name("record").value(nullptr).name("message").value(change.why);
    } else if (is_save) {
        writer.name("record");
        write_record(writer, change);
    }
    if (!change.kept.empty()) writer.name("kept").value(change.kept);
    writer.close('}');
}

}  // namespace

std::string to_json(const FeedPage& page) {
    std::string out;
    base::JsonWriter writer(out);
    writer.open('{').name("changes").open('[');
    for (const auto& change : page.changes) write(writer, change);
    writer.close(']').name("next").value(page.next).name("head").value(page.head);
    writer.name("lag_s").value(static_cast<std::int64_t>(page.lag.count())).close('}');
    return out;
}

std::string record_json(const FeedChange& change) {
    std::string out;
    base::JsonWriter writer(out);
    writer.open('{').name("record");
    write_record(writer, change);
    writer.close('}');
    return out;
}

}  // namespace django
