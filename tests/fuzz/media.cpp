// What comes with files: forms are the same however their bytes arrive and end where they say; the
// names of renditions have one spelling; what is taken of a body or an event can be stored and
// read.
#include <algorithm>
#include <vector>

#include "base/text.hpp"
#include "config/strict_json.hpp"
#include "fuzz/check.hpp"
#include "media/event_json.hpp"
#include "media/input_json.hpp"
#include "media/multipart.hpp"
#include "media/rendition.hpp"
#include "media/rules.hpp"
#include "media/uses.hpp"

namespace {

using fuzz::require;

struct Part {
    std::string name;
    bool is_file = false;
    std::string data;

    bool operator==(const Part&) const = default;
};

class Collected final : public media::FormListener {
public:
    base::Result<void> begin_part(std::string_view name, bool is_file) override {
        require(!open_, "a part begins in another one");
        open_ = true;
        parts.push_back({std::string(name), is_file, ""});
        return {};
    }
    base::Result<void> data(std::string_view bytes) override {
        require(open_ && !bytes.empty(), "there is data outside of the parts");
        parts.back().data += bytes;
        return {};
    }
    base::Result<void> end_part() override {
        require(open_, "a part ends that has not begun");
        open_ = false;
        return {};
    }

    std::vector<Part> parts;

private:
    bool open_ = false;
};

/// What is in a form; nothing if it is refused.
template <class Step>
std::optional<std::vector<Part>> read(const std::string& boundary, std::string_view form,
                                      Step step) {
    Collected collected;
    media::FormReader reader(boundary, collected);
    while (!form.empty()) {
        fuzz::Copy piece(form.substr(0, step()));
        form.remove_prefix(piece.view().size());
        auto taken = reader.take(piece.view());
        if (taken) continue;
        require(taken.error().code == "malformed_form" && !taken.error().message.empty(),
                "a form is refused by one code");
        return std::nullopt;
    }
    if (!reader.end()) return std::nullopt;
    return std::move(collected.parts);
}

void check_form(std::string_view content_type, std::string_view form) {
    auto boundary = media::boundary_of(content_type);
    if (!boundary) return;
    require(!boundary->empty() && boundary->size() <= 70, "a boundary has its limit");
    fuzz::Numbers numbers(form);
    auto whole = read(*boundary, form, [&] { return form.size(); });
    auto pieces = read(*boundary, form, [&] { return 1 + numbers.below(40); });
    require(whole == pieces, "a form is the same however its bytes arrive");
    if (!whole) return;
    auto delimiter = "\r\n--" + *boundary;
    for (const auto& part : *whole) {
        require(part.data.find(delimiter) == part.data.npos, "a part ends at its boundary");
    }
    // The parts written anew are the same form.
    std::string again;
    for (const auto& part : *whole) {
        bool is_plain = part.name.find_first_of("\"\\\r\n") == part.name.npos;
        if (!is_plain) return;
        again += "--" + *boundary + "\r\nContent-Disposition: form-data; name=\"" + part.name +
                 (part.is_file ? "\"; filename=\"x\"" : "\"") + "\r\n\r\n" + part.data + "\r\n";
    }
    again += "--" + *boundary + "--";
    require(read(*boundary, again, [&] { return again.size(); }) == whole,
            "a form is the same when it is written anew");
}

void check_rendition(std::string_view text) {
    auto name = media::parse_rendition(text);
    if (!name) return;
    require(name->width > 0 && name->height >= 0, "a rendition has a size");
    std::string again = std::to_string(name->width);
    if (name->height > 0) again += "x" + std::to_string(name->height);
    if (!name->hash.empty()) again += "." + name->hash;
    auto parsed = media::parse_rendition(again + "." + name->format);
    require(parsed == name, "a rendition's name can be written and read");
    auto ratio = media::parse_ratio(text.substr(0, text.find('.')));
    require(!ratio || (ratio->width > 0 && ratio->height > 0), "a shape has two sides");
}

void check_uses(std::string_view content) {
    auto items = media::items_in(content);
    require(items.size() <= media::uses_max, "an article shows so many and no more");
    for (auto id : items) {
        require(id > 0 && id <= media::id_max, "an id is none");
        require(content.find("/v1/media/" + std::to_string(id)) != content.npos ||
                    content.find("/v1/media/0") != content.npos,
                "an article shows what it does not name");
    }
}

void check_event(std::string_view type, std::string_view body) {
    try {
        auto event = media::event_from_json(type, body);
        auto text = media::to_json(event);
        require(media::to_json(media::event_from_json(media::name_of(event), text)) == text,
                "an event is the same after it was written and read");
    } catch (const std::runtime_error&) {
        // That is how an event is refused.
    }
}

void check_change(std::string_view text) {
    auto body = config::parse_strict_json(text, {});
    if (!body) return;
    auto input = media::change_from_json(*body);
    if (!input) return;
    media::Description said{input->change.alt.value_or(""), input->change.credit.value_or("")};
    auto checked = media::checked(said, input->change.focus.value_or(media::Focus()));
    if (!checked) {
        require(!checked.error().details.empty(), "what is refused is named");
        return;
    }
    auto again = media::checked(*checked, {});
    require(again && *again == *checked, "a description that was taken is taken again");
}

}  // namespace

/// The input: a line that is a media type, a name or a focus, and a form, a content or a body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    auto rest = fuzz::text_of(bytes, size);
    auto line = fuzz::take_until(rest, '\n');
    check_form(line, rest);
    check_rendition(line);
    if (auto focus = media::parse_focus(line)) {
        require(focus->x == focus->x && focus->y == focus->y, "a focus is no number");
    }
    check_uses(rest);
    for (const char* type : {"media_added.v1", "media_described.v1", "media_removed.v1"}) {
        if (base::count_code_points(rest)) check_event(type, rest);
    }
    check_change(rest);
    return 0;
}
