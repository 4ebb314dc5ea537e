// Stored events, which decode for ever, and bodies that clients send.
#include "event_json.hpp"
#include "input_json.hpp"
#include "support/catch.hpp"

namespace site {

namespace {

using nlohmann::json;
using Names = std::vector<std::string>;

template <class T>
Names fields(const base::Result<T>& result) {
    Names names;
    if (result) return names;
    for (const auto& problem : result.error().details) names.push_back(problem.field);
    return names;
}

bus::Event stored(const char* type, const char* body) {
    bus::Event event;
    event.type = type;
    event.body = body;
    return event;
}

struct Sample {
    const char* type;
    const char* body;
};
/// One of each version that was ever written.
const Sample samples[] = {
    {"redirects_changed.v1",
     R"({"stored":[{"from":"/a","to":"/b","permanent":true},{"from":"/c","to":null,"permanent":true},{"from":"/d","to":"https://example.org/","permanent":false}],"removed":["/e"]})"},
    {"list_changed.v1",
     R"({"name":"front","entries":[{"type":"sports","id":7,"pinned":true},{"newest":"politics"},{"newest":null},{"type":"sports","id":9007199254740991}]})"},
    {"list_removed.v1", R"({"name":"front"})"},
    {"redirects_changed.v1",
     R"({"stored":[{"from":"/a","to":"/b","permanent":true,"source":"redirects.redirect:7"}],"removed":[]})"},
};

}  // namespace

TEST_CASE("an event of any version that was ever stored is read as it was meant", "[site]") {
    for (const auto& [type, body] : samples) {
        CAPTURE(type);
        auto event = site_event(stored(type, body));
        CHECK(name_of(event) == type);
        CHECK(to_json(event) == body);
    }
    auto redirects =
        std::get<RedirectsChanged>(site_event(stored(samples[0].type, samples[0].body)));
    REQUIRE(redirects.stored.size() == 3);
    CHECK(redirects.stored[0] == Redirect{"/a", "/b", true});
    CHECK(redirects.stored[1] == Redirect{"/c", std::nullopt, true});
    CHECK(redirects.stored[2] == Redirect{"/d", "https://example.org/", false});
    CHECK(redirects.removed == Names{"/e"});
    auto list = std::get<ListChanged>(site_event(stored(samples[1].type, samples[1].body)));
    CHECK(list.name == "front");
    REQUIRE(list.entries.size() == 4);
    CHECK(list.entries[0] == ListEntry(ListItem{"sports", 7, true}));
    CHECK(list.entries[1] == ListEntry(ListSlot{"politics"}));
    CHECK(list.entries[2] == ListEntry(ListSlot{}));
}

TEST_CASE("an event that nobody has written is no event", "[site]") {
    const std::vector<Sample> bad = {
        {"list_changed.v2", R"({"name":"front","entries":[]})"},
        {"", "{}"},
        {"list_changed.v1", ""},
        {"list_changed.v1", "[]"},
        {"list_changed.v1", R"({"name":"front"})"},
        {"list_changed.v1", R"({"name":7,"entries":[]})"},
        {"list_changed.v1", R"({"name":"front","entries":[7]})"},
        {"list_changed.v1", R"({"name":"front","entries":[{"type":"sports","id":1.5}]})"},
        {"list_changed.v1", R"({"name":"front","entries":[{"type":"sports","id":-1}]})"},
        {"list_changed.v1", R"({"name":"front","entries":[{"newest":7}]})"},
        {"list_removed.v1", R"({"name":null})"},
        {"redirects_changed.v1", R"({"stored":[{"from":"/a"}],"removed":[]})"},
        {"redirects_changed.v1", R"({"stored":[],"removed":[7]})"},
        {"redirects_changed.v1", R"({"stored":{},"removed":"x"})"},
    };
    for (const auto& [type, body] : bad) {
        CAPTURE(type, body);
        CHECK_THROWS_AS(site_event(stored(type, body)), std::runtime_error);
    }
}

TEST_CASE("redirects are read as they are sent", "[site]") {
    auto changes = redirect_changes_from_json(json::parse(R"({"redirects":[
        {"from":"/a","to":"/b"},
        {"from":"/c","to":"/d","permanent":false,"unknown":1},
        {"from":"/e","to":null},
        {"from":"/f","remove":true},
        {"from":"/g","to":"/h","remove":false}]})"));
    REQUIRE(changes);
    REQUIRE(changes->size() == 5);
    CHECK((*changes)[0].redirect == Redirect{"/a", "/b", true});
    CHECK((*changes)[1].redirect == Redirect{"/c", "/d", false});
    CHECK((*changes)[2].redirect == Redirect{"/e", std::nullopt, true});
    CHECK_FALSE((*changes)[2].remove);
    CHECK((*changes)[3].remove);
    CHECK_FALSE((*changes)[4].remove);
}

TEST_CASE("redirects of a wrong form are refused with every place", "[site]") {
    struct Row {
        const char* body;
        const char* code;
        Names fields;
    };
    const std::vector<Row> rows = {
        {"[]", "malformed_redirects", {}},
        {"null", "malformed_redirects", {}},
        {"{}", "invalid_redirects", {"redirects"}},
        {R"({"redirects":{}})", "malformed_redirects", {"redirects"}},
        {R"({"redirects":[7,null,{"from":1,"to":2,"permanent":"x","remove":0}]})",
         "malformed_redirects",
         {"redirects[0]", "redirects[1]", "redirects[2].from", "redirects[2].remove",
          "redirects[2].permanent", "redirects[2].to"}},
        {R"({"redirects":[{},{"from":"/a"},{"from":"/a","to":"/b","remove":true,"permanent":true}]})",
         "invalid_redirects",
         {"redirects[0].from", "redirects[0].to", "redirects[1].to", "redirects[2].to",
          "redirects[2].permanent"}},
        {R"({"redirects":[{"from":null,"to":null}]})",
         "malformed_redirects",
         {"redirects[0].from"}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        auto refused = redirect_changes_from_json(json::parse(row.body));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == row.code);
        CHECK(fields(refused) == row.fields);
    }
}

TEST_CASE("a list is read as it is sent", "[site]") {
    auto input = list_from_json(json::parse(R"({"version":4,"name":"other","entries":[
        {"type":"sports","id":7},{"type":"sports","id":8,"pinned":true},{"newest":"sports"},
        {"newest":null}]})"));
    REQUIRE(input);
    CHECK(input->version == 4);
    REQUIRE(input->entries.size() == 4);
    CHECK(input->entries[0] == ListEntry(ListItem{"sports", 7, false}));
    CHECK(input->entries[1] == ListEntry(ListItem{"sports", 8, true}));
    CHECK(input->entries[2] == ListEntry(ListSlot{"sports"}));
    CHECK(input->entries[3] == ListEntry(ListSlot{}));
    CHECK_FALSE(list_from_json(json::parse(R"({"entries":[]})"))->version);
}

TEST_CASE("a list of a wrong form is refused with every place", "[site]") {
    struct Row {
        const char* body;
        const char* code;
        Names fields;
    };
    const std::vector<Row> rows = {
        {"[]", "malformed_list", {}},
        {"{}", "invalid_list", {"entries"}},
        {R"({"entries":null})", "malformed_list", {"entries"}},
        {R"({"entries":[],"version":"1"})", "malformed_list", {"version"}},
        {R"({"entries":[],"version":-1})", "malformed_list", {"version"}},
        {R"({"entries":[],"version":1.0})", "malformed_list", {"version"}},
        {R"({"entries":["x",{"type":1,"id":"7","pinned":1},{"newest":1}]})",
         "malformed_list",
         {"entries[0]", "entries[1].type", "entries[1].id", "entries[1].pinned",
          "entries[2].newest"}},
        {R"({"entries":[{"type":"sports","id":9007199254740992},{"type":"sports","id":null}]})",
         "malformed_list",
         {"entries[0].id", "entries[1].id"}},
        {R"({"entries":[{},{"type":"sports"},{"newest":null,"type":"sports","id":7,"pinned":true}]})",
         "invalid_list",
         {"entries[0].type", "entries[0].id", "entries[1].id", "entries[2].type", "entries[2].id",
          "entries[2].pinned"}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        auto refused = list_from_json(json::parse(row.body));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == row.code);
        CHECK(fields(refused) == row.fields);
    }
}

TEST_CASE("a body with far too many entries is refused, and not read to its end", "[site]") {
    auto redirects = json::array();
    auto entries = json::array();
    for (int i = 0; i < 5000; ++i) {
        redirects.push_back({{"from", "/" + std::to_string(i)}, {"to", "/x"}});
        entries.push_back({{"newest", nullptr}});
    }
    CHECK(redirect_changes_from_json({{"redirects", redirects}})->size() == 1001);
    CHECK(list_from_json({{"entries", entries}})->entries.size() == 201);
}

}  // namespace site
