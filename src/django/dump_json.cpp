#include "dump_json.hpp"

#include "names.hpp"
#include "value_json.hpp"

namespace django {

std::variant<Record, Reject> record_from_json(std::string_view text, std::int64_t line) {
    Reject reject;
    reject.line = line;
    reject.row = shortened(text);
    auto refuse = [&](const char* code, std::string message) {
        reject.code = code;
        reject.message = std::move(message);
        return reject;
    };
    auto value = value_from_json(text);
    if (!value) return refuse(value.error().code.c_str(), value.error().message);
    const auto* model = value->find("model");
    const auto* fields = value->find("fields");
    if (!model || !model->is_text() || !fields || !fields->is_object()) {
        return refuse("not_a_row",
                      "A row is an object with a text `model` and an object `fields`.");
    }
    Record record;
    record.line = line;
    record.model = lower(model->text);
    reject.model = record.model;
    if (!is_model_name(record.model)) {
        return refuse("not_a_row", "`model` is the name of none, as news.article.");
    }
    if (const auto* key = value->find("pk")) {
        bool usable = key->is_null() || key->is_number() || (key->is_text() && !key->text.empty());
        if (!usable) return refuse("bad_key", "`pk` is neither a number nor a text.");
        record.key = *key;
    }
    record.fields = *fields;
    return record;
}

Source::Item JsonDump::next() {
    switch (splitter_.next()) {
        case Splitter::Found::row: {
            auto found = record_from_json(splitter_.text(), splitter_.line());
            if (auto* record = std::get_if<Record>(&found)) return std::move(*record);
            return std::get<Reject>(std::move(found));
        }
        case Splitter::Found::too_long: {
            auto model = model_at_start(splitter_.text());
            return Reject{model, splitter_.line(), "row_too_long",
                          "The row is longer than " + std::to_string(row_bytes_max_) +
                              " bytes (django.row_bytes_max).",
                          shortened(splitter_.text())};
        }
        case Splitter::Found::cut_off:
            cut_off_ = true;
            if (splitter_.text().empty()) break;
            return Reject{model_at_start(splitter_.text()), splitter_.line(), "cut_off",
                          "The source ends in the middle of this row.",
                          shortened(splitter_.text())};
        case Splitter::Found::end:
            break;
    }
    return SourceEnd{cut_off_};
}

}  // namespace django
