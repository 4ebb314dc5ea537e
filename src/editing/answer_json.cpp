#include "answer_json.hpp"

#include "base/json_writer.hpp"
#include "news/article_json.hpp"

namespace editing {

namespace {

void write_copy(base::JsonWriter& json, const WorkingCopy& copy, bool with_members) {
    json.open('{')
        .member("news_type", copy.article.news_type)
        .member("id", copy.article.id)
        .member("version", copy.base_version)
        .member("saved_at", base::to_rfc3339(copy.saved_at));
    if (with_members) json.name("members").json(copy.members);
    json.close('}');
}

void write_note(base::JsonWriter& json, const Note& note) {
    json.open('{').member("id", note.id).name("user");
    if (note.user) {
        json.value(*note.user);
    } else {
        json.value(nullptr);
    }
    json.member("at", base::to_rfc3339(note.at)).member("text", note.text).close('}');
}

/// `{"status":"success", …}`
template <class Write>
std::string success(const Write& write) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("status", "success");
    write(json);
    json.close('}');
    return body;
}

}  // namespace

std::string working_copy_body(const std::optional<WorkingCopy>& copy) {
    return success([&](base::JsonWriter& json) {
        json.name("working_copy");
        if (copy) {
            write_copy(json, *copy, true);
        } else {
            json.value(nullptr);
        }
    });
}

std::string working_copies_body(const std::vector<WorkingCopy>& copies) {
    return success([&](base::JsonWriter& json) {
        json.name("working_copies").open('[');
        for (const auto& copy : copies) write_copy(json, copy, false);
        json.close(']');
    });
}

std::string note_body(const Note& note) {
    return success([&](base::JsonWriter& json) { write_note(json.name("note"), note); });
}

std::string notes_body(const std::vector<Note>& notes, const std::string& next) {
    return success([&](base::JsonWriter& json) {
        json.name("notes").open('[');
        for (const auto& note : notes) write_note(json, note);
        json.close(']').name("next");
        if (next.empty()) {
            json.value(nullptr);
        } else {
            json.value(next);
        }
    });
}

std::string presence_body(const std::vector<Present>& people, std::chrono::milliseconds span) {
    return success([&](base::JsonWriter& json) {
        json.name("presence").open('[');
        for (const auto& one : people) {
            json.open('{')
                .member("user", one.user)
                .member("since", base::to_rfc3339(one.since))
                .member("seen", base::to_rfc3339(one.seen))
                .close('}');
        }
        json.close(']').member("seconds", std::chrono::floor<std::chrono::seconds>(span).count());
    });
}

std::string link_body(const PreviewLink& link, const std::string& path) {
    return success([&](base::JsonWriter& json) {
        json.name("preview")
            .open('{')
            .member("token", link.token)
            .member("path", path)
            .member("expires_at", base::to_rfc3339(link.expires_at))
            .close('}');
    });
}

std::string preview_body(const Preview& preview) {
    return success([&](base::JsonWriter& json) {
        json.name("news");
        news::write_json(json, preview.article);
        json.member("expires_at", base::to_rfc3339(preview.expires_at));
    });
}

}  // namespace editing
