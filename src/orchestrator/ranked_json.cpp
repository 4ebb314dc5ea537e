#include "ranked_json.hpp"

#include <nlohmann/json.hpp>

#include "answer_json.hpp"
#include "base/problems.hpp"
#include "news/article_json.hpp"

namespace orchestrator {

namespace {

using OrderedJson = nlohmann::ordered_json;
using Kind = recommendation::Reason::Kind;

const char* name_of_kind(Kind kind) {
    switch (kind) {
        case Kind::read_next:
            return "read_next";
        case Kind::trending:
            return "trending";
        case Kind::label:
            return "label";
        case Kind::fresh:
            return "fresh";
        case Kind::explore:
            return "explore";
    }
    return "";
}

OrderedJson to_json(const recommendation::Reason& reason) {
    OrderedJson json{{"type", name_of_kind(reason.kind)}, {"share", reason.share}};
    if (reason.article) json["article"] = to_text(*reason.article);
    if (reason.kind == Kind::label) {
        json["label"] = reason.label;
        json["lift"] = reason.lift;
    }
    if (reason.kind == Kind::trending) json["visits"] = reason.visits;
    if (reason.kind == Kind::fresh) json["age_s"] = reason.age.count();
    return json;
}

/// An item as JSON, with its reasons as its last member.
std::string with_reasons(std::string item, const std::vector<recommendation::Reason>& reasons) {
    auto all = OrderedJson::array();
    for (const auto& reason : reasons) all.push_back(to_json(reason));
    bool is_empty = item == "{}";
    item.pop_back();
    item += is_empty ? "\"reasons\":" : ",\"reasons\":";
    return item.append(all.dump(-1, ' ', false, OrderedJson::error_handler_t::replace)).append("}");
}

base::Error malformed_reads(const std::string& message) {
    return base::malformed("malformed_reads", message);
}

}  // namespace

std::string ranked_body(const RankedListing& listing, const std::vector<std::string>& fields,
                        bool explained) {
    std::string body;
    base::JsonWriter json(body);
    json.open('{').member("status", "success");
    if (listing.personal) json.member("personal", *listing.personal);
    json.name("news").open('[');
    for (const auto& item : listing.items) {
        std::string text;
        if (fields.empty()) {
            base::JsonWriter whole(text);
            news::write_json(whole, item.article);
        } else {
            text = sparse_item(item.article, fields);
        }
        if (explained) text = with_reasons(std::move(text), item.reasons);
        json.json(text);
    }
    json.close(']');
    if (listing.next) {
        json.name("next");
        if (*listing.next) {
            json.value(**listing.next);
        } else {
            json.value(nullptr);
        }
    }
    if (!listing.failed.empty()) json.member("partial", true).member("failed", listing.failed);
    json.close('}');
    return body;
}

base::Result<std::vector<recommendation::ArticleName>> reads_from_json(const nlohmann::json& body) {
    constexpr auto most = recommendation::Rankings::reads_max;
    if (!body.is_object() || !body.contains("reads") || !body.at("reads").is_array()) {
        return malformed_reads(
            R"(Send {"reads": ["sports/17", …]}: what was read, the newest last.)");
    }
    std::vector<recommendation::ArticleName> reads;
    for (const auto& read : body.at("reads")) {
        auto text = read.is_string() ? read.get<std::string>() : std::string();
        auto name = recommendation::parse_article_name(text);
        if (!name) return malformed_reads("Each of reads is a type and an id, as \"sports/17\".");
        reads.push_back(std::move(*name));
    }
    if (reads.size() > most) {
        return malformed_reads("reads has at most " + std::to_string(most) + " items.");
    }
    return reads;
}

}  // namespace orchestrator
