#include <map>

#include "style_rules.hpp"
#include "support/catch.hpp"

namespace {

using architecture::Findings;
using architecture::Source;

/// Files that are allowed to be longer than the rest, and how long.
const std::map<std::string, std::size_t> long_files = {};

}  // namespace

TEST_CASE("a co_await that GCC 12 may miscompile is found", "[architecture]") {
    for (const char* bad : {
             "if (co_await f()) {}",
             "if (auto x = co_await f(); x) g();",
             "while (!co_await f()) g();",
             "switch (co_await f()) { default: break; }",
             "for (auto& x : co_await f()) g(x);",
             "co_await f([x] { g(x); });",
             "auto r = co_await f(Options{1, 2});",
             "auto r = co_await f({.a = 1});",
             "co_await f(a[0]);",
             "co_return co_await f(\n    std::array<int, 2>{1, 2});",
             "auto r = co_await (a ? f() : g());",
             "auto r = co_await f(a ? b : c);",
             "g(co_await f());",
             "auto r = 1 + co_await f();",
             "x += co_await f();",
             "auto r = *co_await f();",
             "return g() == co_await f();",
             "auto r = static_cast<int>(co_await f());",
             "auto work = [this](int x) -> base::Task<int> { co_return x; };",
             "co_spawn(e, [&]() -> boost::asio::awaitable<void> { co_return; }, done);",
             "auto work = [copy = std::move(x)] -> Task<void> { co_return; };",
         }) {
        CAPTURE(bad);
        CHECK_FALSE(architecture::check_co_await({"src/x.cpp", bad}).empty());
    }
}

TEST_CASE("the safe forms of co_await pass", "[architecture]") {
    for (const char* good : {
             "auto x = co_await f(a, b);",
             "co_await f(a, b);",
             "co_return co_await f(a, b);",
             "x = co_await f(a);",
             "auto x = co_await boost::asio::this_coro::executor;",
             "if (x) co_await f(a);",
             "if (g(x) && (h(y))) {\n    co_await f(a);\n} else co_await g();",
             "auto x = co_await f(std::move(a));\nif (!x) { g(); }\nint y[2];",
             "// if (co_await f()) {}\ng(\"co_await f({})\"); /* co_await {} */",
             "auto text = R\"(co_await f({1}))\";",
             "auto next = [](int x) -> base::Task<int> { co_return x; };",
             "auto next = [x](int y) -> int { return x + y; };",
         }) {
        CAPTURE(good);
        CHECK(architecture::check_co_await({"src/x.cpp", good}) == Findings{});
    }
}

TEST_CASE("using namespace is found, but for literals", "[architecture]") {
    CHECK(architecture::check_using_namespace({"x.cpp", "using namespace std;"}).size() == 1);
    CHECK(architecture::check_using_namespace({"x.cpp", "using  namespace a::b ;"}).size() == 1);
    CHECK(architecture::check_using_namespace({"x.cpp", "using namespace std::chrono_literals;"})
              .empty());
    CHECK(architecture::check_using_namespace({"x.cpp", "// using namespace std;"}).empty());
}

TEST_CASE("detached is found", "[architecture]") {
    CHECK(architecture::check_detached({"x.cpp", "co_spawn(e, f(), boost::asio::detached);"})
              .size() == 1);
    CHECK(architecture::check_detached({"x.cpp", "log(\"detached\");  // detached"}).empty());
}

TEST_CASE("a file that grew too long is found", "[architecture]") {
    CHECK(architecture::check_length({"x.cpp", "a\nb\nc\n"}, 2).size() == 1);
    CHECK(architecture::check_length({"x.cpp", "a\nb\n"}, 2).empty());
}

TEST_CASE("a public header without guard or purpose is found", "[architecture]") {
    for (const char* bad : {
             "#include <string>\n#pragma once\n",
             "#pragma once\n\nclass Log {\n};\n",
             "#pragma once\n\n// no doc\nstruct Log {};\n",
             "#pragma once\n\ntemplate <class T>\nclass Log final : public Base {\n};\n",
         }) {
        CAPTURE(bad);
        CHECK(architecture::check_public_header({"include/x/y.hpp", bad}).size() == 1);
    }
    for (const char* good : {
             "#pragma once\n\n/// What it is for.\nclass Log {\n    struct Inner {};\n};\n",
             "#pragma once\n\nclass Log;\nstruct Other;\n",
             "#pragma once\n\n/// What it is for.\ntemplate <class T>\nclass Log {\n};\n",
         }) {
        CAPTURE(good);
        CHECK(architecture::check_public_header({"include/x/y.hpp", good}) == Findings{});
    }
}

TEST_CASE("comments and literals are told from code", "[architecture]") {
    using architecture::code_only;
    CHECK(code_only("a // b\nc") == "a     \nc");
    CHECK(code_only("a /* b\n */ c") == "a     \n    c");
    CHECK(code_only("f(\"// no\", '\"', x)") == "f(\"     \", ' ', x)");
    CHECK(code_only("f(\"\\\"x\") + y") == "f(\"   \") + y");
    CHECK(code_only("R\"~(a\")\nb)~\" + c") == "R\"~(   \n )~\" + c");
    CHECK(code_only("1'000'000 + 'x'") == "1'000'000 + ' '");
    CHECK(architecture::text_literals("f(\"a\", R\"(b)\")") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("every co_await is one of the forms that GCC 12 compiles right", "[architecture]") {
    CHECK(architecture::check_all({"include", "src", "tests"}, architecture::check_co_await) ==
          Findings{});
}

TEST_CASE("no file opens a whole namespace", "[architecture]") {
    CHECK(architecture::check_all({"include", "src", "tests"},
                                  architecture::check_using_namespace) == Findings{});
}

TEST_CASE("nothing is detached", "[architecture]") {
    CHECK(architecture::check_all({"include", "src", "tests"}, architecture::check_detached) ==
          Findings{});
}

TEST_CASE("files are short, public headers shorter", "[architecture]") {
    auto check = [](const Source& source) {
        std::size_t most = source.path.starts_with("include/") ? 150 : 400;
        auto allowed = long_files.find(source.path);
        if (allowed != long_files.end()) most = allowed->second;
        return architecture::check_length(source, most);
    };
    CHECK(architecture::check_all({"include", "src"}, check) == Findings{});
}

TEST_CASE("public headers say what each class is for", "[architecture]") {
    CHECK(architecture::check_all({"include"}, architecture::check_public_header) == Findings{});
}
