// The rules of curated lists.
#include "list.hpp"

#include "support/catch.hpp"

namespace site {

namespace {

const NewsTypes types = {"politics", "sports"};
constexpr std::int64_t id_max = (std::int64_t{1} << 53) - 1;

using Names = std::vector<std::string>;

Names fields(const base::Result<void>& result) {
    Names names;
    if (result) return names;
    for (const auto& problem : result.error().details) names.push_back(problem.field);
    return names;
}

Expected version(std::int64_t number) {
    Expected expected;
    expected.versions = {number};
    return expected;
}
Expected header(std::int64_t number) {
    auto expected = version(number);
    expected.from_header = true;
    return expected;
}
Expected anything() {
    Expected expected;
    expected.from_header = true;
    expected.any = true;
    return expected;
}

std::string code_of(const base::Result<void>& result) {
    return result ? "" : result.error().code;
}

}  // namespace

TEST_CASE("a list has articles of configured types, each once, and slots", "[site]") {
    std::vector<ListEntry> entries{ListItem{"sports", 1, true},
                                   ListSlot{"politics"},
                                   ListItem{"politics", 1},
                                   ListSlot{},
                                   ListSlot{},
                                   ListItem{"sports", id_max}};
    CHECK(check("front", entries, types));
    CHECK(check("front", {}, types));
}

TEST_CASE("everything that is wrong with a list is named by its place", "[site]") {
    std::vector<ListEntry> entries{ListItem{"sports", 5}, ListItem{"weather", 5},
                                   ListSlot{"weather"},   ListItem{"sports", 0},
                                   ListItem{"sports", 5}, ListItem{"sports", id_max + 1}};
    auto refused = check("Front", entries, types);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "invalid_list");
    CHECK(fields(refused) == Names{"name", "entries[1].type", "entries[2].newest", "entries[3].id",
                                   "entries[4].id", "entries[5].id"});
    CHECK_THAT(refused.error().details[4].message, Catch::Contains("entries[0]"));
}

TEST_CASE("a list has at most two hundred entries", "[site]") {
    std::vector<ListEntry> entries;
    for (int i = 1; i <= 200; ++i) entries.emplace_back(ListItem{"sports", i});
    CHECK(check("front", entries, types));
    entries.emplace_back(ListSlot{});
    CHECK(fields(check("front", entries, types)) == Names{"entries"});
}

TEST_CASE("a list's name is a word that stands in an address as it is", "[site]") {
    for (const char* good : {"a", "front", "sports-top", "a1", "a-"}) {
        CAPTURE(good);
        CHECK(is_list_name(good));
    }
    CHECK(is_list_name("a" + std::string(62, 'b')));
    for (const char* bad :
         {"", "1a", "-a", "A", "a_b", "a.b", "a b", "é", "a/b", "a\n", "..", "%41"}) {
        CAPTURE(bad);
        CHECK_FALSE(is_list_name(bad));
    }
    CHECK_FALSE(is_list_name("a" + std::string(63, 'b')));
    CHECK_FALSE(is_list_name(std::string("a\0b", 3)));
}

TEST_CASE("a list is put only by who has seen what is there", "[site]") {
    struct Row {
        ListState state;
        std::optional<Expected> expected;
        const char* code;
    };
    const ListState never{};
    const ListState removed{3, false};
    const ListState there{3, true};
    const std::vector<Row> rows = {
        {never, std::nullopt, ""},
        {never, version(0), ""},
        {never, version(1), "version_conflict"},
        {never, header(0), "precondition_failed"},
        {never, anything(), "precondition_failed"},
        {removed, std::nullopt, ""},
        {removed, version(0), ""},
        {removed, version(3), ""},
        {removed, version(2), "version_conflict"},
        {removed, header(3), "precondition_failed"},
        {removed, anything(), "precondition_failed"},
        {there, std::nullopt, "precondition_required"},
        {there, version(3), ""},
        {there, version(0), "version_conflict"},
        {there, version(2), "version_conflict"},
        {there, version(4), "version_conflict"},
        {there, header(3), ""},
        {there, header(2), "precondition_failed"},
        {there, anything(), ""},
    };
    for (const auto& row : rows) {
        CAPTURE(&row - rows.data());
        CHECK(code_of(may_put(row.state, row.expected)) == row.code);
    }
    CHECK(may_put(there, version(2)).error().current_version == 3);
    CHECK_FALSE(may_put(never, version(2)).error().current_version);
}

TEST_CASE("a list is removed only if it is there, and is the one that was meant", "[site]") {
    const ListState removed{3, false};
    const ListState there{3, true};
    CHECK(code_of(may_remove({}, std::nullopt)) == "list_not_found");
    CHECK(code_of(may_remove(removed, std::nullopt)) == "list_not_found");
    CHECK(code_of(may_remove(removed, header(3))) == "list_not_found");
    CHECK(may_remove(there, std::nullopt));
    CHECK(may_remove(there, anything()));
    CHECK(may_remove(there, header(3)));
    CHECK(code_of(may_remove(there, header(2))) == "precondition_failed");
}

}  // namespace site
